"""What the log tells about the ads, gathered before the graph is made of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

    from bizops_sandbox.world.events import Event

CHANNEL = "paid_social"
# The world runs two ads in each paid_social campaign.
ADS_PER_CAMPAIGN = 2


@dataclass(slots=True)
class AdState:
    """Events that matter on Facebook, by what they are about."""

    campaigns: dict[str, log.CampaignPlanned] = field(default_factory=dict)
    statuses: dict[str, list[log.CampaignStatusSet]] = field(
        default_factory=lambda: defaultdict(list)
    )
    ad_days: list[log.AdDaySpent] = field(default_factory=list)
    touches: list[log.TouchMade] = field(default_factory=list)
    persons: dict[str, log.PersonKnown] = field(default_factory=dict)
    organizations: dict[str, log.OrganizationKnown] = field(default_factory=dict)
    usd_rates: dict[tuple[str, date], Decimal] = field(default_factory=dict)


def ad_keys(campaign_key: str) -> tuple[str, ...]:
    """The keys of a campaign's ads, as the log names them."""
    return tuple(f"{campaign_key}.ad{n}" for n in range(1, ADS_PER_CAMPAIGN + 1))


def gather(events: Iterable[Event], moment: datetime) -> AdState:
    """Read the log up to a moment."""
    state = AdState()
    for event in events_until(events, moment):
        _read(state, event)
    return state


def _read(state: AdState, event: Event) -> None:
    match event:
        case log.CampaignPlanned(channel=channel, parent_key=str()):
            if channel == CHANNEL:
                state.campaigns[event.campaign_key] = event
        case log.CampaignStatusSet(campaign_key=key) if key in state.campaigns:
            state.statuses[key].append(event)
        case log.AdDaySpent(campaign_key=key) if key in state.campaigns:
            state.ad_days.append(event)
        case log.TouchMade(ad_key=str(), campaign_key=key) if key in state.campaigns:
            state.touches.append(event)
        case log.PersonKnown():
            state.persons[event.person_key] = event
        case log.OrganizationKnown():
            state.organizations[event.organization_key] = event
        case log.FxRateFixed():
            state.usd_rates[event.currency, event.day] = event.usd_rate
        case _:
            pass

"""The sample company as one event log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from bizops_sandbox.world.audience import audience_events
from bizops_sandbox.world.books import book_events
from bizops_sandbox.world.campaigns import (
    campaign_events,
    plan_campaigns,
    umbrella_events,
)
from bizops_sandbox.world.engineering import engineering_events
from bizops_sandbox.world.events import AccountParentSet, Event
from bizops_sandbox.world.hiring import people_events
from bizops_sandbox.world.invariants import check_log
from bizops_sandbox.world.market import Market, campaigns_by_day
from bizops_sandbox.world.moments import later
from bizops_sandbox.world.money import fx_events
from bizops_sandbox.world.organizations import tell_organization
from bizops_sandbox.world.planted import planted_events
from bizops_sandbox.world.prospects import Organization, make_organization
from bizops_sandbox.world.suspects import suspect_stories
from bizops_sandbox.world.team import make_team, team_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bizops_sandbox.world.parameters import Parameters
    from bizops_sandbox.world.roster import Member

_MOMENT = attrgetter("at")


def _market(params: Parameters) -> Market:
    campaigns = plan_campaigns(params)
    return Market(
        params=params,
        team=make_team(params),
        campaigns=campaigns,
        by_day=campaigns_by_day(campaigns, params.as_of),
    )


def _parent_events(
    organizations: Sequence[Organization],
    opened: Mapping[str, datetime],
    market: Market,
) -> list[Event]:
    """Accounts are put below their parents once both records are there."""
    keys = {organization.key: organization for organization in organizations}
    events: list[Event] = []
    for organization in organizations:
        parent = keys.get(organization.parent_key or "")
        if parent is None or not {organization.key, parent.key} <= opened.keys():
            continue
        draws = market.draws(organization.key, "parent")
        both = max(opened[organization.key], opened[parent.key])
        events.append(
            AccountParentSet(
                at=later(both, draws, days=draws.between(1, 30)),
                account_key=organization.main_account_key,
                parent_key=parent.main_account_key,
                by=market.team.operations,
            )
        )
    return events


def _before_the_last_second(event: Event) -> Event:
    """The event, never in a day's last second.

    The systems' clocks stand there at the end of a day, and they answer what changed
    before the clock, not at it.
    """
    if (event.at.hour, event.at.minute, event.at.second) != (23, 59, 59):
        return event
    return msgspec.structs.replace(event, at=event.at - timedelta(seconds=1))


@dataclass(slots=True)
class Telling:
    """The world while it is told, a batch of events after the other."""

    market: Market
    members: list[Member] = field(default_factory=list)

    def batches(self) -> Iterator[Iterable[Event]]:
        """Everything but what follows from the whole; each batch in its own order.

        `members` is filled once all batches have been taken.
        """
        market, params = self.market, self.market.params
        team = team_events(params, market.team)
        yield team
        yield umbrella_events(market)
        for campaign in market.campaigns:
            yield campaign_events(campaign, market)
        brought: dict[str, int] = {}
        yield from self._organizations(brought)
        yield from suspect_stories(market, brought, first_number=params.organizations)
        people, members = people_events(market, team)
        self.members += members
        yield people
        yield engineering_events(market, members)
        yield audience_events(market)
        yield fx_events(params)

    def _organizations(self, brought: dict[str, int]) -> Iterator[Iterable[Event]]:
        market = self.market
        organizations = [
            make_organization(index, market)
            for index in range(1, market.params.organizations + 1)
        ]
        opened: dict[str, datetime] = {}
        for organization in organizations:
            story = tell_organization(organization, market)
            for key, count in story.brought.items():
                brought[key] = brought.get(key, 0) + count
            if story.account_opened_at is not None:
                opened[organization.key] = story.account_opened_at
            yield story.events
        yield _parent_events(organizations, opened, market)

    def told(self, events: Iterable[Event]) -> Iterator[Event]:
        """Those that happen in the window, none in a day's last second."""
        end = self.market.end
        return (_before_the_last_second(event) for event in events if event.at <= end)


def begin(params: Parameters) -> Telling:
    """A world of which nothing has been told yet."""
    return Telling(_market(params))


def simulate(params: Parameters) -> tuple[Event, ...]:
    """The whole log of the window, in time order.

    Events of one moment stand in the order in which one led to the other. No event
    is later than the end of `params.as_of`. The same parameters give the same log
    on every machine. `streaming.simulate_to` writes the same without holding it.

    Raises:
        InvariantError: the log cannot be; a mistake of this package.
    """
    telling = begin(params)
    base = [event for batch in telling.batches() for event in telling.told(batch)]
    base.sort(key=_MOMENT)
    base += telling.told(planted_events(params, base))
    base.sort(key=_MOMENT)
    base += telling.told(book_events(params, base, telling.members))
    base.sort(key=_MOMENT)
    check_log(base, params)
    return tuple(base)

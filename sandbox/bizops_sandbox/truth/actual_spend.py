"""What campaigns truly cost: the ad platform before the bills before the CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 (dataclasses)
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_accounts import (
    accounts_of_campaigns,
    make_accounts,
)
from bizops_sandbox.projections.facebook_restating import stated
from bizops_sandbox.truth.cells import Part
from bizops_sandbox.truth.costs import (
    campaign_dimensions,
    cost_per_lead,
    new_customers,
)
from bizops_sandbox.truth.spend import month_spend
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from bizops_sandbox.truth.cells import Dimension
    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import Persons
    from bizops_sandbox.truth.touches import Touch
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

PLATFORM_CHANNEL = "paid_social"


@dataclass(frozen=True, slots=True)
class DaySpend:
    """USD of one campaign on one day (or month, for what the CRM spreads)."""

    day: date
    campaign_key: str
    amount: Fraction


def _platform(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[DaySpend]:
    """What the ad platform states today, in USD at each day's rate."""
    planned = [
        event.campaign_key
        for event in events_until(events, day_end(as_of), log.CampaignPlanned)
        if isinstance(event, log.CampaignPlanned)
        and event.channel == PLATFORM_CHANNEL
        and event.parent_key is not None
    ]
    accounts = accounts_of_campaigns(planned, make_accounts(params))
    rates: dict[tuple[date, str], Decimal] = {}
    spent = []
    for event in events_until(events, day_end(as_of), log.FxRateFixed, log.AdDaySpent):
        if isinstance(event, log.FxRateFixed):
            rates[event.day, event.currency] = event.usd_rate
        elif isinstance(event, log.AdDaySpent) and event.campaign_key in accounts:
            amount = stated(event, params, as_of).spend
            currency = accounts[event.campaign_key].currency
            usd = Fraction(amount)
            if currency != "USD":
                rate = rates[event.day, currency]
                usd = Fraction(billed(amount, rate)) * Fraction(rate)
            spent.append(DaySpend(event.day, event.campaign_key, usd))
    return spent


def _bills(events: Iterable[Event], as_of: date) -> list[DaySpend]:
    return [
        DaySpend(event.day, event.campaign_key, Fraction(event.amount))
        for event in events_until(events, day_end(as_of), log.MarketingBilled)
        if isinstance(event, log.MarketingBilled) and event.campaign_key is not None
    ]


def actual_spend(
    events: Iterable[Event],
    params: Parameters,
    facts: Facts,
    *,
    has_platform: bool,
    has_bills: bool,
) -> list[DaySpend]:
    """Each campaign's spend from the best of what is known of it."""
    best: list[DaySpend] = []
    known: set[str] = set()
    found = [
        _platform(events, params, facts.as_of) if has_platform else [],
        _bills(events, facts.as_of) if has_bills else [],
        [DaySpend(s.month, s.campaign.key, s.amount) for s in month_spend(facts)],
    ]
    for rows in found:
        new = {row.campaign_key for row in rows} - known
        best += [row for row in rows if row.campaign_key in new and row.amount]
        known |= new
    return best


def spend(facts: Facts, rows: Iterable[DaySpend]) -> Iterator[Part]:
    """Spend by channel and campaign."""
    for row in rows:
        yield Part(row.day, campaign_dimensions(facts, row.campaign_key), row.amount)


def cost_per_lead_actual(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    rows: Iterable[DaySpend],
) -> Iterator[Part]:
    """The same as cost_per_lead, of the actual spend."""
    yield from spend(facts, rows)
    for part in cost_per_lead(facts, persons, touches):
        if part.denominator:
            yield part


def cac_actual(
    facts: Facts,
    rows: Iterable[DaySpend],
    deals: Sequence[CountedDeal],
    origins: Mapping[str, tuple[Dimension, ...]],
) -> Iterator[Part]:
    """The same as cac, of the actual spend."""
    yield from spend(facts, rows)
    yield from new_customers(deals, origins)

"""The cost metrics: what a lead and a customer cost."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.cells import TOTAL, Dimension, Part
from bizops_sandbox.truth.opportunities import UNATTRIBUTED
from bizops_sandbox.truth.spend import month_spend
from bizops_sandbox.truth.touches import Touch, by_person, first_touch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import KnownPerson, Persons

_ONE, _NONE = Fraction(1), Fraction(0)


def campaign_dimensions(facts: Facts, campaign_key: str) -> tuple[Dimension, ...]:
    """Total, channel and campaign."""
    return (
        TOTAL,
        ("channel", facts.campaigns[campaign_key].channel),
        ("campaign", salesforce_id("Campaign", campaign_key)),
    )


def crm_spend(facts: Facts) -> Iterator[Part]:
    """What the CRM says campaigns cost, by channel and campaign."""
    for spend in month_spend(facts):
        yield Part(
            day=spend.month,
            dimensions=campaign_dimensions(facts, spend.campaign.key),
            numerator=spend.amount,
        )


def cost_per_lead(
    facts: Facts, persons: Persons, touches: Sequence[Touch]
) -> Iterator[Part]:
    """Spend by leads that a campaign brought, in the period of their first touch."""
    yield from crm_spend(facts)
    touched = by_person(touches)
    for person in persons.persons:
        created_on = person.lead_created_on
        if created_on is None:
            continue
        first = first_touch(touched.get(person.key, ()), created_on)
        if first is not None:
            yield Part(
                day=first.touched_on,
                dimensions=campaign_dimensions(facts, first.campaign_key),
                numerator=_NONE,
                denominator=_ONE,
            )


def cost_per_lead_blended(
    facts: Facts, persons: Persons, touches: Sequence[Touch]
) -> Iterator[Part]:
    """Spend by all leads: those without a touch in the period they came in."""
    for part in crm_spend(facts):
        yield Part(day=part.day, dimensions=(TOTAL,), numerator=part.numerator)
    touched = by_person(touches)
    for person in persons.persons:
        created_on = person.lead_created_on
        if created_on is None:
            continue
        first = first_touch(touched.get(person.key, ()), created_on)
        yield Part(
            day=first.touched_on if first else created_on,
            dimensions=(TOTAL,),
            numerator=_NONE,
            denominator=_ONE,
        )


def first_wins(deals: Sequence[CountedDeal]) -> dict[str, date]:
    """The day each customer became one."""
    first: dict[str, date] = {}
    for counted in deals:
        if counted.is_won and counted.iacv > 0 and counted.customer is not None:
            day = counted.deal.close_date
            first[counted.customer] = min(first.get(counted.customer, day), day)
    return first


def people_of_customers(facts: Facts, persons: Persons) -> dict[str, list[KnownPerson]]:
    """The persons whose records name an account of the customer."""
    people: dict[str, list[KnownPerson]] = {}
    for person in persons.persons:
        customers = [facts.customer(key) for key in person.account_keys()]
        for customer in dict.fromkeys(customers):
            if customer is not None:
                people.setdefault(customer, []).append(person)
    return people


def _first_touches(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> Iterator[tuple[str, date, Touch | None]]:
    """Each new customer, the day it became one, and what touched its people first."""
    touched = by_person(touches)
    people = people_of_customers(facts, persons)
    for customer, day in first_wins(deals).items():
        its_touches = [
            touch
            for person in people.get(customer, ())
            for touch in touched.get(person.key, ())
        ]
        yield customer, day, first_touch(its_touches, day)


def origins_of_customers(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> dict[str, tuple[Dimension, ...]]:
    """Total, channel and campaign of what touched each new customer first.

    Without a touch it is of channel `unattributed` and of no campaign.
    """
    return {
        customer: (
            campaign_dimensions(facts, first.campaign_key)
            if first
            else (TOTAL, ("channel", UNATTRIBUTED))
        )
        for customer, _, first in _first_touches(facts, persons, touches, deals)
    }


def new_customers(
    deals: Sequence[CountedDeal], origins: Mapping[str, tuple[Dimension, ...]]
) -> Iterator[Part]:
    """New customers, below the line, by the day of their first win."""
    for customer, day in first_wins(deals).items():
        yield Part(day, origins[customer], _NONE, _ONE)


def cac(
    facts: Facts,
    deals: Sequence[CountedDeal],
    origins: Mapping[str, tuple[Dimension, ...]],
) -> Iterator[Part]:
    """Spend by new customers, of the channel and campaign that touched them first."""
    yield from crm_spend(facts)
    yield from new_customers(deals, origins)

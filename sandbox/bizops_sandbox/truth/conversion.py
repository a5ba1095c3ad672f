"""From the first touch to the order: how long it takes, what it brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part, TimedSubject
from bizops_sandbox.truth.costs import (
    campaign_dimensions,
    first_wins,
    people_of_customers,
)
from bizops_sandbox.truth.exact import shortened
from bizops_sandbox.truth.survival import (
    Subject,
    last_reliable_time,
    median_of_converters,
    whole_days,
)
from bizops_sandbox.truth.touches import Touch, by_person, first_touch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import KnownPerson, Persons

_EXACT = Context(prec=50)
_TOLERANCE = Decimal("1e-9")


@dataclass(slots=True)
class Journey:
    """An organisation (or a person of none) from its first touch on.

    `dimensions` are total, and the channel and campaign of that touch. `wins` are the
    IACV of its orders with the days since the touch.
    """

    touched_on: date
    channel: str
    first_won_on: date | None = None
    first_iacv: Fraction = Fraction(0)
    wins: list[tuple[int, Fraction]] = field(default_factory=list)
    dimensions: tuple[Dimension, ...] = (TOTAL,)

    def subject(self, as_of: date) -> Subject | None:
        """Days until the first order, or until now; None when it came before."""
        end = self.first_won_on or as_of
        days = whole_days((end - self.touched_on).days)
        return None if days is None else Subject(days, self.first_won_on is not None)

    def iacv_within(self, days: Fraction | int) -> Fraction:
        """What its orders added in so many days."""
        won = (iacv for age, iacv in self.wins if 0 <= age <= days)
        return sum(won, Fraction(0))


def _groups(facts: Facts, persons: Persons) -> dict[str, list[KnownPerson]]:
    """The persons of each customer; who is of none is alone."""
    groups = people_of_customers(facts, persons)
    grouped = {person.key for group in groups.values() for person in group}
    alone = {p.key: [p] for p in persons.persons if p.key not in grouped}
    return {**groups, **alone}


def journeys(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> list[Journey]:
    """One a customer, or person without one, that a lead's first touch began.

    The touch is the earliest of the first touches of the leads among its persons.
    """
    touched = by_person(touches)
    found = first_wins(deals)
    won: dict[str, list[CountedDeal]] = {}
    for counted in deals:
        if counted.is_won and counted.iacv > 0 and counted.customer is not None:
            won.setdefault(counted.customer, []).append(counted)
    result = []
    for key, group in _groups(facts, persons).items():
        firsts = []
        for person in group:
            created_on = person.lead_created_on
            if created_on is not None:
                first = first_touch(touched.get(person.key, ()), created_on)
                if first is not None:
                    firsts.append(first)
        if not firsts:
            continue
        touch = min(firsts, key=lambda first: first.order)
        journey = Journey(
            touch.touched_on,
            facts.campaigns[touch.campaign_key].channel,
            dimensions=campaign_dimensions(facts, touch.campaign_key),
        )
        own = won.get(key, [])
        if own:
            journey.first_won_on = found[key]
            journey.first_iacv = sum(
                (c.iacv for c in own if c.deal.close_date == found[key]), Fraction(0)
            )
            journey.wins = [
                ((c.deal.close_date - touch.touched_on).days, c.iacv) for c in own
            ]
        result.append(journey)
    return result


def conversion_time(found: Sequence[Journey], as_of: date) -> Iterator[TimedSubject]:
    """Days from the first touch to the first order."""
    for journey in found:
        subject = journey.subject(as_of)
        if subject is not None:
            yield TimedSubject(journey.touched_on, journey.dimensions, subject)


def median_days(found: Sequence[Journey], as_of: date) -> Fraction | None:
    """The median conversion time of all journeys."""
    subjects = [journey.subject(as_of) for journey in found]
    return median_of_converters([s for s in subjects if s is not None]).median_days


def iacv_at_median(
    found: Sequence[Journey], as_of: date, times: int = 1
) -> Iterator[Part]:
    """IACV within the median conversion time, of journeys at least that old."""
    days = median_days(found, as_of)
    if days is None:
        return
    for journey in found:
        if (as_of - journey.touched_on).days >= days:
            yield Part(
                journey.touched_on,
                journey.dimensions,
                times * journey.iacv_within(days),
            )


def weighted_incidence(found: Sequence[Journey], as_of: date) -> Mapping[int, Decimal]:
    """The share of all first orders' IACV that has come by each day, at most 365.

    Weighted by the inverse of the chance to be still seen then (the censorings'
    Kaplan-Meier before that day); the share is of what has come by the last reliable
    day. Same-day orders count on day 0.
    """
    pairs = [(j.subject(as_of), j.first_iacv) for j in found]
    cohort = [(s, iacv) for s, iacv in pairs if s is not None]
    limit = last_reliable_time([s for s, _ in cohort])
    if limit is None:
        return {}
    at_risk, seen = len(cohort), Decimal(1)
    sums: dict[int, Decimal] = {}
    total = Decimal(0)
    by_day: dict[Fraction, list[tuple[Subject, Fraction]]] = {}
    for subject, iacv in cohort:
        by_day.setdefault(subject.days, []).append((subject, iacv))
    for days in sorted(by_day):
        events = [iacv for s, iacv in by_day[days] if s.is_event]
        censored = len(by_day[days]) - len(events)
        if events and days <= limit:
            money = sum(events, Fraction(0))
            weight = Decimal(money.numerator) / Decimal(money.denominator)
            total = _EXACT.add(total, _EXACT.divide(weight, seen))
            sums[int(days)] = total
        left = at_risk - len(events)
        if censored and left:
            kept = _EXACT.divide(Decimal(left - censored), Decimal(left))
            seen = _EXACT.multiply(seen, kept)
        at_risk -= len(by_day[days])
        if not seen:
            break
    return {day: _EXACT.divide(value, total) for day, value in sums.items()}


def weighted_median_days(found: Sequence[Journey], as_of: date) -> int | None:
    """The day by which half of the IACV of the first orders has come."""
    shares = weighted_incidence(found, as_of)
    half = Decimal("0.5") - _TOLERANCE
    return next((day for day, share in sorted(shares.items()) if share >= half), None)


def estimated_iacv_developed(found: Sequence[Journey], as_of: date) -> Iterator[Part]:
    """What each journey has brought, by the share that comes until its age."""
    shares = sorted(weighted_incidence(found, as_of).items())
    for journey in found:
        age = (as_of - journey.touched_on).days
        reached = [share for day, share in shares if day <= age]
        observed = journey.iacv_within(min(age, 365))
        if reached and observed:
            estimate = shortened(observed / Fraction(reached[-1]))
            yield Part(journey.touched_on, journey.dimensions, estimate)

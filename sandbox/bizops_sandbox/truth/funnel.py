"""Leads on their way: qualified by marketing, accepted by sales, won."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part
from bizops_sandbox.truth.opportunities import UNATTRIBUTED
from bizops_sandbox.truth.periods import Period
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.touches import Touch, by_person, first_touch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import Persons

_ONE, _NONE = Fraction(1), Fraction(0)


@dataclass(frozen=True, slots=True)
class LeadPath:
    """How far a lead (a person) has come, and by which channel it came."""

    created_on: date
    cohort_on: date
    channel: str
    mql_on: date | None
    accepted_on: date | None
    is_won: bool

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Total and channel."""
        return (TOTAL, ("channel", self.channel))


def lead_paths(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> list[LeadPath]:
    """One a person who was ever a lead."""
    touched = by_person(touches)
    by_key = {counted.deal.key: counted for counted in deals}
    paths = []
    for person in persons.persons:
        created_on = person.lead_created_on
        if created_on is None:
            continue
        first = first_touch(touched.get(person.key, ()), created_on)
        named = [by_key.get(r.opportunity_key or "") for r in person.records]
        own = [counted for counted in named if counted is not None]
        accepted = [c.accepted_on for c in own if c.accepted_on is not None]
        mql = [r.mql_on for r in person.records if r.mql_on is not None]
        paths.append(
            LeadPath(
                created_on=created_on,
                cohort_on=first.touched_on if first else created_on,
                channel=(
                    facts.campaigns[first.campaign_key].channel
                    if first
                    else UNATTRIBUTED
                ),
                mql_on=min(mql, default=None),
                accepted_on=min(accepted, default=None),
                is_won=any(counted.is_won for counted in own),
            )
        )
    return paths


def leads(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Leads by the day they came in."""
    for path in paths:
        yield Part(path.created_on, path.dimensions, _ONE)


def mql(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Leads by the first day that marketing qualified them."""
    for path in paths:
        if path.mql_on is not None:
            yield Part(path.mql_on, path.dimensions, _ONE)


def sql(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Leads by the day that sales accepted the opportunity they became."""
    for path in paths:
        if path.accepted_on is not None:
            yield Part(path.accepted_on, path.dimensions, _ONE)


def lead_to_mql_rate(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Qualified by all, by cohort."""
    for path in paths:
        reached = Fraction(int(path.mql_on is not None))
        yield Part(path.cohort_on, path.dimensions, reached, _ONE)


def mql_to_sql_rate(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Accepted by qualified, by cohort."""
    for path in paths:
        if path.mql_on is not None:
            reached = Fraction(int(path.accepted_on is not None))
            yield Part(path.cohort_on, path.dimensions, reached, _ONE)


def sql_to_won_rate(paths: Iterable[LeadPath]) -> Iterator[Part]:
    """Won by accepted, by cohort."""
    for path in paths:
        if path.accepted_on is not None:
            yield Part(
                path.cohort_on, path.dimensions, Fraction(int(path.is_won)), _ONE
            )


def visitor_to_lead_rate(
    paths: Iterable[LeadPath], visitors: Iterable[Reading]
) -> Iterator[Reading]:
    """A month's new leads by its visitors."""
    created: dict[date, int] = {}
    for path in paths:
        month = path.created_on.replace(day=1)
        created[month] = created.get(month, 0) + 1
    for reading in visitors:
        if reading.dimension == TOTAL:
            count = Fraction(created.get(reading.period.start, 0))
            period = Period("month", reading.period.start)
            yield Reading(period, count, reading.numerator)

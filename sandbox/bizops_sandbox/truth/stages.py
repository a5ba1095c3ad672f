"""The way through the stages, total value, and the pipeline against the plan."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part, TimedSubject
from bizops_sandbox.truth.periods import Period
from bizops_sandbox.truth.sales import decided, win_rate_by_value
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.survival import SAME_DAY, Subject
from bizops_sandbox.world.moments import add_months, day_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.facts import Deal
    from bizops_sandbox.truth.opportunities import CountedDeal

STAGES = (
    "0-Pending Acceptance",
    "1-Discovery",
    "2-Scoping",
    "3-Technical Evaluation",
    "4-Proposal",
    "5-Negotiating",
)
_BANDS = ((5_000, "small"), (25_000, "medium"), (100_000, "big"))
_ONE = Fraction(1)


def band_of(iacv: Fraction) -> str:
    """The size of a deal by its annual value in USD."""
    return next((name for limit, name in _BANDS if iacv < limit), "jumbo")


def tcv(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Total contract value of the won ones, refunds negative."""
    for counted in deals:
        if counted.is_won:
            yield Part(
                day=counted.deal.close_date,
                dimensions=counted.dimensions(),
                numerator=Fraction(counted.deal.tcv or 0),
            )


def deals_won(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """How many were won that add value, by size."""
    for counted in deals:
        if counted.is_won and counted.iacv > 0 and counted.order_type != "refund":
            yield Part(
                day=counted.deal.close_date,
                dimensions=(TOTAL, ("deal_band", band_of(counted.iacv))),
                numerator=_ONE,
            )


def reached(deal: Deal) -> int:
    """The number of the highest stage it was in; six when it was won once."""
    orders = {stage: number for number, stage in enumerate(STAGES)}
    orders["won"] = len(STAGES)
    return max(orders.get(step.stage, 0) for step in deal.steps)


def stage_win_rate(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Won by won and lost, of those that came as far as the stage."""
    for counted in decided(deals):
        top = min(reached(counted.deal), len(STAGES) - 1)
        for stage in STAGES[1 : top + 1]:
            yield Part(
                day=counted.deal.close_date,
                dimensions=(("stage", stage),),
                numerator=Fraction(int(counted.is_won)),
                denominator=_ONE,
            )


def stage_conversion(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Who came further than the stage, of those that came as far, by creation."""
    for counted in deals:
        if counted.order_type == "refund":
            continue
        top = reached(counted.deal)
        for number, stage in enumerate(STAGES[: top + 1]):
            yield Part(
                day=counted.deal.created_at.date(),
                dimensions=(("stage", stage),),
                numerator=Fraction(int(top > number)),
                denominator=_ONE,
            )


def _stays(deal: Deal, as_of: date) -> dict[str, tuple[date, int, bool]]:
    """By open stage: the first day in it, all days in it, whether it is over."""
    stays: dict[str, tuple[date, int, bool]] = {}
    ends = [step.at.date() for step in deal.steps[1:]] + [as_of]
    for step, end in zip(deal.steps, ends, strict=True):
        if step.stage not in STAGES:
            continue
        since, days, _ = stays.get(step.stage, (step.at.date(), 0, True))
        is_over = step is not deal.steps[-1] and deal.state != step.stage
        stays[step.stage] = (since, days + (end - step.at.date()).days, is_over)
    return stays


def time_in_stage(deals: Sequence[CountedDeal], as_of: date) -> Iterator[TimedSubject]:
    """Days in each stage in all; those still in it are waited for until now."""
    for counted in deals:
        if counted.order_type == "refund":
            continue
        for stage, (since, days, is_over) in _stays(counted.deal, as_of).items():
            yield TimedSubject(
                day=since,
                dimensions=(("stage", stage),),
                subject=Subject(Fraction(days) if days else SAME_DAY, is_over),
            )


def _open_then(deal: Deal, day: date) -> tuple[Fraction, date] | None:
    """Amount and close date at the end of a day, when it was open then."""
    limit = day_end(day)
    steps = [step for step in deal.steps if step.at <= limit]
    if not steps or steps[-1].stage not in STAGES:
        return None
    return Fraction(steps[-1].amount or 0), steps[-1].close_date


def _with_segment(counted: CountedDeal) -> tuple[Dimension, ...]:
    return (TOTAL, ("segment", counted.segment))


def _goal(
    targets: Mapping[tuple[date, str, str], Fraction], quarter: date
) -> dict[Dimension, Fraction]:
    """The plan for a quarter's IACV by total and segment."""
    goals: dict[Dimension, Fraction] = {}
    for (start, segment, metric), value in targets.items():
        if start == quarter and metric == "iacv":
            goals[("segment", segment)] = value
            goals[TOTAL] = goals.get(TOTAL, Fraction(0)) + value
    return goals


def _quarters(targets: Mapping[tuple[date, str, str], Fraction]) -> list[date]:
    return sorted({start for start, _, _ in targets})


def pipeline_coverage(
    deals: Sequence[CountedDeal], targets: Mapping[tuple[date, str, str], Fraction]
) -> Iterator[Reading]:
    """Open pipeline due in a quarter, on the eve of it, by the plan for it."""
    for quarter in _quarters(targets):
        eve, end = quarter - timedelta(days=1), add_months(quarter, 3)
        sums: dict[Dimension, Fraction] = {}
        for counted in deals:
            found = None
            if counted.order_type != "refund":
                found = _open_then(counted.deal, eve)
            if found is not None and quarter <= found[1] < end:
                for dimension in _with_segment(counted):
                    sums[dimension] = sums.get(dimension, Fraction(0)) + found[0]
        for dimension, goal in sorted(_goal(targets, quarter).items()):
            yield Reading(
                Period("fiscal_quarter", quarter),
                sums.get(dimension, Fraction(0)),
                goal,
                dimension,
            )


def _booked(deals: Sequence[CountedDeal], quarter: date) -> dict[Dimension, Fraction]:
    end = add_months(quarter, 3)
    sums: dict[Dimension, Fraction] = {}
    for counted in deals:
        if counted.is_won and quarter <= counted.deal.close_date < end:
            for dimension in _with_segment(counted):
                sums[dimension] = sums.get(dimension, Fraction(0)) + counted.iacv
    return sums


def target_attainment(
    deals: Sequence[CountedDeal], targets: Mapping[tuple[date, str, str], Fraction]
) -> Iterator[Reading]:
    """IACV booked in a quarter until now, by the plan for it."""
    for quarter in _quarters(targets):
        booked = _booked(deals, quarter)
        for dimension, goal in sorted(_goal(targets, quarter).items()):
            yield Reading(
                Period("fiscal_quarter", quarter),
                booked.get(dimension, Fraction(0)),
                goal,
                dimension,
            )


def pipeline_required(
    deals: Sequence[CountedDeal], targets: Mapping[tuple[date, str, str], Fraction]
) -> Iterator[Reading]:
    """What the plan still lacks, by the win rate by value of the year before."""
    for quarter in _quarters(targets):
        since = add_months(quarter, -12)
        won = value = Fraction(0)
        for part in win_rate_by_value(deals):
            if since <= part.day < quarter:
                won, value = won + part.numerator, value + part.denominator
        rate = won / value if value else Fraction(0)
        booked = _booked(deals, quarter).get(TOTAL, Fraction(0))
        goal = _goal(targets, quarter).get(TOTAL, Fraction(0))
        lacking = goal - booked
        yield Reading(
            Period("fiscal_quarter", quarter),
            max(lacking, Fraction(0)),
            rate,
            note="met" if lacking <= 0 else None,
        )

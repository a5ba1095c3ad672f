"""Kaplan-Meier curves with 95 % bands, as metrics.md defines the medians on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.report.document import CurvePoint

if TYPE_CHECKING:
    from collections.abc import Iterable

_Z_95 = 1.959963984540054
_SAME_DAY = 0.5  # a conversion on the day of the start counts as half a day
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Duration:
    """`count` subjects that waited `days`, until the event or until now."""

    days: float
    is_event: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A curve until its end, and the day half of its plateau is reached."""

    subjects: int
    events: int
    median_days: float | None
    points: tuple[CurvePoint, ...]


def estimate_curve(
    durations: Iterable[Duration], *, min_at_risk: int, horizon_days: int
) -> Estimate:
    """Return the share that has converted by each day on which one did.

    At equal days events come before those still waiting. The curve ends on the last
    day, not beyond the horizon, on which at least `min_at_risk` subjects are at risk.
    Bands are Greenwood's on the log-log scale.

    Args:
        durations: The subjects; days of 0 count as half a day.
        min_at_risk: Fewer subjects than this say nothing.
        horizon_days: No conversion is waited for longer than this.
    """
    leaving, events = _by_day(durations)
    at_risk = subjects = sum(leaving.values())
    points: list[CurvePoint] = []
    survival, variance = 1.0, 0.0
    for days in sorted(leaving):
        if at_risk < min_at_risk or days > horizon_days:
            break
        happened = events.get(days, 0)
        if happened:
            survival *= 1 - happened / at_risk
            if happened < at_risk:
                variance += happened / (at_risk * (at_risk - happened))
            low, high = _band(survival, variance)
            points.append(CurvePoint(days, 1 - survival, low, high, at_risk))
        at_risk -= leaving[days]
    seen = sum(events.get(point.days, 0) for point in points)
    return Estimate(subjects, seen, _median(points), tuple(points))


def _by_day(
    durations: Iterable[Duration],
) -> tuple[dict[float, int], dict[float, int]]:
    leaving: dict[float, int] = {}
    events: dict[float, int] = {}
    for item in durations:
        days = item.days or _SAME_DAY
        leaving[days] = leaving.get(days, 0) + item.count
        if item.is_event:
            events[days] = events.get(days, 0) + item.count
    return leaving, events


def _band(survival: float, variance: float) -> tuple[float, float]:
    """Return the band of the share converted; none where all or nobody has."""
    if not 0 < survival < 1:
        return 1 - survival, 1 - survival
    width = _Z_95 * math.sqrt(variance) / abs(math.log(survival))
    return (
        1 - survival ** math.exp(-width),
        1 - survival ** math.exp(width),
    )


def _median(points: list[CurvePoint]) -> float | None:
    if not points:
        return None
    half = points[-1].share / 2 - _TOLERANCE
    return next(point.days for point in points if point.share >= half)

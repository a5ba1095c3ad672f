"""Kaplan-Meier in exact fractions, and the median of the eventual converters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HORIZON_DAYS = 365
MIN_AT_RISK = 10
_TOLERANCE = Fraction(1, 10**9)
SAME_DAY = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Subject:
    """Days until the event, or until observation ended without it."""

    days: Fraction
    is_event: bool


@dataclass(frozen=True, slots=True)
class MedianResult:
    """The time by which half of the eventual converters have converted.

    `median_days` is None with too few subjects at risk or no event in time.
    """

    subjects: int
    events: int
    median_days: Fraction | None


def whole_days(days: int) -> Fraction | None:
    """A duration in days: same day counts half a day, negative is none."""
    if days < 0:
        return None
    return Fraction(days) if days else SAME_DAY


def incidence(subjects: Sequence[Subject]) -> list[tuple[Fraction, Fraction]]:
    """(t, F(t)) at each event time; at equal t events come before censorings."""
    events = Counter(s.days for s in subjects if s.is_event)
    everybody = Counter(s.days for s in subjects)
    at_risk = len(subjects)
    survival = Fraction(1)
    steps = []
    for days in sorted(everybody):
        if events[days]:
            survival *= 1 - Fraction(events[days], at_risk)
            steps.append((days, 1 - survival))
        at_risk -= everybody[days]
    return steps


def last_reliable_time(subjects: Sequence[Subject]) -> Fraction | None:
    """The largest time with enough subjects at risk, at most the horizon."""
    times = sorted(subject.days for subject in subjects)
    if len(times) < MIN_AT_RISK:
        return None
    return min(times[-MIN_AT_RISK], Fraction(HORIZON_DAYS))


def median_of_converters(subjects: Sequence[Subject]) -> MedianResult:
    """The first time at which F reaches half of its last reliable value."""
    limit = last_reliable_time(subjects)
    if limit is None:
        return MedianResult(subjects=len(subjects), events=0, median_days=None)
    steps = [(days, f) for days, f in incidence(subjects) if days <= limit]
    events = sum(1 for s in subjects if s.is_event and s.days <= limit)
    if not steps:
        return MedianResult(subjects=len(subjects), events=0, median_days=None)
    half = steps[-1][1] / 2 - _TOLERANCE
    median = next(days for days, f in steps if f >= half)
    return MedianResult(subjects=len(subjects), events=events, median_days=median)

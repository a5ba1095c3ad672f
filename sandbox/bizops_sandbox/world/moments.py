"""Days and moments of the world: all in UTC, whole seconds, office hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws

_SATURDAY = 5
_OFFICE_OPENS_H = 8
_OFFICE_HOURS_S = 10 * 3600
_DAY_S = 24 * 3600


def day_start(day: date) -> datetime:
    """The first second of the day."""
    return datetime.combine(day, time(), tzinfo=UTC)


def day_end(day: date) -> datetime:
    """The last second of the day."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    weekday = day.weekday()
    return day + timedelta(days=7 - weekday) if weekday >= _SATURDAY else day


def office_moment(day: date, draws: Draws) -> datetime:
    """A moment in office hours of that day, or of the Monday after a weekend."""
    opening = datetime.combine(working_day(day), time(_OFFICE_OPENS_H), tzinfo=UTC)
    return opening + timedelta(seconds=draws.below(_OFFICE_HOURS_S))


def any_moment(day: date, draws: Draws) -> datetime:
    """A moment of that day, at any hour."""
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    return midnight + timedelta(seconds=draws.below(_DAY_S))


def later(moment: datetime, draws: Draws, *, days: int) -> datetime:
    """An office moment some days later, always after `moment`."""
    candidate = office_moment(moment.date() + timedelta(days=days), draws)
    return max(candidate, moment + timedelta(seconds=60 + draws.below(1800)))


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the month's last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    next_first = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (next_first - first).days
    return first.replace(day=min(day.day, length))

"""Cron lines of five fields: read, checked, and when they come next.

As in crontab(5): lists, ranges, steps, names of months and weekdays, 7 for Sunday. When
both day fields are restricted, either of them suffices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_HORIZON_DAYS = 366 * 8


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron line; each field as the values it allows, in order.

    Attributes:
        text: In five fields.
        minutes: 0 to 59.
        hours: 0 to 23.
        days: 1 to 31.
        months: 1 to 12.
        weekdays: 0 (Sunday) to 6.
        any_day: Whether the day of the month is `*`.
        any_weekday: Whether the day of the week is `*`.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    any_day: bool
    any_weekday: bool

    def next_after(self, instant: datetime, timezone: str) -> datetime | None:
        """Return when it comes next, in UTC; None if never in eight years.

        Args:
            instant: An aware instant.
            timezone: Where its fields are read.
        """
        zone = ZoneInfo(timezone)
        local = instant.astimezone(zone)
        day = local.date()
        for _ in range(_HORIZON_DAYS):
            if self._is_day(day.month, day.day, day.isoweekday() % 7):
                for hour in self.hours:
                    for minute in self.minutes:
                        found = datetime(
                            day.year, day.month, day.day, hour, minute, tzinfo=zone
                        ).astimezone(UTC)
                        if found > instant and _exists(found, zone, hour):
                            return found
            day += timedelta(days=1)
        return None

    def _is_day(self, month: int, day: int, weekday: int) -> bool:
        if month not in self.months:
            return False
        by_day, by_weekday = day in self.days, weekday in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def parse_cron(text: str) -> Cron:
    """Read a cron line.

    Raises:
        ConfigError: It has not five fields, or one of them is wrong.
    """
    plain = _SHORT.get(text.strip().lower(), text.strip())
    words = plain.split()
    if len(words) != len(_FIELDS):
        raise ConfigError(
            f"the cron line {text!r} has {len(words)} fields, not 5",
            "Write minute, hour, day, month, day of the week, as in 0 3 * * *.",
        )
    found = [
        _values(word, name, low, high, names)
        for word, (name, low, high, names) in zip(words, _FIELDS, strict=True)
    ]
    weekdays = tuple(sorted({value % 7 for value in found[4]}))
    return Cron(
        text=" ".join(words),
        minutes=found[0],
        hours=found[1],
        days=found[2],
        months=found[3],
        weekdays=weekdays,
        any_day=words[2].startswith("*"),
        any_weekday=words[4].startswith("*"),
    )


def check_timezone(name: str) -> None:
    """Make sure that there is a time zone of this name.

    Raises:
        ConfigError: There is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"there is no time zone {name!r}",
            "Write UTC, or such as Europe/Berlin.",
        ) from error


def _values(
    word: str, name: str, low: int, high: int, names: Sequence[str]
) -> tuple[int, ...]:
    allowed: set[int] = set()
    for part in word.lower().split(","):
        span, slash, step_text = part.partition("/")
        step = int(step_text) if step_text.isdigit() else 0
        if slash and not step:
            raise _wrong(word, name)
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _value(first, word, name, low, names)
            end = _value(last, word, name, low, names) if dash else start
            if slash and not dash:
                end = high
        if not low <= start <= end <= high:
            raise _wrong(word, name)
        allowed.update(range(start, end + 1, step or 1))
    return tuple(sorted(allowed))


def _value(text: str, word: str, name: str, low: int, names: Sequence[str]) -> int:
    if text.isdigit():
        return int(text)
    if text in names:
        return names.index(text) + (low if name == "month" else 0)
    raise _wrong(word, name)


def _wrong(word: str, name: str) -> ConfigError:
    return ConfigError(
        f"{word!r} is no {name} of a cron line",
        "Write *, a number, a list 1,2, a range 1-5 or steps */15.",
    )


def _exists(found: datetime, zone: ZoneInfo, hour: int) -> bool:
    """Tell whether a local time is there, not in the gap of a clock change."""
    return found.astimezone(zone).hour == hour

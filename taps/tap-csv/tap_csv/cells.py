"""What cells hold: text becomes a value, or is refused with what was expected. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reading_kit.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: More digits than 64 bits hold are no count.
_LONGEST_WHOLE = 18
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?", re.DOTALL
)
_SWITCHES = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
#: Cells that may be shown in a message: figures and marks, no words.
_SHOWABLE = re.compile(r"[-+0-9.,:/' %$€£()]{1,30}")


class CellError(ValueError):
    """A cell does not hold what its column is for."""


def read_text(cell: str) -> str:
    """Give text as it is."""
    return cell


def read_number(cell: str) -> Decimal:
    """Read a number, digit by digit.

    Raises:
        CellError: it is none.
    """
    if not _NUMBER.fullmatch(cell):
        raise CellError
    return Decimal(cell)


def read_whole(cell: str) -> int:
    """Read a whole number of at most 18 digits.

    Raises:
        CellError: it is none.
    """
    found = _WHOLE.fullmatch(cell)
    if found is None or len(found[1].lstrip("+-")) > _LONGEST_WHOLE:
        raise CellError
    return int(found[1])


def read_switch(cell: str) -> bool:
    """Read true or false, yes or no, 1 or 0.

    Raises:
        CellError: it is none of them.
    """
    try:
        return _SWITCHES[cell.lower()]
    except KeyError:
        raise CellError from None


def read_day(cell: str) -> str:
    """Read a day of the calendar.

    Raises:
        CellError: it is none.
    """
    found = _DAY.fullmatch(cell)
    if found is None:
        raise CellError
    try:
        return date.fromisoformat(found[1]).isoformat()
    except ValueError:
        raise CellError from None


def read_month(cell: str) -> str:
    """Read a month, as itself or as its first day; give the first day.

    Raises:
        CellError: it is none.
    """
    day = read_day(f"{cell}-01" if _MONTH.fullmatch(cell) else cell)
    if not day.endswith("-01"):
        raise CellError
    return day


def read_moment(cell: str) -> str:
    """Read a moment; one without an offset is UTC.

    Raises:
        CellError: it is none.
    """
    if not _MOMENT.fullmatch(cell):
        raise CellError
    try:
        return format_instant(parse_instant(cell))
    except (ValueError, OverflowError):
        raise CellError from None


READERS: Mapping[str, Callable[[str], Any]] = {
    "text": read_text,
    "number": read_number,
    "integer": read_whole,
    "boolean": read_switch,
    "date": read_day,
    "month": read_month,
    "timestamp": read_moment,
}
EXPECTED: Mapping[str, str] = {
    "number": "a number such as 1234.56, without thousands separators or currency",
    "integer": "a whole number such as 1234",
    "boolean": "true or false",
    "date": "a date such as 2024-01-31",
    "month": "the first day of a month such as 2024-01-01",
    "timestamp": "a time such as 2024-01-31T17:05:00Z",
}
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "number": {"type": ["number", "null"]},
    "integer": {"type": ["integer", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "month": {"type": ["string", "null"], "format": "date"},
    "timestamp": {"type": ["string", "null"], "format": "date-time"},
}


def describe(cell: str) -> str:
    """Name a cell in a message: figures as they are, words only by their length."""
    if not cell:
        return "an empty cell"
    if _SHOWABLE.fullmatch(cell):
        return f"`{cell}`"
    return f"text of {len(cell)} characters"

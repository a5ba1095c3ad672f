"""One written form of instants: ``YYYY-MM-DDTHH:MM:SS.sssZ``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_COMPACT_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")


def parse_instant(text: str) -> datetime:
    """Read any ISO 8601 form; an instant without an offset is UTC.

    Raises:
        ValueError: the text is not an instant.
    """
    value = datetime.fromisoformat(_COMPACT_OFFSET.sub(r"\1:\2", text.strip()))
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def format_instant(value: datetime) -> str:
    """Write an aware instant with milliseconds and ``Z``."""
    utc = value.astimezone(UTC)
    milliseconds = utc.microsecond // 1000
    return (
        f"{utc.year:04d}-{utc.month:02d}-{utc.day:02d}"
        f"T{utc.hour:02d}:{utc.minute:02d}:{utc.second:02d}.{milliseconds:03d}Z"
    )


def parse_http_date(text: str) -> datetime:
    """Read an HTTP ``Date`` header.

    Raises:
        ValueError: the header is not a date.
    """
    value = parsedate_to_datetime(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

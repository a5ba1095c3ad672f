"""Instants as Marketo writes and takes them: whole seconds, ``2023-01-17T11:00:58Z``.

Its answers come in three forms: that one, ``+0000`` instead of ``Z`` (older REST), and
both (``2015-05-21T22:45:13Z+0000``, assets). Filters refuse milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reading_kit import timestamps

#: Marketo's days, and with them its quotas, end at midnight in this zone.
CENTRAL = ZoneInfo("America/Chicago")

USUAL_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def parse_instant(text: str) -> datetime:
    """Read an instant in any of Marketo's forms.

    Raises:
        ValueError: the text is not an instant.
    """
    stripped = text.strip()
    if stripped.endswith("Z+0000"):
        stripped = stripped.removesuffix("+0000")
    return timestamps.parse_instant(stripped)


def format_instant(value: datetime) -> str:
    """Write an aware instant in whole seconds, as filters take it."""
    return value.astimezone(UTC).isoformat()[:19] + "Z"


def normalize_instant(text: str) -> str:
    """Bring an instant into the usual form; fractions of seconds are kept.

    Raises:
        ValueError: the text is not an instant.
    """
    if USUAL_FORM.fullmatch(text):
        return text
    value = parse_instant(text)
    if value.microsecond:
        return value.isoformat().removesuffix("+00:00") + "Z"
    return format_instant(value)


def central_day(moment: datetime) -> str:
    """Give the day in US Central time a moment belongs to, as ``2024-05-01``."""
    return moment.astimezone(CENTRAL).date().isoformat()


def next_reset(moment: datetime) -> datetime:
    """Give the next midnight in US Central time, in UTC; daylight saving included."""
    tomorrow = moment.astimezone(CENTRAL).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), CENTRAL).astimezone(UTC)

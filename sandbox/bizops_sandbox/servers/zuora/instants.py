"""Dates and times in query texts, with and without an offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import tzinfo

    from bizops_sandbox.servers.zuora.settings import Settings

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:(?P<between>[T ])(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,6})\d*)?"
    r"\s?(?P<offset>Z|[+-]\d\d:?\d\d)?)?"
)


class InstantError(ValueError):
    """A text that is no date or time."""


class IgnoredLiteral(Exception):  # noqa: N818
    """A form of date and time that the service passes over in silence."""


def parse_instant(text: str, settings: Settings) -> datetime:
    """Read a date and time of a ZOQL query, as an instant in UTC.

    Without an offset it is read in the tenant's zone (or as the settings say).

    Raises:
        InstantError: when it is none.
        IgnoredLiteral: when the condition it stands in is to be dropped.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise InstantError(text)
    choice = settings.naked_literals
    if match["between"] == " " and match["offset"] is None:
        choice = settings.spaced_literals
        if choice == "ignored":
            raise IgnoredLiteral(text)
        if choice == "refused":
            raise InstantError(text)
    zone = UTC if choice == "utc" else ZoneInfo(settings.tenant_zone)
    return _instant(match, zone)


def parse_sql_instant(text: str, zone: tzinfo) -> datetime:
    """Read the text of a `TIMESTAMP '...'`: any form, a zone's offset or `UTC`.

    Raises:
        InstantError: when it is none.
    """
    match = _INSTANT.fullmatch(text.removesuffix(" UTC"))
    if match is None:
        raise InstantError(text)
    return _instant(match, UTC if text.endswith(" UTC") else zone)


def parse_day(text: str) -> date:
    """Read a date; of a date and time its date.

    Raises:
        InstantError: when it is none.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise InstantError(text)
    try:
        return date.fromisoformat(match["day"])
    except ValueError as error:
        raise InstantError(text) from error


def _instant(match: re.Match[str], zone: tzinfo) -> datetime:
    offset = match["offset"] or ""
    try:
        read = datetime.fromisoformat(
            f"{match['day']}T{match['time'] or '00:00:00'}{offset}"
        )
    except ValueError as error:
        raise InstantError(match[0]) from error
    if match["part"]:
        read = read.replace(microsecond=int(match["part"].ljust(6, "0")))
    if read.tzinfo is None:
        read = read.replace(tzinfo=zone)
    return read.astimezone(UTC)

"""Service Ping payloads: one row for the whole, and one for each metric in it. Pure.

Rules: doc "Service Ping" of GitLab. A number that could not be counted is told as a
sentinel; a histogram that could not, as ``{"-1": -1}``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tap_gitlab.columns import Kind
from tap_gitlab.usage_columns import SERVICE_PING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: What stands in place of a number, and what it says.
SENTINELS = {-1: "failed", -2: "error", -3: "not_counted", -1000: "removed"}
FAILED_HISTOGRAM = {"-1": -1}
#: Who the licence is for, by name and e-mail address: never among the metrics.
_PERSONAL = frozenset({"licensee"})
#: What tells the ping, not the use; it is in every row of the long form, or no metric.
_OWN_COLUMNS = frozenset({"uuid", "recorded_at", "license_subscription_id"})
_STEP = re.compile(r"-?\d+$")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_COLUMNS = [column.name for column in SERVICE_PING]


def is_payload(document: object) -> bool:
    """Tell whether a document is a payload that can be kept by its key."""
    return isinstance(document, dict) and all(
        isinstance(document.get(name), str) and document[name]
        for name in ("uuid", "recorded_at")
    )


def to_ping(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of a whole payload: its head as columns, and all of it."""
    row = {name: payload.get(name) for name in _COLUMNS}
    for column in SERVICE_PING:
        # Sentinels may stand in the head, too; the payload keeps them.
        if column.kind is Kind.WHOLE and status_of(row[column.name]):
            row[column.name] = None
    return row | {"payload": dict(payload)}


def to_metrics(payload: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give one row for each metric of a payload: its path, and its value by type."""
    own = {name: payload.get(name) for name in _OWN_COLUMNS}
    for path, value in walk(payload):
        if path not in _OWN_COLUMNS:
            yield own | {"key_path": path} | to_value(value)


def walk(payload: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give the leaves of a payload with their dotted paths.

    Lists and histograms are leaves; licensees are none.
    """
    for name, value in payload.items():
        path = f"{above}.{name}" if above else name
        if path in _PERSONAL:
            continue
        if isinstance(value, dict) and not is_histogram(value):
            yield from walk(value, path)
        else:
            yield path, value


def is_histogram(value: Mapping[str, Any]) -> bool:
    """Tell whether an object counts by whole numbers (``{"1": 118, "2": 30}``)."""
    return bool(value) and all(_STEP.match(name) for name in value)


def status_of(value: object) -> str | None:
    """Give what a value says of not having been counted, if it does."""
    if value == FAILED_HISTOGRAM:
        return SENTINELS[-1]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return SENTINELS.get(int(value)) if value == int(value) else None
    return None


def to_value(value: object) -> dict[str, Any]:
    """Give a value in the column of its type, and its status."""
    found: dict[str, Any] = dict.fromkeys(
        ("value_number", "value_string", "value_boolean", "value_status")
    )
    status = status_of(value)
    if status is not None:
        return found | {"value_status": status}
    if isinstance(value, bool):
        return found | {"value_boolean": value}
    if isinstance(value, (int, Decimal)):
        return found | {"value_number": value}
    if isinstance(value, str):
        return found | {"value_string": value}
    if isinstance(value, (list, dict)):
        return found | {"value_string": _ENCODER.encode(value).decode()}
    return found

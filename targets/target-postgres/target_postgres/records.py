"""Records parsed exactly: what they hold, and what their schema does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_postgres.column_types import TIMESTAMPTZ
from target_postgres.errors import BadInputError, Place
from target_postgres.exact_values import (
    UnfitValueError,
    ValueRules,
    WiderColumnNeeded,
    exact_copy_text,
)
from target_postgres.json_exact import NumberText, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import msgspec

ABSENT = object()


@dataclass(frozen=True, slots=True)
class Outside:
    """What a BATCH message says of all its records.

    Attributes:
        extracted_at: Raw JSON of `time_extracted`.
        version: The records' version.
    """

    extracted_at: msgspec.Raw
    version: int | None


def parse_record(
    line: bytes, place: Place, outside: Outside | None
) -> Mapping[str, Any]:
    """Parse a RECORD message, or a bare record, exactly.

    Args:
        line: The line.
        place: Where it stood.
        outside: What the BATCH message says, if it is a bare record.

    Raises:
        BadInputError: If it is not JSON.
    """
    try:
        message: dict[str, Any] = parse_json(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"invalid UTF-8 at byte {error.start} of the line", place
        ) from None
    except ValueError as error:
        reason = getattr(error, "msg", None) or str(error)
        raise BadInputError(f"not JSON: {reason}", place) from None
    return message if outside is None else envelope_of(message, outside)


def envelope_of(record: Mapping[str, Any], outside: Outside) -> dict[str, Any]:
    """Make a RECORD message of a bare record of a BATCH file."""
    version = outside.version
    return {
        "record": record,
        "time_extracted": parse_json(bytes(outside.extracted_at).decode()),
        "version": None if version is None else NumberText(version),
    }


def time_extracted_text(value: object, place: Place) -> str:
    """Write a time_extracted as COPY text.

    Raises:
        BadInputError: If it is not a date-time.
    """
    try:
        return exact_copy_text(value, ValueRules(TIMESTAMPTZ))
    except (UnfitValueError, WiderColumnNeeded):
        raise BadInputError("time_extracted is not a date-time", place) from None


def check_time_extracted(raw: msgspec.Raw, place: Place) -> None:
    """Refuse a BATCH message's time_extracted that is no time.

    Raises:
        BadInputError: If it is not a date-time.
    """
    time_extracted_text(parse_json(bytes(raw).decode()), place)


def value_at(record: Mapping[str, Any], path: tuple[str, ...], place: Place) -> object:
    """Find a value in a record; ABSENT when the way to it ends early.

    Raises:
        BadInputError: If something on the way is no object.
    """
    value: object = record
    for name in path:
        if value is None:
            return ABSENT
        if not isinstance(value, dict):
            raise BadInputError("not an object", place)
        value = value.get(name, ABSENT)
        if value is ABSENT:
            return ABSENT
    return value


def outside_schema(
    record: Mapping[str, Any], paths: Sequence[tuple[str, ...]]
) -> dict[str, Any]:
    """Collect what no path of the schema leads to, nested as it came."""
    inner: dict[str, list[tuple[str, ...]]] = {}
    for head, *rest in paths:
        inner.setdefault(head, []).append(tuple(rest))
    extra: dict[str, Any] = {}
    for name, value in record.items():
        if name not in inner:
            extra[name] = value
        elif inner[name][0] and isinstance(value, dict):
            nested = outside_schema(value, inner[name])
            if nested:
                extra[name] = nested
    return extra

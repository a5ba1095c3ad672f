"""JSON in and out without losing anything: numbers keep their text.

The slow and exact way, for what the compiled decoder of a stream does not take.
"""

from __future__ import annotations

import json
from typing import Any

DEPTH_LIMIT = 900
_ENCODE_STRING = json.encoder.encode_basestring


class NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


class SpecialNumber(str):
    """NaN, Infinity or -Infinity: not JSON, but common."""

    __slots__ = ()


class UnwritableError(ValueError):
    """A value that JSON text in PostgreSQL cannot hold."""


def parse_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON; of a repeated object key the last one counts.

    Raises:
        ValueError: If the text is not JSON, or nested deeper than Python's own limit.
    """
    try:
        return json.loads(
            text,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=SpecialNumber,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write_json(value: object) -> str:
    """Write a parsed value as JSON text again, each number as it came.

    Raises:
        UnwritableError: If it holds NaN or Infinity, or is nested too deeply.
    """
    parts: list[str] = []
    _write(value, parts, depth=0)
    return "".join(parts)


def _write(value: object, parts: list[str], *, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise UnwritableError("nested too deeply")
    if isinstance(value, dict):
        _write_object(value, parts, depth=depth)
    elif isinstance(value, list):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, parts, depth=depth + 1)
        parts.append("]")
    else:
        parts.append(_scalar(value))


def _write_object(value: dict[str, object], parts: list[str], *, depth: int) -> None:
    parts.append("{")
    for index, (key, item) in enumerate(value.items()):
        if index:
            parts.append(",")
        parts.append(_ENCODE_STRING(key))
        parts.append(":")
        _write(item, parts, depth=depth + 1)
    parts.append("}")


def _scalar(value: object) -> str:
    if isinstance(value, SpecialNumber):
        raise UnwritableError("NaN and Infinity are not JSON")
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, str):
        return _ENCODE_STRING(value)
    if value is None:
        return "null"
    return "true" if value else "false"

"""Bookmarks as people read them; the exact JSON stays what it is."""

from __future__ import annotations

import json
from typing import Any

_FEW_PARTITIONS = 3
_LONGEST = 160
_KEY, _VALUE = "replication_key", "replication_key_value"


def readable_bookmark(text: str | None) -> str | None:
    """Return a bookmark in a line: `SystemModstamp 2018-01-31T23:59:59Z`.

    Of a stream that is read in partitions: how many there are, and between which values
    their bookmarks lie; three at most one by one.
    """
    if text is None:
        return None
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return text
    said = _said(value) if isinstance(value, dict) else text
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."


def _said(value: dict[str, Any]) -> str:
    parts = []
    if value.get(_VALUE) is not None:
        parts.append(f"{value.get(_KEY) or 'at'} {value[_VALUE]}")
    partitions = value.get("partitions")
    if isinstance(partitions, list) and partitions:
        parts.append(_partitions([p for p in partitions if isinstance(p, dict)]))
    for name, part in value.items():
        if name in {_KEY, _VALUE, "partitions"} or part in (None, [], {}):
            continue
        if isinstance(part, list):
            parts.append(f"{len(part)} {name}")
        elif isinstance(part, dict):
            parts.append(f"{name} of {len(part)}")
        else:
            parts.append(f"{name} {part}")
    return ", ".join(parts) or "{}"


def _partitions(partitions: list[dict[str, Any]]) -> str:
    if len(partitions) <= _FEW_PARTITIONS:
        return "; ".join(_partition(each) for each in partitions)
    count = f"{len(partitions)} partitions"
    marked = [each for each in partitions if each.get(_VALUE) is not None]
    if not marked:
        return count
    values = sorted(str(each[_VALUE]) for each in marked)
    key = marked[0].get(_KEY) or "at"
    span = values[0] if values[0] == values[-1] else f"{values[0]} to {values[-1]}"
    missing = len(partitions) - len(marked)
    rest = f", {missing} of them not yet" if missing else ""
    return f"{count}, {key} {span}{rest}"


def _partition(partition: dict[str, Any]) -> str:
    context = partition.get("context")
    name = "all"
    if isinstance(context, dict):
        name = ",".join(f"{key}={value}" for key, value in context.items())
    rest = {key: part for key, part in partition.items() if key != "context"}
    return f"{name}: {_said(rest)}"

"""Columns of streams: their names, kinds and JSON schemas. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Kind(enum.Enum):
    """What a column holds; objects and lists are kept as the service gives them."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    SWITCH = "switch"
    OBJECT = "object"
    LIST = "list"
    TEXTS = "texts"


_SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.WHOLE: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.MOMENT: {"type": ["string", "null"], "format": "date-time"},
    Kind.DAY: {"type": ["string", "null"], "format": "date"},
    Kind.SWITCH: {"type": ["boolean", "null"]},
    Kind.OBJECT: {"type": ["object", "null"], "additionalProperties": True},
    Kind.LIST: {"type": ["array", "null"], "items": {}},
    Kind.TEXTS: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stream."""

    name: str
    kind: Kind


def columns(**names_by_kind: str) -> tuple[Column, ...]:
    """Give columns by kind, the names of a kind as one text with spaces between.

    Raises:
        ValueError: a kind is unknown, or a name stands twice.
    """
    found = tuple(
        Column(name, Kind(kind))
        for kind, names in names_by_kind.items()
        for name in names.split()
    )
    if len({column.name for column in found}) != len(found):
        msg = "a column stands twice"
        raise ValueError(msg)
    return found


def build_schema(found: Iterable[Column], keys: Collection[str]) -> dict[str, Any]:
    """Give the JSON schema of records with these columns; keys are never null."""
    properties = {column.name: dict(_SCHEMAS[column.kind]) for column in found}
    for key in keys:
        kind = properties[key]["type"]
        properties[key] = {**properties[key], "type": [k for k in kind if k != "null"]}
    return {"type": "object", "properties": properties, "required": list(keys)}

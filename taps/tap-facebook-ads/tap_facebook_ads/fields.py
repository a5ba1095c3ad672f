"""Fields of records: how each arrives, and the JSON Schema it leaves with. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Kind(enum.Enum):
    """What a field holds.

    Protocol: whole numbers, amounts and ratios arrive as text as a rule; date-times
    as ``2020-04-13T18:04:59-0700``; fields that are not set do not arrive at all.
    """

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    FLAG = "true or false"
    DATE = "date"
    MOMENT = "date-time"
    ACTIONS = "list of actions"
    OBJECT = "object"
    LIST = "list"
    JSON = "any JSON"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a stream."""

    name: str
    kind: Kind = Kind.TEXT


_SCHEMAS: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.WHOLE: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.FLAG: {"type": ["boolean", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.MOMENT: {"type": ["string", "null"], "format": "date-time"},
    Kind.OBJECT: {"type": ["object", "null"], "additionalProperties": True},
    Kind.LIST: {"type": ["array", "null"], "items": {}},
    Kind.JSON: {"type": ["object", "array", "null"]},
}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_TEXT_OR_NULL = {"type": ["string", "null"]}


def action_schema(windows: Iterable[str], breakdowns: Iterable[str]) -> dict[str, Any]:
    """Give the schema of a list of actions; what else an entry holds is kept."""
    properties: dict[str, Any] = {
        "action_type": _TEXT_OR_NULL,
        "value": _NUMBER_OR_NULL,
    }
    properties |= dict.fromkeys(windows, _NUMBER_OR_NULL)
    properties |= dict.fromkeys(breakdowns, _TEXT_OR_NULL)
    return {
        "type": ["array", "null"],
        "items": {
            "type": ["object", "null"],
            "properties": properties,
            "additionalProperties": True,
        },
    }


def build_schema(
    fields: Iterable[Field],
    *,
    keys: Iterable[str],
    windows: Iterable[str] = (),
    action_breakdowns: Iterable[str] = (),
) -> dict[str, Any]:
    """Give the JSON Schema of a stream; keys are never null."""
    required = list(keys)
    actions = action_schema(windows, action_breakdowns)
    properties: dict[str, Any] = {}
    for field in fields:
        schema = actions if field.kind is Kind.ACTIONS else _SCHEMAS[field.kind]
        if field.name in required:
            schema = {**schema, "type": schema["type"][0]}
        properties[field.name] = schema
    return {"type": "object", "properties": properties, "required": required}


def make_fields(**names: str) -> tuple[Field, ...]:
    """Give fields from words by kind: ``text="id name", flag="is_paid"``."""
    kinds = {
        "text": Kind.TEXT,
        "whole": Kind.WHOLE,
        "number": Kind.NUMBER,
        "flag": Kind.FLAG,
        "day": Kind.DATE,
        "moment": Kind.MOMENT,
        "actions": Kind.ACTIONS,
        "object": Kind.OBJECT,
        "list": Kind.LIST,
        "json": Kind.JSON,
    }
    return tuple(
        Field(name, kinds[kind.rstrip("_")])
        for kind, words in names.items()
        for name in words.split()
    )

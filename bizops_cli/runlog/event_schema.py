"""The JSON Schema of the lines that `--log-format json` prints, from the events."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any, get_args

from bizops_cli import model
from bizops_cli.runlog import events

_PLAIN: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "datetime": {"type": "string", "format": "date-time"},
}
_WORDS = ("RunStatus", "BuildScope")
_PARTS = ("TapRun", "StreamRun", "ModelRun", "RunRecord")


def event_name(event: type) -> str:
    """Return how an event is called in a line: `TapEnded` is `tap_ended`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


def event_types() -> list[type]:
    """Return every event there is, in the order of the module."""
    return [
        found
        for found in vars(events).values()
        if inspect.isclass(found)
        and dataclasses.is_dataclass(found)
        and found.__module__ == events.__name__
    ]


def event_schema() -> dict[str, Any]:
    """Return a JSON Schema that each line fits."""
    definitions = {part: _object(getattr(model, part), {}) for part in _PARTS}
    lines = []
    for event in event_types():
        head = {
            "at": {"type": "string", "format": "date-time"},
            "event": {"const": event_name(event)},
        }
        lines.append(_object(event, head))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of `bizops --log-format json`",
        "oneOf": lines,
        "$defs": definitions,
    }


def _object(found: type, head: dict[str, Any]) -> dict[str, Any]:
    properties = dict(head)
    for field in dataclasses.fields(found):
        properties[field.name] = _of(str(field.type))
    first = (inspect.getdoc(found) or "").partition("\n")[0]
    return {
        "description": first,
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }


def _of(annotation: str) -> dict[str, Any]:
    """Return the schema of an annotation as it is written in the module."""
    text = annotation.strip()
    if text.startswith("tuple[") and text.endswith(", ...]"):
        return {"type": "array", "items": _of(text[len("tuple[") : -len(", ...]")])}
    if " | " in text:
        return {"anyOf": [_of(part) for part in text.split(" | ")]}
    if text in _PARTS:
        return {"$ref": f"#/$defs/{text}"}
    if text in _WORDS:
        return {"enum": list(get_args(getattr(model, text)))}
    return dict(_PLAIN[text])

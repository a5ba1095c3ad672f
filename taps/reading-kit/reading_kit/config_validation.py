"""Configs: one form for all their sources, checked without quoting a value. Pure."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jsonschema.exceptions import ValidationError


_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


def check_config(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Give one line per wrong setting: its name and what is expected."""
    validator = Draft202012Validator(dict(schema))
    return [_explain(error) for error in validator.iter_errors(dict(config))]


def _explain(error: ValidationError) -> str:
    name = ".".join(str(part) for part in error.absolute_path)
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else list(wanted)
            named = [_KINDS.get(kind, kind) for kind in kinds if kind != "null"]
            text = f"must be {' or '.join(named)}"
        case "enum":
            choices = ", ".join(str(choice) for choice in wanted if choice is not None)
            text = f"must be one of {choices}"
        case "minimum":
            text = f"must be at least {wanted}"
        case "maximum":
            text = f"must be at most {wanted}"
        case "required":
            # The message names the missing property and holds no value.
            text = error.message
        case _:
            text = f"does not meet {error.validator}"
    return f"{name or 'config'}: {text}"


def normalize_config(
    raw: Mapping[str, Any],
    schema: Mapping[str, Any],
    *,
    ignored: Collection[str] = frozenset(),
) -> dict[str, Any]:
    """Bring a config, perhaps one of another tap, into one form.

    Nulls and empty strings count as absent; numbers, switches and lists may come as
    text, as environment variables and web forms give them.

    Args:
        raw: The config.
        schema: The settings' schema.
        ignored: Settings of other taps that change nothing here.
    """
    properties = schema["properties"]
    return {
        name: _normalize_value(value, properties.get(name, {}))
        for name, value in raw.items()
        if value is not None and value != "" and name not in ignored
    }


def _normalize_value(value: Any, spec: Mapping[str, Any]) -> Any:  # noqa: ANN401
    kinds = spec.get("type", [])
    if isinstance(value, str):
        choices = {str(choice).lower(): choice for choice in spec.get("enum", ())}
        return choices.get(value.lower(), _read_text(value, kinds))
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if is_number and "string" in kinds:
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return value


def _read_text(text: str, kinds: Sequence[str]) -> Any:  # noqa: ANN401
    """Read text as what the setting is; text that is something else stays text."""
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(text.lower(), text)
    if "integer" in kinds and re.fullmatch(r"\s*-?[0-9]+\s*", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"\s*-?[0-9]+(\.[0-9]+)?\s*", text):
        return float(text)
    if {"array", "object"} & set(kinds):
        if text.lstrip().startswith(("[", "{")):
            with contextlib.suppress(ValueError):
                return json.loads(text)
        if "array" in kinds:
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def find_unknown_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any]
) -> dict[str, str | None]:
    """Give each setting that is not in the schema, with the nearest that is."""
    known = list(schema["properties"])
    unknown = [name for name in config if name not in known]
    return {
        name: next(iter(difflib.get_close_matches(name, known, n=1)), None)
        for name in unknown
    }

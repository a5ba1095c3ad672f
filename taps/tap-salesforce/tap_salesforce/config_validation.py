"""Checks a config against the settings' schema, never quoting a value. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

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

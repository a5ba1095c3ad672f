"""The project file against its JSON Schema, errors in people's words."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bizops_cli.config.problems import Problem, dotted, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import Draft202012Validator, ValidationError

    from bizops_cli.config.document import Document
    from bizops_cli.model import KeyPath, Position

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


@cache
def project_schema() -> dict[str, Any]:
    """Return the published JSON Schema of bizops.yml."""
    text = (
        resources.files("bizops_cli.config").joinpath("schema.json").read_text("utf-8")
    )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(project_schema())


def find_problems(document: Document) -> list[Problem]:
    """Return everything the schema says against the document, in file order."""
    problems = [
        problem
        for error in _validator().iter_errors(document.value)
        for problem in _explain(error, document)
    ]
    return sorted(
        set(problems),
        key=lambda p: (str(p.position.file), p.position.line, p.message),
    )


def _explain(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    here = dotted(path) or "the file"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = _rule(error).get("properties", {})
        for key in error.instance.keys() - known.keys():
            yield Problem(
                position_of(document.positions, (*path, key)),
                f"unknown key {key!r} in {here}",
                suggestion(key, known, what="key"),
            )
        return
    if error.validator == "pattern" or "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        at = (*path, name) if "propertyNames" in error.absolute_schema_path else path
        yield Problem(
            position_of(document.positions, at),
            f"{name!r} is not a valid name in {here}",
            "Use lower-case letters, digits, - and _, starting with a letter or digit.",
        )
        return
    message, step = _say(error, here)
    yield Problem(position_of(document.positions, path), message, step)


def _rule(error: ValidationError) -> dict[str, Any]:
    return dict(error.schema) if isinstance(error.schema, dict) else {}


def _say(error: ValidationError, here: str) -> tuple[str, str]:
    rule = _rule(error)
    validator = str(error.validator)
    expected = rule.get(validator)
    step = ""
    match validator:
        case "required":
            found = error.instance if isinstance(error.instance, dict) else {}
            missing = next(key for key in expected or () if key not in found)
            message, step = f"{missing!r} is missing in {here}", f"Add `{missing}:`."
        case "type":
            wanted = kinds_in_words(expected)
            message = f"{here} must be {wanted}, not {kind_of(error.instance)}"
            if wanted == "text" and not isinstance(error.instance, dict | list):
                step = "Put it in quotes."
        case "enum":
            word = str(error.instance)
            message = f"{here} cannot be {word!r}"
            step = suggestion(word, map(str, expected or ()), what="value")
        case "const":
            message, step = f"{here} must be {expected}", f"Write {expected}."
        case "minLength" | "minItems":
            message, step = f"{here} is empty", "Fill it in, or remove the key."
        case "minimum" | "maximum":
            low, high = rule.get("minimum"), rule.get("maximum")
            message = f"{here} must be between {low} and {high}"
        case "uniqueItems":
            message, step = f"{here} names something twice", "Keep each name once."
        case _:
            message = f"{here} breaks the rule {validator!r}"
    return message, step


def kinds_in_words(expected: Any) -> str:  # noqa: ANN401
    """Return the types of a JSON Schema rule as people name them."""
    kinds = expected if isinstance(expected, list) else [expected]
    return " or ".join(_TYPES[kind] for kind in kinds if kind != "null")


def kind_of(value: object) -> str:
    """Return what kind of YAML value this is, never the value itself."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def position_of(positions: dict[KeyPath, Position], path: KeyPath) -> Position:
    """Return the line of a value, or of the nearest value around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in positions:
            return positions[path[:length]]
    return positions[()]

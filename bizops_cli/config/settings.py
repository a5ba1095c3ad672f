"""A plugin's settings against what the plugin says it takes."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from bizops_cli.config.problems import Problem, suggestion
from bizops_cli.config.validate import kind_of, kinds_in_words
from bizops_cli.redact import reveal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from jsonschema import ValidationError

    from bizops_cli.model import KeyPath, PluginSettings, Position, Project
    from bizops_cli.precedence import Setting

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


def find_setting_problems(
    plugin: PluginSettings,
    project: Project,
    *,
    resolved: Mapping[str, Setting],
    schema: Mapping[str, Any],
    given_by_bizops: Collection[str] = (),
) -> list[Problem]:
    """Return what is wrong with the settings; values are never in the messages.

    Args:
        plugin: The plugin.
        project: For the lines.
        resolved: Its settings in force.
        schema: JSON Schema of its settings.
        given_by_bizops: Settings bizops fills in when it runs the plugin.
    """
    from jsonschema import Draft202012Validator

    schema = _usable(schema)
    values = {name: reveal(setting.value) for name, setting in resolved.items()}
    problems = list(_unknown(plugin, project, resolved, schema))
    problems += _wrong_dates(plugin, project, values, schema)
    for error in Draft202012Validator(schema).iter_errors(values):
        problem = _explain(error, plugin, project, resolved, given_by_bizops)
        if problem is not None:
            problems.append(problem)
    return sorted(problems, key=lambda p: (str(p.position.file), p.position.line))


def _usable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without what is no JSON Schema in it.

    The SDK's own settings hold `anyOf: [..., "null"]`; that one mistake must not keep
    all other settings from being checked.
    """
    properties = schema.get("properties", {})
    usable = {n: rule if _is_schema(rule) else {} for n, rule in properties.items()}
    checked = {**schema, "properties": usable}
    return checked if _is_schema(checked) else {"properties": usable}


def _is_schema(rule: object) -> bool:
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(rule)  # type: ignore[arg-type]
    except SchemaError:
        return False
    return True


def _unknown(
    plugin: PluginSettings,
    project: Project,
    resolved: Mapping[str, Setting],
    schema: Mapping[str, Any],
) -> Iterator[Problem]:
    known = schema.get("properties", {})
    if schema.get("additionalProperties") or schema.get("patternProperties"):
        return
    for name in resolved.keys() - known.keys():
        yield Problem(
            _position(plugin, project, (name,)),
            f"{plugin.name} has no setting {name!r}",
            suggestion(name, known, what="setting"),
        )


def _wrong_dates(
    plugin: PluginSettings,
    project: Project,
    values: Mapping[str, object],
    schema: Mapping[str, Any],
) -> Iterator[Problem]:
    """Yield settings that are declared to be dates and name no day of a calendar.

    jsonschema leaves formats alone.
    """
    for name, rule in schema.get("properties", {}).items():
        value = values.get(name)
        is_date = isinstance(rule, dict) and rule.get("format") in {"date", "date-time"}
        if is_date and isinstance(value, str) and not _names_a_day(value):
            yield Problem(
                _position(plugin, project, (name,)),
                f"the setting {name!r} of {plugin.name} is no date",
                "Write year, month and day: 2024-01-31, or 2024-01-31T00:00:00Z.",
            )


def _names_a_day(text: str) -> bool:
    found = _DAY.match(text)
    try:
        return found is not None and bool(date(*map(int, found.groups())))
    except ValueError:
        return False


def _explain(
    error: ValidationError,
    plugin: PluginSettings,
    project: Project,
    resolved: Mapping[str, Setting],
    given_by_bizops: Collection[str],
) -> Problem | None:
    path: KeyPath = tuple(error.absolute_path)
    name = str(path[0]) if path else ""
    rule = error.schema if isinstance(error.schema, dict) else {}
    step = ""
    if error.validator == "additionalProperties" and not path:
        return None  # said above, with the nearest name
    if error.validator == "required" and not path:
        missing = [key for key in rule.get("required", ()) if key not in resolved]
        missing = [key for key in missing if key not in given_by_bizops]
        if not missing:
            return None
        message = f"{plugin.name} needs the setting {missing[0]!r}"
        step = f"Add it to `config:` of {plugin.name}."
    elif error.validator == "type":
        if "array" in rule.get("type", ()) and isinstance(error.instance, str):
            return None  # taps take text with commas or spaces for a list
        wanted = kinds_in_words(rule.get("type"))
        message = f"the setting {name!r} of {plugin.name} must be {wanted}"
        message += f", not {kind_of(error.instance)}"
    elif error.validator == "enum":
        allowed = ", ".join(map(str, rule.get("enum", ())))
        message = f"the setting {name!r} of {plugin.name} is none of: {allowed}"
    else:
        where = f"setting {name!r}" if name else "settings"
        message = f"the {where} of {plugin.name} break the rule {error.validator!r}"
    if name and not step:
        step = f"`bizops config explain {plugin.name}.{name}` tells what it takes."
    variable = resolved[name].variable if name in resolved else None
    if variable:
        message += f" (from {variable})"
    return Problem(_position(plugin, project, path), message, step)


def _position(plugin: PluginSettings, project: Project, path: KeyPath) -> Position:
    head: KeyPath = ("target",) if plugin.kind == "target" else ("taps", plugin.name)
    found = project.position((*head, "config", *path))
    if found is None:
        raise LookupError(f"{plugin.name} has no line in the project file")
    return found

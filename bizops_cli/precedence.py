"""A plugin's settings from their layers; each value keeps where it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.redact import Secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bizops_cli.model import PluginSettings


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in force.

    Attributes:
        name: Its name.
        value: Its value; a `Secret` when it is one.
        variable: The environment variable that gave it; None for the project file.
    """

    name: str
    value: object
    variable: str | None = None


def variable_prefix(plugin: str) -> str:
    """Return how a plugin's variables begin: `tap-x` owns `TAP_X_...`."""
    return f"{setting_word(plugin)}_"


def setting_word(setting: str) -> str:
    """Return a setting's name as its variable has it: `start-date` is `START_DATE`."""
    return setting.upper().translate(str.maketrans("-.", "__"))


def variable_of(plugin: str, setting: str) -> str:
    """Return the environment variable that gives a plugin's setting."""
    return variable_prefix(plugin) + setting_word(setting)


def resolve_settings(
    plugin: PluginSettings, schema: Mapping[str, Any] | None
) -> dict[str, Setting]:
    """Return the settings given, later layers over earlier ones.

    The plugin's own defaults are its first layer and stay with it. Text from a
    variable becomes what the plugin's schema wants, where it can.

    Args:
        plugin: File and environment block (already merged) and variables.
        schema: JSON Schema of the settings, when the plugin has one.
    """
    properties: Mapping[str, Any] = (schema or {}).get("properties", {})
    resolved: dict[str, Setting] = {}
    for name, value in plugin.config.items():
        rule = properties.get(name, {})
        given = _typed(value, rule) if name in plugin.interpolated else value
        resolved[name] = Setting(name, _wrapped(name, given, rule))
    for word, (variable, text) in plugin.variables.items():
        known = _setting_of(word, [*properties, *plugin.config])
        if known is None and properties:
            continue  # a variable that only looks like ours
        name = known or word.lower()
        rule = properties.get(name, {})
        value = _wrapped(name, _typed(text, rule), rule)
        resolved[name] = Setting(name, value, variable)
    return resolved


def _setting_of(word: str, names: Iterable[str]) -> str | None:
    for name in names:
        if setting_word(name) == word:
            return name
    return None


def _wrapped(name: str, value: object, rule: Mapping[str, Any]) -> object:
    declared = bool(rule.get("secret") or rule.get("writeOnly"))
    if isinstance(value, str) and (declared or is_secret_name(name)):
        return Secret(value)
    return value


def _typed(value: object, rule: Mapping[str, Any]) -> object:
    """Return text as the first type of the rule it can be read as; else itself."""
    text = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(text, str):
        return value
    kinds = rule.get("type", "string")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind == "string":
            return value
        try:
            read = json.loads(text.lower() if kind == "boolean" else text)
        except ValueError:
            continue
        if _is_of(kind, read):
            return read
    return value


def _is_of(kind: str, value: object) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
        "array": (list,),
        "object": (dict,),
    }
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, kinds.get(kind, ()))

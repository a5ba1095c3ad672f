"""`config`: settings in their four layers, and changing one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bizops_cli.config.changes import change_project
from bizops_cli.config.document import parse_document
from bizops_cli.config.edit import ABSENT
from bizops_cli.config.included import read_project_document
from bizops_cli.config.load import FILE_NAME
from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.precedence import resolve_settings, setting_word, variable_of
from bizops_cli.redact import MASK, REDACTOR, Secret, is_secret_name, masked
from bizops_cli.usecases.init import put_variable
from bizops_cli.usecases.plugin import about_of
from bizops_cli.usecases.project import reopen_project
from bizops_cli.usecases.session import choose_plugin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_cli.config.document import Document
    from bizops_cli.model import KeyPath, PluginSettings, Project

LayerName = Literal["plugin default", "bizops.yml", "environment block", "variable"]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer says about a setting.

    Attributes:
        name: Which layer; a later one wins.
        value: As it is written there, a secret masked; None when it says nothing.
        place: `bizops.yml:12`, or the variable.
        is_in_force: Whether this is the value the plugin gets.
    """

    name: LayerName
    value: object
    place: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class ExplainedSetting:
    """A setting with all its layers, the first one first.

    Attributes:
        plugin: Whose setting.
        name: Its name.
        value: In force, a secret masked; None when nothing gives it one.
        origin: The layer it comes from; None when there is none.
        is_secret: Whether it is one.
        is_required: Whether the plugin says it needs it.
        description: What the plugin says about it.
        layers: Those that say something.
    """

    plugin: str
    name: str
    value: object
    origin: LayerName | None
    is_secret: bool
    is_required: bool
    description: str
    layers: tuple[Layer, ...]


def list_settings(project: Project, name: str | None) -> list[ExplainedSetting]:
    """Return every setting of a plugin, or of all plugins.

    Raises:
        ConfigError: There is no such plugin.
    """
    plugins = list(project.taps.values())
    if project.target is not None:
        plugins.append(project.target)
    if name is not None:
        plugins = [choose_plugin(project, name)]
    document = read_project_document(project.directory / FILE_NAME)
    return [
        _explain(project, document, plugin, setting)
        for plugin in plugins
        for setting in _names(project, plugin)
    ]


def explain_setting(project: Project, path: str) -> ExplainedSetting:
    """Return one setting, `tap-x.start_date`.

    Raises:
        ConfigError: There is no such plugin or setting.
    """
    plugin, setting = split_path(project, path)
    known = _names(project, plugin)
    if setting not in known:
        raise ConfigError(
            f"{plugin.name} has no setting {setting!r}",
            suggestion(setting, known, what="setting"),
        )
    document = read_project_document(project.directory / FILE_NAME)
    return _explain(project, document, plugin, setting)


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """Where a setting has been written, and how it is now."""

    file: Path
    setting: ExplainedSetting


def set_setting(
    project: Project, path: str, text: str | None, *, in_environment: bool
) -> ChangedSetting:
    """Write a setting, or take it out.

    A secret goes into `.env` as the setting's own variable, never into bizops.yml.

    Args:
        project: The project.
        path: `tap-x.start_date`.
        text: The value as YAML, e.g. `2024-01-01`, `5`, `[a, b]`; None removes it.
        in_environment: Write it into the environment's block.

    Raises:
        ConfigError: There is no such plugin or setting, or the value is no YAML.
        BizopsError: A file cannot be changed.
    """
    plugin, setting = split_path(project, path)
    schema = about_of(plugin, project).settings
    if schema is not None and setting not in schema.get("properties", {}):
        raise ConfigError(
            f"{plugin.name} has no setting {setting!r}",
            suggestion(setting, schema.get("properties", {}), what="setting"),
        )
    rule = (schema or {}).get("properties", {}).get(setting, {})
    is_secret = _is_secret(setting, rule)
    file = project.directory / FILE_NAME
    if is_secret and text is not None and "${" not in text:
        REDACTOR.remember([text])
        file = put_variable(project, variable_of(plugin.name, setting), text)
    else:
        where: KeyPath = _config_path(plugin)
        if in_environment:
            where = ("environments", project.environment, *where)
        value = ABSENT if text is None else _value(text, rule)
        kept = change_project(file, [((*where, setting), value)])
        file = next(iter(kept), file)
    now = reopen_project(project)
    document = read_project_document(project.directory / FILE_NAME)
    changed = choose_plugin(now, plugin.name)
    return ChangedSetting(file, _explain(now, document, changed, setting))


def split_path(project: Project, path: str) -> tuple[PluginSettings, str]:
    """Return the plugin and the setting of `plugin.setting`.

    Raises:
        ConfigError: It is not of that form, or there is no such plugin.
    """
    name, dot, setting = path.partition(".")
    if not dot or not setting:
        raise ConfigError(
            f"{path!r} names no setting",
            "Write PLUGIN.SETTING, as in tap-x.start_date.",
        )
    return choose_plugin(project, name), setting


def _names(project: Project, plugin: PluginSettings) -> list[str]:
    schema = about_of(plugin, project).settings
    known = (schema or {}).get("properties", {})
    resolved = resolve_settings(plugin, schema)
    return list(dict.fromkeys([*known, *resolved]))


def _explain(
    project: Project,
    document: Document,
    plugin: PluginSettings,
    setting: str,
) -> ExplainedSetting:
    schema = about_of(plugin, project).settings or {}
    rule = schema.get("properties", {}).get(setting, {})
    is_secret = _is_secret(setting, rule)
    found = _layers(project, document, plugin, setting, rule)
    layers = tuple(
        Layer(
            name,
            _shown(value, is_secret=is_secret),
            place,
            is_in_force=index == len(found) - 1,
        )
        for index, (name, value, place) in enumerate(found)
    )
    resolved = resolve_settings(plugin, schema).get(setting)
    value = resolved.value if resolved is not None else rule.get("default")
    return ExplainedSetting(
        plugin=plugin.name,
        name=setting,
        value=MASK if is_secret and value else masked(value),
        origin=layers[-1].name if layers else None,
        is_secret=is_secret,
        is_required=setting in schema.get("required", ()),
        description=" ".join(str(rule.get("description", "")).split()),
        layers=layers,
    )


def _layers(
    project: Project,
    document: Document,
    plugin: PluginSettings,
    setting: str,
    rule: Mapping[str, Any],
) -> list[tuple[LayerName, object, str]]:
    found: list[tuple[LayerName, object, str]] = []
    if rule.get("default") is not None:
        found.append(("plugin default", rule["default"], plugin.name))
    for path in _paths(plugin, setting):
        block: KeyPath = ("environments", project.environment, *path)
        in_file: tuple[tuple[LayerName, KeyPath], ...]
        in_file = (("bizops.yml", path), ("environment block", block))
        for name, place in in_file:
            value = _at(document.value, place)
            if value is not ABSENT:
                found.append((name, value, str(document.positions[place])))
    own = plugin.variables.get(setting_word(setting))
    if own is not None:
        found.append(("variable", own[1], own[0]))
    return found


def _at(document: Mapping[str, Any], path: KeyPath) -> object:
    value: object = document
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def _paths(plugin: PluginSettings, setting: str) -> list[KeyPath]:
    """Return where a setting may stand, what a tap inherits first."""
    own: KeyPath = (*_config_path(plugin), setting)
    inherited: KeyPath = ("taps", plugin.inherits or "", "config", setting)
    return [inherited, own] if plugin.inherits else [own]


def _config_path(plugin: PluginSettings) -> KeyPath:
    head: KeyPath = ("target",) if plugin.kind == "target" else ("taps", plugin.name)
    return (*head, "config")


def _is_secret(setting: str, rule: Mapping[str, Any]) -> bool:
    declared = bool(rule.get("secret") or rule.get("writeOnly"))
    return declared or is_secret_name(setting)


def _shown(value: object, *, is_secret: bool) -> object:
    is_reference = isinstance(value, str) and value.startswith("${")
    if isinstance(value, Secret) or (is_secret and not is_reference and value):
        return MASK
    return value


def _value(text: str, rule: Mapping[str, Any]) -> object:
    kinds = rule.get("type", ())
    wanted = kinds if isinstance(kinds, list) else [kinds]
    if "string" in wanted and not {"array", "object"} & set(wanted):
        return text
    return parse_document(f"value: {text}", Path("value")).value["value"]

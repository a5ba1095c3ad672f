"""`add` and `remove`: plugins of the project file."""

from __future__ import annotations

import difflib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.config.changes import change_project, put_back
from bizops_cli.config.edit import ABSENT
from bizops_cli.config.included import read_project_document
from bizops_cli.config.load import FILE_NAME
from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.ids import check_name
from bizops_cli.plugins.known import KNOWN, known_requirement
from bizops_cli.plugins.store import plugin_directory
from bizops_cli.precedence import setting_word, variable_of
from bizops_cli.usecases.install import install, raise_failures
from bizops_cli.usecases.plugin import about_of
from bizops_cli.usecases.project import reopen_project
from bizops_cli.usecases.session import choose_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.model import KeyPath, Project
    from bizops_cli.usecases.install import InstallResult


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What to add.

    Attributes:
        plugin: Which; its name in the project too, unless that is given.
        name: Its name in the project.
        install: pip requirements; none takes what is known of the plugin.
        executable: Its command, when that is not the plugin's name, or one that is
            there.
        python: Python to install it with.
        inherit_from: A tap of the project whose settings it takes.
        installs: Whether to install it at once.
    """

    plugin: str
    name: str | None = None
    install: tuple[str, ...] = ()
    executable: str | None = None
    python: str | None = None
    inherit_from: str | None = None
    installs: bool = True

    @property
    def project_name(self) -> str:
        """Return its name in the project."""
        return self.name or self.plugin


@dataclass(frozen=True, slots=True)
class NeededSetting:
    """A setting a plugin cannot do without, and the variable that gives it."""

    name: str
    variable: str
    description: str
    is_given: bool


@dataclass(frozen=True, slots=True)
class Added:
    """A plugin that was added.

    Attributes:
        plugin: Its name.
        install: What it is installed from.
        is_installed: Whether it is.
        needs: The settings it needs; empty when it is not known.
    """

    plugin: str
    install: tuple[str, ...]
    is_installed: bool
    needs: tuple[NeededSetting, ...]


def add_plugin(
    project: Project,
    request: AddRequest,
    *,
    on_start: Callable[[str], None],
    on_end: Callable[[InstallResult], None],
) -> Added:
    """Put a tap or target into bizops.yml and install it.

    Raises:
        ConfigError: It is there already, or nobody knows where it comes from.
        InstallError: It could not be installed; bizops.yml is as before.
    """
    name = check_name(request.project_name, what="plugin name")
    is_target = name.startswith("target-")
    _check_new(project, name, is_target=is_target)
    requirements = request.install or _known(request, project)
    additions = _additions(project, request, requirements, is_target=is_target)
    before = change_project(project.directory / FILE_NAME, additions)
    try:
        added = reopen_project(project)
        settings = choose_plugin(added, name)
        if request.installs and settings.install:
            raise_failures(install(added, [name], on_start=on_start, on_end=on_end))
    except BizopsError:
        put_back(before)
        raise
    return Added(
        plugin=name,
        install=settings.install,
        is_installed=request.installs,
        needs=needed_settings(added, name),
    )


def needed_settings(project: Project, name: str) -> tuple[NeededSetting, ...]:
    """Return the settings a plugin says it needs, from what it said when installed."""
    settings = choose_plugin(project, name)
    schema: dict[str, Any] = dict(about_of(settings, project).settings or {})
    found = []
    for setting in schema.get("required", ()):
        rule = schema.get("properties", {}).get(setting, {})
        given = setting in settings.config
        given = given or setting_word(setting) in settings.variables
        text = str(rule.get("description", "")).partition("\n")[0]
        variable = variable_of(name, setting)
        found.append(NeededSetting(setting, variable, text, given))
    return tuple(found)


def remove_plugin(project: Project, name: str) -> None:
    """Take a plugin out of bizops.yml and remove its environments; data and state stay.

    Raises:
        ConfigError: There is none of this name, or a job would have nothing to do.
        BizopsError: The file cannot be changed.
    """
    settings = choose_plugin(project, name)
    file = project.directory / FILE_NAME
    value = read_project_document(file).value
    heirs = [tap.name for tap in project.taps.values() if tap.inherits == name]
    if heirs:
        raise ConfigError(
            f"{' and '.join(heirs)} inherits from {name}",
            f"Remove {heirs[0]} first, or write into it what it inherits.",
        )
    changes: list[tuple[KeyPath, object]] = []
    if settings.kind == "target":
        changes.append((("target",), ABSENT))
    else:
        changes.append((("taps", name), ABSENT))
    blocks: list[tuple[KeyPath, dict[str, Any]]] = [((), value)]
    for environment, block in (value.get("environments") or {}).items():
        blocks.append((("environments", environment), block or {}))
    for head, block in blocks:
        if head and name in (block.get("taps") or {}):
            changes.append(((*head, "taps", name), ABSENT))
        for job, rules in (block.get("jobs") or {}).items():
            taps = (rules or {}).get("taps", [])
            if name in taps:
                left = [tap for tap in taps if tap != name]
                changes.append(((*head, "jobs", job, "taps"), left))
    change_project(file, changes)
    shutil.rmtree(plugin_directory(project, name), ignore_errors=True)
    for kept in (project.state_directory / "catalogs").glob(f"*.{name}.json"):
        kept.unlink(missing_ok=True)


def _check_new(project: Project, name: str, *, is_target: bool) -> None:
    if is_target and project.target is not None:
        raise ConfigError(
            f"the project has a target already: {project.target.name}",
            f"Remove it first: bizops remove {project.target.name}",
        )
    if name in project.taps:
        raise ConfigError(
            f"{name} is in bizops.yml already",
            f"Install it with `bizops install {name}`, or look at `bizops config list "
            f"{name}`.",
        )


def _known(request: AddRequest, project: Project) -> tuple[str, ...]:
    if request.executable is not None or request.inherit_from is not None:
        return ()
    known = KNOWN.get(request.plugin)
    if known is not None:
        return (known_requirement(known, project.directory),)
    near = difflib.get_close_matches(request.plugin, KNOWN, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else f"Known: {', '.join(KNOWN)}. "
    raise ConfigError(
        f"nobody knows where {request.plugin} comes from",
        f"{hint}For any other Singer plugin give --install REQUIREMENT.",
    )


def _additions(
    project: Project,
    request: AddRequest,
    requirements: tuple[str, ...],
    *,
    is_target: bool,
) -> list[tuple[KeyPath, object]]:
    value: dict[str, object] = {}
    if requirements:
        one, *more = requirements
        value["install"] = [one, *more] if more else one
    name = request.project_name
    executable = request.executable
    if executable is None and name != request.plugin:
        executable = request.plugin
    given = {
        "executable": executable,
        "python": request.python,
        "inherit_from": request.inherit_from,
    }
    value |= {key: text for key, text in given.items() if text is not None}
    if is_target:
        return [(("target",), {"name": name, **value})]
    changes: list[tuple[KeyPath, object]] = [(("taps", name), value)]
    taps: KeyPath = ("jobs", "default", "taps")
    if taps in project.positions:
        changes.append((taps, [*project.jobs["default"].taps, name]))
    return changes

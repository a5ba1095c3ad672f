"""`add` and `remove`: plugins of the project file."""

from __future__ import annotations

import difflib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.config.build import variable_prefix
from bizops_cli.config.document import read_document
from bizops_cli.config.edit import ABSENT, change_file
from bizops_cli.config.load import FILE_NAME
from bizops_cli.errors import ConfigError
from bizops_cli.ids import check_name
from bizops_cli.plugins.known import KNOWN, known_requirement
from bizops_cli.plugins.store import plugin_directory
from bizops_cli.usecases.install import install, raise_failures
from bizops_cli.usecases.plugin import about_of
from bizops_cli.usecases.project import open_project
from bizops_cli.usecases.session import choose_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.model import KeyPath, Project
    from bizops_cli.usecases.install import InstallResult


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What to add.

    Attributes:
        name: Its name in the project.
        install: pip requirements; none takes what is known of the name.
        executable: Its command, when that is not the name, or one that is there.
        installs: Whether to install it at once.
    """

    name: str
    install: tuple[str, ...] = ()
    executable: str | None = None
    installs: bool = True


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
    name = check_name(request.name, what="plugin name")
    is_target = name.startswith("target-")
    _check_new(project, name, is_target=is_target)
    requirements = request.install or _known(request, project)
    file = project.directory / FILE_NAME
    before = file.read_bytes()
    change_file(file, _additions(project, request, requirements, is_target=is_target))
    added = open_project(directory=project.directory, environment=project.environment)
    if request.installs and requirements:
        results = install(added, [name], on_start=on_start, on_end=on_end)
        if results[0].error is not None:
            file.write_bytes(before)
        raise_failures(results)
    return Added(
        plugin=name,
        install=requirements,
        is_installed=request.installs,
        needs=needed_settings(added, name),
    )


def needed_settings(project: Project, name: str) -> tuple[NeededSetting, ...]:
    """Return the settings a plugin says it needs, from what it said when installed."""
    settings = choose_plugin(project, name)
    schema: dict[str, Any] = dict(about_of(settings, project).settings or {})
    prefix = variable_prefix(name)
    found = []
    for setting in schema.get("required", ()):
        rule = schema.get("properties", {}).get(setting, {})
        variable = prefix + setting.upper().replace("-", "_").replace(".", "_")
        given = setting in settings.config or (
            variable.removeprefix(prefix) in settings.variables
        )
        text = str(rule.get("description", "")).partition("\n")[0]
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
    value = read_document(file).value
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
    change_file(file, changes)
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
    if request.executable is not None:
        return ()
    known = KNOWN.get(request.name)
    if known is not None:
        return (known_requirement(known, project.directory),)
    near = difflib.get_close_matches(request.name, KNOWN, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else f"Known: {', '.join(KNOWN)}. "
    raise ConfigError(
        f"nobody knows where {request.name} comes from",
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
    if request.executable is not None:
        value["executable"] = request.executable
    if is_target:
        return [(("target",), {"name": request.name, **value})]
    changes: list[tuple[KeyPath, object]] = [(("taps", request.name), value)]
    taps: KeyPath = ("jobs", "default", "taps")
    if taps in project.positions:
        changes.append((taps, [*project.jobs["default"].taps, request.name]))
    return changes

"""`install`: every plugin of the project into an environment of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.plugins.install import install_plugin, lock_plugin
from bizops_cli.plugins.store import read_installed
from bizops_cli.process.environment import installer_environment, plugin_environment
from bizops_cli.usecases.session import choose_plugin, plugins_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_cli.model import PluginSettings, Project

Outcome = Literal["installed", "unchanged", "external", "failed"]
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class InstallResult:
    """What came of one plugin."""

    plugin: str
    outcome: Outcome
    duration_s: float
    error: BizopsError | None = None


def install(
    project: Project,
    names: Sequence[str] = (),
    *,
    force: bool = False,
    frozen: bool = False,
    locks: bool = False,
    on_start: Callable[[str], None] = lambda name: None,  # noqa: ARG005
    on_end: Callable[[InstallResult], None] = lambda result: None,  # noqa: ARG005
) -> list[InstallResult]:
    """Install plugins, several at once, each whole or not at all.

    Args:
        project: The project.
        names: Only these; none means all.
        force: Also those in which nothing has changed.
        frozen: Only as they are locked.
        locks: Find exact versions first and write them into `bizops.lock/`.
        on_start: Called with a plugin's name when its turn comes.
        on_end: Called with what came of it.

    Returns:
        One result per plugin, in the project's order. A failure is a result.

    Raises:
        ConfigError: A name is unknown, or there is nothing to install.
    """
    plugins = _chosen(project, names)

    def work(settings: PluginSettings) -> InstallResult:
        on_start(settings.name)
        began_s = time.monotonic()
        error: BizopsError | None = None
        outcome: Outcome = "failed"
        try:
            if locks:
                lock_plugin(settings, project, variables=installer_environment())
            outcome = install_plugin(
                settings,
                project,
                variables=installer_environment(),
                plugin_variables=plugin_environment({}),
                force=force,
                frozen=frozen,
            )
        except BizopsError as raised:
            error = raised
        duration_s = round(time.monotonic() - began_s, 3)
        result = InstallResult(settings.name, outcome, duration_s, error)
        on_end(result)
        return result

    with ThreadPoolExecutor(_AT_ONCE, "install") as pool:
        return list(pool.map(work, plugins))


def install_missing(
    project: Project,
    names: Sequence[str],
    *,
    on_start: Callable[[str], None],
    on_end: Callable[[InstallResult], None],
) -> None:
    """Install those of these plugins that are not there, or broken.

    Raises:
        InstallError: One could not be installed.
    """
    missing = []
    for settings in _chosen(project, names) if names else []:
        installed = read_installed(project, settings.name)
        if settings.install and (installed is None or not installed.is_alive):
            missing.append(settings.name)
    if missing:
        raise_failures(install(project, missing, on_start=on_start, on_end=on_end))


def raise_failures(results: Sequence[InstallResult]) -> None:
    """Raise the first failure, naming the others.

    Raises:
        InstallError: A plugin could not be installed.
    """
    failed = [result for result in results if result.error is not None]
    for result in failed:
        if result.error is not None:
            others = {f"also {o.plugin}": o.error for o in failed[1:]}
            result.error.context = {**result.error.context, **others}
            raise result.error


def _chosen(project: Project, names: Sequence[str]) -> list[PluginSettings]:
    plugins = plugins_of(project)
    chosen = {choose_plugin(project, name).name for name in names}
    if not plugins:
        raise ConfigError("bizops.yml has no taps and no target", "Add some.")
    return [p for p in plugins.values() if not chosen or p.name in chosen]

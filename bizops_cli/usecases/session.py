"""Work with plugins outside a run: private files, one control, nothing left behind."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.clock import SystemClock
from bizops_cli.config.load import require_variables
from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.files import write_secret_file
from bizops_cli.ids import new_run_id
from bizops_cli.process.signals import SignalWatch, watch_signals
from bizops_cli.runlog.folder import open_run_folder, sweep
from bizops_cli.usecases.plugin import ready_plugin
from bizops_cli.usecases.run_context import Control

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.runlog.folder import RunFolder
    from bizops_cli.usecases.plugin import ReadyPlugin

_KEPT_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Session:
    """One command's work with plugins.

    Attributes:
        project: The project.
        folder: Its folder, with logs, and secrets while it lasts.
        control: The processes at work.
        on_event: Takes events, from any thread.
    """

    project: Project
    folder: RunFolder
    control: Control
    on_event: OnEvent

    def write_secret(self, name: str, value: object) -> Path:
        """Write JSON into a file only its owner can read, gone after the session."""
        file = self.folder.secrets_directory / name
        write_secret_file(file, json.dumps(value).encode())
        return file


@contextlib.contextmanager
def open_session(project: Project, on_event: OnEvent) -> Iterator[Session]:
    """Give a session; a signal ends what it started and the block.

    Raises:
        InterruptedRunError: A signal came.
    """
    sessions = project.state_directory / "sessions"
    sweep(sessions, kept=_KEPT_SESSIONS)
    folder = open_run_folder(sessions, new_run_id(SystemClock().now()))
    watch = SignalWatch()
    control = Control(watch)
    try:
        with watch_signals(watch):
            yield Session(project, folder, control, on_event)
    except KeyboardInterrupt:
        raise control.interruption() from None
    finally:
        folder.close()


def plugins_of(project: Project) -> dict[str, PluginSettings]:
    """Return all taps and the target by name."""
    plugins = dict(project.taps)
    if project.target is not None:
        plugins[project.target.name] = project.target
    return plugins


def choose_plugin(project: Project, name: str) -> PluginSettings:
    """Return a tap or the target by its name.

    Raises:
        ConfigError: There is none; the nearest name is told.
    """
    plugins = plugins_of(project)
    if name not in plugins:
        raise ConfigError(
            f"there is no plugin {name!r} in bizops.yml",
            suggestion(name, plugins, what="plugin"),
        )
    return plugins[name]


def choose_tap(project: Project, name: str) -> PluginSettings:
    """Return a tap by its name.

    Raises:
        ConfigError: There is none; the nearest name is told.
    """
    if name not in project.taps:
        raise ConfigError(
            f"there is no tap {name!r}", suggestion(name, project.taps, what="tap")
        )
    return project.taps[name]


def prepare_plugin(project: Project, settings: PluginSettings) -> ReadyPlugin:
    """Return a plugin ready to start.

    Raises:
        ConfigError: A variable is unset, it is not installed, or its settings are not
            what it takes.
    """
    require_variables(project, [settings.name])
    return ready_plugin(settings, project)

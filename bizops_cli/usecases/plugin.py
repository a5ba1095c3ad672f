"""A plugin ready to start: its command, and its settings checked and resolved."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import Problem, raise_problems
from bizops_cli.errors import ConfigError
from bizops_cli.plugins.install import ensure_about
from bizops_cli.plugins.store import find_executable, read_about
from bizops_cli.precedence import Setting, resolve_settings
from bizops_cli.process.child import Command
from bizops_cli.process.environment import plugin_environment
from bizops_cli.redact import REDACTOR, Secret, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.plugins.about import About

# What bizops knows about the warehouse, and how targets call it.
CONNECTION_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "host": ("host", "hostname"),
    "port": ("port",),
    "user": ("user", "username"),
    "password": ("password",),
    "database": ("database", "dbname", "db"),
}
URL_SETTINGS = ("url", "sqlalchemy_url", "dsn")
SCHEMA_SETTINGS = ("default_target_schema", "default_schema", "schema")
OWN_SETTINGS = ("state_id", "run_id", "cut_short_file")


@dataclass(frozen=True, slots=True)
class ReadyPlugin:
    """A plugin that can be started.

    Attributes:
        settings: As the project file has it.
        executable: Absolute path of its command.
        about: What it says about itself.
        resolved: Its settings in force.
    """

    settings: PluginSettings
    executable: Path
    about: About
    resolved: Mapping[str, Setting]

    @property
    def name(self) -> str:
        """Return its name in the project."""
        return self.settings.name

    @property
    def keeps_state(self) -> bool:
        """Tell whether this target commits states with the rows itself."""
        return "state_id" in self.about.setting_names

    def config(self) -> dict[str, object]:
        """Return its settings with secrets in plain: for a 0600 file only."""
        return {name: reveal(item.value) for name, item in self.resolved.items()}

    def command(self, project: Project, *arguments: str) -> Command:
        """Return the command with these arguments and the plugin's own variables."""
        own = dict(self.settings.variables.values())
        return Command(
            name=self.name,
            arguments=(str(self.executable), *arguments),
            directory=project.directory,
            variables=plugin_environment(own),
        )


def ready_plugin(settings: PluginSettings, project: Project) -> ReadyPlugin:
    """Find a plugin's command and check its settings.

    Raises:
        ConfigError: It is not installed, or its settings are not what it takes.
    """
    executable = find_executable(settings, project)
    ensure_about(settings, project, plugin_environment({}))
    about = read_about(settings, project)
    resolved = resolve_settings(settings, about.settings)
    REDACTOR.remember(_secrets(resolved))
    raise_problems(setting_problems(settings, project, about, resolved))
    return ReadyPlugin(settings, executable, about, resolved)


def about_of(settings: PluginSettings, project: Project) -> About:
    """Return what a plugin says about itself; nothing if it is not there."""
    with contextlib.suppress(ConfigError):
        ensure_about(settings, project, plugin_environment({}))
    return read_about(settings, project)


def setting_problems(
    settings: PluginSettings,
    project: Project,
    about: About,
    resolved: Mapping[str, Setting],
) -> list[Problem]:
    """Return what the plugin would not take; nothing if it does not say what it does.

    The warehouse's coordinates are not asked of a target's settings, and may not be
    there when the target keeps the state: rows and state belong in one place.
    """
    if about.settings is None:
        return []
    from bizops_cli.config.settings import find_setting_problems

    known: list[str] = []
    if settings.kind == "target":
        known = [n for names in CONNECTION_SETTINGS.values() for n in names]
        known += [*URL_SETTINGS, *SCHEMA_SETTINGS, *OWN_SETTINGS]
    return find_setting_problems(
        settings,
        project,
        resolved=resolved,
        schema=about.settings,
        given_by_bizops=known,
    )


def _secrets(resolved: Mapping[str, Setting]) -> list[str]:
    return [s.value.reveal() for s in resolved.values() if isinstance(s.value, Secret)]

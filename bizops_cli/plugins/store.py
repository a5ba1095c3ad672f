"""Where installed plugins are, and which of their environments is in force.

`.bizops/plugins/<name>/current.json` points at one folder beside it. Environments
cannot be moved, so each is built in a folder of its own and the pointer is replaced
at the end: a broken install leaves the old one in force.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.files import make_directory, write_atomically
from bizops_cli.plugins.about import About, parse_about

if TYPE_CHECKING:
    from bizops_cli.model import KeyPath, PluginSettings, Project

_POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed environment; paths are absolute."""

    fingerprint: str
    directory: str
    executable: str
    about_file: str | None

    @property
    def is_alive(self) -> bool:
        """Tell whether its Python and its command are still there."""
        python = Path(self.directory, "bin", "python")
        return python.exists() and os.access(self.executable, os.X_OK)


def plugin_directory(project: Project, name: str) -> Path:
    """Return the folder of a plugin's environments."""
    return project.state_directory / "plugins" / name


def read_installed(project: Project, name: str) -> Installed | None:
    """Return the environment in force; None if there is none."""
    file = plugin_directory(project, name) / _POINTER
    try:
        value = json.loads(file.read_bytes())
        return Installed(**value)
    except (OSError, ValueError, TypeError):
        return None


def put_in_force(project: Project, name: str, installed: Installed) -> None:
    """Make this the plugin's environment; remove those before the last one.

    The last one stays, because a run may be using it at this moment.

    Raises:
        BizopsError: The pointer cannot be written.
    """
    directory = plugin_directory(project, name)
    last = read_installed(project, name)
    make_directory(directory)
    data = json.dumps(asdict(installed), indent=2).encode()
    write_atomically(directory / _POINTER, data)
    kept = {installed.directory, last.directory if last else ""}
    for folder in directory.iterdir():
        if folder.is_dir() and str(folder) not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def find_executable(settings: PluginSettings, project: Project) -> Path:
    """Return the absolute path of a plugin's command.

    Raises:
        ConfigError: It is not installed, or not there any more.
    """
    path = _plain_executable(settings, project)
    if settings.install:
        installed = read_installed(project, settings.name)
        if installed is None:
            raise ConfigError(
                f"{settings.name} is not installed", _install_step(settings.name)
            )
        if not installed.is_alive:
            raise ConfigError(
                f"the environment of {settings.name} is broken: "
                "its Python or its command is gone",
                _install_step(settings.name),
            )
        return Path(installed.executable)
    if path is None:
        raise _no_command(settings, project)
    return path


def _no_command(settings: PluginSettings, project: Project) -> ConfigError:
    block: KeyPath = ("target",)
    if settings.kind == "tap":
        block = ("taps", settings.name)
    place = project.position((*block, "executable"))
    step = f"Add `install:` to {settings.name}, or `executable:` with its path."
    if settings.executable is not None:
        step = f"Correct it, or have {settings.name} installed with `install:`."
    return ConfigError(
        f"{place}: there is no command {settings.executable or settings.name!r} "
        f"for {settings.name}",
        f"{step} Paths start from the project's folder.",
    )


def _install_step(name: str) -> str:
    return f"Run `bizops install {name}`."


def _plain_executable(settings: PluginSettings, project: Project) -> Path | None:
    word = settings.executable or settings.name
    if os.sep in word:
        path = (project.directory / Path(word).expanduser()).absolute()
        return path if os.access(path, os.X_OK) and path.is_file() else None
    found = shutil.which(word)
    return Path(found).absolute() if found else None


def read_about(settings: PluginSettings, project: Project) -> About:
    """Return what the plugin said when it was installed; nothing if it did not."""
    if settings.install:
        installed = read_installed(project, settings.name)
        file = (
            Path(installed.about_file) if installed and installed.about_file else None
        )
    else:
        file = plain_about_file(settings, project)
    if file is None or not file.is_file():
        return About()
    return parse_about(file.read_bytes())


def plain_about_file(settings: PluginSettings, project: Project) -> Path | None:
    """Return where a plugin that is not installed by bizops has its answer kept.

    The name changes with the command's file, so that a new version is asked anew.
    """
    path = _plain_executable(settings, project)
    if path is None:
        return None
    facts = path.stat()
    name = f"about-{facts.st_mtime_ns:x}-{facts.st_size:x}.json"
    return plugin_directory(project, settings.name) / name

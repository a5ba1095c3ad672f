"""Installing one plugin: skipped when unchanged, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import InstallError
from bizops_cli.files import make_directory, write_atomically
from bizops_cli.plugins.about import ask_about
from bizops_cli.plugins.fingerprint import fingerprint, local_path
from bizops_cli.plugins.installer import Installer, find_uv
from bizops_cli.plugins.lock import lock_of
from bizops_cli.plugins.pythons import locked_version, make_environment
from bizops_cli.plugins.store import (
    Installed,
    find_executable,
    plain_about_file,
    plugin_directory,
    put_in_force,
    read_installed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.plugins.lock import Lock

Outcome = Literal["installed", "unchanged", "external"]


def install_plugin(
    settings: PluginSettings,
    project: Project,
    *,
    variables: Mapping[str, str],
    plugin_variables: Mapping[str, str],
    force: bool = False,
    frozen: bool = False,
) -> Outcome:
    """Install a plugin into an environment of its own and ask it about itself.

    Args:
        settings: Which plugin.
        project: Where to.
        variables: What the installer sees.
        plugin_variables: What the plugin sees when it is asked about itself.
        force: Also when nothing has changed.
        frozen: Only as it is locked.

    Returns:
        `external` for a plugin without `install:`, whose command must be there.

    Raises:
        InstallError: The installer failed, or the command is not in what it
            installed. The environment in force stays.
    """
    directory = plugin_directory(project, settings.name)
    make_directory(directory)
    if not settings.install:
        ensure_about(settings, project, plugin_variables)
        return "external"
    with _only_one(directory):
        _check_paths(settings, project.directory)
        lock = _lock(settings, project)
        if frozen and not lock.is_fresh:
            raise _not_locked(settings, lock)
        wanted = _fingerprint(settings, project)
        installed = read_installed(project, settings.name)
        unchanged = installed and installed.fingerprint == wanted and installed.is_alive
        if unchanged and not force:
            return "unchanged"
        environment = directory / f"{wanted[:12]}-{secrets.token_hex(3)}"
        try:
            environment = _make(settings, project, environment, variables)
            about_file = _ask(settings, project, environment, plugin_variables)
            put_in_force(
                project,
                settings.name,
                Installed(
                    fingerprint=wanted,
                    directory=str(environment),
                    executable=str(_executable(settings, environment)),
                    about_file=str(about_file) if about_file else None,
                ),
            )
        except BaseException:
            shutil.rmtree(environment, ignore_errors=True)
            raise
    return "installed"


def has_changed(settings: PluginSettings, project: Project) -> bool:
    """Tell whether an installed plugin is not what `install` would make now."""
    installed = read_installed(project, settings.name)
    if not settings.install or installed is None:
        return False
    return installed.fingerprint != _fingerprint(settings, project)


def lock_plugin(
    settings: PluginSettings, project: Project, *, variables: Mapping[str, str]
) -> Path | None:
    """Find exact versions for a plugin and write its lock file; return it.

    Args:
        settings: Which plugin; None comes back if it is not installed by bizops.
        project: The project.
        variables: What uv sees.

    Raises:
        InstallError: Nothing fits, or there is no uv.
    """
    if not settings.install:
        return None
    directory = plugin_directory(project, settings.name)
    make_directory(directory)
    _check_paths(settings, project.directory)
    lock = _lock(settings, project)
    with _only_one(directory), tempfile.TemporaryDirectory(dir=directory) as scratch:
        resolved = _installer(project, variables, directory).resolve(
            settings.install,
            settings.name,
            Path(scratch),
            python=locked_version(settings.python),
        )
    make_directory(lock.file.parent)
    write_atomically(lock.file, lock.text_with_head(resolved).encode())
    return lock.file


def _lock(settings: PluginSettings, project: Project) -> Lock:
    return lock_of(settings.name, settings.install, project.directory)


def _fingerprint(settings: PluginSettings, project: Project) -> str:
    lock = _lock(settings, project).content_hash()
    return fingerprint(
        settings.install, project.directory, lock=lock, python=settings.python
    )


def _not_locked(settings: PluginSettings, lock: Lock) -> InstallError:
    what = "is outdated" if lock.is_there else "is missing"
    return InstallError(
        f"the lock of {settings.name} {what}: {lock.file}",
        f"Run `bizops install --lock {settings.name}` and commit the file.",
    )


def _installer(
    project: Project, variables: Mapping[str, str], directory: Path
) -> Installer:
    return Installer(
        directory=project.directory,
        variables=variables,
        log=directory / "install.log",
        uv=find_uv(),
    )


def _make(
    settings: PluginSettings,
    project: Project,
    environment: Path,
    variables: Mapping[str, str],
) -> Path:
    lock = _lock(settings, project)
    made = make_environment(
        _installer(project, variables, environment.parent),
        environment,
        settings.install,
        settings.name,
        command=settings.executable or settings.name,
        lock=lock.file if lock.is_fresh else None,
        python=settings.python,
    )
    executable = _executable(settings, made)
    if not os.access(executable, os.X_OK):
        raise _no_command(settings, executable)
    return made


def _executable(settings: PluginSettings, environment: Path) -> Path:
    return environment / "bin" / (settings.executable or settings.name)


def _ask(
    settings: PluginSettings,
    project: Project,
    environment: Path,
    variables: Mapping[str, str],
) -> Path | None:
    answer = ask_about(
        _executable(settings, environment),
        directory=project.directory,
        variables=variables,
    )
    if answer is None:
        return None
    file = environment / "about.json"
    write_atomically(file, answer)
    return file


def _no_command(settings: PluginSettings, executable: Path) -> InstallError:
    there = sorted(
        file.name
        for file in executable.parent.iterdir()
        if file.name.startswith(("tap", "target"))
    )
    return InstallError(
        f"what was installed for {settings.name} has no command {executable.name!r}",
        f"Add `executable:` to {settings.name}, or correct its `install:`.",
        {"commands there": ", ".join(there) or "none"},
    )


def _check_paths(settings: PluginSettings, directory: Path) -> None:
    for requirement in settings.install:
        path = local_path(requirement, directory)
        if path is not None and not path.exists():
            raise InstallError(
                f"{settings.name}: there is nothing at {requirement}",
                f"Correct `install:` of {settings.name} in bizops.yml "
                f"(paths start from {directory}).",
            )


def ensure_about(
    settings: PluginSettings, project: Project, variables: Mapping[str, str]
) -> None:
    """Ask a plugin that is there already about itself, once per version of its file.

    One that bizops installs was asked then.
    """
    if settings.install:
        return
    file = plain_about_file(settings, project)
    if file is None or file.exists():
        return
    make_directory(file.parent)
    executable = find_executable(settings, project)
    about = ask_about(executable, directory=project.directory, variables=variables)
    write_atomically(file, about or b"{}")


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Let one process at a time install a plugin; the kernel frees it by itself."""
    descriptor = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

"""Which Python a plugin runs on: the one asked for, the running one, or one that fits.

Installers heed the lower bound of what a package supports; the upper one is read from
what was installed.
"""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import sys
from typing import TYPE_CHECKING

from bizops_cli.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bizops_cli.plugins.installer import Installer

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_REFUSED = re.compile(r"does not satisfy Python([<>=!~.*,\d]*\d[.*]*)")


def make_environment(
    installer: Installer,
    directory: Path,
    requirements: Sequence[str],
    name: str,
    *,
    command: str,
    lock: Path | None,
    python: str | None,
) -> Path:
    """Make a plugin's environment with a Python the plugin supports.

    Args:
        installer: Makes it.
        directory: Its folder; one beside it may be made instead.
        requirements: pip requirements as written.
        name: The plugin.
        command: Its command.
        lock: Exact versions with hashes.
        python: Version or path of the Python to use; None lets this choose.

    Returns:
        The folder that was made.

    Raises:
        InstallError: It cannot be made.
    """

    def make(place: Path, interpreter: str) -> Path:
        installer.make(place, requirements, name, lock=lock, interpreter=interpreter)
        return place

    if python is not None or installer.uv is None:
        return make(directory, _interpreter(python, name, has_uv=bool(installer.uv)))
    other = directory.with_name(f"{directory.name}-python")
    try:
        make(directory, sys.executable)
    except InstallError as error:
        wanted = refused_versions(str(error.context))
        if wanted is None:
            raise
        shutil.rmtree(directory, ignore_errors=True)
        try:
            return make(other, wanted)
        except InstallError:
            shutil.rmtree(other, ignore_errors=True)
            raise InstallError(
                f"{name} needs Python {wanted}, and bizops runs on "
                f"{platform.python_version()}",
                f"Install such a Python, or name it with `python:` of {name}; the "
                f"whole output is in {installer.log}.",
            ) from error
    declared = supported_versions(directory, command)
    if declared and not _runs_here(declared):
        with contextlib.suppress(InstallError):  # it may do with the running one
            make(other, declared)
            shutil.rmtree(directory, ignore_errors=True)
            return other
        shutil.rmtree(other, ignore_errors=True)
    return directory


def refused_versions(output: str) -> str | None:
    """Return the versions of Python an installer said are needed, e.g. `>=3.12`."""
    found = dict.fromkeys(_REFUSED.findall(output))
    return ",".join(found) or None


def supported_versions(environment: Path, command: str) -> str | None:
    """Return what the package of a command says it supports, e.g. `>=3.9,<3.12`."""
    from importlib.metadata import distributions

    folders = [str(p) for p in environment.glob("lib/python*/site-packages")]
    for distribution in distributions(path=folders):
        if any(point.name == command for point in distribution.entry_points):
            declared = distribution.metadata.get_all("Requires-Python")
            return str(declared[0]) if declared else None
    return None


def locked_version(python: str | None) -> str:
    """Return the oldest Python that a lock file is made for."""
    return python if python and _VERSION.fullmatch(python) else "3.11"


def _runs_here(versions: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(versions).contains(
            platform.python_version(), prereleases=True
        )
    except InvalidSpecifier:
        return True


def _interpreter(python: str | None, name: str, *, has_uv: bool) -> str:
    if python is None:
        return sys.executable
    if has_uv or not _VERSION.fullmatch(python):
        return python
    found = shutil.which(f"python{python}")
    if found is None:
        raise InstallError(
            f"there is no Python {python} for {name}",
            f"Install it, or write its path as `python:` of {name}.",
        )
    return found

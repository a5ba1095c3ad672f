"""Superset's own Python environment, made once and found again."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.config.env import process_variables
from bizops_cli.errors import InstallError
from bizops_cli.files import make_directory, write_atomically
from bizops_cli.plugins.installer import Installer, find_uv
from bizops_cli.process.environment import installer_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.display.place import Place

NAME = "Apache Superset"
VARIABLE = "BIZOPS_DISPLAY_ENVIRONMENTS"
"""Names a folder for environments outside the project; the image has one."""
_FIRST_PYTHON_WITHOUT = (3, 13)
_VERSIONS = ">=3.11,<3.13"
_NAMES = ("python3.12", "python3.11")
_PACKAGE = Path(__file__).parents[1]


def ensure_environment(
    directory: Path,
    place: Place,
    *,
    on_step: Callable[[str], None],
    reinstall: bool = False,
) -> Path:
    """Return the environment's folder; it is made if it is not there.

    It holds exactly what requirements/display.lock.txt names, with its hashes. Where
    bizops runs on a Python that Superset does not know, it is made with another one.

    Args:
        directory: The project's folder.
        place: Where the dashboards keep their files.
        on_step: Called with a line before what takes time.
        reinstall: Make it anew.

    Raises:
        InstallError: It cannot be made.
    """
    variables = process_variables()
    given = variables.get(VARIABLE)
    shelf = Path(given) if given else place.directory / "environments"
    uv = find_uv()
    interpreter = choose_interpreter(sys.version_info[:2], uv=uv)
    environment = shelf / _fingerprint(interpreter)
    ready = environment / "ready"
    if ready.is_file() and not reinstall:
        return environment
    on_step(f"installing {NAME} (once; some hundred MB)")
    make_directory(shelf)
    shutil.rmtree(environment, ignore_errors=True)
    installer = Installer(
        directory=directory,
        variables=installer_environment(environ=variables),
        log=shelf / "install.log",
        uv=uv,
    )
    try:
        installer.make(environment, (), NAME, lock=lock_file(), interpreter=interpreter)
        write_atomically(ready, b"")
    except InstallError as error:
        shutil.rmtree(environment, ignore_errors=True)
        raise InstallError(
            error.message,
            f"{_need_of_python(interpreter)}Is the package index reachable, and is "
            f"there a GB of disk? The whole output is in {installer.log}.",
            error.context,
        ) from error
    except BaseException:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    _remove_others(shelf, kept=environment)
    return environment


def lock_file() -> Path:
    """Return the locked requirements: in the wheel, else in the checkout."""
    in_wheel = _PACKAGE / "_display" / "display.lock.txt"
    in_checkout = _PACKAGE.parent / "requirements" / "display.lock.txt"
    return in_wheel if in_wheel.is_file() else in_checkout


def choose_interpreter(
    running: tuple[int, int],
    *,
    uv: Path | None,
    find: Callable[[str], str | None] = shutil.which,
) -> str:
    """Return the Python that Superset's environment is made with.

    It is the running one if Superset knows it. Otherwise uv is asked for any that it
    knows, which it finds on this machine or downloads.

    Args:
        running: Major and minor version of the Python that bizops runs on.
        uv: The uv binary; None where there is none.
        find: Finds a command on PATH.

    Raises:
        InstallError: There is none, and no uv that could get one.
    """
    if running < _FIRST_PYTHON_WITHOUT:
        return sys.executable
    if uv is not None:
        return _VERSIONS
    for name in _NAMES:
        found = find(name)
        if found is not None:
            return found
    raise InstallError(
        f"{NAME} 6.1 needs Python 3.11 or 3.12; bizops runs on "
        f"{running[0]}.{running[1]}, and no other is on PATH",
        "Install one of them, or uv, which downloads one: pip install uv.",
    )


def _need_of_python(interpreter: str) -> str:
    if interpreter == sys.executable:
        return ""
    return (
        "Superset needs Python 3.11 or 3.12: one of this machine, or one that uv "
        "downloads. "
    )


def _fingerprint(interpreter: str) -> str:
    python = sys.version if interpreter == sys.executable else interpreter
    facts = python.encode() + lock_file().read_bytes()
    return hashlib.sha256(facts).hexdigest()[:12]


def _remove_others(directory: Path, *, kept: Path) -> None:
    for folder in directory.iterdir():
        if folder.is_dir() and folder != kept:
            shutil.rmtree(folder, ignore_errors=True)

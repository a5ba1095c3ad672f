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
_PACKAGE = Path(__file__).parents[1]


def ensure_environment(
    directory: Path,
    place: Place,
    *,
    on_step: Callable[[str], None],
    reinstall: bool = False,
) -> Path:
    """Return the environment's folder; it is made if it is not there.

    It holds exactly what requirements/display.lock.txt names, with its hashes.

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
    environment = shelf / _fingerprint()
    ready = environment / "ready"
    if ready.is_file() and not reinstall:
        return environment
    if sys.version_info >= _FIRST_PYTHON_WITHOUT:
        raise InstallError(
            f"{NAME} 6.1 cannot be installed with Python "
            f"{sys.version_info.major}.{sys.version_info.minor}",
            "Use bizops with Python 3.11 or 3.12: make clean demo PYTHON=python3.12.",
        )
    on_step(f"installing {NAME} (once; some hundred MB)")
    make_directory(shelf)
    shutil.rmtree(environment, ignore_errors=True)
    installer = Installer(
        directory=directory,
        variables=installer_environment(environ=variables),
        log=shelf / "install.log",
        uv=find_uv(),
    )
    try:
        installer.make(environment, (), NAME, lock=lock_file())
        write_atomically(ready, b"")
    except InstallError as error:
        shutil.rmtree(environment, ignore_errors=True)
        raise InstallError(
            error.message,
            "Is the package index reachable, and is there a GB of disk? The whole "
            f"output is in {installer.log}.",
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


def _fingerprint() -> str:
    facts = sys.version.encode() + lock_file().read_bytes()
    return hashlib.sha256(facts).hexdigest()[:12]


def _remove_others(directory: Path, *, kept: Path) -> None:
    for folder in directory.iterdir():
        if folder.is_dir() and folder != kept:
            shutil.rmtree(folder, ignore_errors=True)

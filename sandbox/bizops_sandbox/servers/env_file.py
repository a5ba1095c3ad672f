"""Writing the variables a client needs into files, safely."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "# Written by bizops-sandbox serve. It may overwrite this file."


class UnwritableError(Exception):
    """A file that is not ours to overwrite, or has no folder to be in."""


def check_env_file(path: Path) -> None:
    """See that a file may be written: it is not there, or we wrote it.

    Raises:
        UnwritableError: when there is another file, or no folder for it.
    """
    check_folder(path)
    if not path.exists():
        return
    if not path.is_file() or not path.read_bytes().startswith(MARK.encode()):
        raise UnwritableError(
            f"{path} was not written by bizops-sandbox, so it stays as it is. "
            "Give another path to --write-env, or remove the file."
        )


def check_folder(path: Path) -> None:
    """See that the folder a file is to be in exists.

    Raises:
        UnwritableError: when it does not.
    """
    if not path.absolute().parent.is_dir():
        raise UnwritableError(f"{path.parent} is no folder; make it first")


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Write `KEY=VALUE` lines, readable by the owner alone (0600).

    Raises:
        UnwritableError: when there is a file we did not write, or no folder for it.
    """
    check_env_file(path)
    lines = [MARK, *(f"{name}={value}" for name, value in variables.items())]
    write_atomically(path, "\n".join(lines) + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Put a file in place whole, mode 0600: a reader sees all of it or none."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Writing the variables a client needs into files, safely."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "# Written by bizops-sandbox serve. It may overwrite this file."


class ForeignFileError(Exception):
    """A file that is not ours to overwrite."""


def check_env_file(path: Path) -> None:
    """See that a file may be written: it is not there, or we wrote it.

    Raises:
        ForeignFileError: when there is another file.
    """
    if not path.exists():
        return
    if not path.is_file() or not path.read_bytes().startswith(MARK.encode()):
        raise ForeignFileError(
            f"{path} was not written by bizops-sandbox, so it stays as it is. "
            "Give another path to --write-env, or remove the file."
        )


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Write `KEY=VALUE` lines, readable by the owner alone (0600).

    Raises:
        ForeignFileError: when there is a file we did not write.
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

"""An environment of its own for every program, made once by uv."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LAST_LINES = 8


class EnvironmentFailedError(Exception):
    """uv could not make an environment; the message has its last lines."""


def make_environment(name: str, requirements: Sequence[str], cache: Path) -> Path:
    """Make an environment with the requirements, unless it is there already.

    A requirement that is a folder is installed anew when a file in it has changed.

    Returns:
        The folder with its programs.

    Raises:
        EnvironmentFailedError: Something could not be installed.
    """
    directory = cache / name
    stamp = directory / "requirements.sha256"
    wanted = _fingerprint(requirements)
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(directory, ignore_errors=True)
        program = uv.find_uv_bin()
        _run([program, "venv", "--quiet", "--python", sys.executable, directory])
        install = ("pip", "install", "--quiet", "--compile-bytecode")
        python = ("--python", directory / "bin" / "python")
        # uv takes a folder for unchanged while its pyproject.toml is.
        local = any(Path(requirement).is_dir() for requirement in requirements)
        anew = ("--refresh",) if local else ()
        if requirements:
            _run([program, *install, *anew, *python, *requirements])
        stamp.write_text(wanted, "utf-8")
    return directory / "bin"


def _fingerprint(requirements: Sequence[str]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for requirement in requirements:
        digest.update(requirement.encode())
        for path in _sources(Path(requirement)):
            digest.update(str(path).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        for pattern in ("pyproject.toml", "**/*.py", "**/*.json"):
            yield from sorted(directory.glob(pattern))


def _run(arguments: Sequence[str | Path]) -> None:
    ended = subprocess.run(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if ended.returncode:
        lines = ended.stdout.decode("utf-8", "replace").strip().splitlines()
        raise EnvironmentFailedError("\n".join(lines[-_LAST_LINES:]))

"""Running one program in a process of its own and reading what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAUNCHER = Path(__file__).with_name("launcher.py")
_LAST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run.

    Attributes:
        arguments: The program's path and its arguments.
        stdin: File to read; None for no input.
        variables: Environment variables it sees, beside PATH and HOME.
    """

    arguments: tuple[str | Path, ...]
    stdin: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost.

    Attributes:
        exit_code: Of the program; negative for a signal.
        wall_s: From its start to its end.
        cpu_s: User and system time of it and of all processes it waited for.
        peak_rss_bytes: Of the largest of these processes.
        last_words: End of its standard error.
    """

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    last_words: str


def run_measured(command: Command, *, home: Path, timeout_s: float = 3600.0) -> Cost:
    """Run a program to its end.

    Args:
        command: What to run.
        home: Folder it takes for the user's home.
        timeout_s: When to give up.

    Raises:
        TimeoutExpired: It took longer.
    """
    home.mkdir(parents=True, exist_ok=True)
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), **command.variables}
    stdin = command.stdin or Path(os.devnull)
    with (
        tempfile.TemporaryDirectory(dir=home) as folder,
        stdin.open("rb") as source,
        (Path(folder) / "stderr").open("w+b") as errors,
        (Path(folder) / "stdout").open("w+b") as output,
    ):
        result = Path(folder) / "cost.json"
        _run(
            [sys.executable, "-I", "-S", _LAUNCHER, result, *command.arguments],
            stdin=source.fileno(),
            stdout=output.fileno(),
            stderr=errors.fileno(),
            variables=variables,
            timeout_s=timeout_s,
        )
        cost = json.loads(result.read_text("utf-8"))
        return Cost(**cost, last_words=_end_of(folder))


def _run(
    arguments: list[str | Path],
    *,
    stdin: int,
    stdout: int,
    stderr: int,
    variables: Mapping[str, str],
    timeout_s: float,
) -> None:
    process = subprocess.Popen(
        arguments,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=dict(variables),
        process_group=0,
    )
    try:
        process.wait(timeout_s)
    except BaseException:
        os.killpg(process.pid, 9)
        process.wait()
        raise


def _end_of(folder: str) -> str:
    written = (Path(folder) / "stderr").read_bytes()
    if not written.strip():
        written = (Path(folder) / "stdout").read_bytes()
    return written[-_LAST_CHARACTERS:].decode("utf-8", "replace").strip()

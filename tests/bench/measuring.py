"""Running one program in a process of its own and reading what it cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LAUNCHER = Path(__file__).with_name("launcher.py")
_LAST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run.

    Attributes:
        arguments: The program's path and its arguments.
        stdin: File to read; None for no input.
        stdout: File for its output; None throws it away.
        directory: Its working folder; None is ours.
        variables: Environment variables it sees, beside PATH and HOME.
    """

    arguments: tuple[str | Path, ...]
    stdin: Path | None = None
    stdout: Path | None = None
    directory: Path | None = None
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
    with (
        tempfile.TemporaryDirectory(dir=home) as folder,
        (command.stdin or Path(os.devnull)).open("rb") as stdin,
        (command.stdout or Path(folder, "stdout")).open("wb") as stdout,
        Path(folder, "stderr").open("wb") as stderr,
    ):
        result = Path(folder, "cost.json")
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", _LAUNCHER, result, *command.arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **command.variables},
            cwd=command.directory,
            process_group=0,
        )
        try:
            process.wait(timeout_s)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        cost = json.loads(result.read_text("utf-8"))
        return Cost(**cost, last_words=_last_words(Path(folder)))


def run_in_turns(
    commands: Mapping[str, Command],
    *,
    repeats: int,
    home: Path,
    check: Callable[[str], None] | None = None,
) -> dict[str, list[Cost]]:
    """Run some commands again and again, one after the other.

    Args:
        commands: What to run, by name.
        repeats: How often each.
        home: Folder they take for the user's home.
        check: Called with the name after each run; raises when its work is not right.

    Raises:
        RuntimeError: One ended with a status other than 0.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            cost = run_measured(command, home=home)
            if cost.exit_code:
                raise RuntimeError(
                    f"{name}: exit code {cost.exit_code}: {cost.last_words}"
                )
            if check is not None:
                check(name)
            costs[name].append(cost)
    return costs


def _last_words(folder: Path) -> str:
    for name in ("stderr", "stdout"):
        file = folder / name
        written = file.read_bytes() if file.exists() else b""
        if written.strip():
            return written[-_LAST_CHARACTERS:].decode("utf-8", "replace").strip()
    return ""

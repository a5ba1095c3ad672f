"""One child process in a process group of its own, which never outlives bizops."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Command:
    """What to start.

    Attributes:
        name: What people call it.
        arguments: Absolute executable, then its arguments; no secret among them.
        directory: Where it runs.
        variables: All variables it sees.
    """

    name: str
    arguments: tuple[str, ...]
    directory: Path
    variables: Mapping[str, str] = field(repr=False)


class Child:
    """A started command. Its three streams are pipes unless stdin is not wanted.

    Attributes:
        name: What people call it.
        cpu_s: Seconds of processor it took; None while it runs.
    """

    def __init__(self, command: Command, *, with_stdin: bool) -> None:
        """Start it.

        Raises:
            ConfigError: The executable or the folder is not there.
        """
        self.name = command.name
        self.cpu_s: float | None = None
        self._reaping = threading.Lock()
        try:
            self._process = subprocess.Popen(
                launched(command.arguments),
                stdin=subprocess.PIPE if with_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=command.directory,
                env=dict(command.variables),
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise ConfigError(
                f"{command.name} cannot be started: {error.strerror}",
                "Run `bizops install`, then `bizops check`.",
            ) from error

    @property
    def pid(self) -> int:
        """Return the process id, which is the process group's too."""
        return self._process.pid

    @property
    def stdin(self) -> BinaryIO:
        """Return the pipe to its stdin."""
        return cast("BinaryIO", self._process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        """Return the pipe from its stdout."""
        return cast("BinaryIO", self._process.stdout)

    @property
    def stderr(self) -> BinaryIO:
        """Return the pipe from its stderr."""
        return cast("BinaryIO", self._process.stderr)

    def wait(self) -> int:
        """Wait for its end, end what it left behind in its group, return the status.

        A negative status is the number of the signal that killed it. From then on
        `cpu_s` tells the seconds of processor it took, with children it waited for.
        """
        if self._process.returncode is None and hasattr(os, "waitid"):
            # Not reaped yet, so that the group's number cannot be another's.
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            self._signal_group(signal.SIGKILL)
        with self._reaping:
            if self._process.returncode is None:
                _, status, used = os.wait4(self.pid, 0)
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu_s = used.ru_utime + used.ru_stime
        return self._process.returncode

    def terminate(self) -> None:
        """Ask the whole group to stop."""
        self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group at once."""
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def launched(arguments: Sequence[str]) -> list[str]:
    """Return the arguments that start a program so that it dies with this process."""
    if sys.platform != "linux":
        return list(arguments)
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())]
    return [*launcher, *arguments]


def explain_status(status: int) -> str:
    """Return an exit status in words."""
    if status >= 0:
        return f"ended with exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else "?"
    if -status == signal.SIGKILL:
        return f"was killed ({name}); the machine may have run out of memory"
    return f"was ended by signal {-status} ({name})"

"""The target as a process of its own, fed by a tap that can be cut off."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fault.workload import covered_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.fault.place import Place

TARGET = (str(Path(sys.executable).parent / "target-postgres"),)
_LONGEST_RUN_S = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the target ended.

    Attributes:
        status: Exit status; negative for the signal that killed it.
        states: The STATE values it told.
        log: What it wrote on standard error.
    """

    status: int
    states: tuple[str, ...]
    log: str

    @property
    def told(self) -> int:
        """Count the rows the last STATE told covers."""
        return covered_by(json.loads(self.states[-1])) if self.states else 0


class Running:
    """A target that runs. Its input comes from a thread, as fast as it is taken.

    Attributes:
        process: The process.
        sent: Lines it, or the pipe before it, has taken.
    """

    def __init__(self, process: subprocess.Popen[bytes], config: Path) -> None:
        self.process = process
        self.sent = 0
        self._config = config
        self._feeder: threading.Thread | None = None
        self._outputs = [b"", b""]
        self._readers = [
            threading.Thread(target=self._read, args=(index,)) for index in (0, 1)
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, index: int) -> None:
        stream = self.process.stdout if index == 0 else self.process.stderr
        if stream is not None:
            with contextlib.suppress(ValueError, OSError):
                self._outputs[index] = stream.read()

    def feed(self, lines: Iterable[bytes], *, ends: bool = True) -> None:
        """Send lines, and the end of the input unless told otherwise."""

        def send() -> None:
            stdin = self.process.stdin
            assert stdin is not None
            with contextlib.suppress(BrokenPipeError, ValueError):
                for line in lines:
                    stdin.write(line)
                    self.sent += 1
                stdin.flush()
                if ends:
                    stdin.close()

        self._feeder = threading.Thread(target=send, daemon=True)
        self._feeder.start()

    def wait_until_fed(self) -> None:
        """Wait until the lines are taken."""
        if self._feeder is not None:
            self._feeder.join(_LONGEST_RUN_S)

    def end_input(self) -> None:
        """Let the input end."""
        stdin = self.process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()

    def wait(self, *, timeout_s: float = _LONGEST_RUN_S) -> Outcome:
        """Wait for the end.

        Raises:
            TimeoutExpired: If it does not come; the process is killed then.
        """
        try:
            status = self.process.wait(timeout_s)
        finally:
            self.process.kill()
            for reader in self._readers:
                reader.join()
            self.wait_until_fed()
            self._config.unlink()
        out, err = self._outputs
        # By line feeds alone: a text may hold Unicode's other line ends.
        states = tuple(line for line in out.decode().split("\n") if line)
        return Outcome(status, states, err.decode(errors="replace"))


def start_target(
    place: Place,
    directory: Path,
    *,
    settings: Mapping[str, Any],
    variables: Mapping[str, str] | None = None,
    command: tuple[str, ...] = TARGET,
    before_start: Callable[[], None] | None = None,
) -> Running:
    """Start the target.

    Args:
        place: Where it loads to.
        directory: A folder for its config.
        settings: Its other settings.
        variables: What its environment has besides ours.
        command: The program.
        before_start: Called in the child before the program.
    """
    own = {"url": place.url, "default_target_schema": place.schema}
    config = directory / f"config-{place.schema}-{os.urandom(4).hex()}.json"
    descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(own | dict(settings), file)
    process = subprocess.Popen(
        [*command, "--config", str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(variables or {})},
        preexec_fn=before_start,  # noqa: PLW1509 - the child only sets limits
    )
    return Running(process, config)

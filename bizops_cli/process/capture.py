"""A command run to its end under the same supervision as a pipe."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import TapInputError
from bizops_cli.process.child import Child, Command

if TYPE_CHECKING:
    from bizops_cli.process.tail import Tail

OUTPUT_LIMIT_BYTES = 1024 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024


@dataclass(slots=True, eq=False)
class Capture:
    """Runs a command and keeps what it prints.

    Attributes:
        command: What to run.
        tail: Takes its stderr.
        timeout_s: It is killed after this time.
    """

    command: Command
    tail: Tail
    timeout_s: float
    was_stopped: bool = False
    has_timed_out: bool = False
    _child: Child | None = field(default=None, init=False)

    def run(self) -> tuple[int, bytes]:
        """Return exit status and stdout.

        Raises:
            ConfigError: It cannot be started.
            TapInputError: It printed more than a gigabyte.
        """
        child = Child(self.command, with_stdin=False)
        self._child = child
        if self.was_stopped:
            child.kill()
        tail = threading.Thread(
            target=self.tail.copy, args=(child.stderr,), daemon=True
        )
        timer = threading.Timer(self.timeout_s, self._time_out)
        tail.start()
        timer.start()
        output = bytearray()
        try:
            while chunk := child.stdout.read(_CHUNK_BYTES):
                output += chunk
                if len(output) > OUTPUT_LIMIT_BYTES:
                    raise TapInputError(f"{self.command.name} printed too much")
            status = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            timer.cancel()
            child.stdout.close()
        tail.join(timeout=5.0)
        return status, bytes(output)

    def stop(self) -> None:
        """End it at once; may be called from any thread."""
        self.was_stopped = True
        if self._child is not None:
            self._child.kill()

    def abort(self) -> None:
        """Do the same as `stop`."""
        self.stop()

    def _time_out(self) -> None:
        self.has_timed_out = True
        if self._child is not None:
            self._child.kill()

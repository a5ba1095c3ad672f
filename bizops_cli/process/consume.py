"""A command whose output is read block by block, under the supervision of a run."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.process.child import Child, Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.process.tail import Tail

_CHUNK_BYTES = 256 * 1024


@dataclass(slots=True, eq=False)
class Consumption:
    """Runs a command and hands on what it prints, whole lines at a time.

    Attributes:
        command: What to run.
        tail: Takes its stderr.
        on_block: Takes whole lines.
        was_stopped: Whether somebody asked it to end.
    """

    command: Command
    tail: Tail
    on_block: Callable[[bytes], None]
    was_stopped: bool = False
    _child: Child | None = field(default=None, init=False)

    def run(self) -> int:
        """Return its exit status; what `on_block` raises ends it.

        Raises:
            ConfigError: It cannot be started.
        """
        child = Child(self.command, with_stdin=False)
        self._child = child
        if self.was_stopped:
            child.kill()
        reader = threading.Thread(
            target=self.tail.copy, args=(child.stderr,), daemon=True
        )
        reader.start()
        try:
            self._read(child)
            status = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            child.stdout.close()
        reader.join(timeout=5.0)
        return status

    def _read(self, child: Child) -> None:
        rest = b""
        while chunk := os.read(child.stdout.fileno(), _CHUNK_BYTES):
            whole, newline, tail = chunk.rpartition(b"\n")
            if newline:
                self.on_block(rest + whole + newline)
                rest = tail
            else:
                rest += chunk
        if rest:
            self.on_block(rest + b"\n")

    @property
    def cpu_s(self) -> float | None:
        """Return the seconds of processor it took; None while it runs."""
        return None if self._child is None else self._child.cpu_s

    def stop(self) -> None:
        """End it; may be called from any thread."""
        self.was_stopped = True
        if self._child is not None:
            self._child.kill()

    def abort(self) -> None:
        """Do the same as `stop`."""
        self.stop()

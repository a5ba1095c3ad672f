"""A command that has the terminal: its input and output are ours."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from bizops_cli.errors import ConfigError
from bizops_cli.process.child import launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_cli.process.child import Command
    from bizops_cli.process.tail import Tail


def run_in_foreground(command: Command, tail: Tail) -> int:
    """Run a command on our stdin and stdout and return its exit status.

    A signal of the terminal reaches it as it reaches us; SIGTERM is handed on. What it
    writes to stderr goes through the tail.

    Returns:
        Its status, or 128 plus the number of the signal that ended it.

    Raises:
        ConfigError: It cannot be started.
    """
    try:
        process = subprocess.Popen(
            launched(command.arguments),
            stderr=subprocess.PIPE,
            cwd=command.directory,
            env=dict(command.variables),
            bufsize=0,
        )
    except OSError as error:
        raise ConfigError(
            f"{command.name} cannot be started: {error.strerror}",
            "Run `bizops install`, then `bizops check`.",
        ) from error
    stderr = cast("BinaryIO", process.stderr)
    reader = threading.Thread(target=tail.copy, args=(stderr,), daemon=True)
    reader.start()
    with _signals_for(process):
        status = process.wait()
    reader.join(timeout=5.0)
    return status if status >= 0 else 128 - status


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave Ctrl-C to the command, and hand SIGTERM on to it."""
    former = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

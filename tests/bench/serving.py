"""A server of the benchmarks, as a process that says when it is ready."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.bench.project import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serve(*arguments: str) -> Iterator[dict[str, Any]]:
    """Run a Python program that serves; yield the ready line it prints, and its pid.

    Args:
        arguments: Of the Python interpreter.

    Raises:
        RuntimeError: It ended before it was ready.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"the server {arguments[1]} did not start")
        yield json.loads(line) | {"pid": process.pid}
    finally:
        process.terminate()
        process.wait()

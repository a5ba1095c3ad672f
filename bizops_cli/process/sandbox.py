"""The sandbox as a supervised process: started, waited for, ended."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXECUTABLE = "bizops-sandbox"


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """What a sandbox says when it listens.

    Attributes:
        as_of: The day its clock shows, e.g. `2018-01-31`.
        scale: Size of the sample company, e.g. `small`.
        variables: What bizops.yml asks for to reach it.
    """

    as_of: str
    scale: str
    variables: Mapping[str, str]


@contextlib.contextmanager
def serve_sandbox(
    *, scale: str, directory: Path, timeout_s: float = 60
) -> Iterator[RunningSandbox]:
    """Serve the sample company on free local ports while the block runs.

    Args:
        scale: Size of the sample company.
        directory: Folder for the server's log, the CSV inputs and the file that says
            it is ready.
        timeout_s: How long it may take to listen.

    Raises:
        ConfigError: The sandbox is not installed.
        BizopsError: It ended, or did not listen in time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    ready, log = directory / "ready.json", directory / "sandbox.log"
    ready.unlink(missing_ok=True)
    # Who tries the demo does not want to see waiting.
    command = [_executable(), "serve", "--scale", scale]
    command += ["--no-waiting", "--inputs", str(directory / "inputs")]
    command += ["--ready-file", str(ready)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield _await_ready(process, ready, log, timeout_s=timeout_s)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _executable() -> str:
    beside = Path(sys.executable).with_name(_EXECUTABLE)
    found = str(beside) if beside.exists() else shutil.which(_EXECUTABLE)
    if found is None:
        raise ConfigError(
            "The sandbox is not installed.",
            "Run `make demo` in a checkout of BizOps, or `pip install ./sandbox`.",
        )
    return found


def _await_ready(
    process: subprocess.Popen[bytes], ready: Path, log: Path, *, timeout_s: float
) -> RunningSandbox:
    end = time.monotonic() + timeout_s
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            raise BizopsError(
                "The sandbox did not start.",
                f"Read {log}.",
                {"last words": " / ".join(tail) or "none"},
            )
        time.sleep(0.02)
    said = json.loads(ready.read_text(encoding="utf-8"))
    return RunningSandbox(said["as_of"], said["scale"], said["env"])

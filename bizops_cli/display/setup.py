"""Bringing Superset to what it should be, by a script run with its own Python."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.files import OWNER_ONLY, write_atomically
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bizops_cli.display.place import Place

STEPS = ("tables", "roles and rights", "administrator", "dashboards")
_REFUSED = 3
_LAST_LINES = 12


def set_up(
    place: Place,
    wanted: Mapping[str, Any],
    *,
    command: tuple[Path, Path],
    variables: Mapping[str, str],
    on_step: Callable[[str], None],
) -> None:
    """Run the script.

    Args:
        place: Where the log goes.
        wanted: What it is told, on its stdin.
        command: Superset's Python, and the script.
        variables: All it sees.
        on_step: Called with each step's name when it begins.

    Raises:
        ConfigError: It refused what it was told.
        BizopsError: It failed; with its last lines.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=place.directory,
        env=dict(variables),
        text=True,
        errors="replace",
    )
    said: list[str] = []
    reader = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    reader.start()
    if process.stdin is not None and process.stdout is not None:
        process.stdin.write(json.dumps(wanted))
        process.stdin.close()
        for line in process.stdout:
            if line.strip() in STEPS:
                on_step(line.strip())
    status = process.wait()
    reader.join(timeout=10)
    lines = redact("".join(said)).splitlines()
    write_atomically(place.setup_log, "\n".join(lines).encode(), mode=OWNER_ONLY)
    if status == _REFUSED:
        reasons = [line for line in lines if line.startswith("refused: ")]
        raise ConfigError(
            (reasons or ["refused"])[-1].removeprefix("refused: "),
            "Correct [administrator] in config/bizops.conf.",
        )
    if status:
        raise BizopsError(
            "Superset could not be set up",
            f"The whole log is {place.setup_log}.",
            {"it said": "\n    ".join(["", *lines[-_LAST_LINES:]])},
        )

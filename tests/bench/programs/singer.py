"""What the Singer targets have in common: a config file, and messages as input."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tests.bench.measuring import Command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench.programs.program import LoadJob


def target_command(job: LoadJob, config: Mapping[str, Any]) -> Command:
    """Return the command of `target-postgres` over the job's messages."""
    path = job.directory / "config.json"
    _write_private(path, json.dumps(config))
    return Command(
        (job.programs / "target-postgres", "--config", path), stdin=job.files.singer
    )


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)

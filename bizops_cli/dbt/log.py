"""What dbt says, in a file: without secrets, and without values of rows."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from bizops_cli.files import OWNER_ONLY, cannot_write
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEVELS = frozenset({"info", "warn", "error"})
_DETAIL_PREFIXES = ("DETAIL:", "CONTEXT:")  # where PostgreSQL quotes rows


def without_row_values(message: str) -> str:
    """Return a message without what PostgreSQL quotes of rows, and without secrets."""
    lines = (line.strip() for line in message.splitlines())
    kept = (line for line in lines if line and not line.startswith(_DETAIL_PREFIXES))
    return redact("\n".join(kept))


class LogWriter:
    """Writes dbt's events. dbt calls it from several threads."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, event: Any) -> None:  # noqa: ANN401 - a protobuf message
        """Take one event of dbt; those for debugging are left out."""
        info = event.info
        text = without_row_values(info.msg) if info.level in _LEVELS else ""
        if text:
            time = info.ts.ToDatetime()
            line = f"{time:%Y-%m-%d %H:%M:%S} {info.level:5} {text}\n"
            with self._lock:
                self._stream.write(line)


@contextmanager
def written_log(file: Path) -> Iterator[LogWriter]:
    """Give a writer into a new file that only its owner can read.

    Raises:
        BizopsError: The file cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        descriptor = os.open(file, flags, OWNER_ONLY)
    except OSError as error:
        raise cannot_write(file, error) from error
    with os.fdopen(descriptor, "w", encoding="utf-8", buffering=1) as stream:
        yield LogWriter(stream)

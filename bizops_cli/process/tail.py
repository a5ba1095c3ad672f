"""What a child writes to stderr: redacted into a log file, its end kept at hand."""

from __future__ import annotations

import codecs
import os
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from bizops_cli.redact import REDACTOR, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG_LIMIT_BYTES = 64 * 1024 * 1024
_LINE_LIMIT = 64 * 1024
_CHUNK_BYTES = 64 * 1024


@dataclass(slots=True)
class Tail:
    """Copies a stream into a file, line by line, and remembers the last lines.

    It always reads to the end, so that a child never blocks on a full log disk.

    Attributes:
        file: The log; appended to, made with mode 0600.
        on_line: Called with each redacted line.
        redactor: What must not be seen.
        limit_bytes: The log is cut off here.
        problem: Why the log could not be written; empty when all is well.
    """

    file: Path
    on_line: Callable[[str], None] | None = None
    redactor: Redactor = REDACTOR
    limit_bytes: int = LOG_LIMIT_BYTES
    problem: str = ""
    _last: deque[str] = field(default_factory=lambda: deque(maxlen=40))
    _pending: str = ""
    _written: int = 0

    def last_lines(self, count: int = 15) -> list[str]:
        """Return the last lines that are not blank."""
        return [line for line in list(self._last) if line.strip()][-count:]

    def copy(self, source: BinaryIO) -> None:
        """Read to the end of the stream."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with self._opened() as log:
            while chunk := os.read(source.fileno(), _CHUNK_BYTES):
                self._pending += decode(chunk)
                self._write(log, self._take())
            self._pending += decode(b"", final=True)
            rest = self._pending
            if rest:
                self._write(
                    log, self.redactor(rest if rest[-1] == "\n" else rest + "\n")
                )

    def _opened(self) -> BinaryIO:
        try:
            descriptor = os.open(
                self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600
            )
        except OSError as error:
            self.problem = f"{self.file} cannot be written: {error.strerror}"
            descriptor = os.open(os.devnull, os.O_WRONLY)
        return os.fdopen(descriptor, "wb", buffering=0)

    def _take(self) -> str:
        """Return the whole lines there are, redacted; keep what may go on."""
        end = self._pending.rfind("\n") + 1
        if not end and len(self._pending) < _LINE_LIMIT:
            return ""
        end = end or len(self._pending)
        # A secret may go on behind this end, even behind the line end.
        end -= self.redactor.held_back(self._pending[:end])
        if 0 < end < len(self._pending):
            line_end = self._pending.rfind("\n", 0, end) + 1
            end = line_end or (end if len(self._pending) >= _LINE_LIMIT else 0)
        text, self._pending = self._pending[:end], self._pending[end:]
        return self.redactor(text)

    def _pass_on(self, line: str) -> None:
        if self.on_line is None:
            return
        try:
            self.on_line(line)
        except Exception as error:  # noqa: BLE001 (the child must be read on)
            self.problem = f"a line could not be shown: {type(error).__name__}"
            self.on_line = None

    def _write(self, log: BinaryIO, text: str) -> None:
        if not text:
            return
        for line in text.splitlines():
            self._last.append(line)
            self._pass_on(line)
        data = text.encode("utf-8", "replace")
        if self._written < self.limit_bytes <= self._written + len(data):
            data = data[: self.limit_bytes - self._written]
            data += b"\n... the log is cut off here: it is too large\n"
        elif self._written >= self.limit_bytes:
            return
        try:
            log.write(data)
        except OSError as error:
            self.problem = f"{self.file} cannot be written: {error.strerror}"
        self._written += len(data)

"""Counting the messages of a tap while they pass, without parsing the records.

A line's head tells what it is: `{"type":"RECORD","stream":"X"`. A head once read is
known by its bytes, so that a block holding records of one stream costs two searches.
Lines with their keys in another order are parsed whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from bizops_cli.errors import TapInputError

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = re.compile(
    rb'\{\s*"type"\s*:\s*"(RECORD|SCHEMA|STATE|ACTIVATE_VERSION|BATCH)"\s*'
    rb'(?:,\s*"stream"\s*:\s*"((?:[^"\\]|\\.)*)"|(?=[,}]))'
)
_BOM = b"\xef\xbb\xbf"
_NEXT_STEP = (
    "A tap writes Singer messages to stdout and everything else to stderr; "
    "report this to the tap's authors."
)


class _Envelope(msgspec.Struct):
    type: str
    stream: str = ""


@dataclass(slots=True)
class StreamCount:
    """What has passed of one stream; times are of a monotonic clock."""

    rows: int = 0
    size_bytes: int = 0
    first_s: float | None = None
    last_s: float | None = None

    @property
    def duration_s(self) -> float:
        """Return the seconds between the first and the last message."""
        if self.first_s is None or self.last_s is None:
            return 0.0
        return self.last_s - self.first_s

    def add(self, rows: int, size_bytes: int, at_s: float) -> None:
        """Count messages that passed at an instant."""
        self.rows += rows
        self.size_bytes += size_bytes
        if self.first_s is None:
            self.first_s = at_s
        self.last_s = at_s


@dataclass(slots=True)
class MessageCounter:
    """Counts of everything one tap wrote.

    Attributes:
        tap: Its name, for messages.
        streams: In order of their first message. A SCHEMA alone makes a stream of
            0 rows.
        lines: Lines seen, blank ones too.
        states: STATE messages.
        size_bytes: Bytes seen.
        count_batch: Tells how many rows a BATCH message stands for; None counts none.
    """

    tap: str
    count_batch: Callable[[bytes], int] | None = None
    streams: dict[str, StreamCount] = field(default_factory=dict)
    lines: int = 0
    states: int = 0
    size_bytes: int = 0
    _heads: dict[bytes, tuple[str, StreamCount]] = field(default_factory=dict)
    _head: bytes = b"\n"
    _current: StreamCount = field(default_factory=StreamCount)

    @property
    def rows(self) -> int:
        """Return the records of all streams."""
        return sum(count.rows for count in list(self.streams.values()))

    def feed(self, block: bytes, *, at_s: float) -> None:
        """Count whole lines; the block ends with a line end.

        Raises:
            TapInputError: A line is not a Singer message. Lines before it in the
                block are counted.
        """
        lines = block.count(b"\n")
        if block.startswith(self._head):
            records = 1 + block.count(b"\n" + self._head)
            if records == lines:
                self._current.add(records, len(block), at_s)
                self.lines += lines
                self.size_bytes += len(block)
                return
        for line in block.split(b"\n")[:-1]:
            self.lines += 1
            self.size_bytes += len(line) + 1
            if line.startswith(self._head):
                self._current.add(1, len(line) + 1, at_s)
            else:
                self._count(line, at_s)

    def _count(self, line: bytes, at_s: float) -> None:
        if self.lines == 1:
            line = line.removeprefix(_BOM)
        if not line.strip():
            return
        match = _HEAD.match(line)
        if match is None:
            kind, stream = self._parse(line)
            self._add(kind, self._stream(kind, stream), line, at_s)
            return
        head = match.group()
        kind, count = self._heads.get(head) or self._learn(match)
        self._add(kind, count, line, at_s)
        if kind == "RECORD":
            self._head, self._current = head, count

    def _learn(self, match: re.Match[bytes]) -> tuple[str, StreamCount]:
        kind = match.group(1).decode()
        name = match.group(2)
        if name is None and kind != "STATE":
            # The stream stands further behind.
            kind, stream = self._parse(match.string)
            return kind, self._stream(kind, stream)
        try:
            stream = msgspec.json.decode(b'"' + (name or b"") + b'"', type=str)
        except msgspec.DecodeError as error:
            raise self._not_a_message("its stream name is no JSON text") from error
        learnt = (kind, self._stream(kind, stream))
        self._heads[match.group()] = learnt
        return learnt

    def _add(self, kind: str, count: StreamCount, line: bytes, at_s: float) -> None:
        if kind == "STATE":
            self.states += 1
            return
        rows = int(kind == "RECORD")
        if kind == "BATCH" and self.count_batch is not None:
            rows = self.count_batch(line)
        count.add(rows, len(line) + 1, at_s)

    def _stream(self, kind: str, name: str) -> StreamCount:
        if kind == "STATE":
            return StreamCount()
        return self.streams.setdefault(name, StreamCount())

    def _parse(self, line: bytes) -> tuple[str, str]:
        try:
            envelope = msgspec.json.decode(line, type=_Envelope)
        except (msgspec.DecodeError, RecursionError):
            envelope = self._parse_leniently(line)
        if not envelope.stream and envelope.type != "STATE":
            raise self._not_a_message(f"a {envelope.type} without a stream")
        return envelope.type, envelope.stream

    def _parse_leniently(self, line: bytes) -> _Envelope:
        """Parse with what Python's own JSON allows besides, such as NaN."""
        try:
            value = json.loads(line)
            return msgspec.convert(value, _Envelope)
        except (ValueError, RecursionError) as error:
            raise self._not_a_message("") from error

    def _not_a_message(self, why: str) -> TapInputError:
        detail = f" ({why})" if why else ""
        return TapInputError(
            f"{self.tap} wrote something that is no Singer message "
            f"on line {self.lines} of its output{detail}",
            _NEXT_STEP,
        )

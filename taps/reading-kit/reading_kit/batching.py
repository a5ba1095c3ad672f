"""BATCH messages: files of records, made of the lines of pages as they are.

A record's line differs from its RECORD message by a head and a tail that all lines of a
page share, so whole blocks are stripped at once.
"""

from __future__ import annotations

import gzip
import re
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import IO, TYPE_CHECKING, cast
from uuid import uuid4

import msgspec
from singer_sdk.helpers._batch import SDKBatchMessage

from reading_kit.errors import SpoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk.helpers._batch import BatchConfig

    from reading_kit.pages import Page

_COMPRESSIONS = (None, "none", "gzip")
#: A fifth of the size at a quarter of the time of the highest level.
_GZIP_LEVEL = 1
#: A file filled less waits for more before the state that covers its records is told.
_WORTHY_SHARE = 0.25


#: The tail of a line: version, and the time the record is as of.
_TAIL = re.compile(rb'(?:,"version":[0-9]+)?,"time_extracted":"[^"]*"\}\n')
_HEAD_END = b',"record":'


class _Line(msgspec.Struct):
    record: msgspec.Raw
    time_extracted: str
    version: int | None = None


_LINE = msgspec.json.Decoder(_Line)


@dataclass(slots=True)
class TimedBatchMessage(SDKBatchMessage):
    """A BATCH message that says, as RECORD messages do, what its records are as of."""

    time_extracted: str | None = None


def can_write(config: BatchConfig) -> bool:
    """Tell whether files of such a config are written here and not by the SDK."""
    encoding = config.encoding
    return encoding.format == "jsonl" and encoding.compression in _COMPRESSIONS


class BatchWriter:
    """Writes the records of one stream to files, and a BATCH message for each.

    All records of a file have one version and are as of one time.

    Attributes:
        pending_rows: Records in the file that no message tells yet.
    """

    def __init__(
        self,
        config: BatchConfig,
        *,
        tap: str,
        stream: str,
        write_message: Callable[[SDKBatchMessage], None],
    ) -> None:
        self._config = config
        self._prefix = f"{config.storage.prefix or ''}{tap}--{stream}-{uuid4()}"
        self._stream = stream
        self._write_message = write_message
        self._envelope: tuple[int | None, str] | None = None
        self._open: tuple[str, IO[bytes]] | None = None
        self._files = ExitStack()
        self._count = 0
        self.pending_rows = 0

    def add(self, page: Page) -> None:
        """Write the records of a page; tell each file that is full.

        Raises:
            SpoolError: a file cannot be written.
        """
        for chunk in page.chunks():
            for envelope, records in _strip(chunk):
                if envelope != self._envelope:
                    self.flush()
                    self._envelope = envelope
                self._add_records(records)

    def flush(self) -> None:
        """Close the file and tell it; nothing happens where there is none.

        Raises:
            SpoolError: it cannot be written.
        """
        if self._open is None or self._envelope is None:
            return
        name, _ = self._open
        with _telling():
            self._files.close()
        self._open = None
        self.pending_rows = 0
        version, time_extracted = self._envelope
        self._write_message(
            TimedBatchMessage(
                stream=self._stream,
                encoding=self._config.encoding,
                manifest=[self._config.storage.get_url(name)],
                version=version,
                time_extracted=time_extracted,
            )
        )

    def is_worth_telling(self) -> bool:
        """Tell whether the file holds enough to be a batch of its own."""
        return self.pending_rows >= self._config.batch_size * _WORTHY_SHARE

    def close(self) -> None:
        """Leave the file nobody was told of, after a failure."""
        with suppress(OSError):
            self._files.close()

    def _add_records(self, records: bytes) -> None:
        rows = records.count(b"\n")
        if rows <= self._config.batch_size - self.pending_rows:
            self._write(records, rows)
            return
        lines = records.splitlines(keepends=True)
        while lines:
            room = self._config.batch_size - self.pending_rows
            self._write(b"".join(lines[:room]), len(lines[:room]))
            del lines[:room]

    def _write(self, lines: bytes, rows: int) -> None:
        if not rows:
            return
        with _telling():
            if self._open is None:
                self._open = self._create()
            self._open[1].write(lines)
        self.pending_rows += rows
        if self.pending_rows >= self._config.batch_size:
            self.flush()

    def _create(self) -> tuple[str, IO[bytes]]:
        self._count += 1
        is_packed = self._config.encoding.compression == "gzip"
        name = f"{self._prefix}-{self._count}.json{'.gz' if is_packed else ''}"
        file: IO[bytes] = self._files.enter_context(
            self._config.storage.open(name, "wb")
        )
        if not is_packed:
            return name, file
        packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL)
        return name, cast("IO[bytes]", self._files.enter_context(packed))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"a file of a batch cannot be written: {error.strerror}"
        raise SpoolError(msg) from None


def _strip(chunk: bytes) -> Iterator[tuple[tuple[int | None, str], bytes]]:
    """Give the records of whole lines, one a line, with their envelope."""
    first = chunk[: chunk.find(b"\n") + 1]
    if not first:
        return
    head = first[: first.find(_HEAD_END) + len(_HEAD_END)]
    tail = _find_tail(first)
    rows = chunk.count(b"\n")
    whole = chunk.removeprefix(head).removesuffix(tail)
    records = whole.replace(tail + head, b"\n")
    frame_bytes = len(head) + len(tail)
    if tail and len(records) == len(chunk) - rows * frame_bytes + rows - 1:
        yield _envelope(_LINE.decode(first)), records + b"\n"
        return
    # Lines that differ in more than their records.
    lines = map(_LINE.decode, chunk.splitlines())
    for envelope, group in groupby(lines, _envelope):
        yield envelope, b"".join(bytes(line.record) + b"\n" for line in group)


def _find_tail(line: bytes) -> bytes:
    """Give what follows the record, line end included; nothing if it is not known."""
    start = line.rfind(b',"time_extracted"')
    for place in (line.rfind(b',"version"', max(start - 40, 0), start), start):
        if place > 0 and (match := _TAIL.fullmatch(line, place)):
            return match[0]
    return b""


def _envelope(line: _Line) -> tuple[int | None, str]:
    return line.version, line.time_extracted

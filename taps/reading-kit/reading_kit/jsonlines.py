"""JSON read and written exactly: answers become objects, objects RECORD lines.

No number passes through a float: what has a point or an exponent is a ``Decimal``.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import TapError
from reading_kit.line_breaks import escape_in_bytes
from reading_kit.pages import Page, keep, keeping
from reading_kit.timestamps import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=decimal.Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class NotJsonError(TapError):
    """Bytes are not JSON."""


def decode_json_bytes(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Decode JSON, decimals exact.

    Raises:
        NotJsonError: it is none.
    """
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, decimal.DecimalException):
        raise NotJsonError("not JSON") from None


class LineEncoder:
    """Writes RECORD lines of one read; not for use by two threads at once.

    Attributes:
        max_key: Highest replication key seen that is not above the limit, or empty.
    """

    def __init__(
        self,
        stream: str,
        *,
        time_extracted: datetime,
        version: int | None = None,
        key: str | None = None,
        key_limit: str = "",
    ) -> None:
        """Prepare writing.

        Args:
            stream: Name of the stream.
            time_extracted: The server's time the records are as of.
            version: Table version of a FULL_TABLE read.
            key: Name of the replication key, whose values compare as text.
            key_limit: Keys above this are not trusted; empty trusts all.
        """
        self._key = key
        self._key_limit = key_limit
        name = _ENCODER.encode(stream)
        stamp = _ENCODER.encode(format_instant(time_extracted))
        version_part = b"" if version is None else b',"version":%d' % version
        self._head = b'{"type":"RECORD","stream":' + name + b',"record":'
        self._tail = version_part + b',"time_extracted":' + stamp + b"}\n"
        self.max_key = ""

    def encode(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Give the lines of some records, values as JSON has them or as Decimals."""
        head, tail, encode_into = self._head, self._tail, _ENCODER.encode_into
        lines = bytearray()
        for record in records:
            lines += head
            encode_into(record, lines, -1)
            lines += tail
        if self._key is not None:
            self._note_keys(records, self._key)
        return escape_in_bytes(bytes(lines))

    def _note_keys(self, records: Iterable[Mapping[str, Any]], key: str) -> None:
        keys = [value for record in records if (value := record.get(key)) is not None]
        if self._key_limit:
            keys = [value for value in keys if value <= self._key_limit]
        self.max_key = max(self.max_key, max(keys, default=""))


def to_page(encoder: LineEncoder, records: Sequence[Mapping[str, Any]]) -> Page:
    """Give a page of records that stays in memory: one answer of a service."""
    content = encoder.encode(records)
    return Page(len(records), content, encoder.max_key)


def spool_records(
    blocks: Iterable[Sequence[Mapping[str, Any]]], encoder: LineEncoder, path: Path
) -> Page:
    """Encode blocks of records into a file.

    Raises:
        SpoolError: the disk does not take them.
    """
    count = 0
    with keeping(path) as file:
        for block in blocks:
            keep(file, encoder.encode(block))
            count += len(block)
    return Page(count, path, encoder.max_key)

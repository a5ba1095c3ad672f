"""Rows and sums of what a tap sends, counted as an upserting target would keep them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from bizops_cli.errors import TapInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DELETED = "_sdc_deleted_at"
_NULL = b"null"


class _Message(msgspec.Struct):
    type: str
    stream: str = ""
    record: dict[str, msgspec.Raw] | None = None
    key_properties: list[str] | None = None


@dataclass(slots=True)
class StreamFigures:
    """What has come of one stream.

    Attributes:
        keys: Fields of its key; empty for none.
        summed: The field whose values are added up; None for none.
        keyless_rows: Rows of a stream without a key.
    """

    keys: tuple[str, ...] = ()
    summed: str | None = None
    keyless_rows: int = 0
    _values: dict[bytes, Decimal] = field(default_factory=dict)
    _keyless_total: Decimal = Decimal(0)

    @property
    def rows(self) -> int:
        """Return the rows a target has after all of it: one per key, none deleted."""
        return len(self._values) if self.keys else self.keyless_rows

    @property
    def total(self) -> Decimal | None:
        """Return the sum over these rows; None if nothing is summed."""
        if self.summed is None:
            return None
        return sum(self._values.values(), self._keyless_total)

    def add(self, record: Mapping[str, msgspec.Raw]) -> None:
        """Count a record; a later one of the same key replaces it."""
        value = self._value(record)
        if not self.keys:
            self.keyless_rows += 1
            self._keyless_total += value
            return
        text = b"\0".join(bytes(record.get(key, msgspec.Raw(b""))) for key in self.keys)
        place = hashlib.blake2b(text, digest_size=10).digest()
        if bytes(record.get(_DELETED, msgspec.Raw(_NULL))) != _NULL:
            self._values.pop(place, None)
        else:
            self._values[place] = value

    def _value(self, record: Mapping[str, msgspec.Raw]) -> Decimal:
        raw = None if self.summed is None else record.get(self.summed)
        if raw is None or bytes(raw) == _NULL:
            return Decimal(0)
        try:
            return Decimal(bytes(raw).decode().strip('"'))
        except InvalidOperation as error:
            raise TapInputError(
                f"{self.summed} is no number, so that it has no sum",
                "Correct `reconcile:` in bizops.yml.",
            ) from error


@dataclass(slots=True)
class FigureCounter:
    """Counts one tap's output.

    Attributes:
        tap: Its name, for messages.
        sums: Stream to the field that is added up.
        streams: What came, by stream.
    """

    tap: str
    sums: Mapping[str, str]
    streams: dict[str, StreamFigures] = field(default_factory=dict)

    def feed(self, block: bytes) -> None:
        """Count whole lines.

        Raises:
            TapInputError: A line is no Singer message, or of a kind that cannot be
                counted.
        """
        for line in block.split(b"\n"):
            if line.strip():
                self._count(line)

    def _count(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line, type=_Message)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
            raise TapInputError(
                f"{self.tap} wrote something that is no Singer message",
                "Report it to the tap's authors.",
            ) from error
        if message.type == "SCHEMA":
            figures = self._figures(message.stream)
            figures.keys = tuple(message.key_properties or ())
        elif message.type == "RECORD":
            self._figures(message.stream).add(message.record or {})
        elif message.type == "BATCH":
            raise TapInputError(
                f"{self.tap} sends {message.stream} in files, which are not counted",
                f"Remove `batch_config` from {self.tap}.",
            )

    def _figures(self, stream: str) -> StreamFigures:
        return self.streams.setdefault(
            stream, StreamFigures(summed=self.sums.get(stream))
        )

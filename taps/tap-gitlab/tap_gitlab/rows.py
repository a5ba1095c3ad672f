"""Rows of a stream, from an answer's bytes to RECORD lines.

A row is a msgspec struct of the chosen columns: what has another type than its column
says is noticed while decoding. Objects and lists are not taken apart; what is in them
is passed on byte by byte. Rows that do not decode this way are looked at value by
value (``values.fit``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import ValueFormatError
from reading_kit.jsonlines import decode_json_bytes
from reading_kit.sending import MalformedAnswerError
from tap_gitlab.columns import Column, Kind
from tap_gitlab.values import UnfitError, fit, is_normal_instant, to_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    #: Changes a row as the service gives it, e.g. takes a key out of an object.
    Derive = Callable[[dict[str, Any]], dict[str, Any]]

_TYPES: dict[Kind, Any] = {
    Kind.WHOLE: int | None,
    Kind.NUMBER: Decimal | None,
    Kind.TEXT: str | None,
    Kind.MOMENT: str | None,
    Kind.DAY: str | None,
    Kind.SWITCH: bool | None,
    Kind.OBJECT: dict[str, msgspec.Raw] | None,
    Kind.LIST: list[msgspec.Raw] | None,
    Kind.TEXTS: list[str | None] | None,
}
#: A struct of a stream's columns; its fields are known at run time only.
Row = Any
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of one stream.

    Attributes:
        stream: Name of the stream, for messages.
        columns: What is read and written.
        derive: Makes columns that are not in the answer as such.
    """

    stream: str
    columns: tuple[Column, ...]
    row_type: Any
    decoder: Any
    moments: tuple[str, ...]
    derive: Derive | None = None

    @classmethod
    def of(
        cls,
        stream: str,
        columns: Sequence[Column],
        *,
        derive: Derive | None = None,
    ) -> RowReader:
        """Make the reader of some columns."""
        row_type = msgspec.defstruct(
            stream, [(c.name, _TYPES[c.kind], None) for c in columns]
        )
        return cls(
            stream,
            tuple(columns),
            row_type,
            msgspec.json.Decoder(list[row_type]),  # type: ignore[valid-type] # made above
            tuple(c.name for c in columns if c.kind is Kind.MOMENT),
            derive,
        )

    def read(self, body: bytes, added: Mapping[str, Any] | None = None) -> list[Row]:
        """Read an answer that is a list.

        Args:
            body: The answer.
            added: Columns that are the same for all rows and that the answer lacks,
                such as ``project_id``.

        Raises:
            MalformedAnswerError: it is not a JSON list of objects.
            ValueFormatError: a value is not what its column holds.
        """
        if self.derive is None:
            try:
                rows = self.decoder.decode(body)
            except (msgspec.DecodeError, ArithmeticError, UnicodeDecodeError):
                return self.make(read_list(body), added)
            self._settle(rows, added or {})
            return list(rows)
        return self.make(read_list(body), added)

    def make(
        self,
        documents: Sequence[Mapping[str, Any]],
        added: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """Make rows of JSON objects.

        Raises:
            ValueFormatError: a value is not what its column holds.
        """
        rows = [self._make_row(dict(each)) for each in documents]
        self._settle(rows, added or {})
        return rows

    def _make_row(self, document: dict[str, Any]) -> Row:
        if self.derive is not None:
            document = self.derive(document)
        found = {}
        for column in self.columns:
            value = document.get(column.name)
            try:
                found[column.name] = fit(value, column.kind)
            except UnfitError as error:
                msg = (
                    f"{self.stream}.{column.name}: expected a {error}, "
                    f"got {_name_type(value)}"
                )
                raise ValueFormatError(msg) from None
        return self.row_type(**found)

    def _settle(self, rows: Sequence[Row], added: Mapping[str, Any]) -> None:
        names = {column.name for column in self.columns}
        for name, value in added.items():
            if name in names:
                for row in rows:
                    if getattr(row, name) is None:
                        setattr(row, name, value)
        for name in self.moments:
            for row in rows:
                text = getattr(row, name)
                if text is not None and not is_normal_instant(text):
                    setattr(row, name, self._to_instant(name, text))

    def _to_instant(self, name: str, text: str) -> str:
        try:
            return to_instant(text)
        except UnfitError:
            msg = f"{self.stream}.{name}: expected a date-time, got other text"
            raise ValueFormatError(msg) from None

    def new_fields(self, body: bytes, known: frozenset[str]) -> list[str]:
        """Give the fields of an answer's first row that nobody knows."""
        documents = read_list(body)[:1]
        return sorted({name for each in documents for name in each} - known)


def read_list(body: bytes) -> list[dict[str, Any]]:
    """Read an answer that is a list of objects; a lone object is a list of one.

    Raises:
        MalformedAnswerError: it is something else.
    """
    document = read_json(body)
    found = document if isinstance(document, list) else [document]
    if not all(isinstance(each, dict) for each in found):
        raise MalformedAnswerError("an answer that is no list of objects")
    return found


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Read an answer, decimals exact.

    Raises:
        MalformedAnswerError: it is not JSON.
    """
    from reading_kit.jsonlines import NotJsonError

    try:
        return decode_json_bytes(body)
    except NotJsonError:
        raise MalformedAnswerError("an answer that is not JSON") from None


def without_line_breaks(rows: Sequence[Row]) -> list[Any]:
    """Give rows whose objects were spread over lines as plain values again."""
    return [decode_json_bytes(_ENCODER.encode(row)) for row in rows]


def _name_type(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, Decimal)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"

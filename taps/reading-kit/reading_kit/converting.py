"""From rows of text cells to blocks of RECORD lines, a column at a time.

The cells are those of a service's CSV: empty is null, numbers are digits. Whole
columns go through functions of the standard library written in C; Python code runs
for the rare value that is not in its usual form. No number passes through a float.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from reading_kit.cells import (
    CARRIER,
    CellBlock,
    escape_cells,
    from_rows,
    unescape_cell,
)
from reading_kit.errors import ValueFormatError
from reading_kit.values import (
    FLOAT_DIGITS,
    date_converter,
    instant_converter,
    integer_converter,
    number_converter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    ColumnConverter = Callable[[Sequence[str]], Sequence[str]]

_BOOLEANS = frozenset({"true", "false"})
_JSON_BOOLEANS = {"true": "true", "false": "false", "": "null"}
_INTEGER = re.compile(r"(?:-?(?>0|[1-9][0-9]*+))?")
_DATE = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_INSTANT = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)?"
)
_INSTANT_SHAPE = b"0000-00-00T00:00:00.000Z,"
_INTEGERS = msgspec.json.Decoder(list[int | None])
_NUMBERS = msgspec.json.Decoder(list[float | None])
_AS_0 = bytes.maketrans(b"123456789", b"0" * 9)
#: How instants of whole seconds end in another usual form, and in ours.
_OTHER_END = ("+0000,", ".000Z,")
#: Kinds whose values are strings of JSON; empty cells of theirs are null.
_QUOTED = frozenset({"string", "date", "datetime"})


ColumnKind = Literal[
    "string", "boolean", "integer", "number", "date", "datetime", "json"
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of CSV.

    Attributes:
        kind: What its cells hold; those of kind ``json`` are passed on as they are.
        scale: Digits after the point of a number, for noise of floats; 0 if not known.
    """

    name: str
    kind: ColumnKind = "string"
    scale: int = 0


@dataclass(frozen=True, slots=True)
class RecordEnvelope:
    """What all records of one read have in common.

    Attributes:
        time_extracted: The server's time of the read, as written.
        version: Version of a FULL_TABLE read, none for incremental ones.
    """

    stream: str
    time_extracted: str
    version: int | None = None


class BlockConverter:
    """Converts blocks of rows of one read; not for use by two threads at once.

    Attributes:
        max_key: Highest replication key seen that is not above the limit, or empty.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        envelope: RecordEnvelope,
        *,
        key: str | None,
        key_limit: str,
        deleted_at: tuple[str, str] | None = None,
    ) -> None:
        """Prepare the conversion.

        Args:
            columns: The columns of the rows, in their order.
            envelope: What all records have in common.
            key: Name of the replication key.
            key_limit: Keys above this are not trusted, as written.
            deleted_at: Names of a flag and of an instant: where the flag is true,
                ``_sdc_deleted_at`` of the record is that instant, else null.
        """
        names = [column.name for column in columns]
        self._columns = [_new_column(envelope.stream, column) for column in columns]
        self._key_index = names.index(key) if key in names else None
        self._key_limit = key_limit
        has_deleted_at = deleted_at is not None and set(deleted_at) <= set(names)
        self._deleted_at = (
            [names.index(name) for name in deleted_at]
            if deleted_at is not None and has_deleted_at
            else None
        )
        kinds = [column.kind for column in columns]
        if has_deleted_at:
            names, kinds = [*names, "_sdc_deleted_at"], [*kinds, "datetime"]
        self._names = [
            f"{',' if index else ''}{json.dumps(name)}:"
            for index, name in enumerate(names)
        ]
        self._are_quoted = [kind in _QUOTED for kind in kinds]
        self._head, self._tail = _frame(envelope)
        self.max_key = ""

    def convert(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Give the lines of a block of rows, all as long as the columns.

        Raises:
            ValueFormatError: a value does not have the form of its type.
        """
        return self.convert_block(from_rows(rows)) if rows else b""

    def convert_block(self, block: CellBlock) -> bytes:
        """Give the lines of a block of columns, one for each column of ours.

        Raises:
            ValueFormatError: a value does not have the form of its type.
        """
        converted = [
            column.convert(cells, is_escaped=block.is_escaped)
            for column, cells in zip(self._columns, block.columns, strict=True)
        ]
        if self._key_index is not None:
            self._note_keys(converted[self._key_index])
        if self._deleted_at is not None:
            deleted, stamp = self._deleted_at
            pairs = zip(converted[deleted], converted[stamp], strict=True)
            converted.append([at if flag == "true" else "" for flag, at in pairs])
        return self._join(converted, rows=block.rows)

    def _join(self, converted: Sequence[Sequence[str]], *, rows: int) -> bytes:
        """Put the lines together: what is constant around what is not."""
        values: list[Sequence[str]] = []
        line: list[str] = []
        quote = self._head
        for name, is_quoted, cells in zip(
            self._names, self._are_quoted, converted, strict=True
        ):
            # Quotes are constants too, except where nulls stand between the values.
            opening = '"' if is_quoted and "" not in cells else ""
            line += (f"{quote}{name}{opening}", "")
            quote = opening
            if is_quoted and not opening:
                cells = [f'"{cell}"' if cell else "null" for cell in cells]  # noqa: PLW2901
            values.append(cells)
        line.append(quote + self._tail)
        pieces = line * rows
        for index, cells in enumerate(values):
            pieces[2 * index + 1 :: len(line)] = cells
        return "".join(pieces).encode(CARRIER)

    def _note_keys(self, keys: Sequence[str]) -> None:
        highest = max(keys)
        if highest > self._key_limit:
            trusted = (key for key in keys if key <= self._key_limit)
            highest = max(trusted, default="")
        self.max_key = max(self.max_key, highest)


def _frame(envelope: RecordEnvelope) -> tuple[str, str]:
    """Give what stands before and after a record in its line."""
    stream = json.dumps(envelope.stream)
    version = f',"version":{envelope.version}' if envelope.version is not None else ""
    head = f'{{"type":"RECORD","stream":{stream},"record":{{'
    tail = f'}}{version},"time_extracted":"{envelope.time_extracted}"}}\n'
    return head, tail


@dataclass(frozen=True, slots=True)
class _Column:
    """How the cells of one column become what stands in the line.

    Attributes:
        change: Checks and converts cells; none leaves them as they are.
        is_text: Whether cells must be escaped as inside a JSON string.
        is_json: Whether cells must not be.
    """

    change: ColumnConverter | None
    is_text: bool = False
    is_json: bool = False

    def convert(self, cells: Sequence[str], *, is_escaped: bool) -> Sequence[str]:
        if self.is_text and not is_escaped:
            cells = escape_cells(cells)
        if self.is_json:
            cells = escape_cells(cells) if not is_escaped else cells
            cells = [unescape_cell(cell) for cell in cells]
        return cells if self.change is None else self.change(cells)


def _new_column(stream: str, column: Column) -> _Column:
    if column.kind == "json":
        return _Column(_null_where_empty, is_json=True)
    if column.kind == "string":
        return _Column(None, is_text=True)
    return _Column(_new_change(f"{stream}.{column.name}", column))


def _new_change(place: str, column: Column) -> ColumnConverter:
    match column.kind:
        case "boolean":
            return partial(_check_booleans, place)
        case "integer":
            slow = integer_converter(place)
            usual = _with_usual_form(_INTEGER, slow, empty="null")
            return _with_json_form(_INTEGERS, usual)
        case "date":
            slow = date_converter(place)
            return _with_usual_form(_DATE, slow, empty="", shape=b"0000-00-00,")
        case "datetime":
            slow = instant_converter(place)
            return _with_usual_form(
                _INSTANT, slow, empty="", other=_OTHER_END, shape=_INSTANT_SHAPE
            )
        case _:
            slow = number_converter(place, scale=column.scale)
            pattern = _number_pattern(column.scale)
            return _with_json_form(
                _NUMBERS, _with_usual_form(pattern, slow, empty="null")
            )


def _null_where_empty(cells: Sequence[str]) -> Sequence[str]:
    return [cell or "null" for cell in cells]


def _check_booleans(place: str, cells: Sequence[str]) -> Sequence[str]:
    if set(cells) <= _BOOLEANS:
        return cells
    try:
        return [_JSON_BOOLEANS[cell.lower()] for cell in cells]
    except KeyError:
        msg = f"{place}: a value is neither true nor false"
        raise ValueFormatError(msg) from None


def _number_pattern(scale: int) -> re.Pattern[str]:
    digits = f"{{1,{scale}}}" if scale > 0 else "+"
    return re.compile(rf"(?:-?(?>0|[1-9][0-9]*+)(?:\.[0-9]{digits}+)?+)?")


def _with_json_form(
    decoder: msgspec.json.Decoder[Any], otherwise: ColumnConverter
) -> ColumnConverter:
    """Take short numbers that JSON knows as they are: no check is quicker.

    Numbers this short hold no noise of a float.
    """

    def convert(cells: Sequence[str]) -> Sequence[str]:
        filled = [cell or "null" for cell in cells] if "" in cells else cells
        joined = ",".join(filled)
        is_plain = "e" not in joined and "E" not in joined and " " not in joined
        if is_plain and max(map(len, filled), default=0) <= FLOAT_DIGITS:
            with suppress(msgspec.DecodeError):
                if len(decoder.decode(f"[{joined}]")) == len(cells):
                    return filled
        return otherwise(cells)

    return convert


def _digits_as_0(text: str) -> bytes:
    return text.encode(CARRIER).translate(_AS_0)


def _with_usual_form(
    usual: re.Pattern[str],
    slow: Callable[[str], str],
    *,
    empty: str,
    other: tuple[str, str] | None = None,
    shape: bytes | None = None,
) -> ColumnConverter:
    """Convert a column at once where all its cells have their usual form.

    Args:
        usual: The usual form.
        slow: Converts any other cell.
        empty: What an empty cell becomes.
        other: An ending (with the comma after it) that a whole column may have, and
            the usual one in its place.
        shape: The usual form (and a comma) with 0 for every digit, where it is one
            shape: what costs least to look for.
    """
    matches = usual.fullmatch
    # Possessive: no cell is looked at twice. One pass costs a third of one per cell.
    all_match = re.compile(rf"(?>(?:{usual.pattern})?+,)*+").fullmatch

    def convert(cells: Sequence[str]) -> Sequence[str]:
        joined = ",".join(cells) + ","
        if shape is not None and _digits_as_0(joined) == shape * len(cells):
            return cells
        if joined.count(",") == len(cells) and all_match(joined):
            has_empty = empty and (",," in joined or joined.startswith(","))
            return [cell or empty for cell in cells] if has_empty else cells
        if other is not None and joined.count(",") == len(cells):
            respelled = joined.replace(*other)
            if all_match(respelled):
                return [cell or empty for cell in respelled[:-1].split(",")]
        return [(cell if matches(cell) else slow(cell)) or empty for cell in cells]

    return convert

r"""BATCH files of format `pgcopy`: rows that are COPY text already.

The first line names the properties. Each line after it is a row: fields with tabs
between them, `\N` for null, and `\\`, `\t`, `\n`, `\r` for what would end a field or a
row. A text stands as it is; a number, a boolean, a date as in JSON, without quotes; a
property whose column is jsonb as JSON. Rows are checked and go to the server as they
are; doc/target.md has the rules.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from target_postgres.copy_checks import NULL_FIELD, Check, check_of
from target_postgres.copy_columns import UnfitBlockError
from target_postgres.encoder import EncodedRows, now_text
from target_postgres.errors import BadInputError
from target_postgres.exact_values import DECIMAL_TEXT, NULL
from target_postgres.json_exact import NumberText, SpecialNumber, parse_json
from target_postgres.records import envelope_of, time_extracted_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_postgres.column_types import Kind
    from target_postgres.encoder import RecordEncoder
    from target_postgres.errors import Place
    from target_postgres.records import Outside

FORMAT = "pgcopy"

_ESCAPES = re.compile(rb"\\.?", re.DOTALL)
_KNOWN_ESCAPES = frozenset({b"\\\\", b"\\t", b"\\n", b"\\r", NULL_FIELD})
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
_NUMBER_KINDS: frozenset[Kind] = frozenset(
    {"int2", "int4", "int8", "numeric", "float8"}
)
_SPECIAL_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
_BOOLEANS = {"true": True, "false": False}


class CopyFile:
    """One file: what its columns are, and how its rows become the table's."""

    def __init__(
        self, header: bytes, encoder: RecordEncoder, outside: Outside, *, place: Place
    ) -> None:
        """Read the header.

        Args:
            header: The first line.
            encoder: The stream's encoder.
            outside: What the BATCH message says of all its records.
            place: Of the first line.

        Raises:
            BadInputError: If it names a property twice, or one that is not the
                stream's.
        """
        self._encoder = encoder
        self._outside = outside
        self._names = _read_names(header, place)
        # Objects that are flattened come whole.
        kinds: dict[str, Kind] = {
            each.path[0]: "jsonb" if len(each.path) > 1 else each.type.kind
            for each in encoder.properties.values()
        }
        for name in self._names:
            if name not in kinds:
                where = replace(place, field=name)
                raise BadInputError("a column that is no property", where)
        self._kinds = [kinds[name] for name in self._names]
        self._extracted_at = time_extracted_text(
            parse_json(bytes(outside.extracted_at).decode()), place
        )
        self._compiled_for: object = None
        self._checks: list[Check] = []
        self._order: list[int | None] = []

    def encode_block(self, content: bytes, numbers: Sequence[int]) -> EncodedRows:
        """Take rows as they are.

        Args:
            content: Whole lines.
            numbers: Their numbers.

        Raises:
            UnfitBlockError: If some row must go the exact way.
        """
        self._compile()
        if b"\0" in content or b"\r" in content:
            raise UnfitBlockError
        found = self._split(content)
        if _has_wrong_escape(content, found):
            raise UnfitBlockError
        nulls = [NULL_FIELD] * len(numbers)
        columns = [nulls if at is None else found[at] for at in self._order]
        for check, values in zip(self._checks, columns, strict=True):
            check(values)
        encoder = self._encoder
        keys = [columns[encoder.index_of(key)] for key in encoder.design.keys]
        if any(NULL_FIELD in values for values in keys):
            raise UnfitBlockError
        if self._order != list(range(len(self._names))):
            content = b"\n".join(map(b"\t".join, zip(*columns, strict=True)))
        marks = encoder.deletion_index
        try:
            rows = content.decode().split("\n")
        except UnicodeDecodeError:
            raise UnfitBlockError from None
        return EncodedRows(
            texts=self._with_metadata(rows, numbers),
            keys=[_texts(values) for values in keys],
            deletion_marks=None if marks is None else _texts(columns[marks]),
        )

    def _compile(self) -> None:
        """Make the checks anew whenever a column has widened."""
        encoder = self._encoder
        if self._compiled_for is encoder.design:
            return
        positions = {name: index for index, name in enumerate(self._names)}
        self._order = []
        for plan, each in zip(encoder.plans, encoder.properties.values(), strict=True):
            position = positions.get(each.name)
            is_json = each.type.kind == "jsonb"
            if (
                len(plan.path) > 1
                or (position is None and plan.is_required)
                or is_json != (plan.rules.type.kind == "jsonb")
            ):
                raise UnfitBlockError
            self._order.append(position)
        self._checks = [check_of(plan) for plan in encoder.plans]
        self._compiled_for = encoder.design

    def _split(self, content: bytes) -> list[Sequence[bytes]]:
        """Take rows apart into the file's columns."""
        rows = content.split(b"\n")
        try:
            found: list[Sequence[bytes]] = list(
                zip(*[row.split(b"\t") for row in rows], strict=True)
            )
        except ValueError:
            raise UnfitBlockError from None
        if len(found) != len(self._names):
            raise UnfitBlockError
        return found

    def _with_metadata(self, rows: list[str], numbers: Sequence[int]) -> list[str]:
        extra = f"\t{NULL}" if self._encoder.captures_extra else ""
        if not self._encoder.design.has_metadata:
            return [f"{row}{extra}" for row in rows] if extra else rows
        first = self._encoder.first_sequence
        before = f"{extra}\t{self._extracted_at}\t{now_text()}\t"
        (version,) = self._encoder.version_texts([self._outside.version])
        return [
            f"{row}{before}{first + number}\t{version}"
            for row, number in zip(rows, numbers, strict=True)
        ]

    def parse_row(self, line: bytes, place: Place) -> Mapping[str, Any]:
        """Read one row exactly, as the RECORD message it stands for.

        Raises:
            BadInputError: If it is no row of this file.
        """
        try:
            fields = line.decode().split("\t")
        except UnicodeDecodeError as error:
            raise BadInputError(
                f"invalid UTF-8 at byte {error.start} of the line", place
            ) from None
        if len(fields) != len(self._names):
            raise BadInputError(
                f"{len(fields)} fields, not the {len(self._names)} of the first line",
                place,
            )
        record = {
            name: _parse_field(field, kind, replace(place, field=name))
            for name, kind, field in zip(self._names, self._kinds, fields, strict=True)
        }
        return envelope_of(record, self._outside)


def _has_wrong_escape(content: bytes, columns: Sequence[Sequence[bytes]]) -> bool:
    escapes = _ESCAPES.findall(content)
    if not _KNOWN_ESCAPES.issuperset(escapes):
        return True
    # Null stands alone in its field.
    nulls = sum(values.count(NULL_FIELD) for values in columns)
    return escapes.count(NULL_FIELD) != nulls


def _texts(fields: Sequence[bytes]) -> list[str]:
    return [field.decode() for field in fields]


def _read_names(header: bytes, place: Place) -> tuple[str, ...]:
    try:
        text = header.decode()
    except UnicodeDecodeError:
        raise BadInputError("the names of the columns are not UTF-8", place) from None
    names = tuple(_unescape(field, place) for field in text.split("\t"))
    if len(set(names)) < len(names):
        raise BadInputError("a column is named twice", place)
    return names


def _unescape(field: str, place: Place) -> str:
    def resolve(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            raise BadInputError("an escape that pgcopy files do not have", place)
        return _ESCAPED[match[1]]

    return _ESCAPE.sub(resolve, field) if "\\" in field else field


def _parse_field(field: str, kind: Kind, place: Place) -> Any:  # noqa: ANN401 - JSON
    if field == NULL:
        return None
    text = _unescape(field, place)
    if kind in _NUMBER_KINDS:
        if text in _SPECIAL_NUMBERS:
            return SpecialNumber(text)
        return NumberText(text) if DECIMAL_TEXT.fullmatch(text) else text
    if kind == "bool":
        return _BOOLEANS.get(text, text)
    if kind == "jsonb":
        try:
            return parse_json(text)
        except ValueError as error:
            reason = getattr(error, "msg", None) or str(error)
            raise BadInputError(f"not JSON: {reason}", place) from None
    return text

"""Records of one stream under one schema: from lines to rows of COPY text."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from target_postgres.column_types import JSONB, ColumnType, widest
from target_postgres.compiled import ColumnPlan, CompiledStream, compile_stream
from target_postgres.copy_columns import UnfitBlockError
from target_postgres.errors import (
    BadInputError,
    DatabaseRefusedError,
    MissingKeyError,
    Place,
)
from target_postgres.exact_values import (
    NULL,
    UnfitValueError,
    ValueRules,
    WiderColumnNeeded,
    exact_copy_text,
)
from target_postgres.json_exact import (
    NumberText,
    SpecialNumber,
)
from target_postgres.numbering import RowNumbers
from target_postgres.records import (
    ABSENT,
    Outside,
    outside_schema,
    time_extracted_text,
    value_at,
)
from target_postgres.tables import DELETED_AT, EXTRA, TableDesign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_postgres.schemas import Property, StreamSchema

logger = logging.getLogger("target-postgres")

_NOT_DECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What a run decides for all its streams.

    Attributes:
        first_sequence: `_sdc_sequence` of a row is this plus its line number.
        run_id: Value of `_bizops_run_id`, if the column is wanted.
        refuses_nul: Whether U+0000 stops the run.
        validates_required: Whether a record without a required property stops it.
        may_widen: Whether a value may widen its column.
        removes_deleted: Whether a record with a deletion time removes its key.
        sets_aside: Whether a wrong record is set aside instead of stopping the run.
        captures_extra: Whether properties outside the schema are kept together.
        numbers: Where each record stood.
    """

    first_sequence: int
    run_id: str | None
    refuses_nul: bool
    validates_required: bool
    may_widen: bool
    removes_deleted: bool
    sets_aside: bool = False
    captures_extra: bool = False
    numbers: RowNumbers = field(default_factory=RowNumbers)


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Some rows.

    Attributes:
        texts: COPY text of each row, without the fields the batch shares.
        keys: COPY texts of each key column.
        deletion_marks: COPY texts of `_sdc_deleted_at`, when the tap sends it.
    """

    texts: list[str]
    keys: list[Sequence[str]]
    deletion_marks: Sequence[str] | None


class RecordEncoder:
    """Encodes records; may widen the columns of its table's design on the way."""

    def __init__(
        self,
        schema: StreamSchema,
        design: TableDesign,
        properties: Mapping[str, Property],
        options: StreamOptions,
    ) -> None:
        """Compile the stream.

        Args:
            schema: The stream's schema.
            design: Its table, with types reconciled with the existing table.
            properties: Property of each column of the tap, in COPY order.
            options: What the run decides.
        """
        self.design = design
        self.versions_seen: set[int] = set()
        self.properties = properties
        self._stream = schema.stream
        self._options = options
        self._columns = tuple(properties)
        self._plans = [
            _plan(column, each, design, options) for column, each in properties.items()
        ]
        self._plan_index = {column: i for i, column in enumerate(self._columns)}
        self._ignores_unknown = False
        self._compiled: CompiledStream | None = None
        self._compile()

    def _compile(self) -> None:
        self._compiled = compile_stream(
            self._stream, self._plans, ignores_unknown=self._ignores_unknown
        )

    @property
    def sends_deletion_times(self) -> bool:
        """Tell whether the tap itself fills `_sdc_deleted_at`."""
        return self.deletion_index is not None

    @property
    def plans(self) -> Sequence[ColumnPlan]:
        """Give the plan of each column of the tap, in COPY order."""
        return self._plans

    @property
    def captures_extra(self) -> bool:
        """Tell whether rows have a column for properties outside the schema."""
        return self._options.captures_extra

    @property
    def first_sequence(self) -> int:
        """Give `_sdc_sequence` of a row minus the record's number."""
        return self._options.first_sequence

    @property
    def deletion_index(self) -> int | None:
        """Find the column of deletion times, if the tap fills it."""
        return self._plan_index.get(DELETED_AT)

    def index_of(self, column: str) -> int:
        """Find a column of the tap."""
        return self._plan_index[column]

    def decode(self, line: bytes, *, is_bare: bool) -> Any:  # noqa: ANN401 - a struct
        """Decode a line if it is a plain record of this stream, else give None.

        Args:
            line: A RECORD message, or a line of a BATCH file.
            is_bare: Whether it is the latter.
        """
        compiled = self._compiled
        if compiled is None:
            return None
        try:
            return compiled.decode_record(line) if is_bare else compiled.decode(line)
        except _NOT_DECODED:
            return None

    def decode_lines(self, content: bytes, *, is_bare: bool) -> list[Any] | None:
        """Decode whole lines if all are plain records of this stream."""
        compiled = self._compiled
        if compiled is None:
            return None
        decode = compiled.decode_records if is_bare else compiled.decode_lines
        try:
            return decode(content)
        except _NOT_DECODED:
            return None

    def encode_block(
        self, decoded: list[Any], numbers: Sequence[int], outside: Outside | None
    ) -> EncodedRows:
        """Encode decoded records, column by column.

        Args:
            decoded: Envelopes, or bare records of a BATCH file.
            numbers: Their numbers.
            outside: What the BATCH message says of them, if they are bare.

        Raises:
            UnfitBlockError: If some record must go the exact way.
        """
        compiled = self._compiled
        if compiled is None:
            raise UnfitBlockError
        records = [each.record for each in decoded] if outside is None else decoded
        columns = [
            encode(values)
            for encode, values in zip(
                compiled.encoders, compiled.shape.columns(records), strict=True
            )
        ]
        if any(NULL in columns[i] for i in compiled.key_indexes):
            raise UnfitBlockError
        count = len(decoded)
        if self._options.captures_extra:
            columns.append([NULL] * count)
        if self.design.has_metadata:
            columns.append(self._extracted_at(compiled, decoded, outside))
            columns.append([now_text()] * count)
            first = self._options.first_sequence
            columns.append([str(first + number) for number in numbers])
            columns.append(self._block_versions(decoded, outside))
        return self._rows(columns)

    def _extracted_at(
        self, compiled: CompiledStream, decoded: list[Any], outside: Outside | None
    ) -> Sequence[str]:
        if outside is None:
            raws = [each.time_extracted for each in decoded]
            return compiled.encode_extracted_at(raws)
        (text,) = compiled.encode_extracted_at([outside.extracted_at])
        return [text] * len(decoded)

    def _block_versions(
        self, decoded: list[Any], outside: Outside | None
    ) -> Sequence[str]:
        if outside is None:
            return self.version_texts([each.version for each in decoded])
        return self.version_texts([outside.version]) * len(decoded)

    def _rows(self, columns: list[Sequence[str]]) -> EncodedRows:
        marks = self.deletion_index
        return EncodedRows(
            texts=list(map("\t".join, zip(*columns, strict=True))),
            keys=[columns[self._plan_index[key]] for key in self.design.keys],
            deletion_marks=None if marks is None else columns[marks],
        )

    def version_texts(self, versions: list[int | None]) -> list[str]:
        """Write versions as COPY texts, and remember them."""
        if all(each is None for each in versions):
            return [NULL] * len(versions)
        self.versions_seen.update(v for v in set(versions) if v is not None)
        return [NULL if each is None else str(each) for each in versions]

    def encode_exactly(self, message: Mapping[str, Any], number: int) -> EncodedRows:
        """Encode one parsed record: accept it, widen a column, or refuse it.

        Args:
            message: The RECORD message, from `parse_json`.
            number: Its number.

        Raises:
            BadInputError: If the record is wrong; names the field.
            DatabaseRefusedError: If a column would have to change and may not.
        """
        place = self._options.numbers.place(number, stream=self._stream)
        record = message.get("record")
        if not isinstance(record, dict):
            raise BadInputError("RECORD without a record object", place)
        extra = self._extra_properties(record)
        columns: list[Sequence[str]] = [
            [self._exact_field(index, record, place)]
            for index in range(len(self._columns))
        ]
        if self._options.captures_extra:
            columns.append([self._extra_text(extra, place)])
        if self.design.has_metadata:
            columns.extend(self._exact_metadata(message, number, place))
        # Without columns there is still a row.
        return self._rows(columns) if columns else EncodedRows([""], [], None)

    def _exact_metadata(
        self, message: Mapping[str, Any], number: int, place: Place
    ) -> list[list[str]]:
        extracted_at = time_extracted_text(message.get("time_extracted"), place)
        version = message.get("version")
        if version is not None and not isinstance(version, NumberText):
            raise BadInputError("version is not a number", place)
        return [
            [extracted_at],
            [now_text()],
            [str(self._options.first_sequence + number)],
            self.version_texts([None if version is None else int(version)]),
        ]

    def _extra_properties(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._ignores_unknown:
            return {}
        extra = outside_schema(record, [plan.path for plan in self._plans])
        if extra and not self._options.captures_extra:
            logger.warning(
                "stream %r: properties outside its schema are left out: %s",
                self._stream,
                ", ".join(repr(name) for name in sorted(extra)),
            )
            self._ignores_unknown = True
            self._compile()
        return extra

    def _extra_text(self, extra: Mapping[str, Any], place: Place) -> str:
        rules = ValueRules(JSONB, refuses_nul=self._options.refuses_nul)
        try:
            return exact_copy_text(extra, rules) if extra else NULL
        except UnfitValueError as error:
            raise BadInputError(str(error), replace(place, field=EXTRA)) from None

    def _exact_field(self, index: int, record: Mapping[str, Any], place: Place) -> str:
        plan = self._plans[index]
        place = replace(place, field=plan.property_name)
        value = value_at(record, plan.path, place)
        if value is ABSENT or value is None:
            if plan.is_key:
                what = "is missing" if value is ABSENT else "is null"
                raise MissingKeyError(f"key property {what}", place)
            if plan.is_required and value is ABSENT:
                raise BadInputError("required property is missing", place)
            return NULL
        self._note_scalar(index, value)
        while True:
            try:
                return exact_copy_text(value, self._plans[index].rules)
            except UnfitValueError as error:
                raise BadInputError(str(error), place) from None
            except WiderColumnNeeded as needed:
                self._widen(index, needed.type, place)

    def _note_scalar(self, index: int, value: object) -> None:
        plan = self._plans[index]
        is_scalar = isinstance(value, bool | NumberText | SpecialNumber)
        if is_scalar and plan.rules.type.kind == "text" and not plan.has_scalars:
            self._plans[index] = replace(plan, has_scalars=True)
            self._compile()

    def _widen(self, index: int, needed: ColumnType, place: Place) -> None:
        plan = self._plans[index]
        wider = widest(plan.rules.type, needed)
        if wider is None or wider == plan.rules.type:
            raise BadInputError(f"does not fit {plan.rules.type}", place)
        if not self._options.may_widen:
            raise DatabaseRefusedError(
                f"a value needs {wider} and schema_changes forbids it ({place})"
            )
        logger.info(
            "stream %r: column of %r widens from %s to %s",
            self._stream,
            plan.property_name,
            plan.rules.type,
            wider,
        )
        self._plans[index] = replace(plan, rules=replace(plan.rules, type=wider))
        self.design = self.design.with_type(self._columns[index], wider)
        self._compile()


def _plan(
    column: str, each: Property, design: TableDesign, options: StreamOptions
) -> ColumnPlan:
    column_type = design.columns[column]
    is_text = column_type.kind == "text"
    return ColumnPlan(
        path=each.path,
        rules=ValueRules(
            column_type,
            accepts_strings=each.accepts_strings,
            content_encoding=each.content_encoding,
            refuses_nul=options.refuses_nul,
        ),
        is_key=column in design.keys,
        is_required=each.is_required and options.validates_required,
        has_scalars=is_text and each.type.kind not in {"text", "uuid", "date"},
    )


def now_text() -> str:
    """Give the time as PostgreSQL reads it."""
    return datetime.now(UTC).isoformat(sep=" ")

"""One stream of the input: its lines become rows, held until they are written."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from target_postgres.batch import Activation, StreamBatch
from target_postgres.column_types import INTEGER_KINDS, ColumnType, widest
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
    escape,
    exact_copy_text,
)
from target_postgres.json_exact import NumberText, SpecialNumber, parse_json
from target_postgres.tables import (
    DELETED_AT,
    EXTRACTED_AT,
    RUN_ID,
    TableDesign,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_postgres.schemas import Property, StreamSchema

logger = logging.getLogger("target-postgres")

_BLOCK_ROWS = 256
# An estimate of what Python keeps for each row beside its text.
_ROW_OVERHEAD_BYTES = 120
# Keys for which equal COPY texts mean equal values in PostgreSQL and the reverse.
_TEXTUAL_KEY_KINDS = frozenset({"text", "bool", "uuid", "date", *INTEGER_KINDS})
_NOT_DECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_ABSENT = object()


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
    """

    first_sequence: int
    run_id: str | None
    refuses_nul: bool
    validates_required: bool
    may_widen: bool
    removes_deleted: bool


class StreamWriter:
    """Holds the rows of one stream under one schema."""

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
        self.schema = schema
        self.design = design
        self._options = options
        self._columns = tuple(properties)
        self._plans = [
            _plan(column, each, design, options) for column, each in properties.items()
        ]
        self._plan_index = {column: i for i, column in enumerate(self._columns)}
        self._ignores_unknown = False
        self._is_dirty = True
        self._envelopes: list[Any] = []
        self._lines: list[bytes] = []
        self._numbers: list[int] = []
        self._rows: dict[Any, str] | list[str] = []
        self.versions_seen: set[int] = set()
        self._compile()
        self._reset()

    @property
    def row_count(self) -> int:
        """Count the rows held."""
        return len(self._rows) + len(self._envelopes)

    @property
    def is_idle(self) -> bool:
        """Tell whether there is nothing to write, not even the table."""
        return not self._is_dirty and not self.row_count

    @property
    def wrote_versions(self) -> bool:
        """Tell whether any record of this run carried a version."""
        return bool(self.versions_seen)

    def settle(self) -> None:
        """Encode what is held as lines.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        self._encode_block()

    def _compile(self) -> None:
        self._compiled: CompiledStream | None = compile_stream(
            self.schema.stream, self._plans, ignores_unknown=self._ignores_unknown
        )
        kinds = {self.design.columns[key].kind for key in self.design.keys}
        self._dedupes = bool(kinds) and kinds <= _TEXTUAL_KEY_KINDS
        if isinstance(self._rows, dict) and not self._dedupes:
            self._rows = list(self._rows.values())

    def _reset(self) -> None:
        self._rows = {} if self._dedupes else []
        self._has_deletions = False
        self._covered_count = 0
        self.size_bytes = 0

    def add(self, line: bytes, number: int) -> bool:
        """Take a line if it is a plain record of this stream.

        Args:
            line: One line of the input.
            number: Its line number.

        Returns:
            False when the line needs a closer look; then it was not taken.

        Raises:
            BadInputError: If an earlier record of the same block is wrong.
        """
        if self._compiled is None:
            return False
        try:
            envelope = self._compiled.decode(line)
        except _NOT_DECODED:
            return False
        self._envelopes.append(envelope)
        self._lines.append(line)
        self._numbers.append(number)
        if len(self._lines) >= _BLOCK_ROWS:
            self._encode_block()
        return True

    def _encode_block(self) -> None:
        if not self._lines:
            return
        envelopes, self._envelopes = self._envelopes, []
        lines, self._lines = self._lines, []
        numbers, self._numbers = self._numbers, []
        try:
            self._encode_quickly(envelopes, numbers)
        except UnfitBlockError:
            for line, number in zip(lines, numbers, strict=True):
                self._encode_exactly(line, number)

    def _encode_quickly(self, envelopes: list[Any], numbers: list[int]) -> None:
        compiled = self._compiled
        if compiled is None:
            raise UnfitBlockError
        records = [each.record for each in envelopes]
        columns = [
            encode(list(map(getter, records)))
            for getter, encode in zip(compiled.getters, compiled.encoders, strict=True)
        ]
        keys = [columns[i] for i in compiled.key_indexes]
        if any(NULL in key for key in keys):
            raise UnfitBlockError
        if self.design.has_metadata:
            first = self._options.first_sequence
            columns.append(
                compiled.encode_extracted_at([e.time_extracted for e in envelopes])
            )
            columns.append([_now()] * len(envelopes))
            columns.append([str(first + number) for number in numbers])
            columns.append(self._versions([each.version for each in envelopes]))
        texts = list(map("\t".join, zip(*columns, strict=True)))
        self._keep(texts, keys, columns)

    def _versions(self, versions: list[int | None]) -> list[str]:
        if all(each is None for each in versions):
            return [NULL] * len(versions)
        self.versions_seen.update(v for v in set(versions) if v is not None)
        return [NULL if each is None else str(each) for each in versions]

    def _keep(self, texts: list[str], keys: list[Any], columns: list[Any]) -> None:
        if isinstance(self._rows, dict):
            names = keys[0] if len(keys) == 1 else zip(*keys, strict=True)
            self._rows.update(zip(names, texts, strict=True))
        else:
            self._rows.extend(texts)
        self.size_bytes += sum(map(len, texts)) + _ROW_OVERHEAD_BYTES * len(texts)
        if self._options.removes_deleted and DELETED_AT in self._plan_index:
            marks = columns[self._plan_index[DELETED_AT]]
            self._has_deletions |= any(mark != NULL for mark in marks)

    def add_exactly(self, line: bytes, number: int) -> None:
        """Take a record that is not plain: accept it, widen a column, or refuse it.

        Args:
            line: The line, a RECORD of this stream.
            number: Its line number.

        Raises:
            BadInputError: If the record is wrong; names the field.
            DatabaseRefusedError: If a column would have to change and may not.
        """
        self._encode_block()
        self._encode_exactly(line, number)

    def _encode_exactly(self, line: bytes, number: int) -> None:
        place = Place(line=number, stream=self.schema.stream)
        try:
            message = parse_json(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise BadInputError(
                f"invalid UTF-8 at byte {error.start} of the line", place
            ) from None
        except ValueError as error:
            raise BadInputError(f"not JSON: {_reason(error)}", place) from None
        record = message.get("record")
        if not isinstance(record, dict):
            raise BadInputError("RECORD without a record object", place)
        self._note_unknown(record)
        columns = [
            [self._exact_field(index, record, place)]
            for index in range(len(self._columns))
        ]
        keys = [columns[self._plan_index[key]] for key in self.design.keys]
        if self.design.has_metadata:
            columns.extend(self._exact_metadata(message, number, place))
        self._keep(["\t".join(c[0] for c in columns)], keys, columns)

    def _exact_metadata(
        self, message: Mapping[str, Any], number: int, place: Place
    ) -> list[list[str]]:
        rules = ValueRules(self.design.columns[EXTRACTED_AT])
        try:
            extracted_at = exact_copy_text(message.get("time_extracted"), rules)
        except (UnfitValueError, WiderColumnNeeded):
            raise BadInputError("time_extracted is not a date-time", place) from None
        version = message.get("version")
        if version is not None and not isinstance(version, NumberText):
            raise BadInputError("version is not a number", place)
        return [
            [extracted_at],
            [_now()],
            [str(self._options.first_sequence + number)],
            self._versions([None if version is None else int(version)]),
        ]

    def _note_unknown(self, record: Mapping[str, Any]) -> None:
        if self._ignores_unknown:
            return
        known = {plan.property_name for plan in self._plans}
        unknown = sorted(name for name in record if name not in known)
        if unknown:
            logger.warning(
                "stream %r: properties outside its schema are left out: %s",
                self.schema.stream,
                ", ".join(repr(name) for name in unknown),
            )
            self._ignores_unknown = True
            self._compile()

    def _exact_field(self, index: int, record: Mapping[str, Any], place: Place) -> str:
        plan = self._plans[index]
        place = replace(place, field=plan.property_name)
        value = record.get(plan.property_name, _ABSENT)
        if value is _ABSENT or value is None:
            if plan.is_key:
                what = "is missing" if value is _ABSENT else "is null"
                raise MissingKeyError(f"key property {what}", place)
            if plan.is_required and value is _ABSENT:
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
            self.schema.stream,
            plan.property_name,
            plan.rules.type,
            wider,
        )
        self._plans[index] = replace(plan, rules=replace(plan.rules, type=wider))
        self.design = self.design.with_type(self._columns[index], wider)
        self._is_dirty = True
        self._compile()

    def mark_state(self) -> None:
        """Note that a STATE covers all rows held now."""
        self._covered_count = self.row_count

    @property
    def has_covered(self) -> bool:
        """Tell whether there is something that may be written before a STATE."""
        rows = self.row_count if self.design.keys else self._covered_count
        return self._is_dirty or rows > 0

    @property
    def has_uncovered(self) -> bool:
        """Tell whether rows would double if the run started from the last STATE."""
        return not self.design.keys and self.row_count > self._covered_count

    def take(
        self,
        *,
        covered_only: bool = False,
        activation: Activation | None = None,
        stale_before: int | None = None,
    ) -> StreamBatch:
        """Hand over what is held and start anew.

        Args:
            covered_only: Whether rows of a stream without a key stay if they came
                after the last STATE.
            activation: A version to activate after the rows.
            stale_before: Sequence below which rows shall go.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        self._encode_block()
        rows = list(self._rows.values()) if isinstance(self._rows, dict) else self._rows
        kept: list[str] = []
        if covered_only and not self.design.keys:
            rows, kept = rows[: self._covered_count], rows[self._covered_count :]
        batch = StreamBatch(
            design=self.design,
            rows=rows,
            shared_fields=self._shared_fields(),
            has_repeated_keys=bool(self.design.keys) and not self._dedupes,
            has_deletions=self._has_deletions and bool(self.design.keys),
            activation=activation,
            stale_before=stale_before,
        )
        self._is_dirty = False
        self._reset()
        if isinstance(self._rows, list):
            self._rows.extend(kept)
        self.size_bytes = sum(map(len, kept)) + _ROW_OVERHEAD_BYTES * len(kept)
        return batch

    def _shared_fields(self) -> str:
        fields = []
        if self.design.has_metadata:
            fields.append(_now())
            if DELETED_AT not in self._plan_index:
                fields.append(NULL)
        if RUN_ID in self.design.columns:
            run_id = self._options.run_id
            fields.append(NULL if run_id is None else escape(run_id))
        return "\t".join(fields)


def _plan(
    column: str, each: Property, design: TableDesign, options: StreamOptions
) -> ColumnPlan:
    column_type = design.columns[column]
    is_text = column_type.kind == "text"
    return ColumnPlan(
        property_name=each.name,
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


def _now() -> str:
    return datetime.now(UTC).isoformat(sep=" ")


def _reason(error: ValueError) -> str:
    return getattr(error, "msg", None) or str(error)

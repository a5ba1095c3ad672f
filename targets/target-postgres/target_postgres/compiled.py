"""What the records of one stream need, made once per schema.

A compiled stream decodes a line into a struct whose fields are raw JSON or text, and
turns blocks of them into rows of COPY text, column by column.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec.structs import astuple

from target_postgres.column_types import TIMESTAMPTZ
from target_postgres.copy_columns import (
    Encoder,
    boolean_encoder,
    decimal_encoder,
    exact_only_encoder,
    integer_encoder,
    jsonb_encoder,
    mixed_encoder,
    number_encoder,
    shaped_encoder,
    text_encoder,
    uuid_encoder,
)
from target_postgres.exact_values import ValueRules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NULL_RAW = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How one property reaches its column.

    Attributes:
        path: Names on the way from the record to the value; more than one when
            objects are flattened.
        rules: The column's type and what goes into it.
        is_key: Whether NULL is refused.
        is_required: Whether a record without it is refused.
        has_scalars: Whether a text column has met numbers or booleans.
    """

    path: tuple[str, ...]
    rules: ValueRules
    is_key: bool = False
    is_required: bool = False
    has_scalars: bool = False

    @property
    def property_name(self) -> str:
        """Name the property for a message."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A struct for an object of a record, and the structs of the objects in it.

    Attributes:
        type: The struct; its fields are in COPY order.
        children: For each field, the shape of a flattened object, or None.
        empty: What stands for an object that is null or absent.
    """

    type: type[msgspec.Struct]
    children: tuple[RecordShape | None, ...]
    empty: msgspec.Struct | None

    def columns(self, records: Sequence[Any]) -> list[Sequence[Any]]:
        """Take records apart, a column for each value."""
        found: list[Sequence[Any]] = list(zip(*map(astuple, records), strict=True))
        if not any(self.children):
            return found
        flat: list[Sequence[Any]] = []
        for values, child in zip(found, self.children, strict=True):
            if child is None:
                flat.append(values)
            else:
                flat.extend(
                    child.columns([child.empty if v is None else v for v in values])
                )
        return flat


@dataclass(frozen=True, slots=True)
class CompiledStream:
    """Decoders and encoders of one stream.

    The decoders raise msgspec.MsgspecError or UnicodeDecodeError for whatever is not a
    plain record of this stream.

    Attributes:
        decode: From a line to an envelope.
        decode_lines: From whole lines to envelopes.
        decode_record: From a line of a BATCH file to a record.
        decode_records: From whole lines of a BATCH file to records.
        shape: Takes records apart.
        encoders: For each column, from fields to COPY texts.
        key_indexes: Which columns are keys.
        encode_extracted_at: Encoder of the envelopes' time_extracted.
    """

    decode: Callable[[bytes], Any]
    decode_lines: Callable[[bytes], list[Any]]
    decode_record: Callable[[bytes], Any]
    decode_records: Callable[[bytes], list[Any]]
    shape: RecordShape
    encoders: tuple[Encoder, ...]
    key_indexes: tuple[int, ...]
    encode_extracted_at: Encoder


def compile_stream(
    stream: str, columns: Sequence[ColumnPlan], *, ignores_unknown: bool
) -> CompiledStream | None:
    """Make the fast path of a stream.

    Args:
        stream: The stream's name.
        columns: Its columns, in COPY order; those of one flattened object together.
        ignores_unknown: Whether properties outside the schema may be passed over
            without a look.

    Returns:
        None when a property's name has no struct field: then every record goes the
        exact way.
    """
    try:
        shape = _shape(columns, depth=0, ignores_unknown=ignores_unknown)
    except (ValueError, UnicodeEncodeError):
        return None
    envelopes = msgspec.json.Decoder(_envelope(stream, shape.type))
    records = msgspec.json.Decoder(shape.type)
    return CompiledStream(
        decode=envelopes.decode,
        decode_lines=envelopes.decode_lines,
        decode_record=records.decode,
        decode_records=records.decode_lines,
        shape=shape,
        encoders=tuple(_field_and_encoder(each)[1](each.rules) for each in columns),
        key_indexes=tuple(i for i, column in enumerate(columns) if column.is_key),
        encode_extracted_at=shaped_encoder(ValueRules(TIMESTAMPTZ)),
    )


def _shape(
    columns: Sequence[ColumnPlan], *, depth: int, ignores_unknown: bool
) -> RecordShape:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    children: list[RecordShape | None] = []
    rename: dict[str, str] = {}
    groups = groupby(columns, key=lambda each: each.path[depth])
    for index, (property_name, members) in enumerate(groups):
        group = list(members)
        name = f"f{index}"
        rename[name] = property_name
        if len(group[0].path) > depth + 1:
            child = _shape(group, depth=depth + 1, ignores_unknown=ignores_unknown)
            children.append(child)
            fields.append((name, child.type | None, None))
            continue
        children.append(None)
        field_type = _field_and_encoder(group[0])[0]
        if group[0].is_required:
            fields.append((name, field_type))
        else:
            default = _NULL_RAW if field_type is msgspec.Raw else None
            fields.append((name, field_type, default))
    record = msgspec.defstruct(
        "Record",
        fields,
        rename=rename,
        gc=False,
        kw_only=True,
        forbid_unknown_fields=not ignores_unknown,
    )
    return RecordShape(record, tuple(children), record() if depth else None)


def _envelope(stream: str, record: type[msgspec.Struct]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        "Envelope",
        [
            ("type", Literal["RECORD"]),
            ("stream", Literal[stream]),
            ("record", record),
            ("time_extracted", msgspec.Raw, _NULL_RAW),
            ("version", int | None, None),
        ],
        gc=False,
    )


def _field_and_encoder(
    column: ColumnPlan,
) -> tuple[Any, Callable[[ValueRules], Encoder]]:
    rules = column.rules
    match rules.type.kind:
        case "text" if not column.has_scalars:
            return str | None, text_encoder
        case "bool":
            return bool | None, boolean_encoder
        case "int2" | "int4" | "int8" if not rules.accepts_strings:
            return msgspec.Raw, integer_encoder
        case "numeric" if rules.accepts_strings or rules.type.precision is not None:
            return msgspec.Raw, decimal_encoder
        case kind:
            return msgspec.Raw, _RAW_ENCODERS.get(kind, exact_only_encoder)


_RAW_ENCODERS: Mapping[str, Callable[[ValueRules], Encoder]] = {
    "text": mixed_encoder,
    "numeric": number_encoder,
    "float8": number_encoder,
    "date": shaped_encoder,
    "time": shaped_encoder,
    "timetz": shaped_encoder,
    "timestamp": shaped_encoder,
    "timestamptz": shaped_encoder,
    "uuid": uuid_encoder,
    "jsonb": jsonb_encoder,
}

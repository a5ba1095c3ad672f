"""What the records of one stream need, made once per schema.

A compiled stream decodes a line into a struct whose fields are raw JSON or text, and
turns blocks of them into rows of COPY text, column by column.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import msgspec

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
        property_name: Name in the records.
        rules: The column's type and what goes into it.
        is_key: Whether NULL is refused.
        is_required: Whether a record without it is refused.
        has_scalars: Whether a text column has met numbers or booleans.
    """

    property_name: str
    rules: ValueRules
    is_key: bool = False
    is_required: bool = False
    has_scalars: bool = False


@dataclass(frozen=True, slots=True)
class CompiledStream:
    """Decoder and encoders of one stream.

    Attributes:
        decode: From a line to an envelope; raises msgspec.MsgspecError or
            UnicodeDecodeError for any line that is not a plain record of this stream.
        getters: For each column, from a record to its field.
        encoders: For each column, from fields to COPY texts.
        key_indexes: Which columns are keys.
        encode_extracted_at: Encoder of the envelopes' time_extracted.
    """

    decode: Callable[[bytes], Any]
    getters: tuple[Callable[[Any], Any], ...]
    encoders: tuple[Encoder, ...]
    key_indexes: tuple[int, ...]
    encode_extracted_at: Encoder


def compile_stream(
    stream: str, columns: Sequence[ColumnPlan], *, ignores_unknown: bool
) -> CompiledStream | None:
    """Make the fast path of a stream.

    Args:
        stream: The stream's name.
        columns: Its columns, in COPY order.
        ignores_unknown: Whether properties outside the schema may be passed over
            without a look.

    Returns:
        None when a property's name has no struct field: then every record goes the
        exact way.
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    encoders: list[Encoder] = []
    for index, column in enumerate(columns):
        field_type, encoder = _field_and_encoder(column)
        encoders.append(encoder(column.rules))
        name = f"f{index}"
        if column.is_required:
            fields.append((name, field_type))
        else:
            default = _NULL_RAW if field_type is msgspec.Raw else None
            fields.append((name, field_type, default))
    rename = {f"f{i}": column.property_name for i, column in enumerate(columns)}
    try:
        record = msgspec.defstruct(
            "Record",
            fields,
            rename=rename,
            gc=False,
            kw_only=True,
            forbid_unknown_fields=not ignores_unknown,
        )
    except (ValueError, UnicodeEncodeError):
        return None
    return CompiledStream(
        decode=msgspec.json.Decoder(_envelope(stream, record)).decode,
        getters=tuple(attrgetter(f"f{i}") for i in range(len(columns))),
        encoders=tuple(encoders),
        key_indexes=tuple(i for i, column in enumerate(columns) if column.is_key),
        encode_extracted_at=shaped_encoder(ValueRules(TIMESTAMPTZ)),
    )


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

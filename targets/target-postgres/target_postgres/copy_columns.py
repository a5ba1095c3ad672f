"""One column of a block of records at a time, to COPY text.

The fast way. Numbers, dates and JSON are never decoded: their raw JSON is joined,
checked by a few passes in C over the whole block, and split again. Whatever is not
plainly right raises `UnfitBlockError`, and the block goes the exact way
(`exact_values`), which accepts it, asks for a wider column or names what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from target_postgres.column_types import INTEGER_RANGES
from target_postgres.exact_values import (
    DATE_TEXT,
    NULL,
    REPLACEMENT,
    TIME_TEXT,
    TIMESTAMP_TEXT,
    UnfitValueError,
    ValueRules,
    escape,
    replace_escaped_nul,
)

if TYPE_CHECKING:
    from target_postgres.column_types import ColumnType

Encoder = Callable[[Sequence[Any]], Sequence[str]]

# No JSON text holds this byte outside an escape.
_SEPARATOR = b"\x1f"
_SEPARATOR_TEXT = "\x1f"
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_HEX_TO_ZERO = bytes.maketrans(b"123456789abcdefABCDEF", b"0" * 21)
_CANONICAL_UUID = b'"00000000-0000-0000-0000-000000000000"'
_NEEDS_ESCAPE = re.compile(r"[\\\n\t\r]")
_LONG_EXPONENT = re.compile(rb"[eE][+-]?\d{4}")
_SAFE_INTEGER_DIGITS = 18
_SAFE_NUMBER_DIGITS = 16000
_MICROSECOND_DIGITS = 6
_QUOTE = ord('"')
_BOOLEANS = {None: NULL, True: "true", False: "false"}


class UnfitBlockError(Exception):
    """Something in the block needs the exact way."""


def text_encoder(rules: ValueRules) -> Encoder:
    """Encode a column of `str | None`."""
    refuses_nul = rules.refuses_nul
    needs_escape = _NEEDS_ESCAPE.search

    def encode(values: Sequence[str | None]) -> Sequence[str]:
        blob = "".join(filter(None, values))
        if "\0" in blob:
            if refuses_nul:
                raise UnfitBlockError
            values = [v and v.replace("\0", REPLACEMENT) for v in values]
        if "\\" in blob or "\n" in blob or "\t" in blob or "\r" in blob:
            return [
                NULL if v is None else escape(v) if needs_escape(v) else v
                for v in values
            ]
        if None not in values:
            return values  # type: ignore[return-value]
        return [NULL if v is None else v for v in values]

    return encode


def boolean_encoder(_rules: ValueRules) -> Encoder:
    """Encode a column of `bool | None`."""
    texts = _BOOLEANS.__getitem__

    def encode(values: Sequence[bool | None]) -> Sequence[str]:
        return list(map(texts, values))

    return encode


def integer_encoder(rules: ValueRules) -> Encoder:
    """Encode raw JSON integers."""
    low, high = INTEGER_RANGES[rules.type.kind]
    is_wide = rules.type.kind == "int8"

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        blob = _SEPARATOR.join(raws)
        leftover = blob.translate(None, b"0123456789-\x1f")
        if (leftover and leftover.replace(b"null", b"")) or b"-0" in blob:
            raise UnfitBlockError
        texts = blob.decode().split(_SEPARATOR_TEXT)
        if leftover:
            texts = [NULL if t == "null" else t for t in texts]
        if not is_wide or max(map(len, texts)) > _SAFE_INTEGER_DIGITS:
            numbers = [int(t) for t in texts if t is not NULL]
            if numbers and (min(numbers) < low or max(numbers) > high):
                raise UnfitBlockError
        return texts

    return encode


def number_encoder(_rules: ValueRules) -> Encoder:
    """Encode raw JSON numbers for numeric or double precision, as they came."""

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        blob = _SEPARATOR.join(raws)
        leftover = blob.translate(None, b"0123456789.-+eE\x1f")
        if leftover and leftover.replace(b"null", b""):
            raise UnfitBlockError
        if _LONG_EXPONENT.search(blob):
            raise UnfitBlockError
        texts = blob.decode().split(_SEPARATOR_TEXT)
        if max(map(len, texts)) > _SAFE_NUMBER_DIGITS:
            raise UnfitBlockError
        if leftover:
            return [NULL if t == "null" else t for t in texts]
        return texts

    return encode


def decimal_encoder(rules: ValueRules) -> Encoder:
    """Encode raw JSON numbers or strings for numeric(p,s), checking every digit."""
    fits = decimal_pattern(rules.type).fullmatch
    quotes = b'"' if rules.accepts_strings else b""

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        blob = _SEPARATOR.join(raws)
        if b'"null"' in blob:
            raise UnfitBlockError
        text = blob.translate(None, quotes).decode("utf-8", "replace")
        texts = [NULL if t == "null" else t for t in text.split(_SEPARATOR_TEXT)]
        if not all(t is NULL or fits(t) for t in texts):
            raise UnfitBlockError
        return texts

    return encode


def decimal_pattern(column_type: ColumnType) -> re.Pattern[str]:
    """Describe the decimals that a numeric column holds digit for digit."""
    if column_type.precision is None:
        return re.compile(r"-?\d{1,16000}(?:\.\d{1,16000})?", re.ASCII)
    scale = column_type.scale or 0
    whole = column_type.precision - scale
    integer = rf"\d{{1,{whole}}}" if whole else "0"
    return re.compile(rf"-?{integer}(?:\.\d{{0,{scale}}}0*)?", re.ASCII)


def shaped_encoder(rules: ValueRules) -> Encoder:
    """Encode raw JSON strings that are dates or times.

    Only the shape is checked (digits as zeros), once per shape; PostgreSQL checks the
    calendar.
    """
    is_good = SHAPE_CHECKS[rules.type.kind]
    known: set[bytes] = {b"null"}

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        blob = _SEPARATOR.join(raws)
        if len(raws) > 1 and blob == _SEPARATOR.join([raws[0]] * len(raws)):
            return list(encode(raws[:1])) * len(raws)
        shapes = set(blob.translate(_DIGITS_TO_ZERO).split(_SEPARATOR))
        for shape in shapes - known:
            text = shape.decode("ascii", "replace")
            if text[:1] != '"' or not is_good(text[1:-1]):
                raise UnfitBlockError
            known.add(shape)
        texts = blob.translate(None, b'"').decode().split(_SEPARATOR_TEXT)
        if b"null" in shapes:
            return [NULL if t == "null" else t for t in texts]
        return texts

    return encode


def _is_date(shape: str) -> bool:
    return DATE_TEXT.fullmatch(shape) is not None


def _is_timestamp(shape: str) -> bool:
    match = TIMESTAMP_TEXT.fullmatch(shape)
    return match is not None and len(match["fraction"] or "") <= _MICROSECOND_DIGITS


def _is_time(shape: str) -> bool:
    match = TIME_TEXT.fullmatch(shape)
    if match is None or match["offset"]:
        return False
    return len(match["fraction"] or "") <= _MICROSECOND_DIGITS


def _is_zoned_time(shape: str) -> bool:
    match = TIME_TEXT.fullmatch(shape)
    return match is not None and len(match["fraction"] or "") <= _MICROSECOND_DIGITS


SHAPE_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "timestamp": _is_timestamp,
    "timestamptz": _is_timestamp,
    "time": _is_time,
    "timetz": _is_zoned_time,
}


def uuid_encoder(_rules: ValueRules) -> Encoder:
    """Encode raw JSON strings that are uuids in their usual spelling."""

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        blob = _SEPARATOR.join(raws)
        shapes = set(blob.translate(_HEX_TO_ZERO).split(_SEPARATOR))
        if not shapes <= {_CANONICAL_UUID, b"null"}:
            raise UnfitBlockError
        texts = blob.translate(None, b'"').decode().lower().split(_SEPARATOR_TEXT)
        return [NULL if t == "null" else t for t in texts]

    return encode


def jsonb_encoder(rules: ValueRules) -> Encoder:
    """Encode any raw JSON as it came; JSON null becomes SQL NULL."""
    refuses_nul = rules.refuses_nul

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        try:
            text = _SEPARATOR.join(raws).decode()
        except UnicodeDecodeError:
            raise UnfitBlockError from None
        if "\\" in text:
            text = _escape_json(text, refuses_nul=refuses_nul)
        if "\t" in text or "\r" in text:
            # Raw tabs and returns stand between tokens only.
            text = text.replace("\t", " ").replace("\r", " ")
        texts = text.split(_SEPARATOR_TEXT)
        return [NULL if t == "null" else t for t in texts] if "null" in texts else texts

    return encode


def _escape_json(text: str, *, refuses_nul: bool) -> str:
    if "\\u0000" in text:
        try:
            text = replace_escaped_nul(text, refuses_nul=refuses_nul)
        except UnfitValueError:
            raise UnfitBlockError from None
    return text.replace("\\", "\\\\")


def mixed_encoder(rules: ValueRules) -> Encoder:
    """Encode raw JSON scalars of any kind for a text column."""
    refuses_nul = rules.refuses_nul
    decode_string = msgspec.json.Decoder(str).decode

    def encode_one(raw: msgspec.Raw) -> str:
        content = bytes(raw)
        if content[0] == _QUOTE:
            text = decode_string(content)
            if "\0" in text:
                if refuses_nul:
                    raise UnfitBlockError
                text = text.replace("\0", REPLACEMENT)
            return escape(text)
        if content == b"null":
            return NULL
        if content[0] in b"{[":
            raise UnfitBlockError
        return content.decode()

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        try:
            return [encode_one(raw) for raw in raws]
        except UnicodeDecodeError:
            raise UnfitBlockError from None

    return encode


def exact_only_encoder(_rules: ValueRules) -> Encoder:
    """Send every block the exact way, for columns that are rare."""

    def encode(raws: Sequence[msgspec.Raw]) -> Sequence[str]:
        if all(bytes(raw) == b"null" for raw in raws):
            return [NULL] * len(raws)
        raise UnfitBlockError

    return encode

"""One value at a time: is it right for its column, and what is its COPY text?

The slow and exact way. It decides what `copy_columns` does not take: it names the
property that is wrong, or asks for a wider column.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from target_postgres.column_types import (
    BIGINT,
    INTEGER_RANGES,
    NUMERIC,
    TEXT,
    TIMESTAMPTZ,
    ColumnType,
    Kind,
)
from target_postgres.json_exact import (
    NumberText,
    SpecialNumber,
    UnwritableError,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NULL = "\\N"
REPLACEMENT = "\ufffd"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Limits of numeric: digits before and after the point.
WHOLE_DIGITS_LIMIT, FRACTION_DIGITS_LIMIT = 131072, 16383
DECIMAL_TEXT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,7})?", re.ASCII)
_CLOCK = r"\d\d:\d\d(?::\d\d(?:\.(?P<fraction>\d+))?)?"
_OFFSET = r"(?P<offset> ?(?:[Zz]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))"
_DAY = r"\d{4,6}-\d\d-\d\d"
DATE_TEXT = re.compile(rf"{_DAY}(?: BC)?", re.ASCII)
TIME_TEXT = re.compile(rf"{_CLOCK}{_OFFSET}?", re.ASCII)
TIMESTAMP_TEXT = re.compile(rf"{_DAY}(?:[Tt ]{_CLOCK}{_OFFSET}?)?(?: BC)?", re.ASCII)
_UUID_TEXT = re.compile(r"(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}", re.ASCII)
_MICROSECOND_DIGITS = 6


class UnfitValueError(ValueError):
    """A value that no column type its property may have can hold."""


class WiderColumnNeeded(Exception):  # noqa: N818 - a request, not a mistake
    """A value that fits once the column is wider.

    Attributes:
        type: The type the value needs.
    """

    def __init__(self, column_type: ColumnType) -> None:
        """Keep the type.

        Args:
            column_type: The type the value needs.
        """
        super().__init__(str(column_type))
        self.type = column_type


@dataclass(frozen=True, slots=True)
class ValueRules:
    """What decides how a value is written.

    Attributes:
        type: The column's type.
        accepts_strings: Whether a number may come as a string.
        content_encoding: `base64` or `base16` of a bytea column.
        refuses_nul: Whether U+0000 stops the run instead of becoming U+FFFD.
    """

    type: ColumnType
    accepts_strings: bool = False
    content_encoding: str | None = None
    refuses_nul: bool = False


def escape(text: str) -> str:
    """Escape a text for COPY's text format."""
    return text.translate(_ESCAPES)


def exact_copy_text(value: object, rules: ValueRules) -> str:
    """Write one parsed value as the text of one COPY field.

    Args:
        value: A value from `parse_json`.
        rules: The column it goes to.

    Raises:
        UnfitValueError: If no allowed column type can hold it.
        WiderColumnNeeded: If it fits a wider column.
    """
    if value is None:
        return NULL
    return _WRITERS[rules.type.kind](value, rules)


def _boolean(value: object, _rules: ValueRules) -> str:
    if not isinstance(value, bool):
        raise UnfitValueError("not a boolean")
    return "true" if value else "false"


def _number_text(value: object, rules: ValueRules) -> str:
    if isinstance(value, NumberText | SpecialNumber):
        return value
    if isinstance(value, str) and rules.accepts_strings:
        stripped = value.strip()
        if DECIMAL_TEXT.fullmatch(stripped):
            return NumberText(stripped)
    raise UnfitValueError("not a number")


def _integer(value: object, rules: ValueRules) -> str:
    text = _number_text(value, rules)
    if isinstance(text, SpecialNumber):
        raise WiderColumnNeeded(NUMERIC)
    number = Decimal(_bounded_digits(text))
    if number != number.to_integral_value():
        raise WiderColumnNeeded(NUMERIC)
    low, high = INTEGER_RANGES[rules.type.kind]
    if low <= number <= high:
        return str(int(number))
    low, high = INTEGER_RANGES["int8"]
    raise WiderColumnNeeded(BIGINT if low <= number <= high else NUMERIC)


def _bounded_digits(text: str) -> str:
    number = Decimal(text)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise UnfitValueError("not a finite number")
    if len(digits) + exponent > WHOLE_DIGITS_LIMIT or -exponent > FRACTION_DIGITS_LIMIT:
        raise UnfitValueError("a number beyond PostgreSQL's numeric")
    return text


def _numeric(value: object, rules: ValueRules) -> str:
    text = _number_text(value, rules)
    precision, scale = rules.type.precision, rules.type.scale or 0
    if isinstance(text, SpecialNumber):
        if precision is not None and text != "NaN":
            raise UnfitValueError(f"Infinity does not fit {rules.type}")
        return str(text)
    _bounded_digits(text)
    if precision is not None:
        number = Decimal(text).normalize() if len(text) < 4000 else Decimal(text)
        _, digits, exponent = number.as_tuple()
        if not isinstance(exponent, int) or -exponent > scale:
            raise UnfitValueError(f"more decimal places than {rules.type} holds")
        if number and len(digits) + exponent > precision - scale:
            raise UnfitValueError(f"more digits than {rules.type} holds")
    return str(text)


def _float(value: object, rules: ValueRules) -> str:
    return str(_number_text(value, rules))


def clean_text(value: str, *, refuses_nul: bool) -> str:
    """Make a text storable.

    Raises:
        UnfitValueError: If it holds half a surrogate pair, or U+0000 when refused.
    """
    if "\0" in value:
        if refuses_nul:
            raise UnfitValueError("a text with U+0000")
        value = value.replace("\0", REPLACEMENT)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnfitValueError("a text with half a surrogate pair") from None
    return value


def _text(value: object, rules: ValueRules) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape(clean_text(str(value), refuses_nul=rules.refuses_nul))
    raise UnfitValueError("an object or array in a text column")


def _other(value: object, rules: ValueRules) -> str:
    if isinstance(value, dict | list):
        return _jsonb(value, rules)
    return _text(value, rules)


def _string(value: object, what: str) -> str:
    if not isinstance(value, str) or isinstance(value, NumberText | SpecialNumber):
        raise UnfitValueError(f"not a {what}")
    return value


def _whole_microseconds(text: str, fraction: str | None) -> str:
    if fraction is None or len(fraction) <= _MICROSECOND_DIGITS:
        return text
    if fraction[_MICROSECOND_DIGITS:].strip("0"):
        raise UnfitValueError("a time finer than PostgreSQL's microseconds")
    return text.replace(f".{fraction}", f".{fraction[:_MICROSECOND_DIGITS]}", 1)


def _date(value: object, _rules: ValueRules) -> str:
    text = _string(value, "date").strip()
    if DATE_TEXT.fullmatch(text):
        return text
    if TIMESTAMP_TEXT.fullmatch(text):
        raise WiderColumnNeeded(TIMESTAMPTZ)
    raise UnfitValueError("not a date")


def _timestamp(value: object, _rules: ValueRules) -> str:
    text = _string(value, "date-time").strip()
    match = TIMESTAMP_TEXT.fullmatch(text)
    if match is None:
        raise UnfitValueError("not a date-time")
    return _whole_microseconds(text, match["fraction"])


def _time(value: object, rules: ValueRules) -> str:
    text = _string(value, "time").strip()
    match = TIME_TEXT.fullmatch(text)
    if match is None:
        raise UnfitValueError("not a time")
    if match["offset"] and rules.type.kind == "time":
        raise WiderColumnNeeded(ColumnType("timetz"))
    return _whole_microseconds(text, match["fraction"])


def _uuid(value: object, _rules: ValueRules) -> str:
    text = _string(value, "uuid").strip()
    bare = text[1:-1] if text[:1] == "{" and text[-1:] == "}" else text
    if not _UUID_TEXT.fullmatch(bare):
        raise WiderColumnNeeded(TEXT)
    digits = bare.replace("-", "").lower()
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    )


def _jsonb(value: object, rules: ValueRules) -> str:
    try:
        text = write_json(value)
    except UnwritableError as error:
        raise UnfitValueError(str(error)) from None
    if "\\u0000" in text:
        text = replace_escaped_nul(text, refuses_nul=rules.refuses_nul)
    return escape(clean_text(text, refuses_nul=rules.refuses_nul))


_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def replace_escaped_nul(text: str, *, refuses_nul: bool) -> str:
    r"""Replace the JSON escape \u0000 in JSON text, and nothing that only looks so.

    Raises:
        UnfitValueError: If there is one and it is refused.
    """
    if refuses_nul and _ESCAPED_NUL.search(text):
        raise UnfitValueError("a text with U+0000")
    return _ESCAPED_NUL.sub(r"\1\\ufffd", text)


def _bytea(value: object, rules: ValueRules) -> str:
    text = _string(value, "string")
    try:
        if rules.content_encoding == "base16":
            content = bytes.fromhex(text)
        else:
            content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise UnfitValueError(f"not {rules.content_encoding or 'base64'}") from None
    return "\\\\x" + content.hex()


_WRITERS: dict[Kind, Callable[[object, ValueRules], str]] = {
    "bool": _boolean,
    "int2": _integer,
    "int4": _integer,
    "int8": _integer,
    "numeric": _numeric,
    "float8": _float,
    "text": _text,
    "date": _date,
    "time": _time,
    "timetz": _time,
    "timestamp": _timestamp,
    "timestamptz": _timestamp,
    "uuid": _uuid,
    "jsonb": _jsonb,
    "bytea": _bytea,
    "other": _other,
}

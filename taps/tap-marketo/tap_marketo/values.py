"""Fits values to the kind a column promises. Pure.

Marketo's values come as CSV cells, as JSON whose type may contradict the description
(the new value of a score arrives as 100, that of a field as "10"), or as JSON proper.
What does not fit becomes null and is counted, never guessed.
"""

from __future__ import annotations

import decimal
import logging
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import msgspec

from tap_marketo.instants import normalize_instant

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_LONGEST_EXPONENT = 400
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=decimal.Decimal)


class MisfitError(ValueError):
    """A value that does not fit its column."""


class Misfits:
    """Counts, by place, the values that did not fit."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def note(self, place: str, value: object) -> None:
        """Count a value; its text shows in the log at debug level only."""
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count == 1:
            logger.warning("%s: a value does not fit its type, sent as null", place)
        logger.debug("%s: %r does not fit", place, value)

    def report(self) -> None:
        """Log how many values were sent as null."""
        for place, count in sorted(self._counts.items()):
            logger.warning("%s: %d values did not fit, sent as null", place, count)
        self._counts.clear()


def clean_text(text: str) -> str:
    """Leave NUL out, and write line breaks as one character."""
    if "\0" in text:
        text = text.replace("\0", "")
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return text


def fit(kind: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Give a value as its column has it; empty text is null but in text columns.

    Raises:
        MisfitError: it does not fit.
    """
    if value is None:
        return None
    if value == "" and kind != "string":
        return None
    return _FITTERS[kind](value)


def fit_or_note(
    kind: str,
    value: Any,  # noqa: ANN401 - JSON
    *,
    place: str,
    misfits: Misfits,
) -> Any:  # noqa: ANN401 - JSON
    """Give a value as its column has it, or null where it does not fit."""
    try:
        return fit(kind, value)
    except MisfitError:
        misfits.note(place, value)
        return None


def to_json(value: Any) -> str:  # noqa: ANN401 - JSON
    """Write a fitted value as JSON."""
    if value.__class__ is str:
        return encode_basestring(value)
    return _ENCODER.encode(value).decode()


def _fit_string(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:f}" if abs(value.adjusted()) < _LONGEST_EXPONENT else str(value)
    return _ENCODER.encode(value).decode()


def _fit_integer(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    number = _to_decimal(value)
    whole = number.to_integral_value(context=decimal.Context(prec=1000))
    if whole != number:
        raise MisfitError
    return int(whole)


def _fit_number(value: Any) -> int | decimal.Decimal:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _to_decimal(value)


def _to_decimal(value: Any) -> decimal.Decimal:  # noqa: ANN401
    if isinstance(value, (str, decimal.Decimal)):
        try:
            number = decimal.Decimal(value)
        except decimal.InvalidOperation:
            raise MisfitError from None
        if number.is_finite() and abs(number.adjusted()) < _LONGEST_EXPONENT:
            # Written without an exponent, as some readers know none.
            return decimal.Decimal(f"{number:f}")
    raise MisfitError


def _fit_boolean(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().lower())
    if found is None:
        raise MisfitError
    return found


def _fit_date(value: Any) -> str:  # noqa: ANN401
    text = str(value).strip()
    if _DATE.fullmatch(text):
        return text
    try:
        return normalize_instant(text)[:10]
    except (ValueError, OverflowError):
        raise MisfitError from None


def _fit_datetime(value: Any) -> str:  # noqa: ANN401
    try:
        return normalize_instant(str(value))
    except (ValueError, OverflowError):
        raise MisfitError from None


def _fit_array(value: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = _DECODER.decode(value)
        except (msgspec.DecodeError, decimal.DecimalException):
            raise MisfitError from None
    return value if isinstance(value, list) else [value]


def _fit_object(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, (dict, list)):
        raise MisfitError
    return value


_FITTERS: dict[str, Callable[[Any], Any]] = {
    "string": _fit_string,
    "integer": _fit_integer,
    "number": _fit_number,
    "boolean": _fit_boolean,
    "date": _fit_date,
    "datetime": _fit_datetime,
    "array": _fit_array,
    "object": _fit_object,
    "objects": _fit_object,
}

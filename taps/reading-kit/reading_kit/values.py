"""Single values of text in a form that is not the usual one, as JSON writes them. Pure.

No number passes through a float.
"""

from __future__ import annotations

import decimal
import logging
import re
from functools import partial
from typing import TYPE_CHECKING

from reading_kit.errors import ValueFormatError
from reading_kit.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable

    Warn = Callable[[str], None]

logger = logging.getLogger(__name__)

#: Decimal digits every binary double keeps; more are the noise of a float.
FLOAT_DIGITS = 15
_LONGEST_EXPONENT = 400
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DAY_AT_MIDNIGHT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00:00(?:\.0+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SHORT_DATE = re.compile(r"([0-9]{1,3})(-[0-9]{2}-[0-9]{2})")
_REST_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3})\+0000"
)
_WHOLE_SECONDS = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\+0000|\+00:00|Z)"
)
_EXACT = decimal.Context(prec=1000)


def integer_converter(place: str) -> Callable[[str], str]:
    """Give what writes whole numbers; ``place`` is named in messages."""
    return _warn_once(place, _convert_integer)


def number_converter(place: str, *, scale: int) -> Callable[[str], str]:
    """Give what writes numbers; the noise of floats is rounded to ``scale`` digits."""
    return _warn_once(place, partial(_convert_number, scale=scale))


def date_converter(place: str) -> Callable[[str], str]:
    """Give what writes dates; empty text stands for null."""
    return _warn_once(place, _convert_date)


def instant_converter(place: str) -> Callable[[str], str]:
    """Give what writes instants; empty text stands for null."""
    return _warn_once(place, _convert_instant)


def _warn_once(place: str, convert: Callable[[str, Warn], str]) -> Callable[[str], str]:
    """Bind the place to messages; each place warns at most once per read."""
    warned: set[str] = set()

    def warn(text: str) -> None:
        if text not in warned:
            warned.add(text)
            logger.warning("%s: %s", place, text)

    def bound(value: str) -> str:
        try:
            return convert(value, warn)
        except ValueFormatError as error:
            msg = f"{place}: {error}"
            raise ValueFormatError(msg) from None

    return bound


def _parse_decimal(value: str) -> decimal.Decimal:
    try:
        return decimal.Decimal(value)
    except decimal.InvalidOperation:
        msg = "a value is not a number"
        raise ValueFormatError(msg) from None


def _convert_integer(value: str, warn: Warn) -> str:
    number = _parse_decimal(value)
    if number.is_finite() and number.adjusted() < _LONGEST_EXPONENT:
        if number == number.to_integral_value(context=_EXACT):
            return f"{number.to_integral_value(context=_EXACT):f}"
        warn("an integer field holds fractions, kept as they are")
    return _convert_number(value, warn, scale=0)


def _convert_number(value: str, warn: Warn, *, scale: int) -> str:
    """Write a number without an exponent; float noise is rounded to the scale."""
    number = _parse_decimal(value)
    if not number.is_finite():
        warn("a value is not finite, sent as null")
        return ""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _LONGEST_EXPONENT:
        if _JSON_NUMBER.fullmatch(value):
            return value
        msg = "a value is not a number of usual size"
        raise ValueFormatError(msg)
    is_noisy = len(number.as_tuple().digits) > FLOAT_DIGITS
    if scale > 0 and -exponent > scale and is_noisy:
        unit = decimal.Decimal(1).scaleb(-scale)
        number = number.quantize(unit, decimal.ROUND_HALF_EVEN, context=_EXACT)
    return f"{number:f}"


def _convert_date(value: str, warn: Warn) -> str:
    if match := _SHORT_DATE.fullmatch(value):
        return f"{int(match[1]):04d}{match[2]}"
    if match := _DAY_AT_MIDNIGHT.fullmatch(value):
        return match[1]
    warn("a value is not a date, sent as null")
    return ""


def _convert_instant(value: str, warn: Warn) -> str:
    if match := _REST_INSTANT.fullmatch(value):
        return f"{match[1]}Z"
    if match := _WHOLE_SECONDS.fullmatch(value):
        return f"{match[1]}.000Z"
    try:
        return format_instant(parse_instant(value))
    except (ValueError, OverflowError):
        warn("a value is not a date-time, sent as null")
        return ""

"""Values of one kind brought into one form, or refused. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from reading_kit.timestamps import format_instant, parse_instant
from tap_gitlab.columns import Kind

_WHOLE = re.compile(r"-?\d{1,3}(,\d{3})+$|-?\d+$")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
#: Length of ``2018-01-31T12:00:00.000Z``.
_INSTANT_CHARACTERS = 24


class UnfitError(ValueError):
    """A value cannot be what its column holds."""


def is_normal_instant(text: str) -> bool:
    """Tell whether an instant is in UTC with milliseconds already."""
    return len(text) == _INSTANT_CHARACTERS and text[-1] == "Z"


def to_instant(text: str) -> str:
    """Give an instant in UTC with milliseconds and ``Z``.

    Raises:
        UnfitError: the text is none.
    """
    try:
        return format_instant(parse_instant(text.replace(" UTC", "Z")))
    except ValueError:
        raise UnfitError("date-time") from None


def fit(value: Any, kind: Kind) -> Any:  # noqa: ANN401 - JSON
    """Give a JSON value as what its column holds, without loss.

    Numbers as text, text as numbers and the like come from older versions and from
    statistics (``"12,345"``); what cannot be told exactly is refused.

    Raises:
        UnfitError: the value is something else.
    """
    if value is None:
        return None
    return _FITTERS[kind](value)


def _fit_whole(value: object) -> int:
    if isinstance(value, str) and _WHOLE.match(value.strip()):
        return int(value.replace(",", ""))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise UnfitError("whole number")


def _fit_number(value: object) -> Decimal | int:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return Decimal(value.strip())
    raise UnfitError("number")


def _fit_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, Decimal)):
        return str(value)
    raise UnfitError("text")


def _fit_moment(value: object) -> str:
    if isinstance(value, str):
        return value if is_normal_instant(value) else to_instant(value)
    raise UnfitError("date-time")


def _fit_day(value: object) -> str:
    if isinstance(value, str) and _DAY.match(value[:10]):
        return value[:10]
    raise UnfitError("date")


def _fit_switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise UnfitError("true or false")


def _fit_object(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise UnfitError("object")


def _fit_list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    raise UnfitError("list")


def _fit_texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [_fit_text(each) for each in value]
    raise UnfitError("list of texts")


_FITTERS = {
    Kind.WHOLE: _fit_whole,
    Kind.NUMBER: _fit_number,
    Kind.TEXT: _fit_text,
    Kind.MOMENT: _fit_moment,
    Kind.DAY: _fit_day,
    Kind.SWITCH: _fit_switch,
    Kind.OBJECT: _fit_object,
    Kind.LIST: _fit_list,
    Kind.TEXTS: _fit_texts,
}

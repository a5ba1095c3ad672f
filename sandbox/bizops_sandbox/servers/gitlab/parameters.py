"""Reading query parameters as strictly as the real service does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bizops_sandbox.servers.gitlab.answers import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

_TRUE = frozenset({"true", "1", "t"})
_FALSE = frozenset({"false", "0", "f", ""})


def text_of(request: Request, name: str, default: str = "") -> str:
    """A parameter as text."""
    return str(request.query_params.get(name, default))


def flag_of(request: Request, name: str, *, default: bool = False) -> bool:
    """A parameter that is true or false.

    Raises:
        Refused: 400 when it is neither.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.lower() not in _TRUE | _FALSE:
        raise invalid(f"{name} is invalid")
    return text.lower() in _TRUE


def choice_of(request: Request, name: str, choices: Sequence[str], default: str) -> str:
    """A parameter that has one of some values.

    Raises:
        Refused: 400 `<name> does not have a valid value`.
    """
    text = text_of(request, name, default)
    if text not in choices:
        raise invalid(f"{name} does not have a valid value")
    return text


def number_of(request: Request, name: str, default: int) -> int:
    """A parameter that is a whole number.

    Raises:
        Refused: 400 `<name> is invalid`.
    """
    text = text_of(request, name, str(default))
    try:
        return int(text)
    except ValueError:
        raise invalid(f"{name} is invalid") from None


def moment_of(request: Request, name: str) -> datetime | None:
    """A parameter that is a date-time; a raw plus sign has become a space.

    Raises:
        Refused: 400 `<name> is invalid`.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name} is invalid") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def day_of(request: Request, name: str) -> date | None:
    """A parameter that is a day.

    Raises:
        Refused: 400 `<name> is invalid`.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name} is invalid") from None


def list_of(request: Request, name: str) -> list[str]:
    """A parameter given several times, `name[]=`, or once with commas."""
    found = request.query_params.getlist(f"{name}[]")
    single = request.query_params.get(name)
    if single:
        found += single.split(",")
    return [str(each) for each in found]


def moment_in(text: str) -> datetime:
    """The moment a row tells, `2018-01-31T12:00:00.000Z`."""
    return datetime.fromisoformat(text)

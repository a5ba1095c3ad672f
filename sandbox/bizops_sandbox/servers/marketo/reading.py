"""What endpoints share: the simulator, the parameters, dates, page tokens."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from bizops_sandbox.servers.marketo.answers import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.marketo.simulator import Simulator

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?")


def simulator_of(request: Request) -> Simulator:
    """Return the simulator that serves a request."""
    simulator: Simulator = request.app.state.simulator
    return simulator


async def parameters_of(request: Request) -> Mapping[str, str]:
    """Return the parameters of a GET, or of a POST that says `_method=GET`.

    Raises:
        Refused: 603 for a POST that would write: the sandbox's users may only read.
    """
    parameters = dict(request.query_params)
    if request.method == "POST":
        body = (await request.body()).decode("utf-8", "replace")
        parameters |= dict(parse_qsl(body, keep_blank_values=True))
        if parameters.get("_method", "").upper() != "GET":
            raise Refused("603")
    return parameters


def required(parameters: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there.

    Raises:
        Refused: 1002 when it is not.
    """
    value = parameters.get(name, "")
    if not value:
        message = f"Missing value for the required parameter '{name}'"
        raise Refused("1002", message)
    return value


def listed(text: str) -> list[str]:
    """Return the values of a comma-separated list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def whole_number(parameters: Mapping[str, str], name: str, default: int) -> int:
    """Return a parameter that is a whole number.

    Raises:
        Refused: 1001 when it is something else.
    """
    text = parameters.get(name)
    if text is None or text == "":
        return default
    if not text.strip().isdecimal():
        raise Refused("1001", f"Invalid value '{text}'. Required of type 'Integer'")
    return int(text)


def batch_rows(parameters: Mapping[str, str], limit: int) -> int:
    """Return how many rows a page has: `batchSize`, at most the service's own."""
    wanted = whole_number(parameters, "batchSize", limit)
    if not wanted:
        raise Refused("1003", "batchSize must be between 1 and 300")
    return min(wanted, limit)


def moment_of(text: str, *, allows_date: bool = True) -> datetime:
    """Read an ISO 8601 date-time without milliseconds; no offset means UTC.

    Raises:
        Refused: 1003 for any other text.
    """
    if allows_date and _DATE.fullmatch(text):
        text += "T00:00:00Z"
    if not _DATETIME.fullmatch(text):
        raise Refused("1003", f"Invalid date format '{text}'")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("1003", f"Invalid date '{text}'") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def page_token(kind: str, *numbers: int) -> str:
    """Make an opaque page token, base 32 as the service's are."""
    text = ".".join([kind, *(str(number) for number in numbers)])
    return base64.b32encode(text.encode()).decode("ascii")


def token_numbers(token: str, kind: str) -> list[int]:
    """Read the numbers of a page token.

    Raises:
        Refused: 1003 for a token of another endpoint or of none.
    """
    try:
        text = base64.b32decode(token.encode("ascii")).decode("ascii")
        found, *numbers = text.split(".")
        if found == kind:
            return [int(number) for number in numbers]
    except (binascii.Error, ValueError):
        pass
    raise Refused("1003", f"Invalid nextPageToken '{token}'")

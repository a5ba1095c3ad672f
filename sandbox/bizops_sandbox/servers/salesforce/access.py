"""What endpoints share: the simulator behind a request, the API version it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bizops_sandbox.servers.salesforce.answers import Refused, error_answer
from bizops_sandbox.servers.salesforce.settings import NEWEST_VERSION, OLDEST_VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.salesforce_org import ObjectTable
    from bizops_sandbox.servers.salesforce.simulator import Simulator

_VERSION = re.compile(r"(\d\d)\.0")


def simulator_of(request: Request) -> Simulator:
    """Return the simulator that serves a request."""
    simulator: Simulator = request.app.state.simulator
    return simulator


def version_of(request: Request, *, since: int = OLDEST_VERSION) -> str:
    """Return the version in a request's path, e.g. `64.0`.

    Raises:
        Refused: 404 when the service does not have this version, or the resource is
            only there `since` a later one.
    """
    text = str(request.path_params["version"])
    match = _VERSION.fullmatch(text)
    if match is None or not since <= int(match.group(1)) <= NEWEST_VERSION:
        raise missing()
    return text


def table_of(request: Request) -> ObjectTable:
    """Return the object in a request's path.

    Raises:
        Refused: 404 when the org has no such object.
    """
    table = simulator_of(request).table(str(request.path_params["name"]))
    if table is None:
        raise missing()
    return table


def missing() -> Refused:
    """Make the refusal for a resource that is not there."""
    return Refused(404, "NOT_FOUND", "The requested resource does not exist")


async def answer_refusal(_request: Request, refused: Exception) -> Response:
    """Answer a refused request; Starlette calls this for each `Refused`."""
    assert isinstance(refused, Refused)  # noqa: S101
    return error_answer(refused.status, refused.code, refused.message)

"""The control interface under `/__sim`: journal, faults, settings, the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.faults import FaultError
from bizops_sandbox.servers.settings import CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request


def _nothing(_simulator: Any) -> None:  # noqa: ANN401
    return None


@dataclass(frozen=True, slots=True)
class Control:
    """What is a source's own in its control interface; each gets the simulator.

    Attributes:
        state: What `GET /__sim` tells.
        change: Changes settings by their names and tells all of them; a ValueError
            says what is wrong.
        on_faults_cleared: What follows when all faults are disarmed.
        on_requests_cleared: What follows when the journal is emptied.
    """

    state: Callable[[Any], Mapping[str, Any]]
    change: Callable[[Any, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
    on_faults_cleared: Callable[[Any], None] = _nothing
    on_requests_cleared: Callable[[Any], None] = _nothing

    async def show_state(self, request: Request) -> Response:
        """Answer `GET /__sim`: the day, the clock, how much there is."""
        return control_answer(self.state(_simulator(request)))

    async def show_requests(self, request: Request) -> Response:
        """Answer `GET /__sim/requests`: the journal, oldest first."""
        return control_answer(_simulator(request).journal.documents())

    async def clear_requests(self, request: Request) -> Response:
        """Answer `DELETE /__sim/requests`: the journal is emptied."""
        simulator = _simulator(request)
        simulator.journal.clear()
        self.on_requests_cleared(simulator)
        return Response(status_code=204)

    async def show_faults(self, request: Request) -> Response:
        """Answer `GET /__sim/faults`: what is armed and how often it struck."""
        return control_answer(_simulator(request).faults.documents())

    async def arm_faults(self, request: Request) -> Response:
        """Answer `POST /__sim/faults`: one fault or a list of them is armed."""
        try:
            documents = msgspec.json.decode(await request.body())
            armed = _simulator(request).faults.arm(documents)
        except (msgspec.DecodeError, FaultError) as error:
            return refused(str(error))
        return control_answer([fault.document() for fault in armed], status=201)

    async def clear_faults(self, request: Request) -> Response:
        """Answer `DELETE /__sim/faults`: all are disarmed."""
        simulator = _simulator(request)
        simulator.faults.clear()
        self.on_faults_cleared(simulator)
        return Response(status_code=204)

    async def move(self, request: Request) -> Response:
        """Answer `POST /__sim/as-of`: `{"as_of": "2017-12-31"}` moves to another day.

        Where several sources are served together, all of them are moved.
        """
        simulator = _simulator(request)
        move = getattr(request.app.state, "move_all", None) or simulator.move
        try:
            day = date.fromisoformat(str((await read_object(request))["as_of"]))
            await run_in_threadpool(move, day)
        except KeyError:
            return refused('the body must be {"as_of": "YYYY-MM-DD"}')
        except (msgspec.DecodeError, ValueError) as error:
            return refused(str(error))
        return control_answer(self.state(simulator))

    async def change_settings(self, request: Request) -> Response:
        """Answer `POST /__sim/settings`: any of the settings below change."""
        try:
            wanted = await read_object(request)
            told = await self.change(_simulator(request), wanted)
        except (msgspec.DecodeError, ValueError) as error:
            return refused(str(error))
        return control_answer(told)


def control_routes(control: Control) -> list[Route]:
    """The resources that every source's control interface has."""
    requests, faults = f"{CONTROL_PATH}/requests", f"{CONTROL_PATH}/faults"
    return [
        Route(CONTROL_PATH, control.show_state, methods=["GET"]),
        Route(requests, control.show_requests, methods=["GET"]),
        Route(requests, control.clear_requests, methods=["DELETE"]),
        Route(faults, control.show_faults, methods=["GET"]),
        Route(faults, control.arm_faults, methods=["POST"]),
        Route(faults, control.clear_faults, methods=["DELETE"]),
        Route(f"{CONTROL_PATH}/as-of", control.move, methods=["POST"]),
        Route(f"{CONTROL_PATH}/settings", control.change_settings, methods=["POST"]),
    ]


async def read_object(request: Request) -> dict[str, Any]:
    """Read the JSON object a control request brings.

    Raises:
        DecodeError: (of msgspec) when the body is no JSON.
        ValueError: when it is no object.
    """
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def control_answer(document: Any, *, status: int = 200) -> Response:  # noqa: ANN401
    """Answer a control request with a JSON document."""
    body = msgspec.json.encode(document)
    return Response(body, status_code=status, media_type="application/json")


def refused(problem: str) -> Response:
    """Answer that a control request cannot be done, and why."""
    return control_answer({"error": problem}, status=400)


def _simulator(request: Request) -> Any:  # noqa: ANN401 - each source has its own
    return request.app.state.simulator

"""The control interface under `/__sim`: journal, faults, settings, the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.facebook.answers import json_answer
from bizops_sandbox.servers.facebook.settings import CHANGEABLE, CHOICES
from bizops_sandbox.servers.faults import FaultError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.facebook.simulator import Simulator


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


async def show_state(request: Request) -> Response:
    """Answer `GET /__sim`: the day, the clock, the size, what was asked so far."""
    return json_answer(_state(_simulator(request)))


async def show_requests(request: Request) -> Response:
    """Answer `GET /__sim/requests`: the journal, oldest first."""
    return json_answer(_simulator(request).journal.documents())


async def clear_requests(request: Request) -> Response:
    """Answer `DELETE /__sim/requests`."""
    _simulator(request).journal.clear()
    return Response(status_code=204)


async def show_faults(request: Request) -> Response:
    """Answer `GET /__sim/faults`: what is armed and how often it struck."""
    return json_answer(_simulator(request).faults.documents())


async def arm_faults(request: Request) -> Response:
    """Answer `POST /__sim/faults` with one fault or a list of them."""
    try:
        documents = msgspec.json.decode(await request.body())
        armed = _simulator(request).faults.arm(documents)
    except (msgspec.DecodeError, FaultError) as error:
        return _refused(str(error))
    return json_answer([fault.document() for fault in armed], status=201)


async def clear_faults(request: Request) -> Response:
    """Answer `DELETE /__sim/faults`; tokens that a fault ended live again."""
    _simulator(request).faults.clear()
    _simulator(request).tokens.revive()
    return Response(status_code=204)


async def move_day(request: Request) -> Response:
    """Answer `POST /__sim/as-of` with `{"as_of": "2017-12-31"}`: all sources move."""
    simulator = _simulator(request)
    move = getattr(request.app.state, "move_all", simulator.move)
    try:
        day = date.fromisoformat(str((await _read_object(request))["as_of"]))
        await run_in_threadpool(move, day)
    except KeyError:
        return _refused('the body must be {"as_of": "YYYY-MM-DD"}')
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_state(simulator))


async def change_settings(request: Request) -> Response:
    """Answer `POST /__sim/settings` with any of the settings that may change."""
    simulator = _simulator(request)
    try:
        wanted = await _read_object(request)
        _check_settings(wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    simulator.settings = replace(simulator.settings, **wanted)
    return json_answer({name: getattr(simulator.settings, name) for name in CHANGEABLE})


CONTROL_ROUTES = [
    Route("/__sim", show_state, methods=["GET"]),
    Route("/__sim/requests", show_requests, methods=["GET"]),
    Route("/__sim/requests", clear_requests, methods=["DELETE"]),
    Route("/__sim/faults", show_faults, methods=["GET"]),
    Route("/__sim/faults", arm_faults, methods=["POST"]),
    Route("/__sim/faults", clear_faults, methods=["DELETE"]),
    Route("/__sim/as-of", move_day, methods=["POST"]),
    Route("/__sim/settings", change_settings, methods=["POST"]),
]


def _state(simulator: Simulator) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for node in simulator.business.nodes:
        counts[node.kind] = counts.get(node.kind, 0) + 1
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "accounts": [account.id for account in simulator.business.accounts],
        "objects": dict(sorted(counts.items())),
        "runs_made": simulator.runs.made,
        "api_requests": simulator.usage.total,
        "settings": {name: getattr(simulator.settings, name) for name in CHANGEABLE},
    }


async def _read_object(request: Request) -> dict[str, Any]:
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def _check_settings(wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if name not in CHANGEABLE:
            known = ", ".join(CHANGEABLE)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        choices = CHOICES.get(name)
        is_right = type(value) is CHANGEABLE[name]
        is_negative = is_right and type(value) is int and value < 0
        is_none = name == "page_rows" and value == 0
        if not is_right or is_negative or is_none or (choices and value not in choices):
            raise ValueError(f"{name} cannot be {value!r}")


def _refused(problem: str) -> Response:
    return json_answer({"error": problem}, status=400)

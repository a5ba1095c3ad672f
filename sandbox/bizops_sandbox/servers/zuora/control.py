"""The control interface under `/__sim`: journal, faults, settings, the tenant's day."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.faults import FaultError
from bizops_sandbox.servers.zuora.access import base_url_of, simulator_of
from bizops_sandbox.servers.zuora.answers import json_answer
from bizops_sandbox.servers.zuora.settings import CHOICES, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.zuora.simulator import Simulator

_FIXED = frozenset({"credentials"})
_TYPES = {
    item.name: type(item.default)
    for item in fields(Settings)
    if item.name not in _FIXED
}
_ZONES = frozenset({"tenant_zone", "incremental_zone"})


async def show_state(request: Request) -> Response:
    """Answer `GET /__sim`: the tenant's day, its clock, its size, the jobs made."""
    return json_answer(_state(request))


async def show_requests(request: Request) -> Response:
    """Answer `GET /__sim/requests`: the journal, oldest first."""
    return json_answer(simulator_of(request).journal.documents())


async def clear_requests(request: Request) -> Response:
    """Answer `DELETE /__sim/requests`."""
    simulator_of(request).journal.clear()
    return Response(status_code=204)


async def show_faults(request: Request) -> Response:
    """Answer `GET /__sim/faults`: what is armed and how often it struck."""
    return json_answer(simulator_of(request).faults.documents())


async def arm_faults(request: Request) -> Response:
    """Answer `POST /__sim/faults` with one fault or a list of them."""
    try:
        documents = msgspec.json.decode(await request.body())
        armed = simulator_of(request).faults.arm(documents)
    except (msgspec.DecodeError, FaultError) as error:
        return _refused(str(error))
    return json_answer([fault.document() for fault in armed], status=201)


async def clear_faults(request: Request) -> Response:
    """Answer `DELETE /__sim/faults`."""
    simulator_of(request).faults.clear()
    return Response(status_code=204)


async def move_tenant(request: Request) -> Response:
    """Answer `POST /__sim/as-of` with `{"as_of": "2017-12-31"}`.

    Where several sources are served together, all of them are moved.
    """
    simulator = simulator_of(request)
    move = getattr(request.app.state, "move_all", simulator.move)
    try:
        day = date.fromisoformat(str((await _read_object(request))["as_of"]))
        await run_in_threadpool(move, day)
    except KeyError:
        return _refused('the body must be {"as_of": "YYYY-MM-DD"}')
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_state(request))


async def change_settings(request: Request) -> Response:
    """Answer `POST /__sim/settings` with any of the settings that may change."""
    simulator = simulator_of(request)
    try:
        wanted = _checked(await _read_object(request))
        await run_in_threadpool(simulator.change, wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_settings(simulator))


CONTROL_ROUTES = [
    Route("/__sim", show_state),
    Route("/__sim/requests", show_requests, methods=["GET"]),
    Route("/__sim/requests", clear_requests, methods=["DELETE"]),
    Route("/__sim/faults", show_faults, methods=["GET"]),
    Route("/__sim/faults", arm_faults, methods=["POST"]),
    Route("/__sim/faults", clear_faults, methods=["DELETE"]),
    Route("/__sim/as-of", move_tenant, methods=["POST"]),
    Route("/__sim/settings", change_settings, methods=["POST"]),
]


def _state(request: Request) -> dict[str, Any]:
    simulator = simulator_of(request)
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "base_url": base_url_of(request),
        "objects": {
            name: len(table.rows) for name, table in simulator.tenant.objects.items()
        },
        "batch_jobs_running": {
            "stateless": simulator.batch_jobs.running(stateful=False),
            "stateful": simulator.batch_jobs.running(stateful=True),
        },
        "data_query_jobs_running": simulator.data_jobs.running(),
        "settings": _settings(simulator),
    }


def _settings(simulator: Simulator) -> dict[str, Any]:
    document = asdict(simulator.settings)
    return {name: document[name] for name in _TYPES}


async def _read_object(request: Request) -> dict[str, Any]:
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def _checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Check settings and bring them to the types they have.

    Raises:
        ValueError: for an unknown one, or a value it cannot have.
    """
    checked: dict[str, Any] = {}
    for name, value in wanted.items():
        if name not in _TYPES:
            known = ", ".join(_TYPES)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        given = tuple(value) if isinstance(value, list) else value
        is_allowed = type(given) is _TYPES[name] and _is_sensible(name, given)
        if not is_allowed:
            raise ValueError(f"{name} cannot be {value!r}")
        checked[name] = given
    return checked


def _is_sensible(name: str, value: Any) -> bool:  # noqa: ANN401
    if name in CHOICES:
        return value in CHOICES[name]
    if name in _ZONES:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            return False
    if name == "query_rows":
        return bool(value >= 1)
    return not isinstance(value, int) or value >= 0


def _refused(problem: str) -> Response:
    return json_answer({"error": problem}, status=400)

"""The control interface under `/__sim`: journal, faults, the org's day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.faults import FaultError
from bizops_sandbox.servers.salesforce.access import simulator_of
from bizops_sandbox.servers.salesforce.answers import json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.salesforce.simulator import Simulator

_SETTINGS: dict[str, type] = {
    "page_rows": int,
    "job_polls": int,
    "rotate_refresh_tokens": bool,
    "daily_api_requests": int,
    "daily_bulk_jobs": int,
}


async def show_state(request: Request) -> Response:
    """Answer `GET /__sim`: the org's day, its clock, its size, the jobs made."""
    simulator = simulator_of(request)
    return json_answer(_state(simulator))


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


async def move_org(request: Request) -> Response:
    """Answer `POST /__sim/as-of` with `{"as_of": "2017-12-31"}`."""
    simulator = simulator_of(request)
    try:
        day = date.fromisoformat(str((await _read_object(request))["as_of"]))
        await run_in_threadpool(simulator.move_all, day)
    except KeyError:
        return _refused('the body must be {"as_of": "YYYY-MM-DD"}')
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_state(simulator))


async def change_settings(request: Request) -> Response:
    """Answer `POST /__sim/settings` with any of the settings that may change."""
    simulator = simulator_of(request)
    try:
        wanted = await _read_object(request)
        _check_settings(wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    simulator.settings = replace(simulator.settings, **wanted)
    return json_answer({name: getattr(simulator.settings, name) for name in _SETTINGS})


CONTROL_ROUTES = [
    Route("/__sim", show_state),
    Route("/__sim/requests", show_requests, methods=["GET"]),
    Route("/__sim/requests", clear_requests, methods=["DELETE"]),
    Route("/__sim/faults", show_faults, methods=["GET"]),
    Route("/__sim/faults", arm_faults, methods=["POST"]),
    Route("/__sim/faults", clear_faults, methods=["DELETE"]),
    Route("/__sim/as-of", move_org, methods=["POST"]),
    Route("/__sim/settings", change_settings, methods=["POST"]),
]


def _state(simulator: Simulator) -> dict[str, Any]:
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "login_url": simulator.login_url,
        "instance_url": simulator.instance_url,
        "objects": {
            name: len(table.rows) for name, table in simulator.org.objects.items()
        },
        "jobs_created": simulator.jobs.created,
        "api_requests": simulator.usage.api_requests,
    }


async def _read_object(request: Request) -> dict[str, Any]:
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def _check_settings(wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if name not in _SETTINGS:
            known = ", ".join(_SETTINGS)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        is_right_type = type(value) is _SETTINGS[name]
        if not is_right_type or (name == "page_rows" and int(value) < 1):
            raise ValueError(f"{name} cannot be {value!r}")


def _refused(problem: str) -> Response:
    return json_answer({"error": problem}, status=400)

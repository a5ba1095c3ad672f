"""The control interface under `/__sim`: journal, faults, time, settings, the day."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.faults import FaultError
from bizops_sandbox.servers.marketo.answers import json_answer
from bizops_sandbox.servers.marketo.reading import simulator_of
from bizops_sandbox.servers.marketo.settings import CHOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.marketo.settings import Settings
    from bizops_sandbox.servers.marketo.simulator import Simulator


async def show_state(request: Request) -> Response:
    """Answer `GET /__sim`: the day, the clock, the rows, the jobs."""
    return json_answer(_state(simulator_of(request)))


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


async def move_company(request: Request) -> Response:
    """Answer `POST /__sim/as-of` with `{"as_of": "2017-12-31"}`."""
    simulator = simulator_of(request)
    move = getattr(request.app.state, "move_all", None) or simulator.move
    try:
        day = date.fromisoformat(str((await _read_object(request))["as_of"]))
        await run_in_threadpool(move, day)
    except KeyError:
        return _refused('the body must be {"as_of": "YYYY-MM-DD"}')
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_state(simulator))


async def change_time(request: Request) -> Response:
    """Answer `POST /__sim/time` with `{"advance_s": 60}` or `{"speed": 60}`."""
    simulator = simulator_of(request)
    try:
        wanted = await _read_object(request)
        advance_s = _seconds(wanted.pop("advance_s", 0), "advance_s")
        speed = _seconds(wanted.pop("speed", simulator.clock.speed), "speed")
        if wanted:
            return _refused(f"unknown key {min(wanted)!r}; known: advance_s, speed")
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    simulator.clock.set_speed(speed)
    simulator.clock.advance(advance_s)
    simulator.advance_jobs()
    return json_answer(_state(simulator))


async def change_settings(request: Request) -> Response:
    """Answer `POST /__sim/settings` with any of the settings."""
    simulator = simulator_of(request)
    try:
        wanted = await _read_object(request)
        _check_settings(simulator.settings, wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    simulator.advance_jobs()
    simulator.settings = replace(simulator.settings, **wanted)
    return json_answer(asdict(simulator.settings))


CONTROL_ROUTES = [
    Route("/__sim", show_state),
    Route("/__sim/requests", show_requests, methods=["GET"]),
    Route("/__sim/requests", clear_requests, methods=["DELETE"]),
    Route("/__sim/faults", show_faults, methods=["GET"]),
    Route("/__sim/faults", arm_faults, methods=["POST"]),
    Route("/__sim/faults", clear_faults, methods=["DELETE"]),
    Route("/__sim/as-of", move_company, methods=["POST"]),
    Route("/__sim/time", change_time, methods=["POST"]),
    Route("/__sim/settings", change_settings, methods=["POST"]),
]


def _state(simulator: Simulator) -> dict[str, Any]:
    simulator.advance_jobs()
    instance = simulator.instance
    day = simulator.clock.central_day()
    objects = {
        "leads": len(instance.leads),
        "activities": len(instance.activities),
        "program_members": len(instance.members),
        **{kind: len(rows) for kind, rows in instance.assets.items()},
    }
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "moment": simulator.clock.moment().isoformat(),
        "speed": simulator.clock.speed,
        "munchkin_id": instance.munchkin_id,
        "objects": objects,
        "jobs_created": simulator.jobs.created,
        "jobs_queued": simulator.jobs.queued_count,
        "bulk_bytes_today": simulator.jobs.bytes_used(simulator, day),
        "calls_today": simulator.calls_today,
    }


async def _read_object(request: Request) -> dict[str, Any]:
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def _seconds(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} must be a number from 0")
    return float(value)


def _check_settings(settings: Settings, wanted: Mapping[str, Any]) -> None:
    present = asdict(settings)
    for name, value in wanted.items():
        if name not in present:
            known = ", ".join(present)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        kind = type(present[name])
        fits = type(value) is kind or (kind is float and type(value) is int)
        if not fits or value not in CHOICES.get(name, (value,)):
            raise ValueError(f"{name} cannot be {value!r}")
        if kind in {int, float} and value < 0:
            raise ValueError(f"{name} cannot be {value!r}")


def _refused(problem: str) -> Response:
    return json_answer({"error": problem}, status=400)

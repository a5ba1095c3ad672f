"""What is Marketo's own in the control interface: the instance, time, settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from bizops_sandbox.servers.control import (
    Control,
    control_answer,
    control_routes,
    read_object,
    refused,
)
from bizops_sandbox.servers.marketo.reading import simulator_of
from bizops_sandbox.servers.marketo.settings import CHOICES, Settings
from bizops_sandbox.servers.setting_values import SettingRules, types_of
from bizops_sandbox.servers.settings import CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.marketo.simulator import Simulator

SETTINGS = SettingRules(types_of(Settings()), CHOICES)


async def change_time(request: Request) -> Response:
    """Answer `POST /__sim/time`: `{"advance_s": 60}`, `{"speed": 60}`: time passes."""
    simulator = simulator_of(request)
    try:
        wanted = await read_object(request)
        advance_s = _seconds(wanted.pop("advance_s", 0), "advance_s")
        speed = _seconds(wanted.pop("speed", simulator.clock.speed), "speed")
        if wanted:
            return refused(f"unknown key {min(wanted)!r}; known: advance_s, speed")
    except (msgspec.DecodeError, ValueError) as error:
        return refused(str(error))
    simulator.clock.set_speed(speed)
    simulator.clock.advance(advance_s)
    simulator.advance_jobs()
    return control_answer(_state(simulator))


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


async def _change(simulator: Simulator, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    checked = SETTINGS.checked(wanted)
    simulator.advance_jobs()
    simulator.settings = replace(simulator.settings, **checked)
    return SETTINGS.values(simulator.settings)


def _seconds(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} must be a number from 0")
    return float(value)


CONTROL_ROUTES = [
    *control_routes(Control(_state, _change)),
    Route(f"{CONTROL_PATH}/time", change_time, methods=["POST"]),
]

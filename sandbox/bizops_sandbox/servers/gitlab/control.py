"""The control interface under `/__sim`: journal, faults, settings, the day."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from bizops_sandbox.servers.faults import FaultError
from bizops_sandbox.servers.gitlab.access import simulator_of
from bizops_sandbox.servers.gitlab.answers import json_answer
from bizops_sandbox.servers.gitlab.settings import CHOICES, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.gitlab.settings import Credentials
    from bizops_sandbox.servers.gitlab.simulator import Simulator
    from bizops_sandbox.world.events import InstanceInstalled

_DEFAULTS = Settings()
_NAMES = tuple(f.name for f in fields(Settings) if f.name != "credentials")


async def show_state(request: Request) -> Response:
    """Answer `GET /__sim`: the day, the clock, how much there is."""
    return json_answer(_state(simulator_of(request)))


async def show_requests(request: Request) -> Response:
    """Answer `GET /__sim/requests`: the journal, oldest first."""
    return json_answer(simulator_of(request).journal.documents())


async def clear_requests(request: Request) -> Response:
    """Answer `DELETE /__sim/requests`; limits begin anew, too."""
    simulator = simulator_of(request)
    simulator.journal.clear()
    simulator.budget.clear()
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
    """Answer `DELETE /__sim/faults`; the first refresh token is good again."""
    simulator = simulator_of(request)
    simulator.faults.clear()
    simulator.tokens.forget_rotation()
    return Response(status_code=204)


async def move(request: Request) -> Response:
    """Answer `POST /__sim/as-of` with `{"as_of": "2017-12-31"}`."""
    simulator = simulator_of(request)
    go = getattr(request.app.state, "move_all", None) or simulator.move
    try:
        day = date.fromisoformat(str((await _read_object(request))["as_of"]))
        await run_in_threadpool(go, day)
    except KeyError:
        return _refused('the body must be {"as_of": "YYYY-MM-DD"}')
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    return json_answer(_state(simulator))


async def change_settings(request: Request) -> Response:
    """Answer `POST /__sim/settings` with any of the settings."""
    simulator = simulator_of(request)
    try:
        wanted = await _read_object(request)
        _check_settings(wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(str(error))
    simulator.settings = replace(simulator.settings, **wanted)
    return json_answer({name: getattr(simulator.settings, name) for name in _NAMES})


async def list_instances(request: Request) -> Response:
    """Answer `GET /__sim/instances`: the tap setting `instances` for all of them."""
    simulator = simulator_of(request)
    base_url = f"{request.url.scheme}://{request.url.netloc}"
    credentials = simulator.settings.credentials
    return json_answer(
        [
            instance_entry(instance.installed, base_url, credentials)
            for instance in simulator.site.instances.values()
        ]
    )


def instance_entry(
    installed: InstanceInstalled, base_url: str, credentials: Credentials
) -> dict[str, str]:
    """An instance of a customer as the tap's setting `instances` has it."""
    admin = next(token.value for token in credentials.tokens if token.is_admin)
    return {
        "name": installed.hostname,
        "api_url": f"{base_url}/instances/{installed.instance_uuid}/api/v4",
        "private_token": admin,
    }


CONTROL_ROUTES = [
    Route("/__sim", show_state),
    Route("/__sim/requests", show_requests, methods=["GET"]),
    Route("/__sim/requests", clear_requests, methods=["DELETE"]),
    Route("/__sim/faults", show_faults, methods=["GET"]),
    Route("/__sim/faults", arm_faults, methods=["POST"]),
    Route("/__sim/faults", clear_faults, methods=["DELETE"]),
    Route("/__sim/as-of", move, methods=["POST"]),
    Route("/__sim/settings", change_settings, methods=["POST"]),
    Route("/__sim/instances", list_instances),
]


def _state(simulator: Simulator) -> dict[str, Any]:
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "base_url": simulator.base_url,
        "objects": simulator.site.sizes(),
        "requests": simulator.requests,
    }


async def _read_object(request: Request) -> dict[str, Any]:
    document = msgspec.json.decode(await request.body())
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004
    return document


def _check_settings(wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if name not in _NAMES:
            known = ", ".join(_NAMES)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        is_right = type(value) is type(getattr(_DEFAULTS, name))
        is_known = name not in CHOICES or value in CHOICES[name]
        is_usable = not isinstance(value, int) or isinstance(value, bool) or value > 0
        if not (is_right and is_known and is_usable):
            raise ValueError(f"{name} cannot be {value!r}")


def _refused(problem: str) -> Response:
    return json_answer({"error": problem}, status=400)

"""What is GitLab's own in the control interface: site, instances, settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from bizops_sandbox.servers.control import Control, control_answer, control_routes
from bizops_sandbox.servers.gitlab.access import simulator_of
from bizops_sandbox.servers.gitlab.settings import CHOICES, Settings
from bizops_sandbox.servers.setting_values import SettingRules, types_of
from bizops_sandbox.servers.settings import CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.gitlab.settings import Credentials
    from bizops_sandbox.servers.gitlab.simulator import Simulator
    from bizops_sandbox.world.events import InstanceInstalled

_TYPES = types_of(Settings(), fixed=("credentials",))
_LEAST = {name: 1 for name, kind in _TYPES.items() if kind is int}
SETTINGS = SettingRules(_TYPES, CHOICES, least=_LEAST)


async def list_instances(request: Request) -> Response:
    """Answer `GET /__sim/instances`: the tap setting `instances` for all of them."""
    simulator = simulator_of(request)
    base_url = f"{request.url.scheme}://{request.url.netloc}"
    credentials = simulator.settings.credentials
    return control_answer(
        [
            instance_entry(instance.installed, base_url, credentials)
            for instance in simulator.site.instances.values()
        ]
    )


def instance_entry(
    installed: InstanceInstalled, base_url: str, credentials: Credentials
) -> dict[str, str]:
    """An instance of a customer as the tap's setting `instances` has it.

    A host may have had several instances: the name says which.
    """
    admin = next(token.value for token in credentials.tokens if token.is_admin)
    return {
        "name": f"{installed.hostname} {installed.instance_uuid[:8]}",
        "api_url": f"{base_url}/instances/{installed.instance_uuid}/api/v4",
        "private_token": admin,
    }


def _state(simulator: Simulator) -> dict[str, Any]:
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "base_url": simulator.base_url,
        "objects": simulator.site.sizes(),
        "requests": simulator.requests,
    }


async def _change(simulator: Simulator, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    simulator.settings = replace(simulator.settings, **SETTINGS.checked(wanted))
    return SETTINGS.values(simulator.settings)


def _begin_limits_anew(simulator: Simulator) -> None:
    simulator.budget.clear()


def _forget_rotation(simulator: Simulator) -> None:
    """The first refresh token is good again."""
    simulator.tokens.forget_rotation()


CONTROL_ROUTES = [
    *control_routes(
        Control(
            _state,
            _change,
            on_faults_cleared=_forget_rotation,
            on_requests_cleared=_begin_limits_anew,
        )
    ),
    Route(f"{CONTROL_PATH}/instances", list_instances, methods=["GET"]),
]

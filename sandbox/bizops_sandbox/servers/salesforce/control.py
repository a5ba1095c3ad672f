"""What is Salesforce's own in the control interface: the org's state, its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.control import Control, control_routes
from bizops_sandbox.servers.setting_values import SettingRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.servers.salesforce.simulator import Simulator

SETTINGS = SettingRules(
    types={
        "page_rows": int,
        "job_polls": int,
        "rotate_refresh_tokens": bool,
        "daily_api_requests": int,
        "daily_bulk_jobs": int,
    },
    least={"page_rows": 1},
)


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


async def _change(simulator: Simulator, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    simulator.settings = replace(simulator.settings, **SETTINGS.checked(wanted))
    return SETTINGS.values(simulator.settings)


CONTROL_ROUTES = control_routes(Control(_state, _change))

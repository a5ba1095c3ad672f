"""What is Zuora's own in the control interface: the tenant's state, its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool

from bizops_sandbox.servers.control import Control, control_routes
from bizops_sandbox.servers.setting_values import SettingRules, types_of
from bizops_sandbox.servers.zuora.settings import CHOICES, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.servers.zuora.simulator import Simulator


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


SETTINGS = SettingRules(
    types_of(Settings(), fixed=("credentials",)),
    CHOICES,
    least={"query_rows": 1},
    tests={"tenant_zone": _is_zone, "incremental_zone": _is_zone},
)


def _state(simulator: Simulator) -> dict[str, Any]:
    return {
        "as_of": simulator.as_of.isoformat(),
        "now": simulator.clock.now().isoformat(),
        "base_url": simulator.base_url,
        "objects": {
            name: len(table.rows) for name, table in simulator.tenant.objects.items()
        },
        "batch_jobs_running": {
            "stateless": simulator.batch_jobs.running(stateful=False),
            "stateful": simulator.batch_jobs.running(stateful=True),
        },
        "data_query_jobs_running": simulator.data_jobs.running(),
        "settings": SETTINGS.values(simulator.settings),
    }


async def _change(simulator: Simulator, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    await run_in_threadpool(simulator.change, SETTINGS.checked(wanted))
    return SETTINGS.values(simulator.settings)


CONTROL_ROUTES = control_routes(Control(_state, _change))

"""What is Facebook's own in the control interface: the business, the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.control import Control, control_routes
from bizops_sandbox.servers.facebook.settings import CHANGEABLE, CHOICES
from bizops_sandbox.servers.setting_values import SettingRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.servers.facebook.simulator import Simulator

SETTINGS = SettingRules(CHANGEABLE, CHOICES, least={"page_rows": 1})


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
        "settings": SETTINGS.values(simulator.settings),
    }


async def _change(simulator: Simulator, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    simulator.settings = replace(simulator.settings, **SETTINGS.checked(wanted))
    return SETTINGS.values(simulator.settings)


def _revive_tokens(simulator: Simulator) -> None:
    """Tokens that a fault ended live again."""
    simulator.tokens.revive()


CONTROL_ROUTES = control_routes(
    Control(_state, _change, on_faults_cleared=_revive_tokens)
)

"""How much of its limits the client has used, and the headers that tell."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.servers.facebook.call_faults import business_usage, limit_reached
from bizops_sandbox.servers.facebook.settings import OLDEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator

_HOUR_S = 3_600
_TIER = "standard_access"
_LEAD_EDGES = frozenset({"leads", "leadgen_forms"})


@dataclass(slots=True)
class Usage:
    """Calls of the running hour, by real time: the company's clock stands still."""

    calls: int = 0
    total: int = 0
    monotonic: Callable[[], float] = time.monotonic
    _hour_began_s: float = field(default=0.0)

    def check(self, call: Call, simulator: Simulator) -> None:
        """Count a call; inside a batch every element counts.

        Raises:
            GraphError: code 17 when the hour's calls are used up.
        """
        now_s = self.monotonic()
        if not self._hour_began_s or now_s - self._hour_began_s >= _HOUR_S:
            self._hour_began_s, self.calls = now_s, 0
        if self.calls >= simulator.settings.calls_per_hour:
            left_s = _HOUR_S - (now_s - self._hour_began_s)
            account_id = call.path[0].removeprefix("act_") if call.path else "0"
            raise limit_reached(17, int(left_s // 60) + 1, account_id)
        self.calls += 1
        self.total += 1


def usage_headers(call: Call | None, simulator: Simulator) -> dict[str, str]:
    """The headers of every answer: how full each limit is, in percent."""
    settings = simulator.settings
    used = min(100 * simulator.usage.calls // max(settings.calls_per_hour, 1), 100)
    pct = dict.fromkeys(("app", "account", "business", "insights"), used)
    for fault in simulator.faults.lasting("usage_high"):
        wanted = str(fault.parameters["header"])
        for name in pct if wanted == "all" else (wanted,):
            pct[name] = int(fault.parameters["pct"])
    account_id = _account_id(call, simulator)
    edge = call.path[-1] if call is not None and call.path else ""
    headers = {"X-App-Usage": _app_usage(pct["app"])}
    if account_id is None:
        return headers | _warning(call, simulator)
    headers["X-Ad-Account-Usage"] = json.dumps(
        {
            "acc_id_util_pct": pct["account"],
            "reset_time_duration": 60 if pct["account"] else 0,
            "ads_api_access_tier": _TIER,
        }
    )
    kind = "ads_insights" if edge == "insights" else "ads_management"
    kind = "leadgen" if edge in _LEAD_EDGES else kind
    minutes = 1 if pct["business"] >= 100 else 0
    headers["X-Business-Use-Case-Usage"] = business_usage(
        account_id, kind, pct["business"], minutes=minutes
    )
    if edge == "insights":
        share = pct["insights"]
        headers["X-FB-Ads-Insights-Throttle"] = json.dumps(
            {
                "app_id_util_pct": share,
                "acc_id_util_pct": share,
                "ads_api_access_tier": _TIER,
            }
        )
        headers["X-Fb-Ads-Insights-Reach-Throttle"] = json.dumps(
            {"app_id_util_pct": 0, "acc_id_util_pct": 0}
        )
    return headers | _warning(call, simulator)


def _app_usage(pct: int) -> str:
    usage = {"call_count": pct, "total_time": pct // 2, "total_cputime": pct // 3}
    return json.dumps(usage)


def _account_id(call: Call | None, simulator: Simulator) -> str | None:
    """The account a call is about, by the object it names."""
    if call is None or not call.path:
        return None
    first = call.path[0]
    run = simulator.runs.find(first, simulator.clock.now())
    if run is not None:
        return run.account_id
    node = simulator.business.by_id.get(first)
    return None if node is None else node.account_id


def _warning(call: Call | None, simulator: Simulator) -> dict[str, str]:
    is_old = call is not None and call.version == OLDEST_VERSION
    if not is_old and not list(simulator.faults.lasting("version_warning")):
        return {}
    return {
        "X-Ad-Api-Version-Warning": "This version of the Ads API will be removed soon. "
        "Please upgrade to the latest version."
    }

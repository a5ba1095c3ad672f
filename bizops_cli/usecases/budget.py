"""A tap's budget of API calls: when it is used up, the tap is stopped cleanly.

There are three: what one run may make, what all runs of a day may make together, and
how much of the service's own limit may be used, by whomever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.model import PluginSettings
    from bizops_cli.singer.api_calls import CallCounter
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.warehouse.address import WarehouseAddress

DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many API calls a tap may make in a run.

    Attributes:
        tap: The tap, with its budget and its quota.
        used_today: Calls its runs of the last 24 hours have made.
        freed_in_hours: When the oldest of these no longer count.
        used_in_run: Calls of this run's earlier attempts.
    """

    tap: PluginSettings
    used_today: int = 0
    freed_in_hours: float = DAY_HOURS
    used_in_run: int = 0

    @property
    def left(self) -> int | None:
        """Return the calls left; None for any number."""
        budget, quota = self.tap.api_call_budget, self.tap.api_call_quota
        left = []
        if budget is not None:
            left.append(budget - self.used_in_run)
        if quota is not None:
            left.append(quota - self.used_today - self.used_in_run)
        return max(0, min(left)) if left else None

    def used_up(self, calls: int) -> ConfigError:
        """Return the error of a tap that was stopped after so many calls."""
        name, in_run = self.tap.name, self.used_in_run + calls
        budget, quota = self.tap.api_call_budget, self.tap.api_call_quota
        committed = "What was read is committed; the next run goes on from there. "
        if budget is not None and in_run >= budget:
            return ConfigError(
                f"{name} was stopped: it has made {in_run:,} API calls of the "
                f"{budget:,} it may make in a run",
                f"{committed}Raise `api_call_budget` of {name} to read more at once.",
            )
        used = self.used_today + in_run
        freed = f"The oldest calls count no more in {self.freed_in_hours:.1f} hours"
        next_step = f"{freed}; or raise `api_call_quota` of {name}."
        return ConfigError(
            f"{name} was {'stopped' if calls else 'not started'}: in the last "
            f"{DAY_HOURS} hours its runs have made {used:,} API calls of the "
            f"{quota or 0:,} they may",
            f"{committed}{next_step}" if calls else next_step,
        )


@dataclass(slots=True)
class BudgetWatch:
    """Watches what one tap says of its calls, and stops it at the last it may make.

    Attributes:
        allowance: What it may make.
        calls: What it says it made.
        stop: Stops it, once; set before it is started.
        is_over: Whether it was stopped.
    """

    allowance: Allowance
    calls: CallCounter
    stop: Callable[[], None] | None = None
    is_over: bool = field(default=False, init=False)

    def read(self, line: str) -> None:
        """Take a line of the tap's log."""
        self.calls.read(line)
        if not self.is_over and self._is_used_up() and self.stop is not None:
            self.is_over = True
            self.stop()

    def _is_used_up(self) -> bool:
        left, calls = self.allowance.left, self.calls.calls or 0
        return self._is_quota_used or (left is not None and 0 < calls >= left)

    @property
    def _is_quota_used(self) -> bool:
        limit, used = self.allowance.tap.api_quota_percent, self.calls.quota_percent
        return limit is not None and used is not None and used >= limit

    @property
    def error(self) -> ConfigError | None:
        """Return why the tap was stopped; None if it was not."""
        if not self.is_over:
            return None
        if self._is_quota_used:
            return quota_used(self.allowance.tap, self.calls.quota_percent or 0)
        return self.allowance.used_up(self.calls.calls or 0)


def quota_used(tap: PluginSettings, percent: float) -> ConfigError:
    """Return the error of a tap whose service says that its limit is nearly used."""
    return ConfigError(
        f"{tap.name} was stopped: {percent:.0f} % of the service's own limit are used, "
        f"of the {tap.api_quota_percent or 0:g} % that may be",
        "What was read is committed; run again when the service has reset its count, "
        f"or raise `api_quota_percent` of {tap.name}.",
    )


def allowance_of(
    tap: PluginSettings,
    context: RunContext,
    address: WarehouseAddress,
    *,
    used_in_run: int,
) -> Allowance:
    """Return what a tap may make now.

    Raises:
        ConfigError: Nothing: the day's quota is used up.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.usage import read_calls

    if tap.api_call_quota is None:
        return Allowance(tap, used_in_run=used_in_run)
    with connected(address.url, application_name="bizops quota") as connection:
        usage = read_calls(connection, context.project.name, tap.name, hours=DAY_HOURS)
    allowance = Allowance(tap, usage.calls, usage.freed_in_hours, used_in_run)
    if allowance.left == 0:
        raise allowance.used_up(0)
    return allowance

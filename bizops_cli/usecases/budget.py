"""A tap's budget of API calls: when it is used up, the tap is stopped cleanly."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_cli.model import PluginSettings
    from bizops_cli.process.pipe import Pipe
    from bizops_cli.singer.api_calls import CallCounter

_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class BudgetWatch:
    """Watches one pipe.

    Attributes:
        tap: The tap and its budget.
        calls: What it says it made.
        over: Set when the budget was used up and the pipe stopped.
    """

    tap: PluginSettings
    calls: CallCounter
    over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def watching(self, pipe: Pipe) -> Iterator[None]:
        """Stop the pipe when the tap has said that it made more calls than it may."""
        budget = self.tap.api_call_budget
        if budget is None:
            yield
            return
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_TICK_S):
                if (self.calls.calls or 0) >= budget:
                    self.over.set()
                    pipe.stop()
                    return

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @property
    def error(self) -> ConfigError | None:
        """Return why the pipe was stopped; None if it was not."""
        if not self.over.is_set():
            return None
        return budget_used_up(
            self.tap.name, self.calls.calls or 0, self.tap.api_call_budget or 0
        )


def budget_used_up(tap: str, calls: int, budget: int) -> ConfigError:
    """Return the error of a tap that was stopped at its budget."""
    return ConfigError(
        f"{tap} was stopped: it has made {calls:,} API calls of the {budget:,} it may "
        "make in a run",
        "What was read is committed; the next run goes on from there. Raise "
        f"`api_call_budget` of {tap} to read more at once.",
    )

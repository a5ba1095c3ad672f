"""One entity's story: an agenda of things to come, and what happened until now."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bizops_sandbox.world.events import Event

    Action = Callable[[datetime], None]


@dataclass(slots=True)
class Story:
    """Runs actions in time order until the end of the window.

    An action gets its own moment, tells events of that moment and may plan others.
    Actions of one moment run in the order in which they were planned.
    """

    end: datetime
    events: list[Event] = field(default_factory=list)
    _agenda: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _planned: int = 0

    def plan(self, at: datetime, action: Action) -> None:
        """Let `action` run at this moment, unless the window ends before."""
        if at <= self.end:
            self._planned += 1
            heappush(self._agenda, (at, self._planned, action))

    def tell(self, *events: Event) -> None:
        """These events happen now."""
        self.events.extend(events)

    def plan_event(self, event: Event) -> None:
        """Let an event happen at its own moment, whatever else happens."""
        self.plan(event.at, lambda _: self.tell(event))

    def run(self) -> list[Event]:
        """Run the agenda to its end; the events in time order."""
        while self._agenda:
            at, _, action = heappop(self._agenda)
            action(at)
        return self.events

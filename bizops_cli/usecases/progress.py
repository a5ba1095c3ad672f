"""How far each tap is, reported a few times a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.process.batch_files import count_batch_rows
from bizops_cli.runlog.events import TapProgress
from bizops_cli.singer.counting import MessageCounter

if TYPE_CHECKING:
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext


@dataclass(slots=True)
class ProgressMeter:
    """Reads the counters of the taps at work.

    Attributes:
        context: The run.
    """

    context: RunContext
    _counters: dict[str, MessageCounter] = field(default_factory=dict)
    _last: dict[str, tuple[int, float]] = field(default_factory=dict)

    def counter(self, tap: ReadyPlugin) -> MessageCounter:
        """Return the counter for a tap's output."""
        self._last.setdefault(tap.name, (0, self.context.clock.monotonic_s()))
        counter = MessageCounter(tap.name, count_batch=count_batch_rows)
        return self._counters.setdefault(tap.name, counter)

    def report(self) -> None:
        """Send an event for each tap that has come on since the last time."""
        now_s = self.context.clock.monotonic_s()
        for tap, counter in self._counters.items():
            rows, last_s = self._last[tap]
            if counter.rows == rows:
                continue
            self._last[tap] = (counter.rows, now_s)
            elapsed_s = now_s - last_s
            latest = max(
                list(counter.streams.items()), key=lambda item: item[1].last_s or 0.0
            )
            self.context.on_event(
                TapProgress(
                    tap=tap,
                    stream=latest[0],
                    rows=counter.rows,
                    size_bytes=counter.size_bytes,
                    rows_per_s=(counter.rows - rows) / elapsed_s if elapsed_s else 0.0,
                )
            )

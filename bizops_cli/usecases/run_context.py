"""What every part of a run works with."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import InterruptedRunError
from bizops_cli.runlog.events import TapEnded, TapProgress, TapStarted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_cli.clock import Clock
    from bizops_cli.model import Project
    from bizops_cli.process.capture import Capture
    from bizops_cli.process.consume import Consumption
    from bizops_cli.process.pipe import Pipe
    from bizops_cli.process.signals import SignalWatch
    from bizops_cli.runlog.events import Event, OnEvent
    from bizops_cli.runlog.folder import RunFolder
    from bizops_cli.usecases.run_plan import EltRequest, RunPlan


@dataclass(slots=True)
class Control:
    """The processes at work; stops them together."""

    watch: SignalWatch
    has_timed_out: bool = False
    is_stopping: bool = False
    _running: set[Pipe | Capture | Consumption] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextlib.contextmanager
    def holding(self, work: Pipe | Capture | Consumption) -> Iterator[None]:
        """Have a process under control while the block runs it.

        Raises:
            InterruptedRunError: The run is being stopped.
        """
        with self._lock:
            self._running.add(work)
            is_stopping = self.is_stopping
        try:
            if is_stopping:
                raise self.interruption()
            yield
        finally:
            with self._lock:
                self._running.discard(work)

    def stop(self) -> None:
        """Ask everything at work to end."""
        with self._lock:
            self.is_stopping = True
            running = list(self._running)
        for work in running:
            work.stop()

    def abort(self) -> None:
        """End everything at work at once."""
        with self._lock:
            self.is_stopping = True
            running = list(self._running)
        for work in running:
            work.abort()

    def time_out(self) -> None:
        """Remember that what follows is the end of the run's time."""
        self.has_timed_out = True

    def interruption(self) -> InterruptedRunError:
        """Return the error of a run that was stopped."""
        if self.has_timed_out:
            return InterruptedRunError(
                "the run was stopped: its --timeout is over",
                "What was committed stays; the next run goes on from there.",
                signal_number=15,
            )
        return InterruptedRunError(
            "the run was interrupted",
            "What was committed stays; the next run goes on from there.",
            signal_number=self.watch.number or 2,
        )


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run.

    Attributes:
        request: What was asked for.
        plan: What that means.
        run_id: Its name.
        folder: Its folder.
        url: The warehouse, for connections.
        control: The processes at work.
        on_event: Takes events, from any thread.
        clock: The time.
    """

    request: EltRequest
    plan: RunPlan
    run_id: str
    folder: RunFolder
    control: Control
    on_event: OnEvent
    clock: Clock

    @property
    def project(self) -> Project:
        """Return the project."""
        return self.request.project


def one_at_a_time(on_event: OnEvent) -> OnEvent:
    """Return a receiver of events that several threads may call.

    When nobody reads them any more (a closed terminal, `| head`) the run goes on.
    How far a tap is, is not told after its end, whichever thread comes first.
    """
    lock = threading.Lock()
    is_read = True
    ended: set[str] = set()

    def receive(event: Event) -> None:
        nonlocal is_read
        with lock:
            if isinstance(event, TapEnded):
                ended.add(event.result.tap)
            elif isinstance(event, TapStarted):
                ended.discard(event.tap)
            is_late = isinstance(event, TapProgress) and event.tap in ended
            if is_read and not is_late:
                try:
                    on_event(event)
                except OSError:
                    is_read = False

    return receive

"""One tap and one target, supervised: who stops whom, and who failed first.

Six threads serve a pipe: the relay, a waiter for each process, a reader of each
stderr and one of the target's stdout. They post what happens to one queue; `run`
reads it and decides. A process is never left behind.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bizops_cli.process.child import Child, Command
from bizops_cli.process.relay import relay_lines, widen_pipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bizops_cli.process.tail import Tail
    from bizops_cli.singer.counting import MessageCounter

Party = Literal["tap", "target"]
_BREAK_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Grace:
    """How long a process may take to stop by itself, in seconds.

    Attributes:
        tap_s: For a tap that was asked to stop.
        target_s: For the target to commit what it has, once its input ended.
    """

    tap_s: float = 10.0
    target_s: float = 30.0


@dataclass(frozen=True, slots=True)
class PipeResult:
    """How it ended.

    Attributes:
        tap_status: Exit status; negative for a signal.
        target_status: Likewise.
        failed: Who failed first; None when all went well or it was stopped.
        error: What the relay or `on_state` raised, when that was first.
        was_stopped: Somebody called `stop` or `abort`.
        duration_s: From start to the end of both.
        tap_cpu_s: Seconds of processor the tap took; None if that is not known.
        target_cpu_s: Likewise.
    """

    tap_status: int
    target_status: int
    failed: Party | None
    error: Exception | None
    was_stopped: bool
    duration_s: float
    tap_cpu_s: float | None = None
    target_cpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    kind: Literal["exited", "relayed", "failed", "stop", "abort"]
    party: Party | None = None
    status: int = 0
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class Pipe:
    """A tap's output into a target, with back pressure.

    Attributes:
        tap: What to start as source.
        target: What to start as sink.
        counter: Counts what passes.
        tap_tail: Takes the tap's stderr.
        target_tail: Takes the target's stderr.
        on_state: Called with each line the target prints: a state it has committed.
            An error it raises stops the run.
        grace: Time to stop.
        cut_short_file: Made before the target's input ends if the tap did not end
            well, so that a target that was told its name can know.
        change: Makes of the tap's lines those the target reads.
    """

    tap: Command
    target: Command
    counter: MessageCounter
    tap_tail: Tail
    target_tail: Tail
    on_state: Callable[[bytes], None]
    grace: Grace = field(default_factory=Grace)
    cut_short_file: Path | None = None
    change: Callable[[bytes], bytes] | None = None
    _events: queue.SimpleQueue[_Event] = field(default_factory=queue.SimpleQueue)

    def stop(self) -> None:
        """Ask for a graceful end; may be called from any thread."""
        self._events.put(_Event("stop"))

    def abort(self) -> None:
        """End both processes at once; may be called from any thread."""
        self._events.put(_Event("abort"))

    def run(self) -> PipeResult:
        """Start both, supervise them, and return when nothing of them is left.

        Call it from a thread that lives as long: the kernel ends the children with
        the thread that started them.

        Raises:
            ConfigError: One of them cannot be started.
        """
        return _Supervision(self, self._events).run()


class _Supervision:
    """The state of one run of a pipe."""

    def __init__(self, pipe: Pipe, events: queue.SimpleQueue[_Event]) -> None:
        self.pipe = pipe
        self.events = events
        self.started_s = time.monotonic()
        self.target = Child(pipe.target, with_stdin=True)
        try:
            self.tap = Child(pipe.tap, with_stdin=False)
        except BaseException:
            self.target.kill()
            self.target.wait()
            raise
        self.statuses: dict[Party, int] = {}
        self.told_to_stop: set[Party] = set()
        self.deadlines: dict[Party, float] = {}
        self.is_relayed = False
        self.failed: Party | None = None
        self.error: Exception | None = None
        self.was_stopped = False
        self.tap_ended = threading.Event()

    def run(self) -> PipeResult:
        threads = self._start_threads()
        try:
            while len(self.statuses) < 2 or not self.is_relayed:
                self._step()
        finally:
            self.tap.kill()
            self.target.kill()
        for thread in threads:
            thread.join(timeout=_BREAK_GRACE_S)
        self._drain()
        if not any(thread.is_alive() for thread in threads):
            for child in (self.tap, self.target):
                child.stdout.close()
                child.stderr.close()
        return PipeResult(
            tap_status=self.statuses["tap"],
            target_status=self.statuses["target"],
            failed=self.failed,
            error=self.error,
            was_stopped=self.was_stopped,
            duration_s=time.monotonic() - self.started_s,
            tap_cpu_s=self.tap.cpu_s,
            target_cpu_s=self.target.cpu_s,
        )

    def _start_threads(self) -> list[threading.Thread]:
        for end in (self.tap.stdout, self.target.stdin):
            widen_pipe(end)
        jobs: list[Callable[[], None]] = [
            self._relay,
            lambda: self._wait("tap", self.tap),
            lambda: self._wait("target", self.target),
            lambda: self.pipe.tap_tail.copy(self.tap.stderr),
            lambda: self.pipe.target_tail.copy(self.target.stderr),
            self._read_states,
        ]
        threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        return threads

    def _step(self) -> None:
        timeout_s = None
        if self.deadlines:
            timeout_s = max(0.0, min(self.deadlines.values()) - time.monotonic())
        try:
            event = self.events.get(timeout=timeout_s)
        except queue.Empty:
            self._kill_overdue()
            return
        self._handle(event)

    def _handle(self, event: _Event) -> None:
        match event.kind:
            case "exited":
                self._exited(event.party or "tap", event.status)
            case "relayed":
                self._relayed(event.error)
            case "failed":
                self._fail(event.party or "target", event.error)
                self._stop_tap(_BREAK_GRACE_S)
            case "stop":
                self.was_stopped = True
                self._stop_tap(self.pipe.grace.tap_s)
                self._bound_target(self.pipe.grace.tap_s + self.pipe.grace.target_s)
            case "abort":
                self.was_stopped = True
                self.told_to_stop |= {"tap", "target"}
                self.tap.kill()
                self.target.kill()

    def _exited(self, party: Party, status: int) -> None:
        self.statuses[party] = status
        self.deadlines.pop(party, None)
        if status and party not in self.told_to_stop:
            self._fail(party, None)
        if party == "tap":
            self.tap_ended.set()
        elif not self.is_relayed:
            self._fail("target", None)
            self._stop_tap(_BREAK_GRACE_S)

    def _relayed(self, error: Exception | None) -> None:
        self.is_relayed = True
        if error is not None:
            self._fail("tap", error)
        if "tap" not in self.statuses and (error or "target" in self.statuses):
            self._stop_tap(_BREAK_GRACE_S)
        if self.was_stopped:
            self._bound_target(self.pipe.grace.target_s)

    def _fail(self, party: Party, error: Exception | None) -> None:
        if self.failed is None and not (self.was_stopped and error is None):
            self.failed = party
            self.error = error

    def _stop_tap(self, grace_s: float) -> None:
        if "tap" not in self.statuses and "tap" not in self.told_to_stop:
            self.told_to_stop.add("tap")
            self.tap.terminate()
            self.deadlines["tap"] = time.monotonic() + grace_s

    def _bound_target(self, grace_s: float) -> None:
        if "target" not in self.statuses:
            self.deadlines["target"] = time.monotonic() + grace_s

    def _kill_overdue(self) -> None:
        now_s = time.monotonic()
        for party in [p for p, deadline in self.deadlines.items() if deadline <= now_s]:
            del self.deadlines[party]
            self.told_to_stop.add(party)
            (self.tap if party == "tap" else self.target).kill()

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                event = self.events.get_nowait()
                if event.kind == "failed":
                    self._fail(event.party or "target", event.error)

    # The threads.

    def _wait(self, party: Party, child: Child) -> None:
        status = child.wait()
        self.events.put(_Event("exited", party, status))

    def _relay(self) -> None:
        error: Exception | None = None
        try:
            relay_lines(
                self.tap.stdout,
                self.target.stdin,
                on_block=lambda block: self.pipe.counter.feed(
                    block, at_s=time.monotonic()
                ),
                ended_well=self._tap_ended_well,
                change=self.pipe.change,
            )
        except BrokenPipeError:
            self._await_target_end()
            return
        except Exception as raised:  # noqa: BLE001 (a thread hands it to `run`)
            error = raised
        if self.pipe.cut_short_file and (error or not self._tap_ended_well()):
            self.pipe.cut_short_file.touch()
        # Told first: the target may end the moment its input does.
        self.events.put(_Event("relayed", error=error))
        self._close_target_input()

    def _await_target_end(self) -> None:
        """Leave the tap's pipe open until the target's own end is known.

        Otherwise the tap would die of a broken pipe and hide who failed first.
        """
        self._close_target_input()
        deadline_s = time.monotonic() + _BREAK_GRACE_S
        while "target" not in self.statuses and time.monotonic() < deadline_s:
            time.sleep(0.02)
        if "target" not in self.statuses:
            self.target.kill()
            while "target" not in self.statuses:
                time.sleep(0.02)
        self.events.put(_Event("relayed"))

    def _close_target_input(self) -> None:
        with contextlib.suppress(OSError):
            self.target.stdin.close()

    def _tap_ended_well(self) -> bool:
        """Tell whether the tap, whose output has ended, did so of its own accord."""
        if not self.tap_ended.wait(_BREAK_GRACE_S):
            return True  # It has said all it had to say and lives on.
        return self.statuses["tap"] == 0 and "tap" not in self.told_to_stop

    def _read_states(self) -> None:
        error: Exception | None = None
        with open(self.target.stdout.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if error is not None or not line.strip():
                    continue
                try:
                    self.pipe.on_state(line)
                except Exception as raised:  # noqa: BLE001 (as above)
                    error = raised
                    self.events.put(_Event("failed", "target", error=raised))

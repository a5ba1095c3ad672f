"""Loading one tap, again if it failed for a while, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import InterruptedRunError, PluginError, UnreachableError
from bizops_cli.model import StreamRun, TapRun
from bizops_cli.runlog.events import Note, TapEnded
from bizops_cli.singer.api_calls import CallCounter
from bizops_cli.singer.states import bookmark_texts
from bizops_cli.usecases.attempt import Attempt
from bizops_cli.usecases.failures import in_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_cli.model import RunStatus
    from bizops_cli.singer.counting import MessageCounter
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.warehouse.address import WarehouseAddress

_LONGEST_PAUSE_S = 600.0
_TICK_S = 0.1


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one tap; `columns` are those read of each of its streams."""

    run: TapRun
    streams: tuple[StreamRun, ...]
    error: Exception | None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load_tap(
    tap: ReadyPlugin,
    target: ReadyPlugin,
    context: RunContext,
    address: WarehouseAddress,
    counter: MessageCounter,
) -> Load:
    """Run one tap into the target; errors come back in the result.

    After a failure that may pass, it is run again from where it came to, without the
    streams it had read to their end, as often as the job says, with longer and longer
    pauses. Call it from a thread that lives until it returns: the children die with it.
    """
    attempts: list[Attempt] = []
    while True:
        number = len(attempts) + 1
        attempt = Attempt(tap, target, context, address, counter, CallCounter(), number)
        if attempts:
            attempt.first_before = attempts[0].before
            attempt.calls_before = sum(a.calls.calls or 0 for a in attempts)
        if attempts and context.request.keeps_state and _all_committed(attempts[-1]):
            last = attempts[-1]
            attempt.finished = {*last.finished, *last.calls.finished}
        attempt.run()
        attempts.append(attempt)
        if number > context.plan.retries or not _may_pass(attempt.error):
            break
        if not _pause(attempt, context):
            break
    load = Load(
        run=_tap_run(tap, target, counter, attempts),
        streams=_stream_runs(tap, counter, attempts[0].before, attempts[-1].after),
        error=attempts[-1].error,
        columns=attempts[-1].columns,
    )
    context.on_event(TapEnded(load.run))
    return load


def _may_pass(error: Exception | None) -> bool:
    """Tell whether a failure is of the kind that another try may not meet.

    Wrong settings, invalid data and what the database refuses are not.
    """
    if isinstance(error, PluginError):
        return error.plugin_status in {1, UnreachableError.exit_status}
    return isinstance(error, UnreachableError)


def _all_committed(attempt: Attempt) -> bool:
    """Tell whether what the tap had finished is in the warehouse."""
    return attempt.result is not None and attempt.result.target_status == 0


def _pause(attempt: Attempt, context: RunContext) -> bool:
    """Wait before the next attempt; tell whether there may be one."""
    pause_s = context.plan.job.retry_pause_s * 3 ** (attempt.number - 1)
    pause_s = min(pause_s, _LONGEST_PAUSE_S)
    left = attempt.left if _all_committed(attempt) else []
    is_part = bool(attempt.finished or attempt.calls.finished)
    streams = f" of {', '.join(left)}" if is_part and left else ""
    context.on_event(
        Note(
            f"{attempt.tap.name}: {in_one_line(attempt.error)}; attempt "
            f"{attempt.number + 1} of {context.plan.retries + 1}{streams} "
            f"in {pause_s:g} s",
            "warning",
        )
    )
    until_s = time.monotonic() + pause_s
    while time.monotonic() < until_s:
        if context.control.is_stopping:
            return False
        time.sleep(_TICK_S)
    return not context.control.is_stopping


def _tap_run(
    tap: ReadyPlugin,
    target: ReadyPlugin,
    counter: MessageCounter,
    attempts: Sequence[Attempt],
) -> TapRun:
    last = attempts[-1]
    status: RunStatus = "succeeded"
    if last.error is not None:
        was_stopped = isinstance(last.error, InterruptedRunError)
        status = "interrupted" if was_stopped else "failed"
    results = [attempt.result for attempt in attempts if attempt.result is not None]
    calls = [a.calls.calls for a in attempts if a.calls.calls is not None]
    return TapRun(
        tap=tap.name,
        target=target.name,
        status=status,
        rows=counter.rows,
        size_bytes=counter.size_bytes,
        states=counter.states,
        duration_s=round(sum(result.duration_s for result in results), 3),
        tap_exit_status=results[-1].tap_status if results else None,
        target_exit_status=results[-1].target_status if results else None,
        message=in_one_line(last.error),
        api_calls=sum(calls) if calls else None,
        attempts=len(attempts),
        quota_percent=last.calls.quota_percent,
        tap_cpu_s=_total([result.tap_cpu_s for result in results]),
        target_cpu_s=_total([result.target_cpu_s for result in results]),
    )


def _total(seconds: Sequence[float | None]) -> float | None:
    known = [each for each in seconds if each is not None]
    return round(sum(known), 3) if known else None


def _stream_runs(
    tap: ReadyPlugin, counter: MessageCounter, before: str | None, after: str | None
) -> tuple[StreamRun, ...]:
    marks_before, marks_after = bookmark_texts(before), bookmark_texts(after)
    return tuple(
        StreamRun(
            tap=tap.name,
            stream=stream,
            rows=count.rows,
            size_bytes=count.size_bytes,
            duration_s=round(count.duration_s, 3),
            bookmark_before=marks_before.get(stream),
            bookmark_after=marks_after.get(stream),
        )
        for stream, count in counter.streams.items()
    )

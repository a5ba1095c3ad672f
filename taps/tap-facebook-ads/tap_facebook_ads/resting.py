"""Waiting while nothing can be done for a report."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from reading_kit.clock import Clock
    from tap_facebook_ads.insight_work import Task

#: Runs are looked at so much later, along with those being started.
LOOK_TOGETHER_S = 0.15
_LONGEST_REST_S = 1.0


def plan_next_look(tasks: Sequence[Task]) -> float | None:
    """Give when runs are looked at next, by the clock of tasks; none without runs.

    Runs being started now are soon looked at too: one request for all is less work.
    """
    looks_s = [task.next_look_s for task in tasks if task.under_way is None]
    if not looks_s:
        return None
    is_starting = any(task.submission is not None for task in tasks)
    return min(looks_s) + (LOOK_TOGETHER_S if is_starting else 0.0)


def rest(tasks: Sequence[Task], clock: Clock) -> None:
    """Wait until a thread has done something for a task, or a run is due for a look."""
    futures: list[Future[Any]] = [
        task.under_way for task in tasks if task.under_way is not None
    ]
    if any(future.done() for future in futures):
        return
    pause_s = _LONGEST_REST_S if futures else 0.0
    look_s = plan_next_look(tasks)
    if look_s is not None:
        until_look_s = max(look_s - clock.monotonic_s(), 0.0)
        pause_s = min(pause_s, until_look_s) if futures else until_look_s
    if futures:
        concurrent.futures.wait(
            futures, timeout=pause_s, return_when=concurrent.futures.FIRST_COMPLETED
        )
    elif pause_s > 0:
        clock.sleep(pause_s)

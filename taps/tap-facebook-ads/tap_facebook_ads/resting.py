"""Waiting while nothing can be done for a report."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from reading_kit.clock import Clock
    from tap_facebook_ads.insight_work import Task

_LONGEST_REST_S = 1.0


def rest(tasks: Sequence[Task], clock: Clock) -> None:
    """Wait until a thread has done something for a task, or a run is due for a look."""
    futures: list[Future[Any]] = [
        task.under_way for task in tasks if task.under_way is not None
    ]
    if any(future.done() for future in futures):
        return
    looks_s = [task.next_look_s for task in tasks if task.under_way is None]
    pause_s = _LONGEST_REST_S if futures else 0.0
    if looks_s:
        until_look_s = max(min(looks_s) - clock.monotonic_s(), 0.0)
        pause_s = min(pause_s, until_look_s) if futures else until_look_s
    if futures:
        concurrent.futures.wait(
            futures, timeout=pause_s, return_when=concurrent.futures.FIRST_COMPLETED
        )
    elif pause_s > 0:
        clock.sleep(pause_s)

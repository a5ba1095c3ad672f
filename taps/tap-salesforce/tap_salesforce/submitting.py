"""Bulk jobs submitted ahead, so that the server works while streams are drained."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from tap_salesforce.bulk import Download
    from tap_salesforce.soql import Window

#: How long the end of a run waits for a job to be told, to abort it.
_LONGEST_SUBMISSION_S = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PagesAhead:
    """The pages of a complete job whose stream's turn has not come yet.

    Attributes:
        locators: All pages.
        downloads: The first of them, loaded or being loaded.
    """

    locators: tuple[str, ...]
    downloads: tuple[Future[Download], ...]


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """A job at work on the server, with what it was asked.

    Attributes:
        ahead: Its first pages, where they are loaded already.
    """

    job_id: str
    query: str
    window: Window
    ahead: PagesAhead | None = None


class JobBoard:
    """Keeps at most ``limit`` jobs of coming streams outstanding."""

    def __init__(self, *, limit: int) -> None:
        # Threads of its own: they wait for jobs, while the workshop's load pages.
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="jobs")
        self._limit = limit
        self._waiting: deque[tuple[str, Callable[[], SubmittedJob]]] = deque()
        self._outstanding: dict[str, Future[SubmittedJob]] = {}
        self._current: set[str] = set()
        self._is_stopped = False

    def is_open(self) -> bool:
        """Tell whether jobs are still wanted."""
        return not self._is_stopped

    def plan(self, entries: Iterable[tuple[str, Callable[[], SubmittedJob]]]) -> None:
        """Take on streams with what submits their job, in the order of the sync."""
        self._waiting.extend(entries)
        self._advance()

    def is_submitted(self, name: str) -> bool:
        """Tell whether a job of a stream waits to be taken."""
        return name in self._outstanding

    def take(self, name: str) -> SubmittedJob | None:
        """Give the job of a stream whose turn has come; none if there is none.

        Raises:
            TapError: the submission failed.
        """
        self._waiting = deque(entry for entry in self._waiting if entry[0] != name)
        self._current.add(name)
        future = self._outstanding.pop(name, None)
        return future.result() if future is not None else None

    def finish(self, name: str) -> None:
        """Make room for the next job after a stream has ended, well or not."""
        self._current.discard(name)
        self._waiting = deque(entry for entry in self._waiting if entry[0] != name)
        self._advance()

    def stop(self) -> None:
        """Submit no more; wait a moment for submissions that are on their way."""
        self._is_stopped = True
        self._waiting.clear()
        sent = [each for each in self._outstanding.values() if not each.cancel()]
        self._outstanding.clear()
        wait(sent, timeout=_LONGEST_SUBMISSION_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _advance(self) -> None:
        while self._waiting and self._room() > 0:
            name, submit = self._waiting.popleft()
            self._outstanding[name] = self._pool.submit(submit)

    def _room(self) -> int:
        return self._limit - len(self._outstanding) - len(self._current)

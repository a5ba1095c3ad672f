"""Reads one stream: query after query, repaired or made smaller where needed."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from reading_kit.errors import IncompleteDataError, JobError, SettingsError, TapError
from tap_zuora.bookmarks import IN_PROGRESS, LATE_RESYNC, WITHOUT_DELETED, Progress
from tap_zuora.problems import Remedy, find_missing_field
from tap_zuora.queries import Failure
from tap_zuora.transport import FileGoneError, FileTooLargeError, JobGoneError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from reading_kit.pages import Page
    from reading_kit.state import StreamState
    from tap_zuora.board import Board
    from tap_zuora.loading import Loaded
    from tap_zuora.planning import ReadingPlan
    from tap_zuora.queries import Query, QueryMaker, Submission

logger = logging.getLogger(__name__)

#: Jobs made for one query because its result was not there or not whole.
MOST_NEW_JOBS = 2
_UNKNOWN_PARTNER = "90019"


class SkippedError(TapError):
    """The object cannot be queried; the other streams go on without it."""


class StreamReader:
    """Reads what is planned of a stream, and notes in the state how far it has come."""

    def __init__(
        self, plan: ReadingPlan, state: StreamState, board: Board, *, page_rows: int
    ) -> None:
        self._plan = plan
        self._maker: QueryMaker = plan.maker
        self._state = state
        self._board = board
        self._page_rows = page_rows
        self._backlog: deque[Query] = deque(plan.queries)
        self._new_jobs = 0

    def pages(self) -> Iterator[Page]:
        """Give all pages; what runs after a ``yield`` knows the page is written.

        Raises:
            SkippedError: the object cannot be queried.
            TapError: the data cannot be had whole.
        """
        while self._backlog:
            query = self._backlog[0]
            loaded = self._take(query)
            if loaded is None:
                continue
            yield from loaded.pages
            self._settle(query, loaded)
        self._finish()

    def note_job(self, query: Query, submission: Submission) -> None:
        """Note the job of the query to be read next, for a run that goes on there."""
        if self._backlog and self._backlog[0].name == query.name:
            self._note_progress(query, submission)

    def _take(self, query: Query) -> Loaded | None:
        """Give a query's rows; None where it had to be replaced by others."""
        try:
            outcome = self._board.take(query)
        except FileTooLargeError as error:
            outcome = Failure(query, Remedy.HALVE, "", str(error))
        except (FileGoneError, JobGoneError, IncompleteDataError) as error:
            self._new_jobs += 1
            if self._new_jobs > MOST_NEW_JOBS:
                raise
            logger.warning("%s: %s; another job", query.stream, error)
            self._replace([self._maker.make(query.part)])
            return None
        if not isinstance(outcome, Failure):
            self._new_jobs = 0
            return outcome
        self._repair(outcome)
        return None

    def _repair(self, failure: Failure) -> None:
        """Put other queries in place of one that failed.

        Raises:
            SkippedError: no query on the object can be run.
            SettingsError: no query at all can be run with these settings.
            JobError: nothing else can be tried.
        """
        part = failure.query.part
        match failure.remedy:
            case _ if self._is_adopted(failure.query):
                logger.info("%s: not resumed (%s)", self._maker.stream, failure)
                self._replace([self._maker.make(part)])
            case Remedy.SKIP:
                self._state.drop(IN_PROGRESS)
                raise SkippedError(str(failure))
            case Remedy.HALVE if failure.is_shared:
                self._replace([self._maker.make(part)])
            case Remedy.HALVE:
                self._halve(failure)
            case Remedy.DROP_FIELD:
                self._drop_field(failure)
            case Remedy.NO_DELETED if self._maker.has_deleted:
                logger.warning(
                    "%s: deleted rows cannot be read (%s)", self._maker.stream, failure
                )
                self._maker.drop_deleted(is_lasting=True)
                self._replace([self._maker.make(part)])
            case _:
                raise _explain(failure)

    def _is_adopted(self, query: Query) -> bool:
        return self._plan.adopted is not None and query.name == self._plan.adopted.batch

    def _halve(self, failure: Failure) -> None:
        parts = failure.query.part.smaller(page_rows=self._page_rows)
        if not parts:
            raise _explain(failure)
        logger.warning("%s: %s; reading less at once", self._maker.stream, failure)
        self._replace([self._maker.make(part) for part in parts])

    def _drop_field(self, failure: Failure) -> None:
        named = find_missing_field(failure.message) or ""
        asked = {name for f in failure.query.fields for name in (f.source, f.name)}
        is_known = named.lower() in {name.lower() for name in asked}
        there = {f.name.lower() for f in self._maker.fields}
        is_dropped = is_known and named.lower() not in there
        if not is_dropped and not self._maker.drop_field(named):
            raise _explain(failure)
        logger.warning(
            "%s.%s is not there; reading without it", self._maker.stream, named
        )
        self._replace([self._maker.make(failure.query.part)])

    def _replace(self, queries: list[Query]) -> None:
        self._backlog.popleft()
        self._backlog.extendleft(reversed(queries))
        self._board.plan_first(queries)

    def _settle(self, query: Query, loaded: Loaded) -> None:
        """Note that a query is written; plan the next page where there is one."""
        part = query.part
        if part.limit_rows is not None and loaded.rows == part.limit_rows:
            if loaded.last_id <= part.after_id:
                msg = f"{query.stream}: the page after {part.after_id} does not go on"
                raise IncompleteDataError(msg)
            following = self._maker.make(part.following(loaded.last_id))
            self._replace([following])
            self._note_progress(following, None)
        else:
            self._backlog.popleft()
            self._move_bookmark(None if part.window is None else part.window.end)
            self._state.drop(IN_PROGRESS)
            if self._backlog:
                submission = self._board.submission_of(self._backlog[0])
                self._note_progress(self._backlog[0], submission)
        if self._backlog:
            self._state.write()

    def _finish(self) -> None:
        """Note that all is written."""
        self._state.drop(IN_PROGRESS)
        if self._plan.queries:
            self._move_bookmark(self._plan.high_water_mark)
        if self._plan.is_late_resync:
            self._state.put(LATE_RESYNC, self._plan.now_text)
        if self._maker.is_without_deletion:
            self._state.put(WITHOUT_DELETED, value=True)
        self._state.write()

    def _move_bookmark(self, value: datetime | None) -> None:
        """Move the bookmark on; never back, and never to nothing."""
        key = self._plan.key
        if key is None or value is None:
            return
        old = self._state.bookmark(key)
        if old is None or value > old:
            self._state.set_bookmark(key, value)

    def _note_progress(self, query: Query, submission: Submission | None) -> None:
        taken_at = self._plan.now if submission is None else submission.taken_at
        progress = Progress(
            job_id="" if submission is None else submission.job_id,
            batch=query.name,
            part=query.part,
            submitted_at=taken_at,
            high_water_mark=self._plan.high_water_mark,
            schema_hash=self._maker.schema_hash,
            version=self._maker.version,
        )
        self._state.put(IN_PROGRESS, progress.to_dict())


def _explain(failure: Failure) -> TapError:
    if failure.code == _UNKNOWN_PARTNER:
        msg = "partner_id is not enabled in this tenant; leave it out"
        return SettingsError(f"{msg} ({failure})")
    return JobError(f"the query of {failure.query.stream} failed: {failure}")

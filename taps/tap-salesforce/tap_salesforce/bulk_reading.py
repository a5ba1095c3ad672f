"""Reads one stream through bulk jobs: resumed, split or repeated where needed."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, IncompleteDataError, JobError, TapError
from reading_kit.timestamps import format_instant, parse_instant
from tap_salesforce.advice import Refusal, advise, classify_refusal
from tap_salesforce.bulk import (
    PAGE_RETRIES,
    BulkApi,
    Download,
    JobAbortedError,
    JobFailedError,
    JobVanishedError,
)
from tap_salesforce.progress import BulkProgress
from tap_salesforce.soql import Window, fingerprint
from tap_salesforce.submitting import PagesAhead, SubmittedJob

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from reading_kit.pages import Page
    from reading_kit.spool import Workshop
    from tap_salesforce.client import SalesforceClient
    from tap_salesforce.progress import BulkState
    from tap_salesforce.rest import RestApi
    from tap_salesforce.source import Source

logger = logging.getLogger(__name__)

#: Pages loaded before a stream's turn comes: enough that the server is never idle.
PAGES_AHEAD = 2
#: Jobs one window is split into at most when the server runs out of time.
MOST_WINDOWS = 16
#: Where an open window begins when it must be split: Salesforce's first year.
EARLIEST_SPLIT = datetime(1999, 1, 1, tzinfo=UTC)


class BulkRefusedError(TapError):
    """The Bulk API does not read this object, or nothing more today.

    Attributes:
        is_for_all: Whether all further streams must do without it too.
    """

    def __init__(self, message: str, *, is_for_all: bool) -> None:
        super().__init__(message)
        self.is_for_all = is_for_all


def refuse_bulk(error: ApiError | JobFailedError) -> BulkRefusedError | None:
    """Turn a refusal of the Bulk API as such into its own error."""
    refusal = classify_refusal(error.problem)
    if refusal is Refusal.USE_REST:
        return BulkRefusedError(str(error), is_for_all=False)
    if refusal is Refusal.USE_REST_ONLY:
        return BulkRefusedError(str(error), is_for_all=True)
    return None


class BulkReader:
    """Reads a source page by page; after each page its state says so.

    Attributes:
        version: Table version of the rows now read: that of an interrupted
            FULL_TABLE read while it is resumed.
    """

    def __init__(
        self,
        source: Source,
        state: BulkState,
        *,
        client: SalesforceClient,
        bulk: BulkApi,
        rest: RestApi,
        workshop: Workshop,
    ) -> None:
        self._source = source
        self._state = state
        self._client = client
        self._bulk = bulk
        self._rest = rest
        self._workshop = workshop
        self.version = source.version

    def is_resumable(self) -> bool:
        """Tell whether the state names a job for the very same query."""
        progress = self._state.progress
        return progress is not None and self._matches(progress)

    def submit(self, window: Window | None = None) -> SubmittedJob:
        """Start the job for a window; by default for all that is new by now."""
        window = window or self._window_until_now()
        query = self._source.query(window)
        try:
            return SubmittedJob(self._bulk.create(query), query, window)
        except ApiError as error:
            raise refuse_bulk(error) or error from None

    def load_ahead(self, job: SubmittedJob) -> SubmittedJob:
        """Begin to load a complete job's first pages.

        Trouble with their list is left to the stream's turn, which meets it again.
        """
        progress = _new_progress(job, self._source.version)
        try:
            locators = self._bulk.list_pages(job.job_id)
        except TapError:
            return job
        if not locators:
            return job
        load = self._loader(progress, is_chain=False)
        downloads = tuple(
            self._workshop.submit(partial(load, locator))
            for locator in locators[:PAGES_AHEAD]
        )
        return replace(job, ahead=PagesAhead(tuple(locators), downloads))

    def pages(self, take: Callable[[], SubmittedJob | None]) -> Iterator[Page]:
        """Give all pages; what runs after a ``yield`` knows the page is written.

        Args:
            take: Gives the job submitted ahead, if there is one.

        Raises:
            BulkRefusedError: before any page, when REST has to do it.
            TapError: the data cannot be had whole.
        """
        if self.is_resumable() and (yield from self._resume()):
            if self._source.key is None:
                return
            logger.info("%s: now what changed since that job", self._source.name)
        self.version = self._source.version
        first = take() or self.submit()
        yield from self._read_windows(first)

    def _window_until_now(self) -> Window:
        key = self._source.key
        start = self._state.start(key) if key else None
        return self._source.window(start, now=self._client.server_time())

    def _matches(self, progress: BulkProgress) -> bool:
        key = self._source.key
        start = self._state.start(key) if key else None
        window = Window(key, start, parse_instant(progress.cutoff))
        return fingerprint(self._source.query(window)) == progress.query_sha256

    def _resume(self) -> Generator[Page, None, bool]:
        """Go on with the job of an interrupted run; gives False if that fails."""
        progress = self._state.progress
        if progress is None:
            return False
        try:
            self._bulk.wait(progress.job_id)
            logger.info(
                "%s: resuming job %s at page %d",
                self._source.name,
                progress.job_id,
                progress.next_page + 1,
            )
            self.version = progress.version
            yield from self._drain(progress)
        except (JobError, ApiError, IncompleteDataError) as error:
            # Gone, expired, made by another API version: all is read anew.
            logger.info("%s: not resumed (%s)", self._source.name, error)
            self._state.drop_progress()
            return False
        return True

    def _read_windows(self, first: SubmittedJob) -> Iterator[Page]:
        queue = [first.window]
        job: SubmittedJob | None = first
        total = 1
        repeated: set[Window] = set()
        while queue:
            window = queue[0]
            try:
                job = job or self.submit(window)
                progress = _new_progress(job, self._source.version)
                yield from self._drain(progress, job.ahead)
                queue.pop(0)
            except (JobAbortedError, JobVanishedError) as error:
                if window in repeated:
                    raise
                logger.warning("%s: %s; starting another", self._source.name, error)
                repeated.add(window)
            except JobFailedError as error:
                if classify_refusal(error.problem) is not Refusal.SPLIT:
                    raise refuse_bulk(error) or self._explain(error) from None
                if window in repeated:
                    queue[0:1] = self._split(window, error, total=total)
                    total += 1
                repeated.add(window)
            job = None

    def _split(
        self, window: Window, error: JobFailedError, *, total: int
    ) -> tuple[Window, Window]:
        if window.key is None or total >= MOST_WINDOWS:
            raise self._explain(error) from None
        logger.warning("%s: %s; reading it in two parts", self._source.name, error)
        return window.halves(earliest=EARLIEST_SPLIT)

    def _explain(self, error: JobFailedError) -> TapError:
        """Ask REST for one row, whose refusal is easier to read."""
        try:
            probe = self._source.query(
                Window(None, None, self._client.server_time()), limit_rows=1
            )
            for _ in self._rest.query(probe, is_deleted_included=False):
                break
        except TapError as refusal:
            return JobError(f"{error}; REST says: {refusal}{advise(str(refusal))}")
        return JobError(f"{error}{advise(str(error))}")

    def _drain(
        self, progress: BulkProgress, pages_ahead: PagesAhead | None = None
    ) -> Iterator[Page]:
        """Give the pages of a job that are not emitted, then settle the state."""
        try:
            status = self._bulk.wait(progress.job_id)
            rows = 0
            for done, page in self._follow(progress, status.rows, pages_ahead):
                yield page
                rows += page.rows
                progress = replace(
                    done,
                    max_key=max(progress.max_key, page.max_key),
                    rows=done.rows + rows,
                )
                self._state.keep_progress(progress)
                self._state.write()
                self._client.quota.check()
            self._check_total(progress, status.rows)
        except IncompleteDataError:
            # A new job is the better chance; this one's pages are not trusted.
            self._state.drop_progress()
            self._state.write()
            raise
        except ApiError as error:
            if error.problem.status != 404:
                raise
            self._state.drop_progress()
            msg = f"bulk job {progress.job_id} is gone"
            raise JobVanishedError(msg) from None
        self._settle(progress)

    def _check_total(self, progress: BulkProgress, announced: int | None) -> None:
        if announced is not None and progress.rows != announced:
            msg = (
                f"job {progress.job_id} brought {progress.rows} rows where "
                f"{announced} were announced"
            )
            raise IncompleteDataError(msg)

    def _settle(self, progress: BulkProgress) -> None:
        self._state.advance(
            self._source.key,
            max_key=progress.max_key,
            cutoff=parse_instant(progress.cutoff),
        )
        self._state.drop_progress()
        self._state.write()
        self._workshop.submit(lambda: self._bulk.delete(progress.job_id))

    def _follow(
        self, progress: BulkProgress, announced: int | None, ahead: PagesAhead | None
    ) -> Iterator[tuple[BulkProgress, Page]]:
        """Give each page with the progress it makes (rows and key not counted)."""
        seen: set[int] = set()
        if ahead is None:
            locators = self._bulk.list_pages(progress.job_id)
        else:
            locators = list(ahead.locators)
        if locators is None or (not locators and announced):
            yield from self._follow_chain(progress, seen)
            return
        done = progress.next_page
        if tuple(locators[: len(progress.pages)]) != progress.pages:
            done = 0
            progress = replace(progress, next_page=0, rows=0)
        load = self._loader(progress, is_chain=False)
        begun = () if ahead is None else ahead.downloads
        downloads = self._workshop.map_ahead(load, locators[done:], begun=begun)
        for index, download in enumerate(downloads, start=done):
            again = partial(load, locators[index])
            page = self._distinct(download, seen, again)
            yield (
                replace(progress, pages=tuple(locators), next_page=index + 1),
                page,
            )

    def _follow_chain(
        self, progress: BulkProgress, seen: set[int]
    ) -> Iterator[tuple[BulkProgress, Page]]:
        load = self._loader(progress, is_chain=True)
        pages = list(progress.pages) or [""]
        index = progress.next_page
        if index >= len(pages):
            return
        future = self._workshop.submit(partial(load, pages[index]))
        while True:
            download = future.result()
            following = download.next_locator
            if following is not None:
                pages.append(following)
                future = self._workshop.submit(partial(load, following))
            page = self._distinct(download, seen, partial(load, pages[index]))
            index += 1
            yield replace(progress, pages=tuple(pages), next_page=index), page
            if following is None:
                return

    def _loader(
        self, progress: BulkProgress, *, is_chain: bool
    ) -> Callable[[str], Download]:
        cutoff = parse_instant(progress.cutoff)

        def load(locator: str) -> Download:
            return self._bulk.download(
                progress.job_id,
                locator,
                names=self._source.names,
                new_converter=lambda: self._source.new_converter(
                    cutoff=cutoff, version=progress.version
                ),
                path=self._workshop.new_path(),
                has_row_limit=is_chain,
            )

        return load

    def _distinct(
        self, download: Download, seen: set[int], reload: Callable[[], Download]
    ) -> Page:
        """Make sure a page is not one that came before under another locator."""
        page = download.page
        if not self._source.has_id or not page.rows:
            return page
        for _ in range(PAGE_RETRIES):
            if page.first_row not in seen:
                break
            logger.warning("%s: a page came twice; loading it again", self._source.name)
            page.discard()
            page = reload().page
        if page.first_row in seen:
            msg = f"{self._source.name}: the same page came for two locators"
            raise IncompleteDataError(msg)
        seen.add(page.first_row)
        return page


def _new_progress(job: SubmittedJob, version: int | None) -> BulkProgress:
    return BulkProgress(
        job_id=job.job_id,
        query_sha256=fingerprint(job.query),
        cutoff=format_instant(job.window.end),
        version=version,
    )

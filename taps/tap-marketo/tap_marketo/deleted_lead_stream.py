"""Deleted leads: in no bulk export, but in a log of their own that REST gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, IncompleteDataError
from reading_kit.jsonlines import LineEncoder, to_page
from tap_marketo.activity_stream import KEY, ActivityStream
from tap_marketo.instants import format_instant, normalize_instant
from tap_marketo.paging import LEAD_PAGE_ROWS, PAGE_TRIES, is_token_expired
from tap_marketo.reading_ahead import ReadAhead
from tap_marketo.sampling import flatten_activity, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from singer_sdk.helpers import types

    from reading_kit.pages import Page

PATH = "/rest/v1/activities/deletedleads.json"
#: Pages of at most 300 rows that wait for the stream's turn.
_MOST_PAGES_AHEAD = 64


class DeletedLeadStream(ActivityStream):
    """The activities ``Delete Lead``."""

    # The log is read from the beginning of the run on, while exports are made.
    phase = 4
    _ahead: tuple[datetime, ReadAhead[Page]] | None = None

    def read_ahead(self) -> None:
        """Begin to read the log, in a thread."""
        end, start = self.client.reading_end(), self.start()
        if self.is_wanted and start < end:
            pages = self._follow(format_instant(start))
            ahead = ReadAhead(pages, most=_MOST_PAGES_AHEAD, name=self.name)
            self._ahead = end, ahead

    def sync(self, context: types.Context | None = None) -> None:  # type: ignore[misc] # not with the group
        """Sync by itself: no export holds these activities."""
        if self.is_wanted or self.ABORT_AT_RECORD_COUNT is not None:
            super(ActivityStream, self).sync(context)
        else:
            self.logger.info("%s: not in activity_type_ids", self.name)

    def read_pages(self) -> Iterator[Page]:
        """Give what was deleted since the bookmark."""
        if self._ahead is None:
            self.read_ahead()
        if self._ahead is None:
            self.logger.info("%s: nothing to read yet", self.name)
            return
        end, pages = self._ahead
        yield from pages
        self.misfits.report()
        state = self.new_state()
        state.set_bookmark(KEY, end)
        state.write()

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:  # noqa: ARG002
        """Give what was deleted since the start."""
        yield from self._follow(format_instant(self.settings.start_date))

    def _follow(self, since: str) -> Iterator[Page]:
        """Give all pages; where a page token expires, go on from the last row seen."""
        encoder = LineEncoder(self.name, time_extracted=self.client.server_time())
        for _ in range(PAGE_TRIES):
            try:
                params = {"batchSize": str(LEAD_PAGE_ROWS)}
                for rows in read_log(self.client, PATH, params, since=since):
                    records = [self.to_record(flatten_activity(row)) for row in rows]
                    if records:
                        yield to_page(encoder, records)
                        since = max(since, normalize_instant(rows[-1][KEY]))
            except ApiError as error:
                if not is_token_expired(error):
                    raise
                self.logger.info("%s: the page token has expired; going on", self.name)
                continue
            return
        raise IncompleteDataError(f"{PATH}: page tokens expire at once")

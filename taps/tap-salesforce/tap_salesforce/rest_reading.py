"""Reads one stream through REST queries, in the order of its replication key."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError, IncompleteDataError
from reading_kit.pages import Page
from reading_kit.timestamps import parse_instant
from tap_salesforce.advice import Refusal, classify_refusal
from tap_salesforce.bulk_reading import EARLIEST_SPLIT
from tap_salesforce.rest import to_cells
from tap_salesforce.soql import Window, build_id_condition, build_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_salesforce.client import SalesforceClient
    from tap_salesforce.progress import BulkState
    from tap_salesforce.rest import RestApi
    from tap_salesforce.source import Source

logger = logging.getLogger(__name__)

SMALLEST_WINDOW = timedelta(hours=1)
#: Times a query is begun again after its cursor expired or rows were missing.
RESTARTS = 3
IDS_PER_QUERY = 200


class RestReader:
    """Reads a source answer by answer; keyed ones leave a bookmark on the way."""

    def __init__(
        self,
        source: Source,
        state: BulkState,
        *,
        client: SalesforceClient,
        rest: RestApi,
    ) -> None:
        self._source = source
        self._state = state
        self._client = client
        self._rest = rest
        self._settings = client.settings
        self._rows_since_state = 0
        self._highest = ""

    def pages(self) -> Iterator[Page]:
        """Give all pages; what runs after a ``yield`` knows the page is written.

        Raises:
            TapError: the data cannot be had whole.
        """
        self._state.drop_progress()
        key = self._source.key
        start = self._state.start(key) if key else None
        window = self._source.window(start, now=self._client.server_time())
        if self._source.name == "ContentDocumentLink":
            yield from self._linked_pages(window)
        else:
            yield from self._window_pages(window)
        self._state.advance(key, max_key=self._highest, cutoff=window.end)
        self._state.write()

    def sample(self, limit_rows: int) -> Iterator[Page]:
        """Give a page of at most ``limit_rows`` rows, for a connection test."""
        window = Window(None, None, self._client.server_time())
        conditions: list[str] = []
        if self._source.name == "ContentDocumentLink":
            batch = next(self._document_batches(), None)
            if batch is None:
                return
            conditions = [build_id_condition("ContentDocumentId", batch)]
        query = self._source.query(window, conditions=conditions, limit_rows=limit_rows)
        for records in self._rest.query(query, is_deleted_included=False):
            yield self._to_page(records, window)

    def _window_pages(self, window: Window) -> Iterator[Page]:
        restarts = 0
        while True:
            try:
                for page in self._query_pages(window):
                    yield page
                    self._highest = max(self._highest, page.max_key)
                    if window.key and page.max_key:
                        # Ordered by key: a new start here loses nothing.
                        window = replace(window, start=parse_instant(page.max_key))
                        self._checkpoint(page, window)
                    self._client.quota.check()
                return
            except IncompleteDataError as error:
                restarts = self._count_restart(restarts, error)
            except ApiError as error:
                refusal = classify_refusal(error.problem)
                if refusal is Refusal.SPLIT:
                    yield from self._halved_pages(window, error)
                    return
                if refusal is not Refusal.RESTART_CURSOR:
                    raise
                restarts = self._count_restart(restarts, error)

    def _query_pages(self, window: Window) -> Iterator[Page]:
        order = [window.key] if window.key else []
        if order and self._source.has_id:
            order.append("Id")
        query = self._source.query(window, order_by=order)
        deleted = self._settings.are_deleted_included
        for records in self._rest.query(query, is_deleted_included=deleted):
            yield self._to_page(records, window)

    def _count_restart(
        self, restarts: int, error: IncompleteDataError | ApiError
    ) -> int:
        # Rows without a key would be doubled by a second reading.
        if restarts >= RESTARTS or not (self._source.has_id or self._source.key):
            raise error
        logger.warning("%s: %s; starting the query again", self._source.name, error)
        return restarts + 1

    def _halved_pages(self, window: Window, error: ApiError) -> Iterator[Page]:
        start = window.start or EARLIEST_SPLIT
        if window.key is None or window.end - start <= SMALLEST_WINDOW:
            raise error
        for half in window.halves(earliest=EARLIEST_SPLIT):
            yield from self._window_pages(half)

    def _linked_pages(self, window: Window) -> Iterator[Page]:
        """Protocol: links are readable by the ids of their documents only."""
        for batch in self._document_batches():
            condition = build_id_condition("ContentDocumentId", batch)
            query = self._source.query(window, conditions=[condition])
            deleted = self._settings.are_deleted_included
            for records in self._rest.query(query, is_deleted_included=deleted):
                page = self._to_page(records, window)
                yield page
                self._highest = max(self._highest, page.max_key)
            self._client.quota.check()

    def _document_batches(self) -> Iterator[list[str]]:
        query = build_query(fields=["Id"], object_name="ContentDocument")
        for records in self._rest.query(query, is_deleted_included=False):
            ids = [str(record["Id"]) for record in records]
            for start in range(0, len(ids), IDS_PER_QUERY):
                yield ids[start : start + IDS_PER_QUERY]

    def _to_page(self, records: Sequence[dict[str, Any]], window: Window) -> Page:
        converter = self._source.new_converter(cutoff=window.end)
        names = self._source.names
        rows = [to_cells(record, names) for record in records]
        lines = converter.convert(rows)
        return Page(len(rows), lines, converter.max_key)

    def _checkpoint(self, page: Page, window: Window) -> None:
        self._rows_since_state += page.rows
        if self._rows_since_state < self._settings.state_rows:
            return
        self._rows_since_state = 0
        self._state.advance(window.key, max_key=page.max_key, cutoff=window.end)
        self._state.write()

"""Loads the rows of report runs and of reports read at once."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from reading_kit.errors import TapError
from reading_kit.jsonlines import LineEncoder, spool_records
from reading_kit.timestamps import format_instant
from tap_facebook_ads.insight_request import ids_params, report_params
from tap_facebook_ads.listing import PageWalk
from tap_facebook_ads.plain_pages import fetch_plain
from tap_facebook_ads.problems import Cause, GraphError, find_bad_field
from tap_facebook_ads.report_runs import ids_in
from tap_facebook_ads.reports import breakdown_key, missing_value
from tap_facebook_ads.rows import Answer, RowCodec, to_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from reading_kit.pages import Page
    from reading_kit.spool import Workshop
    from tap_facebook_ads.client import GraphClient
    from tap_facebook_ads.fields import Field
    from tap_facebook_ads.listing import Fetch
    from tap_facebook_ads.reports import Report
    from tap_facebook_ads.slices import Part

logger = logging.getLogger(__name__)

SLICE_STARTED_AT = "_slice_started_at"
#: Reads of a complete run that cannot be read yet, and the pause between them.
UNREADABLE_TRIES = 5
UNREADABLE_PAUSE_S = 30.0
#: Rows of reports are light: so many times the rows of a page of objects.
_PAGE_FACTOR = 5
_PAGE_ROWS_MAX = 1000
_IDS_PAGE_ROWS = 500


class RunLostError(TapError):
    """A report run is complete and its rows cannot be had."""


class InsightRows:
    """Loads rows of one report; used by many threads at once."""

    def __init__(
        self,
        report: Report,
        columns: Sequence[Field],
        *,
        client: GraphClient,
        workshop: Workshop,
        version: int | None = None,
    ) -> None:
        """Prepare loading.

        Args:
            report: Whose rows.
            columns: What is written of each row, in order.
            client: Whom to ask.
            workshop: Where rows are kept until they are written.
            version: Table version of a FULL_TABLE read.
        """
        self._version = version
        self._report = report
        self._client = client
        self._workshop = workshop
        self._dropped: set[str] = set()
        self._has_stamp = any(field.name == SLICE_STARTED_AT for field in columns)
        self._columns = tuple(columns)
        self._codec = RowCodec(
            report.stream,
            columns,
            keys=report.key_properties,
            defaults={
                breakdown_key(name): missing_value(name) for name in report.breakdowns
            },
            id_sources={
                breakdown_key(name): name
                for name in report.breakdowns
                if breakdown_key(name) != name
            },
            action_keys=(*report.windows, *report.action_breakdowns, "inline"),
        )

    @property
    def asked_fields(self) -> tuple[str, ...]:
        """Give the fields to ask for; breakdowns and days come by themselves."""
        own = {"date_start", "date_stop", SLICE_STARTED_AT, *self._report.breakdowns}
        own |= {breakdown_key(name) for name in self._report.breakdowns}
        own |= self._dropped
        return tuple(field.name for field in self._columns if field.name not in own)

    def drop_field(self, error: GraphError) -> None:
        """Leave a field out from now on that the service does not have.

        Raises:
            GraphError: the field is needed, or is none of those asked for.
        """
        name = find_bad_field(str(error))
        is_needed = name in self._report.key_properties
        is_known = any(field.name == name for field in self._columns)
        if name is None or is_needed or not is_known:
            raise error
        if name in self._dropped:
            # Another request under way has met it too.
            return
        logger.warning(
            "%s.%s: the service does not have it; reading without it: %s",
            self._report.stream,
            name,
            error,
        )
        self._dropped.add(name)

    def params(
        self, part: Part, *, without: Collection[str] = frozenset()
    ) -> dict[str, str]:
        """Give the parameters that ask for a part, less some fields."""
        return report_params(
            self._report,
            part,
            fields=[name for name in self.asked_fields if name not in without],
            are_deleted_included=self._client.settings.are_deleted_included,
        )

    # Loading, in threads

    def load_run(self, run_id: str, *, time_extracted: datetime) -> Page:
        """Load the rows of a complete run into a file.

        Raises:
            RunLostError: they cannot be had from this run.
            TooMuchDataError: not even one row at a time.
        """
        fetch = functools.partial(self._fetch_of_run, f"{run_id}/insights")
        try:
            return self._spool(
                fetch, f"report run {run_id}", time_extracted, is_run=True
            )
        except GraphError as error:
            if error.cause in {Cause.MISSING, Cause.RUN_UNREADABLE}:
                msg = f"report run {run_id} cannot be read: {error}"
                raise RunLostError(msg) from None
            raise

    def load_part(self, part: Part, *, time_extracted: datetime) -> Page:
        """Load the rows of a part without a run.

        Raises:
            GraphError: the service refused.
            TooMuchDataError: not even one row at a time.
        """
        fetch = functools.partial(
            self._fetch, f"{part.scope_id}/insights", self.params(part)
        )
        name = f"{self._report.stream} {part.span.key}"
        return self._spool(fetch, name, time_extracted, is_run=False)

    def sample(self, part: Part, limit_rows: int, *, time_extracted: datetime) -> Page:
        """Load some rows of a part."""
        answer = self._fetch(
            f"{part.scope_id}/insights",
            self.params(part),
            limit_rows=limit_rows,
            after=None,
        )
        return spool_records(
            iter([self._stamped(answer.rows, time_extracted)]),
            self._new_encoder(time_extracted),
            self._workshop.new_path(),
        )

    def list_ids(self, part: Part) -> tuple[str, ...]:
        """List the objects below a part's, with anything in its days.

        Raises:
            TapError: they cannot be listed.
        """
        params = ids_params(
            self._report,
            part,
            are_deleted_included=self._client.settings.are_deleted_included,
        )
        path = f"{part.scope_id}/insights"
        fetch = functools.partial(fetch_plain, self._client, path, params)
        walk = PageWalk(
            fetch, _IDS_PAGE_ROWS, f"{part.lower_level}s of {part.scope_id}"
        )
        return ids_in(
            (row for answer in walk.pages() for row in answer.rows),
            f"{part.lower_level}_id",
        )

    def _spool(
        self, fetch: Fetch, name: str, time_extracted: datetime, *, is_run: bool
    ) -> Page:
        rows = min(self._client.settings.page_rows * _PAGE_FACTOR, _PAGE_ROWS_MAX)
        walk = PageWalk(fetch, rows, name, is_run=is_run)
        blocks = (self._stamped(each.rows, time_extracted) for each in walk.pages())
        encoder = self._new_encoder(time_extracted)
        return spool_records(blocks, encoder, self._workshop.new_path())

    def _new_encoder(self, time_extracted: datetime) -> LineEncoder:
        return LineEncoder(
            self._report.stream, time_extracted=time_extracted, version=self._version
        )

    def _stamped(self, rows: list[Any], time_extracted: datetime) -> list[Any]:
        if self._has_stamp:
            attribute = self._codec.attribute(SLICE_STARTED_AT)
            stamp = to_utc(format_instant(time_extracted))
            for row in rows:
                setattr(row, attribute, stamp)
        return rows

    def _fetch(
        self,
        path: str,
        params: dict[str, str],
        *,
        limit_rows: int,
        after: str | None,
    ) -> Answer:
        paged = {
            **params,
            "limit": str(limit_rows),
            **({"after": after} if after else {}),
        }
        return self._codec.decode(self._client.get_bytes(path, paged))

    def _fetch_of_run(self, path: str, *, limit_rows: int, after: str | None) -> Answer:
        """Get a page of a run; one that cannot be read yet is asked for again."""
        tries = 0
        while True:
            try:
                return self._fetch(path, {}, limit_rows=limit_rows, after=after)
            except GraphError as error:
                tries += 1
                is_early = error.cause is Cause.RUN_UNREADABLE
                if not is_early or tries > UNREADABLE_TRIES:
                    raise
                logger.info("%s: %s; trying again", path, error)
            longest_s = self._client.settings.retry_delay_max_s
            self._client.clock.sleep(min(UNREADABLE_PAUSE_S, longest_s))

"""Streams read through REST, by the pages of one resource or of one for each parent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError
from reading_kit.jsonlines import LineEncoder, to_page
from tap_marketo.instants import format_instant, parse_instant
from tap_marketo.judging import GONE
from tap_marketo.marketo_stream import MarketoStream
from tap_marketo.paging import (
    Row,
    browse_by_offset,
    browse_by_token,
    browse_whole,
)
from tap_marketo.rest_specs import PROGRAMS, Filtering, Paging, RestSpec
from tap_marketo.windows import start_of_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from reading_kit.pages import Page
    from tap_marketo.client import MarketoClient
    from tap_marketo.tap import TapMarketo

#: How often the details of all programs are read, as costs may change in silence.
ALL_DETAILS_EVERY = timedelta(days=7)
_DETAILS_READ = "details_read_at"


def browse(
    client: MarketoClient,
    spec: RestSpec,
    path: str,
    params: Mapping[str, str],
    *,
    key: str,
) -> Iterator[list[Row]]:
    """Give the rows of a resource by the page, as it has pages."""
    whole = {**dict(spec.params), **params}
    match spec.paging:
        case Paging.WHOLE:
            return browse_whole(client, path, whole)
        case Paging.OFFSET:
            return browse_by_offset(client, path, whole, key=key)
        case Paging.TOKEN:
            return browse_by_token(client, path, whole, key=key)


class RestStream(MarketoStream):
    """The rows of one resource."""

    def __init__(self, tap: TapMarketo, spec: RestSpec) -> None:
        self.spec = spec
        super().__init__(
            tap,
            name=spec.name,
            schema=spec.schema(),
            keys=spec.keys,
            replication_key=spec.replication_key,
        )
        self.selected_by_default = spec.is_default

    def read_pages(self) -> Iterator[Page]:
        """Give the rows that have changed, or all."""
        now = self.client.reading_end()
        start = self._start()
        if start is not None and start >= now:
            self.logger.info("%s: start_date is not there yet", self.name)
            return
        yield from self._read(start, now)
        self.misfits.report()
        if start is not None:
            state = self.new_state()
            state.set_bookmark("updatedAt", now)
            state.write()

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:  # noqa: ARG002
        """Give the first page."""
        now = self.client.server_time()
        yield from self._read(self.settings.start_date, now)

    def _start(self) -> datetime | None:
        """Give the instant to read from; none to read all."""
        if self.replication_key is None:
            return None
        bookmark = self.new_state().bookmark(self.replication_key)
        return start_of_reading(
            bookmark if self.is_incremental else None,
            floor=self.settings.start_date,
            lookback=self.settings.lookback,
        )

    def _read(self, start: datetime | None, now: datetime) -> Iterator[Page]:
        encode = self._new_encoder()
        for rows in self.rows(start, now):
            records = [self.to_record(row) for row in rows]
            if records:
                yield to_page(encode, records)

    def rows(self, start: datetime | None, now: datetime) -> Iterator[list[Row]]:
        """Give the rows changed between two instants, as Marketo has them."""
        params: dict[str, str] = {}
        if self.spec.filtering is Filtering.SERVER and start is not None:
            params["earliestUpdatedAt"] = format_instant(start)
            params["latestUpdatedAt"] = format_instant(now)
        key = self.spec.keys[0]
        for rows in browse(self.client, self.spec, self.spec.path, params, key=key):
            if self.spec.filtering is Filtering.CLIENT and start is not None:
                yield [row for row in rows if _is_changed(row, since=start)]
            else:
                yield rows

    def to_record(self, row: Row) -> dict[str, Any]:
        """Give a row as it is written."""
        return self.fit_row(row, self._chosen())

    def _chosen(self) -> dict[str, str]:
        columns = self.spec.columns
        return {name: columns[name] for name in self.selected_names()}

    def _new_encoder(self) -> LineEncoder:
        return LineEncoder(
            self.name,
            time_extracted=self.client.server_time(),
            version=self.table_version,
        )


def _is_changed(row: Row, *, since: datetime) -> bool:
    """Tell whether a row has changed; one that does not tell when counts as changed."""
    try:
        return parse_instant(str(row.get("updatedAt") or "")) >= since
    except ValueError:
        return True


class ProgramStream(RestStream):
    """Programs; browsing shows neither tags nor costs, a call for each program does."""

    def __init__(self, tap: TapMarketo) -> None:
        super().__init__(tap, PROGRAMS)

    def rows(self, start: datetime | None, now: datetime) -> Iterator[list[Row]]:
        """Give the changed programs; with details where they are wanted."""
        if not self.settings.are_program_details_included:
            yield from super().rows(start, now)
            return
        is_sample = self.ABORT_AT_RECORD_COUNT is not None
        state = self.new_state()
        is_due = not is_sample and self._are_all_due(state.get(_DETAILS_READ), now)
        for rows in super().rows(self.settings.start_date if is_due else start, now):
            yield [detailed for row in rows for detailed in self._detail(row)]
        if is_due:
            state.put(_DETAILS_READ, format_instant(now))

    def _are_all_due(self, read_at: object, now: datetime) -> bool:
        try:
            return parse_instant(str(read_at)) + ALL_DETAILS_EVERY <= now
        except ValueError:
            return True

    def _detail(self, row: Row) -> list[Row]:
        self.client.check_usage()
        path = f"/rest/asset/v1/program/{row.get('id')}.json"
        try:
            found = self.client.fetch(path).rows
        except ApiError as error:
            if error.problem.code != GONE:
                raise
            found = ()
        if not found:
            self.logger.warning("program %s is gone meanwhile", row.get("id"))
            return []
        # What only browsing tells stays; details win.
        return [{**row, **detail} for detail in found if isinstance(detail, dict)]


class ChildStream(RestStream):
    """Rows asked for parent by parent; a parent gone meanwhile is passed over."""

    def __init__(self, tap: TapMarketo, spec: RestSpec, *, parent: RestSpec) -> None:
        super().__init__(tap, spec)
        self._parent = parent

    def rows(self, start: datetime | None, now: datetime) -> Iterator[list[Row]]:  # noqa: ARG002
        """Give the rows of all parents."""
        for parent_id in list_ids(self.client, self._parent):
            self.client.check_usage()
            yield from self._rows_of(parent_id)

    def _rows_of(self, parent_id: int) -> Iterator[list[Row]]:
        path = self.spec.path.format(id=parent_id)
        pages = browse(self.client, self.spec, path, {}, key="id")
        adopt = partial(self.adopt, parent_id)
        try:
            for rows in pages:
                yield [each for row in rows for each in adopt(row)]
        except ApiError as error:
            if error.problem.code != GONE:
                raise
            self.logger.warning("%s: %s is gone meanwhile", self.name, parent_id)

    def adopt(self, parent_id: int, row: Row) -> list[Row]:
        """Give the records in a row of a parent."""
        raise NotImplementedError


class ListMembershipStream(ChildStream):
    """Which lead is in which static list."""

    def adopt(self, parent_id: int, row: Row) -> list[Row]:
        """Give the one membership."""
        return [{"list_id": parent_id, "lead_id": row.get("id")}]


class ProgramTokenStream(ChildStream):
    """The tokens ("my tokens") of programs."""

    def adopt(self, parent_id: int, row: Row) -> list[Row]:
        """Give the tokens, which come together for one program."""
        tokens = row.get("tokens")
        found = tokens if isinstance(tokens, list) else []
        return [{**token, "program_id": parent_id} for token in found]


def list_ids(client: MarketoClient, spec: RestSpec) -> list[int]:
    """Give the ids of all rows of a resource: of lists, or of programs."""
    return [
        int(row["id"])
        for rows in browse(client, spec, spec.path, {}, key="id")
        for row in rows
    ]

"""Activities: one export job for each window holds all types, whatever streams want.

The other taps make a job for each type and window; with two jobs at a time and minutes
for each, that takes hours. Here streams with the same bookmark share their jobs. The
stream whose turn comes first reads for all of them, window by window; the turns of the
others find their part done.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reading_kit.errors import TapError
from tap_marketo.activity_rows import (
    ActivityConverter,
    export_fields,
    split_activities,
)
from tap_marketo.describing import (
    DEFAULT_ACTIVITIES,
    QUIET_COLUMNS,
    ActivitySpec,
    build_activity_schema,
)
from tap_marketo.errors import BulkQuotaError
from tap_marketo.exports import ACTIVITIES, ExportRequest
from tap_marketo.jobs import read_all_saved
from tap_marketo.marketo_stream import INCREMENTAL, MarketoStream
from tap_marketo.sampling import sample_activities
from tap_marketo.windows import Window, cut_windows, start_of_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from singer_sdk.helpers import types

    from reading_kit.pages import Page
    from tap_marketo.board import ExportFile
    from tap_marketo.jobs import SavedExport
    from tap_marketo.tap import TapMarketo

KEY = "activityDate"
#: Where the state keeps exports that serve several streams.
EXPORTS = "_activity_exports"


class ActivityStream(MarketoStream):
    """The activities of one type."""

    phase = 1
    # A window's part ends with a sync of its own, so no version could be activated.
    forced_replication_method = INCREMENTAL

    def __init__(self, tap: TapMarketo, spec: ActivitySpec) -> None:
        self.spec = spec
        self.group: ActivityGroup | None = None
        self._part: Page | None = None
        self._is_schema_written = False
        super().__init__(
            tap,
            name=spec.stream,
            schema=build_activity_schema(spec),
            keys=["marketoGUID"],
            replication_key=KEY,
        )
        self.selected_by_default = spec.name in DEFAULT_ACTIVITIES

    def quiet_names(self) -> Sequence[str]:
        """Leave out what only some want."""
        return sorted(QUIET_COLUMNS)

    @property
    def is_wanted(self) -> bool:
        """Tell whether the setting ``activity_type_ids`` leaves the type in."""
        wanted = self.settings.activity_type_ids
        return not wanted or self.spec.type_id in wanted

    def start(self) -> datetime:
        """Give the instant to read from."""
        return start_of_reading(
            self.new_state().bookmark(KEY),
            floor=self.settings.start_date,
            lookback=self.settings.activity_lookback,
        )

    # Reading

    def sync(self, context: types.Context | None = None) -> None:  # type: ignore[misc] # one stream reads for all of its group
        """Sync all streams of the group, unless that is done.

        Raises:
            TapError: what the group could not read.
        """
        if self.ABORT_AT_RECORD_COUNT is not None:
            super().sync(context)
            return
        if not self.is_wanted:
            self.logger.info("%s: not in activity_type_ids", self.name)
            return
        if self.group is None:
            self.group = ActivityGroup([self])
            self.group.plan()
        self.group.sync()

    def sync_part(self, part: Page | None) -> None:
        """Write the stream's rows of one window; at least its schema."""
        if part is None and self._is_schema_written:
            return
        self._is_schema_written = True
        self._part = part
        super().sync()
        self._part = None

    def read_pages(self) -> Iterator[Page]:
        """Give the rows of the window at hand."""
        if self._part is not None:
            yield self._part

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give a few activities through REST, as an export would cost quota."""
        yield from sample_activities(self, limit_rows)

    def new_converter(self, as_of: datetime) -> ActivityConverter:
        """Give what writes this stream's lines."""
        return ActivityConverter(
            self.spec,
            self.selected_names(),
            time_extracted=as_of,
            misfits=self.misfits,
        )

    def to_record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give an activity that came through REST, attributes by name, as a record."""
        converter = self.new_converter(self.client.server_time())
        return converter.to_record(row)

    def is_selected_column(self, name: str) -> bool:
        """Tell whether a column is read."""
        return name in self.selected_names()


def form_groups(streams: Sequence[ActivityStream]) -> list[ActivityGroup]:
    """Put streams together that go on from the same instant, the oldest first."""
    by_start: dict[datetime, list[ActivityStream]] = {}
    for stream in streams:
        if stream.is_wanted:
            by_start.setdefault(stream.start(), []).append(stream)
    return [ActivityGroup(by_start[start]) for start in sorted(by_start)]


class ActivityGroup:
    """Streams that share their export jobs."""

    def __init__(self, streams: Sequence[ActivityStream]) -> None:
        self._streams = list(streams)
        self._first = streams[0]
        self._instance = self._first.instance
        self._settings = self._first.settings
        self._is_done = False
        self._error: TapError | None = None
        self._end: datetime | None = None
        self.name = f"activities from {self._first.start().isoformat()[:19]}Z"
        for stream in self._streams:
            stream.group = self

    def plan(self) -> None:
        """Hand the jobs of this run to the board."""
        client = self._first.client
        self._end = client.reading_end()
        request = self._request(None)
        saved = [
            each for each in self._saved() if each.fingerprint == request.fingerprint
        ]
        windows = cut_windows(
            self._first.start(),
            self._end,
            longest=self._settings.window,
            known=[each.window for each in saved if each.window is not None],
        )
        requests = [self._request(window) for window in windows]
        self._instance.board.plan(self.name, requests, saved=saved)

    def _request(self, window: Window | None) -> ExportRequest:
        has_result = any(
            stream.is_selected_column("action_result") for stream in self._streams
        )
        type_ids = sorted(stream.spec.type_id for stream in self._streams)
        return ExportRequest(
            ACTIVITIES,
            export_fields(has_result=has_result),
            "createdAt",
            window,
            filters=(("activityTypeIds", tuple(type_ids)),),
        )

    def sync(self) -> None:
        """Read all windows once; later calls tell how that went.

        Raises:
            TapError: what could not be read.
        """
        if not self._is_done:
            self._is_done = True
            try:
                self._read_windows()
            except TapError as error:
                self._error = error
                self._let_go(error)
        is_bearable = not self._settings.is_bulk_quota_failure
        if isinstance(self._error, BulkQuotaError) and is_bearable:
            self._first.logger.warning("%s: stopped: %s", self.name, self._error)
            return
        if self._error is not None:
            raise self._error

    def _read_windows(self) -> None:
        board = self._instance.board
        is_empty = True
        for file in board.take(self.name, on_wait=self._note_exports):
            is_empty = False
            self._read_file(file)
            board.release(file)
            self._note_window(file.request)
        if is_empty:
            for stream in self._streams:
                stream.sync_part(None)
        for stream in self._streams:
            stream.misfits.report()

    def _read_file(self, file: ExportFile) -> None:
        parts = split_activities(
            file,
            {
                each.spec.type_id: each.new_converter(file.as_of)
                for each in self._streams
            },
            new_path=self._instance.workshop.new_path,
        )
        for stream in self._streams:
            stream.sync_part(parts.get(stream.spec.type_id))

    # State

    def _note_window(self, request: ExportRequest) -> None:
        if request.window is None:
            return
        for stream in self._streams:
            stream.new_state().set_bookmark(KEY, request.window.end)
        self._keep_exports()
        self._first.write_state()

    def _note_exports(self) -> None:
        before = self._instance.bookmarks.get(EXPORTS)
        self._keep_exports()
        if before != self._instance.bookmarks.get(EXPORTS):
            self._first.write_state()

    def _keep_exports(self) -> None:
        self._instance.activity_exports[self.name] = [
            each.to_dict() for each in self._instance.board.saved(self.name)
        ]
        self._instance.bookmarks[EXPORTS] = [
            each for kept in self._instance.activity_exports.values() for each in kept
        ]

    def _saved(self) -> list[SavedExport]:
        found: Any = self._instance.bookmarks.get(EXPORTS)
        return read_all_saved(found if isinstance(found, list) else [])

    def _let_go(self, error: TapError) -> None:
        """Free the places in the queue; finished exports stay in the state."""
        self._instance.board.drop(self.name, because=error)
        self._keep_exports()
        with suppress(TapError):
            self._first.write_state()

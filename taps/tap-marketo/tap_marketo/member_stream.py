"""Program members: bulk exports of ten programs each, by windows of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_marketo.describing import FieldSpec, build_schema
from tap_marketo.errors import FilterUnavailableError
from tap_marketo.exporting_stream import ExportingStream
from tap_marketo.exports import MEMBERS, ExportRequest
from tap_marketo.flat_rows import read_flat
from tap_marketo.rest_specs import PROGRAMS
from tap_marketo.rest_streams import list_ids
from tap_marketo.sampling import sample_members
from tap_marketo.windows import Window, cut_windows, start_of_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reading_kit.pages import Page
    from tap_marketo.board import ExportFile
    from tap_marketo.jobs import SavedExport
    from tap_marketo.tap import TapMarketo

UPDATED = "updatedAt"
KEYS = ("programId", "leadId")
#: Programs a job may hold.
PROGRAMS_PER_JOB = 10
#: More jobs than this are worth a warning.
MANY_JOBS = 200


class MemberStream(ExportingStream):
    """Which lead is in which program, with which status.

    The first read takes the members whole, as one job holds ten programs however old
    its members are; later ones take what has changed. Programs that are old get new
    members too, so all programs are asked for each time.
    """

    phase = 3

    def __init__(self, tap: TapMarketo, fields: Sequence[FieldSpec]) -> None:
        self.fields = tuple(fields)
        self._end: datetime | None = None
        self._is_planned = False
        self._read: list[SavedExport] = []
        super().__init__(
            tap,
            name="program_members",
            schema=build_schema(fields, keys=KEYS),
            keys=KEYS,
            replication_key=UPDATED,
        )
        self.selected_by_default = False

    # Planning

    def plan(self) -> None:
        """Hand the jobs of this run to the board."""
        self._end = self.client.reading_end()
        bookmark = self.new_state().bookmark(UPDATED) if self.is_incremental else None
        if bookmark is None or self.settings.leads_filter == "createdAt":
            windows: list[Window | None] = [None]
        else:
            start = start_of_reading(
                bookmark,
                floor=self.settings.start_date,
                lookback=self.settings.lookback,
            )
            windows = list[Window | None](
                cut_windows(
                    start,
                    self._end,
                    longest=self.settings.window,
                    known=[
                        saved.window
                        for saved in self.saved_exports()
                        if saved.window is not None
                    ],
                )
            )
            if not windows:
                self._is_planned = True
                return
        self._plan_jobs(windows)

    def _plan_jobs(self, windows: Sequence[Window | None]) -> None:
        """Plan a job for each ten programs, in each window or without one."""
        self._is_planned = True
        if self.settings.start_date >= self.client.server_time():
            return
        ids = sorted(list_ids(self.client, PROGRAMS))
        groups = [
            ids[place : place + PROGRAMS_PER_JOB]
            for place in range(0, len(ids), PROGRAMS_PER_JOB)
        ]
        names = tuple(field.api_name for field in self.chosen_fields())
        requests = [
            ExportRequest(
                MEMBERS,
                names,
                UPDATED if window is not None else "",
                window,
                filters=(("programIds", tuple(group)),),
            )
            for window in windows
            for group in groups
        ]
        report = self.logger.warning if len(requests) > MANY_JOBS else self.logger.info
        report("%s: %d programs need %d jobs", self.name, len(ids), len(requests))
        self.instance.board.plan(self.name, requests, saved=self.saved_exports())

    def chosen_fields(self) -> list[FieldSpec]:
        """Give the selected fields that are there."""
        names = set(self.selected_names())
        return [field for field in self.fields if field.name in names]

    def exports_to_keep(self) -> list[SavedExport]:
        """Give also those that are read, until all of their window are.

        Where the run breaks off they are read again, which costs no quota.
        """
        return [*self._read, *super().exports_to_keep()]

    # Reading

    def read_pages(self) -> Iterator[Page]:
        """Give the members that have changed, or all of them."""
        if not self._is_planned:
            self.plan()
        try:
            yield from self._read_files()
        except FilterUnavailableError as error:
            self.logger.warning("%s. All program members are exported", error)
            self.instance.board.drop(self.name)
            self._plan_jobs([None])
            yield from self._read_files()
        self.misfits.report()
        if self.is_incremental and self._end is not None:
            self._note_end(self._end)

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give a few members through REST, as an export would cost quota."""
        yield from sample_members(self, self.chosen_fields(), limit_rows)

    def _read_files(self) -> Iterator[Page]:
        board = self.instance.board
        for file in board.take(self.name, on_wait=self.note_exports):
            yield from self._read_file(file)
            self._read += self.instance.board.saved_as(file)
            board.release(file)
            self._note_file(file.request)

    def _read_file(self, file: ExportFile) -> Iterator[Page]:
        # Without a window the file holds members of any age.
        is_whole = file.request.window is None
        return read_flat(
            file,
            self.chosen_fields(),
            stream=self.name,
            keys=KEYS,
            misfits=self.misfits,
            version=self.table_version,
            since=(UPDATED, self.settings.start_date) if is_whole else None,
        )

    def _note_file(self, request: ExportRequest) -> None:
        """Move the bookmark once all programs of a window are read."""
        window = request.window
        if window is not None and not self.instance.board.has(self.name, window):
            self._read = []
            if self.is_incremental:
                self.new_state().set_bookmark(UPDATED, window.end)
        self.keep_exports(self.exports_to_keep())
        self.write_state()

    def _note_end(self, end: datetime) -> None:
        if end <= self.settings.start_date:
            return
        state = self.new_state()
        self._read = []
        self.keep_exports(())
        state.set_bookmark(UPDATED, end)
        state.write()

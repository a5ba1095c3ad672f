"""Leads: bulk exports by windows of the hidden time of the last change.

The ``updatedAt`` filter goes by the last change of any field, while the column of that
name follows standard fields only. So rows may look older than their window: none is
dropped, and the bookmark is the end of the window, never a value of a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_marketo.describing import FieldSpec, build_schema
from tap_marketo.errors import FilterUnavailableError
from tap_marketo.exporting_stream import ExportingStream
from tap_marketo.exports import LEADS, ExportRequest
from tap_marketo.flat_rows import read_flat
from tap_marketo.instants import format_instant, parse_instant
from tap_marketo.marketo_stream import FULL_TABLE
from tap_marketo.sampling import sample_leads
from tap_marketo.windows import cut_windows, start_of_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reading_kit.pages import Page
    from tap_marketo.tap import TapMarketo

UPDATED = "updatedAt"
CREATED = "createdAt"
#: How long the state remembers that only ``createdAt`` is there.
FILTER_REMEMBERED = timedelta(days=7)
_FILTER = "leads_filter"
_FILTER_SINCE = "leads_filter_since"
_PASS = "created_at_pass"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class _Plan:
    """What this run reads: windows of one filter, or one list."""

    requests: tuple[ExportRequest, ...]
    filter_name: str
    end: datetime


class LeadStream(ExportingStream):
    """The leads (persons) of the instance."""

    phase = 2

    def __init__(self, tap: TapMarketo, fields: Sequence[FieldSpec]) -> None:
        self.fields = tuple(fields)
        self._plan: _Plan | None = None
        super().__init__(
            tap,
            name="leads",
            schema=build_schema(fields, keys=["id"]),
            keys=["id"],
            replication_key=UPDATED if _has(fields, UPDATED) else None,
        )
        self.selected_by_default = True
        if self.settings.list_filter is not None:
            self.forced_replication_method = FULL_TABLE

    # Planning

    def plan(self) -> None:
        """Hand the jobs of this run to the board."""
        self._plan = self._make_plan(self._choose_filter())
        self.instance.board.plan(
            self.name, self._plan.requests, saved=self.saved_exports()
        )

    def _choose_filter(self) -> str:
        if self.settings.leads_filter != "auto":
            return self.settings.leads_filter
        if self.stream_state.get(_FILTER) == CREATED and self._is_remembered():
            return CREATED
        return UPDATED

    def _is_remembered(self) -> bool:
        try:
            since = parse_instant(str(self.stream_state.get(_FILTER_SINCE)))
        except ValueError:
            return False
        return self.client.server_time() - since < FILTER_REMEMBERED

    def _make_plan(self, filter_name: str) -> _Plan:
        end = self.client.reading_end()
        names = tuple(field.api_name for field in self.chosen_fields())
        if self.settings.list_filter is not None:
            request = ExportRequest(LEADS, names, filters=(self.settings.list_filter,))
            return _Plan((request,), "", end)
        request = ExportRequest(LEADS, names, filter_name)
        known = [
            saved.window
            for saved in self.saved_exports()
            if saved.window is not None and saved.fingerprint == request.fingerprint
        ]
        windows = cut_windows(
            self._start(filter_name), end, longest=self.settings.window, known=known
        )
        requests = (
            ExportRequest(LEADS, names, filter_name, window) for window in windows
        )
        return _Plan(tuple(requests), filter_name, end)

    def _start(self, filter_name: str) -> datetime:
        floor = self.settings.start_date
        if filter_name == CREATED:
            done = self._pass_done()
            return floor if done is None else max(done, floor)
        bookmark = self.new_state().bookmark(UPDATED)
        return start_of_reading(
            bookmark if self.is_incremental else None,
            floor=floor,
            lookback=self.settings.lookback,
        )

    def chosen_fields(self) -> list[FieldSpec]:
        """Give the selected fields that are there."""
        names = set(self.selected_names())
        return [field for field in self.fields if field.name in names]

    # Reading

    def read_pages(self) -> Iterator[Page]:
        """Give the leads changed, window by window."""
        try:
            yield from self._read_windows()
        except FilterUnavailableError as error:
            self._fall_back(error)
            yield from self._read_windows()
        self.misfits.report()

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give a few leads through REST, as an export would cost quota."""
        yield from sample_leads(self, self.chosen_fields(), limit_rows)

    def _read_windows(self) -> Iterator[Page]:
        if self._plan is None:
            self.plan()
        plan = self._plan
        if plan is None or not plan.requests:
            self.logger.info("%s: nothing to read yet", self.name)
            return
        board = self.instance.board
        for file in board.take(self.name, on_wait=self.note_exports):
            pages = read_flat(
                file,
                self.chosen_fields(),
                stream=self.name,
                keys=["id"],
                misfits=self.misfits,
                version=self.table_version,
            )
            yield from pages
            board.release(file)
            self._note_window(plan, file.request)

    def _note_window(self, plan: _Plan, request: ExportRequest) -> None:
        state = self.new_state()
        self.keep_exports(self.exports_to_keep())
        end = request.window.end if request.window is not None else plan.end
        if plan.filter_name == UPDATED and self.is_incremental:
            state.set_bookmark(UPDATED, end)
        elif plan.filter_name == CREATED and self.is_incremental:
            self._note_pass(end, pass_end=plan.end)
        state.write()

    # Where leads can be found by the time of their creation only

    def _fall_back(self, error: FilterUnavailableError) -> None:
        if self.settings.leads_filter == UPDATED:
            raise error
        if self._plan is not None and self._plan.filter_name == CREATED:
            raise error
        self.logger.warning(
            "%s. All leads created since start_date are exported each time. Marketo's "
            "support can enable the filter updatedAt for the subscription",
            error,
        )
        self.instance.board.drop(self.name)
        state = self.stream_state
        state[_FILTER] = CREATED
        state[_FILTER_SINCE] = format_instant(self.client.server_time())
        self._plan = self._make_plan(CREATED)
        self.instance.board.plan(
            self.name, self._plan.requests, saved=self.saved_exports()
        )

    def _pass(self) -> dict[str, Any]:
        found = self.stream_state.get(_PASS)
        return found if isinstance(found, dict) else {}

    def _pass_done(self) -> datetime | None:
        """Give how far an interrupted pass over all leads came."""
        try:
            return parse_instant(str(self._pass().get("done")))
        except ValueError:
            return None

    def _note_pass(self, end: datetime, *, pass_end: datetime) -> None:
        """Note a window of a pass; changes are known up to where the pass began."""
        begun = str(self._pass().get("begun") or format_instant(pass_end))
        self.stream_state[_PASS] = {"begun": begun, "done": format_instant(end)}
        if end >= pass_end:
            del self.stream_state[_PASS]
            self.new_state().set_bookmark(UPDATED, parse_instant(begun))


def _has(fields: Sequence[FieldSpec], name: str) -> bool:
    return any(field.name == name for field in fields)

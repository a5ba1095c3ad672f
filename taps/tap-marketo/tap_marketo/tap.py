"""The tap: its settings, its streams, and what surrounds a run over them."""

from __future__ import annotations

import copy
import shutil
import tempfile
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from reading_kit.call_metrics import CallsMade
from reading_kit.command import ReadingTap, run_as_process
from reading_kit.errors import ApiError
from tap_marketo.activity_stream import EXPORTS, ActivityStream, form_groups
from tap_marketo.board import ExportBoard
from tap_marketo.client import MarketoClient
from tap_marketo.config_schema import CONFIG_SCHEMA
from tap_marketo.deleted_lead_stream import DeletedLeadStream
from tap_marketo.describing import (
    DELETE_LEAD,
    find_collisions,
    find_renamed,
    read_activity_types,
    read_lead_fields,
    read_member_fields,
)
from tap_marketo.exporting_stream import ExportingStream
from tap_marketo.exports import ExportApi
from tap_marketo.files import FileLoader
from tap_marketo.judging import ACCESS_DENIED
from tap_marketo.lead_stream import LeadStream
from tap_marketo.marketo_stream import MarketoStream
from tap_marketo.member_stream import MemberStream
from tap_marketo.rest_specs import (
    ACTIVITY_TYPES,
    LEAD_FIELDS,
    LIST_MEMBERSHIPS,
    LISTS,
    PROGRAM_TOKENS,
    PROGRAMS,
    REST_SPECS,
)
from tap_marketo.rest_streams import (
    ListMembershipStream,
    ProgramStream,
    ProgramTokenStream,
    RestStream,
)
from tap_marketo.settings import Settings, is_unprotected, normalize, parse_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream

_MEMBER_FIELDS_PATH = "/rest/v1/programs/members/describe.json"
_MOST_LOADERS = 2
_LONGEST_CLEANING_S = 10.0


class TapMarketo(ReadingTap):
    """Singer tap for Marketo Engage, on Bulk Extract and REST."""

    name = "tap-marketo"
    package_name = "bizops-tap-marketo"
    config_jsonschema = CONFIG_SCHEMA

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's own
        self._missing: list[str] = []
        #: Exports several streams share, by group, as the state has them.
        self.activity_exports: dict[str, list[dict[str, Any]]] = {}
        super().__init__(**kwargs)

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        settings = parse_settings(self.config, version=self.plugin_version)
        if is_unprotected(settings.access.identity_url):
            self.logger.warning("identity is plain http: the client secret is readable")
        return settings

    @cached_property
    def client(self) -> MarketoClient:
        """Give the connection to the instance; nothing is asked before it is used."""
        return MarketoClient(self.settings, clock=self.clock)

    @cached_property
    def board(self) -> ExportBoard:
        """Give the export jobs of the run."""
        return ExportBoard(
            self.client,
            ExportApi(self.client),
            FileLoader(self.client),
            workshop=self.workshop,
        )

    @property
    def bookmarks(self) -> dict[str, Any]:
        """Give the state's bookmarks, to be changed in place."""
        state: Any = self.state
        found: dict[str, Any] = state.setdefault("bookmarks", {})
        return found

    def worker_count(self) -> int:
        """Give how many files are loaded at once."""
        return _MOST_LOADERS

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config of this or another Marketo tap into one form."""
        return normalize(raw)

    # State

    def load_state(self, state: dict[str, Any]) -> None:
        """Take a state over whole; exports that streams share stand in a list."""
        bookmarks: object = state.get("bookmarks")
        shared: object = None
        if isinstance(bookmarks, dict):
            shared = bookmarks.get(EXPORTS)
            bookmarks = {
                name: {} if entry is None else entry
                for name, entry in bookmarks.items()
                if name != EXPORTS
            }
            state = {**state, "bookmarks": bookmarks}
        super().load_state(state)
        if isinstance(shared, list):
            self.bookmarks[EXPORTS] = copy.deepcopy(shared)

    # Catalog

    def discover_streams(self) -> Sequence[Stream]:
        """Ask for the fields of leads and members and for the types of activities."""
        wanted = self._selected_names()
        streams: list[MarketoStream] = [
            *self._discover_leads(wanted),
            *self._discover_activities(wanted),
            *self._discover_members(wanted),
            *self._rest_streams(),
        ]
        if wanted is not None:
            self._missing = sorted(wanted - {stream.name for stream in streams})
        return streams

    def load_streams(self) -> list[Stream]:  # type: ignore[misc] # the SDK's own order is by name
        """Give the streams in the order they are read: what costs little goes first."""
        return sorted(super().load_streams(), key=_order)

    def missing_streams(self) -> Sequence[str]:
        """Give the streams the catalog selects that are not there any more."""
        return self._missing

    def _selected_names(self) -> set[str] | None:
        catalog = self.input_catalog
        if catalog is None:
            return None
        return {
            entry.tap_stream_id
            for entry in catalog.streams
            if entry.metadata.resolve_selection().get((), True)
        }

    def _discover_leads(self, wanted: set[str] | None) -> list[MarketoStream]:
        if wanted is not None and "leads" not in wanted:
            return []
        fields = read_lead_fields(self._describe(LEAD_FIELDS.path, of="leads"))
        if not fields:
            return []
        for each in find_renamed(fields):
            self.logger.warning(
                "leads: fields of the same name in another case: %s becomes %s",
                each.api_name,
                each.name,
            )
        return [LeadStream(self, fields)]

    def _discover_activities(self, wanted: set[str] | None) -> list[MarketoStream]:
        if wanted is not None and not any(
            name.startswith("activities_") for name in wanted
        ):
            return []
        rows = self._describe(ACTIVITY_TYPES.path, of="activities")
        streams: list[MarketoStream] = []
        for spec in read_activity_types(rows):
            for each in find_collisions(spec):
                self.logger.info(
                    "%s: attribute %s becomes %s", spec.stream, each.api_name, each.name
                )
            is_deleted = spec.type_id == DELETE_LEAD
            kind = DeletedLeadStream if is_deleted else ActivityStream
            streams.append(kind(self, spec))
        return streams

    def _discover_members(self, wanted: set[str] | None) -> list[MarketoStream]:
        if wanted is not None and "program_members" not in wanted:
            return []
        rows = self._describe(_MEMBER_FIELDS_PATH, of="program_members")
        return [MemberStream(self, read_member_fields(rows))] if rows else []

    def _rest_streams(self) -> list[MarketoStream]:
        return [
            *(
                ProgramStream(self) if spec is PROGRAMS else RestStream(self, spec)
                for spec in REST_SPECS
            ),
            ListMembershipStream(self, LIST_MEMBERSHIPS, parent=LISTS),
            ProgramTokenStream(self, PROGRAM_TOKENS, parent=PROGRAMS),
        ]

    def _describe(self, path: str, *, of: str) -> list[dict[str, Any]]:
        """Give the rows of a describe; none where the user may not see them."""
        try:
            answer = self.client.fetch(path)
        except ApiError as error:
            if error.problem.code != ACCESS_DENIED:
                raise
            self.logger.warning("no streams of %s: %s", of, error)
            return []
        return [row for row in answer.rows if isinstance(row, dict)]

    # The run

    def prepare_run(self, streams: Sequence[Stream]) -> None:
        """Check the calls of the day, then let Marketo begin with the exports."""
        self.client.look_at_usage()
        self._choose_folder()
        exporting = [each for each in streams if isinstance(each, ExportingStream)]
        activities = [
            each
            for each in streams
            if isinstance(each, ActivityStream)
            and not isinstance(each, DeletedLeadStream)
        ]
        for stream in streams:
            if isinstance(stream, DeletedLeadStream):
                stream.read_ahead()
        for group in form_groups(activities):
            group.plan()
        for stream in exporting:
            stream.plan()

    def _choose_folder(self) -> None:
        """Keep export files where the settings say, and tell how much room is there."""
        if self.settings.temp_dir is not None:
            tempfile.tempdir = self.settings.temp_dir
        folder = tempfile.gettempdir()
        free_mb = shutil.disk_usage(folder).free // 1_000_000
        self.logger.info("export files are kept in %s, %d MB free", folder, free_mb)

    def end_stream(self, stream: Stream) -> None:  # noqa: ARG002
        """Look at the calls of the day, where enough were made."""
        self.client.check_usage()

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far, and those of all clients of the instance today."""
        if "client" not in self.__dict__:
            return None
        today = self.client.calls_today
        return CallsMade(
            self.client.gate.count, {} if today is None else {"used": today}
        )

    def finish_run(self) -> None:
        """Tell the API calls made."""
        self.logger.info(
            "API calls: %d by this run; %s by all clients of the instance today, of "
            "max_daily_calls %d",
            self.client.gate.count,
            "unknown" if self.client.calls_today is None else self.client.calls_today,
            self.settings.max_daily_calls,
        )

    def close(self, *, is_waiting: bool = False) -> None:
        """Make no more jobs, and end as every tap does."""
        if "board" in self.__dict__:
            self.board.stop()
        super().close(is_waiting=is_waiting)

    def abandon_run(self) -> None:
        """Free the places of waiting jobs in the queue that all clients share."""
        if "board" not in self.__dict__:
            return
        self.client.gate.let_all_pass()
        # Nobody waits longer for an end than this, whatever the service does.
        cleaning = threading.Thread(target=self.board.abandon, daemon=True)
        cleaning.start()
        cleaning.join(_LONGEST_CLEANING_S)


def _order(stream: Stream) -> tuple[int, str]:
    phase = stream.phase if isinstance(stream, MarketoStream) else 0
    return phase, stream.name


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapMarketo)


if __name__ == "__main__":
    main()

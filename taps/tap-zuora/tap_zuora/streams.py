"""The SDK's stream class over the way this tap reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.singerlib.catalog import Metadata

from reading_kit.errors import JobError
from reading_kit.state import StreamState
from reading_kit.stream import ReadingStream
from tap_zuora.bookmarks import OF_OTHER_TAPS, WITHOUT_DELETED
from tap_zuora.describing import DELETED, DELETED_AT, build_schema
from tap_zuora.objects import DEFAULT_STREAMS, PERSONAL_FIELDS
from tap_zuora.personal import personal_class
from tap_zuora.planning import plan_reading
from tap_zuora.queries import Failure, QueryMaker
from tap_zuora.reading import SkippedError, StreamReader
from tap_zuora.windows import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from singer_sdk.singerlib import MetadataMapping

    from reading_kit.pages import Page
    from reading_kit.personal import PersonalClass
    from tap_zuora.describing import ObjectSpec
    from tap_zuora.planning import ReadingPlan
    from tap_zuora.queries import Query, Submission
    from tap_zuora.tap import TapZuora


class ZuoraStream(ReadingStream):
    """One object of the tenant."""

    def __init__(self, tap: TapZuora, spec: ObjectSpec) -> None:
        self._tenant = tap
        self.spec = spec
        self._plan: ReadingPlan | None = None
        self._reader: StreamReader | None = None
        schema = build_schema(spec, has_deleted=self._is_deletion_read)
        super().__init__(tap, schema=schema, name=spec.name)
        self.primary_keys = ("Id",)
        self.replication_key = spec.replication_key
        self.selected_by_default = spec.name in DEFAULT_STREAMS

    # What is read

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a field says about a person, if anything."""
        return personal_class(name)

    def plan(self, now: datetime) -> ReadingPlan:
        """Plan what this run reads of the object."""
        state = self._open_state()
        key = self.replication_key if self.is_incremental else None
        self._plan = plan_reading(
            self._new_maker(),
            self.stream_state,
            key=key,
            bookmark=state.bookmark(key) if key else None,
            now=now,
            settings=self._tenant.settings,
        )
        return self._plan

    def plan_sample(self, limit_rows: int) -> Query:
        """Give the query of a few rows."""
        return self._new_maker().make(Part(None, limit_rows))

    def note_job(self, query: Query, submission: Submission) -> None:
        """Note the job of a query in the state."""
        self.reader().note_job(query, submission)

    def read_pages(self) -> Iterator[Page]:
        """Give all rows."""
        reader = self.reader()
        self._note_version()
        try:
            yield from reader.pages()
        except SkippedError as error:
            self._skip(error)

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give a few rows."""
        loaded = self._tenant.take_sample(self, limit_rows)
        if isinstance(loaded, Failure):
            raise JobError(f"{self.name}: {loaded}")
        yield from loaded.pages

    # How the SDK is met

    @property
    def metadata(self) -> MetadataMapping:
        """Give the selection metadata, with what this tap knows about its fields."""
        is_new = self._metadata is None
        mapping = super().metadata
        if is_new:
            self._complete_metadata(mapping)
        return mapping

    # Details

    @property
    def _is_deletion_read(self) -> bool:
        return self._tenant.settings.are_deleted_included and self.spec.has_deletion

    def _open_state(self) -> StreamState:
        return StreamState(
            self.stream_state,
            stream=self.name,
            write=self.write_state,
            replaced=OF_OTHER_TAPS,
        )

    def _new_maker(self) -> QueryMaker:
        chosen = {*self.selected_names(), "Id", self.replication_key}
        maker = QueryMaker(
            self.name,
            [field for field in self.spec.fields if field.name in chosen],
            key=self.replication_key,
            api=self._tenant.transport.api,
            has_deleted=self._is_deletion_read
            and not self.stream_state.get(WITHOUT_DELETED),
        )
        maker.version = self.table_version
        return maker

    def reader(self) -> StreamReader:
        """Give what reads the stream in this run, planned if it is not yet."""
        if self._reader is None:
            plan = self._plan or self._tenant.plan_stream(self)
            self._reader = StreamReader(
                plan,
                self._open_state(),
                self._tenant.board,
                page_rows=self._tenant.settings.page_rows,
            )
        return self._reader

    def _note_version(self) -> None:
        """Give rows of an interrupted FULL_TABLE read and of this one one version."""
        plan = self._plan
        if plan is None or self.table_version is None:
            return
        if plan.adopted is not None and plan.adopted.version is not None:
            self.table_version = plan.adopted.version
        plan.maker.version = self.table_version

    def _skip(self, error: SkippedError) -> None:
        if self._tenant.settings.is_strict:
            raise JobError(f"{self.name} cannot be queried: {error}") from None
        self.logger.warning("%s cannot be queried, skipped: %s", self.name, error)
        # Rows that were not read are not gone.
        self.table_version = None

    def _complete_metadata(self, mapping: MetadataMapping) -> None:
        personal = PERSONAL_FIELDS.get(self.name, frozenset())
        automatic = {"Id", self.replication_key, DELETED, DELETED_AT}
        for name in self.schema["properties"]:
            entry = mapping["properties", name]
            if name in automatic:
                entry.inclusion = Metadata.InclusionType.AUTOMATIC
            elif entry.selected_by_default is None and self._tap_input_catalog is None:
                entry.selected_by_default = name not in personal

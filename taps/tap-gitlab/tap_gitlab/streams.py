"""A stream: its partitions read side by side, its state, what becomes of failures."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import Metadata

from reading_kit.errors import (
    ApiError,
    IncompleteDataError,
    TapError,
    UnreachableError,
)
from reading_kit.jsonlines import LineEncoder
from reading_kit.pages import Page
from reading_kit.running import FATAL
from reading_kit.stream import ReadingStream
from tap_gitlab.columns import build_schema
from tap_gitlab.gathering import End, Gathering, Piece
from tap_gitlab.judging import is_gone, is_left_out, lacks_scope
from tap_gitlab.partitioning import PLACE_NAMES
from tap_gitlab.partitions import Chunk, PartitionBook
from tap_gitlab.personal import PERSONAL
from tap_gitlab.readers import READERS
from tap_gitlab.rows import RowReader, without_line_breaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.singerlib import MetadataMapping

    from reading_kit.personal import PersonalClass
    from tap_gitlab.partitions import Partition
    from tap_gitlab.reading import Reading
    from tap_gitlab.stream_spec import StreamSpec
    from tap_gitlab.tap import TapGitlab

_ROWS_BETWEEN_STATES = 2_000
_SECONDS_BETWEEN_STATES = 10.0


@dataclass(frozen=True, slots=True)
class _Begun:
    """A stream being read, whether its turn to be written has come or not."""

    gathering: Gathering
    book: PartitionBook
    reading: Reading


class GitlabStream(ReadingStream):
    """One stream of the table."""

    def __init__(self, tap: TapGitlab, spec: StreamSpec) -> None:
        self._gitlab = tap
        self.spec = spec
        super().__init__(
            tap, schema=build_schema(spec.columns, spec.keys), name=spec.name
        )
        self.primary_keys = spec.keys
        self.replication_key = spec.replication_key
        self.forced_replication_method = (
            "INCREMENTAL" if spec.is_incremental else "FULL_TABLE"
        )
        self.selected_by_default = spec.is_default
        self._failures: dict[str, TapError] = {}
        self._is_held_back = False
        self._rows_since_state = 0
        self._state_written_at_s = 0.0
        self._begun: _Begun | None = None

    @property
    def metadata(self) -> MetadataMapping:
        """Give the selection metadata: columns that are needed cannot be left out."""
        mapping = super().metadata
        for name in self.spec.automatic:
            mapping["properties", name].inclusion = Metadata.InclusionType.AUTOMATIC
        return mapping

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a column says about a person, if anything."""
        return PERSONAL.get(self.name, {}).get(name)

    # Reading

    def read_pages(self) -> Iterator[Page]:
        """Read all partitions.

        Raises:
            TapError: some could not be read whole; the others were. One of ``FATAL``:
                going on makes no sense.
        """
        self._failures, self._is_held_back = {}, False
        begun, self._begun = self._begun or self._begin_reading(), None
        self._gitlab.read_ahead(self)
        self._state_written_at_s = self._gitlab.clock.monotonic_s()
        yield from self._take(begun)
        self.write_state()
        if self._failures:
            raise _combine(self._failures)
        if self._is_held_back:
            self.table_version = None

    def read_ahead(self) -> None:
        """Begin reading before the stream's turn; what fails shows itself then."""
        if self._begun is None:
            self._begin()
            with contextlib.suppress(TapError):
                self._begun = self._begin_reading()

    def stop_reading(self) -> None:
        """End what was begun and will not be taken."""
        if self._begun is not None:
            self._begun.gathering.stop()

    def _begin_reading(self) -> _Begun:
        book = PartitionBook(self.stream_state, stream=self.name)
        reading = self._new_reading()
        partitions = self._gitlab.partitioner.of(self.spec, book)
        self._prune(book, partitions)
        gathering = Gathering(
            lambda partition: READERS[self.spec.how](reading, partition),
            self._new_page_maker(),
            workers=self._gitlab.worker_count(),
        )
        gathering.start(partitions)
        return _Begun(gathering, book, reading)

    def _take(self, begun: _Begun) -> Iterator[Page]:
        with contextlib.closing(begun.gathering.events()) as events:
            for event in events:
                if isinstance(event, End):
                    self._note_end(event, begun.book)
                    continue
                if event.page.rows:
                    yield event.page
                self._note_piece(event, begun.book, begun.reading)

    def _new_reading(self) -> Reading:
        names = set(self.selected_names()) | set(self.spec.keys)
        columns = [c for c in self.spec.columns if c.name in names]
        reader = RowReader.of(self.name, columns, derive=self.spec.derive)
        return self._gitlab.new_reading(self.spec, reader)

    def _new_page_maker(self) -> Any:  # noqa: ANN401 - a function
        """Give what makes lines of rows: as of the run's beginning."""
        stamp, version = self._gitlab.cutoff, self.table_version

        def make_page(chunk: Chunk) -> Page:
            encoder = LineEncoder(self.name, time_extracted=stamp, version=version)
            content = encoder.encode(chunk.rows)
            if content.count(b"\n") != len(chunk.rows):
                content = encoder.encode(without_line_breaks(chunk.rows))
            return Page(len(chunk.rows), content)

        return make_page

    # State

    def _note_piece(self, piece: Piece, book: PartitionBook, reading: Reading) -> None:
        book.note(
            piece.partition.context,
            key=self.spec.bookmark_key,
            chunk=piece.chunk,
            cutoff=None if self.spec.is_usage else reading.cutoff,
        )
        self._rows_since_state += piece.page.rows
        now_s = self._gitlab.clock.monotonic_s()
        is_late = now_s - self._state_written_at_s > _SECONDS_BETWEEN_STATES
        if self._rows_since_state >= _ROWS_BETWEEN_STATES or is_late:
            self._rows_since_state, self._state_written_at_s = 0, now_s
            self.write_state()

    def _prune(self, book: PartitionBook, partitions: list[Partition]) -> None:
        """Forget places that are gone, and whatever else a FULL_TABLE read before."""
        contexts = [partition.context for partition in partitions]
        for title in book.prune(contexts, names=PLACE_NAMES):
            self.logger.info("%s: %s is gone", self.name, title)

    # Failures

    def _note_end(self, end: End, book: PartitionBook) -> None:
        error, partition = end.error, end.partition
        if error is None:
            if not self.is_incremental:
                book.open(partition.context)
            return
        if isinstance(error, ApiError) and self._is_skipped(error, partition):
            self._skip(error, partition, book)
            return
        if not isinstance(error, TapError) or (
            isinstance(error, FATAL) and not partition.is_foreign
        ):
            raise error
        self.logger.error("%s of %s: %s", self.name, partition.title, error)
        self._failures[partition.title] = error

    def _is_skipped(self, error: ApiError, partition: Partition) -> bool:
        if not is_left_out(error.problem):
            return False
        is_whole_token = lacks_scope(error.problem) and not self.spec.is_usage
        return not is_whole_token or partition.is_foreign

    def _skip(self, error: ApiError, partition: Partition, book: PartitionBook) -> None:
        if is_gone(error.problem):
            self.logger.warning(
                "%s: %s has gone during the run", self.name, partition.title
            )
            return
        self.logger.warning(
            "%s of %s is left out: %s (switched off there, or the token needs a higher "
            "role, tier or scope)",
            self.name,
            partition.title,
            error,
        )
        if not self.is_incremental and error.problem.status == 403:
            # Rows that were readable once and are refused now are not deleted rows.
            self._is_held_back |= book.has(partition.context)


def _combine(failures: dict[str, TapError]) -> TapError:
    """List the partitions that failed; 5 where nothing but the connection did."""
    listed = "; ".join(f"{title}: {error}" for title, error in failures.items())
    is_unreachable = all(isinstance(e, UnreachableError) for e in failures.values())
    return UnreachableError(listed) if is_unreachable else IncompleteDataError(listed)

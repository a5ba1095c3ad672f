"""One stream of the input: its rows, held until they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_postgres.batch import Activation, StreamBatch
from target_postgres.column_types import INTEGER_KINDS
from target_postgres.copy_columns import UnfitBlockError
from target_postgres.copy_files import CopyFile
from target_postgres.encoder import (
    EncodedRows,
    RecordEncoder,
    StreamOptions,
    now_text,
)
from target_postgres.errors import BadInputError, Place
from target_postgres.exact_values import NULL
from target_postgres.records import Outside, check_time_extracted, parse_record
from target_postgres.rejects import Reject
from target_postgres.tables import BATCHED_AT, DELETED_AT, RUN_ID, TableDesign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_postgres.lines import Lines
    from target_postgres.schemas import Property, StreamSchema

_BLOCK_ROWS = 256
# An estimate of what Python keeps for each row beside its text.
_ROW_OVERHEAD_BYTES = 120
# Keys for which equal COPY texts mean equal values in PostgreSQL and the reverse.
_TEXTUAL_KEY_KINDS = frozenset({"text", "bool", "uuid", "date", *INTEGER_KINDS})


class StreamWriter:
    """Holds the rows of one stream under one schema."""

    def __init__(
        self,
        schema: StreamSchema,
        design: TableDesign,
        properties: Mapping[str, Property],
        options: StreamOptions,
    ) -> None:
        """Start without rows.

        Args:
            schema: The stream's schema.
            design: Its table, with types reconciled with the existing table.
            properties: Property of each column of the tap, in COPY order.
            options: What the run decides.
        """
        self.schema = schema
        self._options = options
        self._encoder = RecordEncoder(schema, design, properties, options)
        self._written_design: TableDesign | None = None
        self._outside: Outside | None = None
        self._copy_file: CopyFile | None = None
        self._decoded: list[Any] = []
        self._lines: list[bytes] = []
        self._numbers: list[int] = []
        self._rows: dict[Any, str] | list[str] = []
        self._rejects: list[Reject] = []
        self._reset()

    @property
    def design(self) -> TableDesign:
        """The table the rows held need."""
        return self._encoder.design

    @property
    def versions_seen(self) -> set[int]:
        """The versions of the records of this run."""
        return self._encoder.versions_seen

    @property
    def wrote_versions(self) -> bool:
        """Tell whether any record of this run carried a version."""
        return bool(self.versions_seen)

    @property
    def row_count(self) -> int:
        """Count the rows held."""
        return len(self._rows) + len(self._decoded)

    @property
    def is_idle(self) -> bool:
        """Tell whether there is nothing to write, not even the table."""
        return not (self._is_dirty or self.row_count or self._rejects)

    @property
    def _is_dirty(self) -> bool:
        return self._written_design is not self._encoder.design

    def _dedupes(self) -> bool:
        if self._options.sets_aside:
            # The server may refuse the last record of a key: the one before counts.
            return False
        kinds = {self.design.columns[key].kind for key in self.design.keys}
        return bool(kinds) and kinds <= _TEXTUAL_KEY_KINDS

    def _reset(self) -> None:
        self._rows = {} if self._dedupes() else []
        self._rejects = []
        self._has_deletions = False
        self._covered_count = 0
        self.size_bytes = 0

    def check_outside(self, outside: Outside, place: Place) -> Outside:
        """Check what a BATCH message says of all its records.

        Raises:
            BadInputError: If its time_extracted is not a date-time.
        """
        if self.design.has_metadata:
            check_time_extracted(outside.extracted_at, place)
        return outside

    def enter_batch(self, outside: Outside) -> None:
        """Take lines as bare records of a BATCH file from now on.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        self.settle()
        self._outside = outside

    def enter_copy_file(self, header: bytes, place: Place) -> None:
        """Take lines of the BATCH file as rows of COPY text from now on.

        Args:
            header: The file's first line.
            place: Its place.

        Raises:
            BadInputError: If it names what is no property of the stream.
        """
        if self._outside is not None:
            encoder, outside = self._encoder, self._outside
            self._copy_file = CopyFile(header, encoder, outside, place=place)

    def add_rows(self, rows: Lines, number: int) -> None:
        """Take rows of COPY text.

        Args:
            rows: The rows.
            number: Number of the first.

        Raises:
            BadInputError: If one is wrong.
        """
        if self._copy_file is None or not rows.count:
            return
        numbers = range(number, number + rows.count)
        try:
            self._keep(self._copy_file.encode_block(rows.content, numbers))
        except UnfitBlockError:
            self._add_each(rows.split(), numbers)

    def leave_batch(self) -> None:
        """Take lines as RECORD messages again.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        self.settle()
        self._outside = self._copy_file = None

    def add_lines(self, content: bytes, number: int, count: int) -> bool:
        """Take whole lines if all are plain records of this stream.

        Args:
            content: The lines.
            number: Number of the first record.
            count: How many lines there are.

        Returns:
            False when some line needs a closer look; then none was taken.

        Raises:
            BadInputError: If an earlier record, or one of these, is wrong.
        """
        is_bare = self._outside is not None
        decoded = self._encoder.decode_lines(content, is_bare=is_bare)
        if decoded is None or len(decoded) != count:
            return False
        self.settle()
        numbers = range(number, number + count)
        try:
            self._keep(self._encoder.encode_block(decoded, numbers, self._outside))
        except UnfitBlockError:
            self._add_each(content.split(b"\n"), numbers)
        return True

    def add(self, line: bytes, number: int) -> bool:
        """Take a line if it is a plain record of this stream.

        Args:
            line: One line of the input, or of a BATCH file.
            number: The record's number.

        Returns:
            False when the line needs a closer look; then it was not taken.

        Raises:
            BadInputError: If an earlier record of the same block is wrong.
        """
        decoded = self._encoder.decode(line, is_bare=self._outside is not None)
        if decoded is None:
            return False
        self._decoded.append(decoded)
        self._lines.append(line)
        self._numbers.append(number)
        if len(self._lines) >= _BLOCK_ROWS:
            self.settle()
        return True

    def settle(self) -> None:
        """Encode what is held as lines.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        if not self._lines:
            return
        decoded, self._decoded = self._decoded, []
        lines, self._lines = self._lines, []
        numbers, self._numbers = self._numbers, []
        try:
            self._keep(self._encoder.encode_block(decoded, numbers, self._outside))
        except UnfitBlockError:
            self._add_each(lines, numbers)

    def add_exactly(self, line: bytes, number: int) -> None:
        """Take a record that is not plain: accept it, widen a column, or refuse it.

        Args:
            line: The line, a RECORD of this stream or a bare record.
            number: The record's number.

        Raises:
            BadInputError: If the record is wrong; names the field.
            DatabaseRefusedError: If a column would have to change and may not.
        """
        self.settle()
        self._add_one(line, number)

    def _add_each(self, lines: Sequence[bytes], numbers: Sequence[int]) -> None:
        for line, number in zip(lines, numbers, strict=True):
            self._add_one(line, number)

    def _add_one(self, line: bytes, number: int) -> None:
        place = self._options.numbers.place(number, stream=self.schema.stream)
        if self._copy_file is not None:
            message = self._copy_file.parse_row(line, place)
        else:
            message = parse_record(line, place, self._outside)
        try:
            encoded = self._encoder.encode_exactly(message, number)
        except BadInputError as error:
            if not self._options.sets_aside:
                raise
            self._rejects.append(Reject.of_line(error, line))
            self.size_bytes += len(line)
            return
        if isinstance(self._rows, dict) and not self._dedupes():
            # The key was widened to a type whose values have several spellings.
            self._rows = list(self._rows.values())
        self._keep(encoded)

    def _keep(self, encoded: EncodedRows) -> None:
        texts, keys = encoded.texts, encoded.keys
        if isinstance(self._rows, dict):
            names = keys[0] if len(keys) == 1 else zip(*keys, strict=True)
            self._rows.update(zip(names, texts, strict=True))
        else:
            self._rows.extend(texts)
        self.size_bytes += sum(map(len, texts)) + _ROW_OVERHEAD_BYTES * len(texts)
        if self._options.removes_deleted and encoded.deletion_marks is not None:
            self._has_deletions |= any(mark != NULL for mark in encoded.deletion_marks)

    def mark_state(self) -> None:
        """Note that a STATE covers all rows held now."""
        if self._options.sets_aside and not self.design.keys:
            # Lines that turn out to be wrong would be counted as rows.
            self.settle()
        self._covered_count = self.row_count

    @property
    def has_covered(self) -> bool:
        """Tell whether there is something that may be written before a STATE."""
        rows = self.row_count if self.design.keys else self._covered_count
        return self._is_dirty or rows > 0 or bool(self._rejects)

    @property
    def has_uncovered(self) -> bool:
        """Tell whether rows would double if the run started from the last STATE."""
        return not self.design.keys and self.row_count > self._covered_count

    def take(
        self,
        *,
        covered_only: bool = False,
        activation: Activation | None = None,
        ends_overwrite: bool = False,
    ) -> StreamBatch:
        """Hand over what is held and start anew.

        Args:
            covered_only: Whether rows of a stream without a key stay if they came
                after the last STATE.
            activation: A version to activate after the rows.
            ends_overwrite: Whether the rows staged until now shall take the table.

        Raises:
            BadInputError: If a held record turns out to be wrong.
        """
        self.settle()
        rows = list(self._rows.values()) if isinstance(self._rows, dict) else self._rows
        kept: list[str] = []
        if covered_only and not self.design.keys:
            rows, kept = rows[: self._covered_count], rows[self._covered_count :]
        batch = StreamBatch(
            design=self.design,
            rows=rows,
            shared=self._shared(),
            has_repeated_keys=bool(self.design.keys) and not self._dedupes(),
            has_deletions=self._has_deletions and bool(self.design.keys),
            rejects=tuple(self._rejects),
            activation=activation,
            ends_overwrite=ends_overwrite,
        )
        self._written_design = self.design
        self._reset()
        if isinstance(self._rows, list):
            self._rows.extend(kept)
        self.size_bytes = sum(map(len, kept)) + _ROW_OVERHEAD_BYTES * len(kept)
        return batch

    def _shared(self) -> dict[str, str | None]:
        shared: dict[str, str | None] = {}
        if self.design.has_metadata:
            shared[BATCHED_AT] = now_text()
            if not self._encoder.sends_deletion_times:
                shared[DELETED_AT] = None
        if self.design.has_run_id:
            shared[RUN_ID] = self._options.run_id
        return shared

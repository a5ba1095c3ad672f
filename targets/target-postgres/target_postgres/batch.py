"""What one transaction writes: rows of several streams, and the state after them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from target_postgres.exact_values import NULL, escape
from target_postgres.tables import SEQUENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from target_postgres.rejects import Reject
    from target_postgres.tables import TableDesign

_ROWS_PER_PIECE = 500


@dataclass(frozen=True, slots=True)
class Activation:
    """An ACTIVATE_VERSION to carry out after the rows before it.

    Attributes:
        version: The version that is complete now.
        wrote_versions: Whether this run wrote the stream's rows with versions.
    """

    version: int
    wrote_versions: bool


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """Rows of one stream.

    Attributes:
        design: The table, to be made so first.
        rows: COPY text of each row's own fields, without a line end, in order.
        shared: Value of each column all rows share; the last ones of the design.
        has_repeated_keys: Whether the same key may stand in several rows.
        has_deletions: Whether rows with a deletion time remove their key.
        rejects: Records that were set aside.
        activation: A version to activate after the rows.
        ends_overwrite: Whether the rows staged for the table shall take its place.
    """

    design: TableDesign
    rows: Sequence[str]
    shared: Mapping[str, str | None] = field(default_factory=dict)
    has_repeated_keys: bool = False
    has_deletions: bool = False
    rejects: tuple[Reject, ...] = ()
    activation: Activation | None = None
    ends_overwrite: bool = False

    @property
    def row_columns(self) -> list[str]:
        """Name the columns that differ from row to row."""
        return [column for column in self.design.columns if column not in self.shared]

    @property
    def last_sequence(self) -> int | None:
        """Give the last row's `_sdc_sequence`, if rows have one."""
        if not self.rows or SEQUENCE not in self.design.columns:
            return None
        return self.sequence(-1)

    def sequence(self, index: int) -> int:
        """Read a row's `_sdc_sequence`."""
        column = list(self.design.columns).index(SEQUENCE)
        return int(self.rows[index].split("\t")[column])

    def copy_pieces(self, omitted: Collection[str] = ()) -> Iterator[bytes]:
        """Give the rows as COPY text, in pieces of some hundred rows.

        Args:
            omitted: Shared columns to leave out.
        """
        values = [v for column, v in self.shared.items() if column not in omitted]
        fields = [NULL if value is None else escape(value) for value in values]
        end = "".join(f"\t{each}" for each in fields) + "\n"
        rows = self.rows
        for start in range(0, len(rows), _ROWS_PER_PIECE):
            piece = end.join(rows[start : start + _ROWS_PER_PIECE])
            yield f"{piece}{end}".encode()


@dataclass(frozen=True, slots=True)
class Flush:
    """Everything one transaction writes.

    Attributes:
        batches: Rows by stream.
        state: JSON text of the last STATE whose rows are all in here or before.
        commits: Whether the transaction ends here; if not, the next flush goes on
            with it.
        spent_files: BATCH files nobody needs once this is committed.
    """

    batches: tuple[StreamBatch, ...]
    state: str | None = None
    commits: bool = True
    spent_files: tuple[Path, ...] = ()

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return sum(len(batch.rows) for batch in self.batches)

"""From rows of cells to records; what is wrong with cells is collected. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading_kit.errors import TapError
from tap_csv.cells import EXPECTED, READERS, CellError, describe
from tap_csv.layout import CHANGED_AT, FILE, LINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from tap_csv.layout import Column

_SHOWN = 3
_MOST = 100
BLOCK_ROWS = 1000


class BadCellsError(TapError):
    """Cells of a file do not hold what their columns are for."""


class RowConverter:
    """Makes records of a file's rows; a bad cell is noted, and told at the end."""

    def __init__(
        self,
        columns: Sequence[Column],
        keys: Sequence[str],
        *,
        label: str,
        changed_at: str,
        selected: Collection[str],
    ) -> None:
        """Prepare.

        Args:
            columns: The column of each cell.
            keys: What tells rows apart.
            label: What messages and records call the file.
            changed_at: When the file was written last.
            selected: Columns that records are to have; all are checked.
        """
        self._columns = [
            (column, READERS[column.kind], column.name in selected)
            for column in columns
        ]
        names = [column.name for column in columns]
        self._key = [names.index(key) for key in keys if key in names]
        self._keys_named = " and ".join(keys)
        self._label = label
        origin = {FILE: label, CHANGED_AT: changed_at}
        self._origin = {k: v for k, v in origin.items() if k in selected}
        self._has_line = LINE in selected
        self._problems: list[str] = []
        self._count = 0

    def convert(
        self, rows: Iterable[tuple[int, list[str]]], seen: set[int]
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the records by the block.

        Args:
            rows: Rows without the header, each with its line.
            seen: Hashes of the keys of the stream so far; it grows.

        Raises:
            BadCellsError: some cells are bad; records before were given.
        """
        block: list[dict[str, Any]] = []
        for line, cells in rows:
            record = self._convert_row(line, cells)
            self._check_key(line, cells, seen)
            block.append(record)
            if len(block) >= BLOCK_ROWS:
                yield block
                block = []
            if self._count >= _MOST:
                break
        if block:
            yield block
        if self._count:
            raise BadCellsError(self._explain())

    def _convert_row(self, line: int, cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(self._columns):
            self._note(
                line,
                f"{len(cells)} cells where the header has {len(self._columns)}; is a "
                "delimiter or a quote inside a cell that is not in quotes?",
            )
            return {}
        record: dict[str, Any] = {}
        for (column, read, is_selected), cell in zip(self._columns, cells, strict=True):
            value = self._convert_cell(line, column, read, cell)
            if is_selected:
                record[column.name] = value
        record |= self._origin
        if self._has_line:
            record[LINE] = line
        return record

    def _convert_cell(self, line: int, column: Column, read: Any, cell: str) -> Any:  # noqa: ANN401 - functions and values of each kind
        text = cell if column.kind == "text" else cell.strip()
        if not text or text.isspace():
            if column.is_needed:
                self._note(line, f"column {column.name}: {_expected(column)} is needed")
            return None
        if column.one_of and text not in column.one_of:
            self._refuse(line, column, text)
            return None
        if "\0" in text:
            self._note(line, f"column {column.name}: text without NUL is expected")
            return None
        try:
            return read(text)
        except CellError:
            self._refuse(line, column, text)
            return None

    def _check_key(self, line: int, cells: list[str], seen: set[int]) -> None:
        if not self._key or len(cells) != len(self._columns):
            return
        key = hash(tuple(cells[index].strip() for index in self._key))
        if key in seen:
            self._note(line, f"the same {self._keys_named} as a line before")
        seen.add(key)

    def _refuse(self, line: int, column: Column, text: str) -> None:
        self._note(
            line,
            f"column {column.name}: expected {_expected(column)}, found "
            f"{describe(text)}",
        )

    def _note(self, line: int, problem: str) -> None:
        self._count += 1
        if len(self._problems) < _SHOWN:
            self._problems.append(f"{self._label}, line {line}: {problem}")

    def _explain(self) -> str:
        more = self._count - len(self._problems)
        tail = f"; and {more} more" if more else ""
        if self._count >= _MOST:
            tail = "; and many more"
        return (
            f"{'; '.join(self._problems)}{tail}. Nothing of this stream was changed: "
            "correct the file and run again"
        )


def _expected(column: Column) -> str:
    if column.one_of:
        return f"one of {', '.join(column.one_of)}"
    return EXPECTED.get(column.kind, "text")

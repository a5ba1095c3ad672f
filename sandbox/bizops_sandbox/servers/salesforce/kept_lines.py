"""Rows written as CSV once: clients download the same ones again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.servers.salesforce.formats import csv_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.projections.salesforce_org import FieldSpec, Row

MOST_CHARACTERS = 200_000_000


class KeptLines:
    """Lines of Bulk result pages by fields, style and row; emptied when it is full.

    A row is known by its identity: it is kept beside its line, so that no other row
    can take its place.
    """

    def __init__(self, *, most_characters: int = MOST_CHARACTERS) -> None:
        self._lines: dict[object, dict[int, tuple[Row, str]]] = {}
        self._most_characters = most_characters
        self._characters = 0

    def clear(self) -> None:
        """Forget all lines: the rows are others from now on."""
        self._lines = {}
        self._characters = 0

    def lines(
        self,
        fields: Sequence[FieldSpec],
        rows: Sequence[Row],
        *,
        delimiter: str,
        line_ending: str,
    ) -> list[str]:
        """Return the lines of rows, written now or before."""
        style = (tuple((f.name, f.type) for f in fields), delimiter, line_ending)
        kept = self._lines.setdefault(style, {})
        missing = [row for row in rows if id(row) not in kept]
        written = csv_lines(
            fields, missing, delimiter=delimiter, line_ending=line_ending
        )
        size = sum(map(len, written))
        if self._characters + size > self._most_characters:
            self.clear()
            return csv_lines(fields, rows, delimiter=delimiter, line_ending=line_ending)
        self._characters += size
        for row, line in zip(missing, written, strict=True):
            kept[id(row)] = (row, line)
        return [kept[id(row)][1] for row in rows]

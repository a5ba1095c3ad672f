"""Each record of a run has a number; from the number back to where it stood.

A record on a line of the input has the line's number plus the count of the records that
came in BATCH files before it, so that numbers rise in the order of arrival.
"""

from __future__ import annotations

from bisect import bisect_right

from target_postgres.errors import Place


class RowNumbers:
    """Turns line numbers into record numbers and back."""

    def __init__(self) -> None:
        """Start at line 1 of the input, which is record 1."""
        self._starts = [1]
        self._origins: list[tuple[str | None, int]] = [(None, 1)]
        self._shift = 0

    def of_line(self, line: int) -> int:
        """Give the number of a record on a line of the input."""
        return line + self._shift

    def enter_file(self, name: str, *, line: int) -> int:
        """Begin a BATCH file named on a line of the input.

        Returns:
            The number of the file's first record.
        """
        first = line + self._shift
        self._starts.append(first)
        self._origins.append((name, 1))
        return first

    def leave_file(self, *, line: int, row_count: int) -> None:
        """End the file: what follows stands in the input again."""
        self._shift += row_count
        self._starts.append(line + self._shift)
        self._origins.append((None, line))

    def place(
        self, number: int, *, stream: str | None, field: str | None = None
    ) -> Place:
        """Tell where a record stood."""
        index = bisect_right(self._starts, number) - 1
        file, first_line = self._origins[index]
        line = number - self._starts[index] + first_line
        return Place(line=line, stream=stream, field=field, file=file)

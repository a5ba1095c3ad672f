"""Takes rows apart whose quotes are not escaped as CSV wants it. Pure.

Some versions of the service wrote quotes inside quoted cells as they are. There a quote
ends its cell only where a comma or the end of the row follows.
"""

from __future__ import annotations

_LINE_ENDS = "\r\n"


def split_leniently(
    text: str, *, width: int, is_last_json: bool = False
) -> list[str] | None:
    """Split a row at its commas.

    Args:
        text: The row, its line end included.
        width: How many cells it should have.
        is_last_json: Whether the last cell is JSON, whose quotes and commas cannot be
            told from those of the row: it is then all that follows the cell before.

    Returns:
        The cells, whose number may be another than ``width``; none at all where this
        cannot be a row. None where the last cell has no closing quote, so that the
        row goes on in the next line.
    """
    row = text.rstrip(_LINE_ENDS)
    cells: list[str] = []
    place = 0
    while True:
        if is_last_json and len(cells) == width - 1:
            cells.append(_take_json(row[place:]))
            return cells
        end = _find_end(row, place)
        if end is None:
            return None
        cell = row[place:end]
        if not cell.startswith('"') and ('"' in cell or "\n" in cell):
            # Such cells are always quoted: this is the rest of another row.
            return []
        cells.append(_unquote(cell))
        if end >= len(row):
            return cells
        place = end + 1


def _find_end(row: str, place: int) -> int | None:
    """Give where the cell that begins at ``place`` ends."""
    if not row.startswith('"', place):
        comma = row.find(",", place)
        return len(row) if comma < 0 else comma
    quote = row.find('"', place + 1)
    while quote >= 0:
        if quote + 1 == len(row) or row[quote + 1] == ",":
            return quote + 1
        quote = row.find('"', quote + 1)
    return None


def _unquote(cell: str) -> str:
    if len(cell) >= 2 and cell.startswith('"'):
        return cell[1:-1].replace('""', '"')
    return cell


def _take_json(cell: str) -> str:
    if not (len(cell) >= 2 and cell.startswith('"') and cell.endswith('"')):
        return cell
    inner = cell[1:-1]
    # A row may be broken by another cell while this one is written as it should be.
    return inner.replace('""', '"') if inner.startswith('{""') else inner

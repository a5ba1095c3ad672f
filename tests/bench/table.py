"""Results as Markdown tables: readable on a terminal and on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.ratios import Line

_HEADER = (
    "program",
    "mode",
    "rows/s",
    "of limit",
    "of best peer",
    "CPU µs/row",
    "peak RSS MB",
)


def comparison_table(lines: Sequence[Line]) -> str:
    """Return the ratio table of a comparison; faults stand below it."""
    rows = [
        (
            line.title,
            line.mode,
            "—" if line.rows_per_s is None else f"{line.rows_per_s:,.0f}",
            _number(line.to_limit, digits=2),
            _number(line.to_best_peer, digits=1),
            _number(line.cpu_us_per_row, digits=1),
            _number(line.peak_rss_mb, digits=0),
        )
        for line in lines
    ]
    faults = [
        f"- {line.title}, {line.mode}: {line.fault}"
        for line in lines
        if line.fault is not None
    ]
    table = markdown_table(_HEADER, rows, text_columns=2)
    return "\n".join([table, *(["", *faults] if faults else [])])


def markdown_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1
) -> str:
    """Return a Markdown table with its columns aligned.

    Args:
        header: Names of the columns.
        rows: Cells.
        text_columns: How many columns, from the left, are text; the others are
            numbers and stand to the right.
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        aligned = [
            cell.ljust(width) if i < text_columns else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(aligned)} |"

    rule = "|".join(
        "-" * (width + 2) if i < text_columns else "-" * (width + 1) + ":"
        for i, width in enumerate(widths)
    )
    return "\n".join([line(header), f"|{rule}|", *map(line, rows)])


def _number(value: float | None, *, digits: int) -> str:
    return "—" if value is None else f"{value:,.{digits}f}"

"""Files to begin with: an empty one for each input of BizOps, and what they hold."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reading_kit.errors import SettingsError
from tap_csv.known_inputs import KNOWN_INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_csv.layout import Column, Layout

GUIDE = "COLUMNS.md"
_KINDS = {"month": "first day of a month", "boolean": "true or false"}


def write_templates(folder: Path) -> list[Path]:
    """Write a file of only a header for each input, and a guide to their columns.

    Files that are there already stay as they are.

    Returns:
        The files written.

    Raises:
        SettingsError: the folder cannot be written.
    """
    texts = {f"{name}.csv": header_line(layout) for name, layout in _inputs()}
    texts[GUIDE] = guide()
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            path = folder / name
            if not path.exists():
                path.write_text(text, encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise SettingsError(f"{folder}: {error.strerror}") from None
    return written


def header_line(layout: Layout) -> str:
    """Give the header of a file."""
    return _line(list(layout.columns))


def example_line(layout: Layout) -> str:
    """Give a row as an example."""
    return _line([column.example for column in layout.columns.values()])


def guide() -> str:
    """Describe every file, with a row as an example."""
    parts = ["# The CSV inputs of BizOps\n"]
    parts += [describe_input(name, layout) for name, layout in _inputs()]
    return "\n".join(parts)


def describe_input(name: str, layout: Layout) -> str:
    """Describe one file in Markdown."""
    rows = "\n".join(_describe_column(column) for column in layout.columns.values())
    keys = ", ".join(f"`{key}`" for key in layout.keys)
    example = header_line(layout) + example_line(layout)
    return (
        f"## {name}.csv\n\n{layout.about} No two rows have the same {keys}.\n\n"
        f"| column | holds | must be there | meaning |\n|---|---|---|---|\n{rows}\n\n"
        f"```\n{example}```\n"
    )


def _inputs() -> Iterator[tuple[str, Layout]]:
    yield from KNOWN_INPUTS.items()


def _describe_column(column: Column) -> str:
    kind = _KINDS.get(column.kind, column.kind)
    if column.one_of:
        kind = " or ".join(f"`{word}`" for word in column.one_of)
    needed = "yes" if column.is_needed else ""
    return f"| `{column.name}` | {kind} | {needed} | {column.about} |"


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()

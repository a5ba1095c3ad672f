"""What a file is to hold: its columns, and the key of its rows. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reading_kit.errors import TapError
from tap_csv.cells import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reading_kit.personal import PersonalClass

FILE, CHANGED_AT, LINE = (
    "_sdc_source_file",
    "_sdc_source_file_mtime",
    "_sdc_source_lineno",
)
#: What every row carries beside its cells.
ORIGIN: Mapping[str, Mapping[str, Any]] = {
    FILE: {"type": ["string"]},
    CHANGED_AT: {"type": ["string"], "format": "date-time"},
    LINE: {"type": ["integer"]},
}


class LayoutError(TapError):
    """A file does not have the columns it is to have."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        kind: A key of ``cells.READERS``.
        is_needed: Whether the column must be there and its cells hold something.
        one_of: The words its cells may hold; any if there is none.
        personal: What it tells about a person, if anything.
    """

    name: str
    kind: str = "text"
    is_needed: bool = False
    one_of: tuple[str, ...] = ()
    personal: PersonalClass | None = None
    about: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are known of a file; all others are text.

    Attributes:
        keys: What tells rows apart; without any it is the place in the file.
        columns: By name.
    """

    keys: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    about: str = ""


def match_header(cells: Sequence[str], layout: Layout, *, path: str) -> list[Column]:
    """Give the column of each cell of a header.

    Names of known columns are found whatever their case and the blanks around them.
    Unknown ones that stand twice get a number, as do those without a name.

    Raises:
        LayoutError: a known column stands twice, or one that is needed lacks.
    """
    known = {_plain(name): column for name, column in layout.columns.items()}
    found: list[Column] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        column = known.get(_plain(cell))
        if column is not None and column.name in taken:
            raise LayoutError(
                f"{path}, line 1: column {column.name} stands twice; remove one of them"
            )
        column = column or Column(_free_name(cell.strip(), number, taken))
        taken.add(column.name)
        found.append(column)
    _check_needed(cells, taken, layout, path=path)
    return found


def _plain(name: str) -> str:
    return name.strip().lower()


def _free_name(name: str, number: int, taken: set[str]) -> str:
    name = name or f"column_{number}"
    # Target tables have these columns themselves.
    if name.lower().startswith("_sdc_"):
        name = f"column{name}"
    count, free = 1, name
    while free in taken:
        count += 1
        free = f"{name}_{count}"
    return free


def _check_needed(
    cells: Sequence[str], taken: set[str], layout: Layout, *, path: str
) -> None:
    needed = [name for name, column in layout.columns.items() if column.is_needed]
    missing = [name for name in needed if name not in taken]
    if not missing:
        return
    message = f"{path}, line 1: no column {', '.join(missing)}"
    near = difflib.get_close_matches(missing[0], [_plain(cell) for cell in cells], n=1)
    if near:
        step = f"rename `{near[0]}`?"
    elif len(cells) == 1 and (mark := _other_delimiter(cells[0])):
        step = f"the cells seem to be divided by {mark}: set `delimiter`"
    else:
        step = f"the header is to have {', '.join(layout.columns)}"
    raise LayoutError(f"{message}; {step}")


def _other_delimiter(cell: str) -> str | None:
    names = {";": "`;`", "\t": "tabs", "|": "`|`", ",": "`,`"}
    return next((name for mark, name in names.items() if mark in cell), None)


def build_schema(columns: Sequence[Column], keys: Sequence[str]) -> dict[str, Any]:
    """Give the schema of rows with these columns; those of the key are never null."""
    properties: dict[str, Any] = {}
    for column in columns:
        spec: dict[str, Any] = dict(SCHEMAS[column.kind])
        if column.name in keys:
            spec["type"] = [kind for kind in spec["type"] if kind != "null"]
        properties[column.name] = spec
    properties |= {name: dict(spec) for name, spec in ORIGIN.items()}
    return {"type": "object", "properties": properties, "required": list(keys)}

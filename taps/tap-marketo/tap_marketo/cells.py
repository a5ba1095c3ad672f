"""From columns of CSV cells to columns of JSON texts.

Whole columns go through functions written in C; Python code runs for the rare cell
that is not in its usual form. An empty cell and the text ``null`` are null.
"""

from __future__ import annotations

import re
from functools import partial
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from tap_marketo.instants import USUAL_FORM
from tap_marketo.values import clean_text, fit_or_note, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_marketo.lines import Column
    from tap_marketo.values import Misfits

    ColumnConverter = Callable[[Sequence[str]], Column]

_NULL = "null"
_USUAL_FORMS = {
    "integer": re.compile(r"-?(?>0|[1-9][0-9]*+)"),
    "number": re.compile(r"-?(?>0|[1-9][0-9]*+)(?:\.[0-9]++)?+"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "datetime": USUAL_FORM,
}
_QUOTED = frozenset({"date", "datetime"})
_BOOLEANS = {
    "true": "true",
    "false": "false",
    "1": "true",
    "0": "false",
    "null": _NULL,
    "": _NULL,
}


def new_column(kind: str, *, place: str, misfits: Misfits) -> ColumnConverter:
    """Give what converts the cells of a column of some kind.

    Args:
        kind: A kind of ``describing``.
        place: Stream and column, for messages.
        misfits: Where cells that do not fit are counted.
    """

    def convert_rare(cell: str) -> str:
        if cell in {"", _NULL}:
            return _NULL
        return to_json(fit_or_note(kind, cell, place=place, misfits=misfits))

    convert = _new_conversion(kind, convert_rare)

    def convert_column(cells: Sequence[str]) -> Column:
        # Most columns of most instances hold nothing at all.
        is_empty = cells[0] == _NULL and cells.count(_NULL) == len(cells)
        return _NULL if is_empty else convert(cells)

    return convert_column


def _new_conversion(kind: str, convert_rare: Callable[[str], str]) -> ColumnConverter:
    usual = _USUAL_FORMS.get(kind)
    if usual is not None:
        is_quoted = kind in _QUOTED
        return _with_usual_form(usual, convert_rare, is_quoted=is_quoted)
    if kind == "boolean":
        return partial(_convert_booleans, convert_rare)
    if kind == "string":
        return _convert_texts
    return lambda cells: [convert_rare(cell) for cell in cells]


def _convert_texts(cells: Sequence[str]) -> Sequence[str]:
    # One search of the whole costs less than one of each cell.
    joined = "".join(cells)
    if "\r\n" in joined or "\0" in joined:
        cells = [clean_text(cell) for cell in cells]
    encode = encode_basestring
    return [encode(cell) if cell and cell != "null" else "null" for cell in cells]


def _convert_booleans(
    convert_rare: Callable[[str], str], cells: Sequence[str]
) -> Sequence[str]:
    try:
        return list(map(_BOOLEANS.__getitem__, cells))
    except KeyError:
        return [_BOOLEANS.get(cell) or convert_rare(cell) for cell in cells]


def _with_usual_form(
    usual: re.Pattern[str],
    convert_rare: Callable[[str], str],
    *,
    is_quoted: bool,
) -> ColumnConverter:
    matches = usual.fullmatch
    # Possessive: no cell is looked at twice. One pass costs a third of one per cell.
    all_match = re.compile(rf"(?>(?:{usual.pattern}|null),)*+").fullmatch

    def convert(cells: Sequence[str]) -> Sequence[str]:
        joined = ",".join(cells) + ","
        if joined.count(",") == len(cells) and all_match(joined):
            if not is_quoted:
                return cells
            quoted = joined[:-1].replace(",", '","')
            return f'"{quoted}"'.replace('"null"', _NULL).split(",")
        pattern = '"%s"' if is_quoted else "%s"
        return [
            pattern % cell if matches(cell) else convert_rare(cell) for cell in cells
        ]

    return convert

"""Names of streams and columns made of Marketo's own names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_OTHER = re.compile(r"[^a-z0-9_]")


def clean_name(name: str) -> str:
    """Lower a name's case and write ``_`` for everything but letters and digits."""
    return _OTHER.sub("_", name.lower())


def name_activity_streams(types: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Give each activity type, as id and name, its stream.

    Where two names become the same, the type with the higher id gets its id as suffix.
    """
    streams: dict[int, str] = {}
    taken: set[str] = set()
    for type_id, name in sorted(types):
        stream = f"activities_{clean_name(name)}"
        if stream in taken:
            stream = f"{stream}_{type_id}"
        taken.add(stream)
        streams[type_id] = stream
    return streams


def name_attribute_columns(
    names: Sequence[str], *, reserved: Collection[str]
) -> dict[str, str]:
    """Give each attribute of a type its column.

    Attributes that differ only in case or spacing collide: the first keeps the name,
    the others get ``_2``, ``_3`` in the order they are described in, so that a column
    keeps its meaning from run to run. One that would be a base column gets ``_attr``.

    Args:
        names: The attributes' own names, in the order described.
        reserved: The base columns.
    """
    blocked = {name.lower() for name in reserved}
    columns: dict[str, str] = {}
    taken: set[str] = set(blocked)
    for name in names:
        if name in columns:
            continue
        base = clean_name(name)
        if base in blocked:
            base = f"{base}_attr"
        column = base
        number = 2
        while column in taken:
            column = f"{base}_{number}"
            number += 1
        taken.add(column)
        columns[name] = column
    return columns


def name_lead_columns(names: Sequence[str]) -> dict[str, str]:
    """Give each REST name its column; a twin in another case gets ``__2``."""
    columns: dict[str, str] = {}
    taken: dict[str, int] = {}
    for name in names:
        if name in columns:
            continue
        count = taken[name.lower()] = taken.get(name.lower(), 0) + 1
        columns[name] = name if count == 1 else f"{name}__{count}"
    return columns

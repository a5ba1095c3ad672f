"""What differs between two streams of rows in the order of their keys."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bizops_cli.warehouse.diffing import Row


@dataclass(frozen=True, slots=True)
class KeyedRows:
    """Rows that differ in one way.

    Attributes:
        rows: How many.
        keys: The keys of the first of them, key column to value.
    """

    rows: int = 0
    keys: tuple[Mapping[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class RowDiff:
    """What differs in the rows of a table with a key.

    Attributes:
        only_here: Rows whose key is not there.
        only_there: Rows whose key is not here.
        changed: Rows of the same key with other values.
        changed_values: Column to how many of the changed rows differ in it.
    """

    only_here: KeyedRows = field(default_factory=KeyedRows)
    only_there: KeyedRows = field(default_factory=KeyedRows)
    changed: KeyedRows = field(default_factory=KeyedRows)
    changed_values: Mapping[str, int] = field(default_factory=dict)


def merged_by_key(
    here: Iterable[Row], there: Iterable[Row], *, key_size: int
) -> Iterator[tuple[Row | None, Row | None]]:
    """Pair the rows of two streams that have the same key; keep no others in memory.

    Args:
        here: In the order of their keys, which are unique.
        there: The same.
        key_size: How many of the first values are the key.

    Yields:
        The row here and the row there, in the order of keys; None where there is none.
    """

    def key_of(sided: tuple[str, Row]) -> Row:
        return sided[1][:key_size]

    both = heapq.merge(
        (("here", row) for row in here),
        (("there", row) for row in there),
        key=key_of,
    )
    for _, same in groupby(both, key=key_of):
        rows = dict(same)
        yield rows.get("here"), rows.get("there")


def compare_rows(
    pairs: Iterable[tuple[Row | None, Row | None]],
    key: Sequence[str],
    columns: Sequence[str],
    *,
    limit: int,
) -> RowDiff:
    """Count what differs in pairs of rows.

    Args:
        pairs: As `merged_by_key` gives them.
        key: Names of the first values.
        columns: Names of the others.
        limit: Keys to keep of each kind.
    """
    counts: Counter[str] = Counter()
    values: Counter[str] = Counter()
    keys: dict[str, list[Mapping[str, str | None]]] = {}
    for mine, theirs in pairs:
        if mine == theirs:
            continue
        if mine is not None and theirs is not None:
            kind = "changed"
            values.update(
                column
                for column, one, other in zip(
                    columns, mine[len(key) :], theirs[len(key) :], strict=True
                )
                if one != other
            )
        else:
            kind = "only here" if theirs is None else "only there"
        counts[kind] += 1
        if counts[kind] <= limit:
            row = mine or theirs or ()
            keys.setdefault(kind, []).append(dict(zip(key, row, strict=False)))
    sets = {kind: KeyedRows(n, tuple(keys.get(kind, ()))) for kind, n in counts.items()}
    return RowDiff(
        only_here=sets.get("only here", KeyedRows()),
        only_there=sets.get("only there", KeyedRows()),
        changed=sets.get("changed", KeyedRows()),
        changed_values=dict(values.most_common()),
    )

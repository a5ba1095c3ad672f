"""What a table must hold after a fault, worked out from the workload alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fault.place import Contents
    from tests.fault.workload import KeyedRow, KeylessRow, Workload

_MOST_TOLD = 5


class WrongContentsError(AssertionError):
    """What is stored is not what it must be."""


def check_interrupted(found: Contents, workload: Workload, *, told: int) -> None:
    """Check what a run that was cut off has left.

    Rows without a key are exactly those the state covers. Of each key the row is at
    least as late as the last one the state covers. What was told was stored before.

    Args:
        found: What is stored, the state beside the rows.
        workload: What was sent.
        told: Rows that the last STATE on standard output covers.

    Raises:
        WrongContentsError: Naming what differs.
    """
    faults = [*_keyless_faults(found.keyless, workload, count=found.covered)]
    faults += _keyed_faults(found.keyed, workload, least=found.covered)
    if told > found.covered:
        faults.append(f"state {told} was told, {found.covered} is stored")
    _raise(faults)


def check_complete(found: Contents, workload: Workload) -> None:
    """Check that everything sent is there, once.

    Raises:
        WrongContentsError: Naming what differs.
    """
    faults = [*_keyless_faults(found.keyless, workload, count=workload.rows)]
    faults += _last_rows_faults(found.keyed, workload)
    if found.covered != workload.rows:
        faults.append(f"the state covers {found.covered} of {workload.rows}")
    _raise(faults)


def check_at_least_once(found: Contents, workload: Workload, *, told: int) -> None:
    """Check a finished series of runs that kept no state in the database.

    Rows without a key may stand twice, but only those after the state the last run
    started from.

    Args:
        found: What is stored.
        workload: What was sent.
        told: The state the last run started from.

    Raises:
        WrongContentsError: Naming what differs.
    """
    counts = Counter(row.seq for row in found.keyless)
    faults = [f"log {seq} is lost" for seq in range(workload.rows) if not counts[seq]]
    faults += [
        f"log {seq} stands {count} times"
        for seq, count in counts.items()
        if count > (1 if seq < told else 2)
    ]
    faults += _forged(found.keyless, workload)
    faults += _last_rows_faults(found.keyed, workload)
    _raise(faults)


def _last_rows_faults(rows: Iterable[KeyedRow], workload: Workload) -> Iterator[str]:
    stored = tuple(rows)
    yield from _keyed_faults(stored, workload, least=workload.rows)
    for row in stored:
        if row.seq >= workload.rows:
            yield f"keyed {row.id}: row {row.seq} was never sent"


def _keyless_faults(
    rows: tuple[KeylessRow, ...], workload: Workload, *, count: int
) -> Iterator[str]:
    counts = Counter(row.seq for row in rows)
    for seq in range(count):
        if counts[seq] != 1:
            yield f"log {seq} stands {counts[seq]} times"
    for seq in counts:
        if not 0 <= seq < count:
            yield f"log {seq} is beyond the {count} covered"
    yield from _forged(rows, workload)


def _forged(rows: Iterable[KeylessRow], workload: Workload) -> Iterator[str]:
    for row in rows:
        if row != workload.keyless_row(row.seq):
            yield f"log {row.seq} has another content: {row}"


def _keyed_faults(
    rows: tuple[KeyedRow, ...], workload: Workload, *, least: int
) -> Iterator[str]:
    counts = Counter(row.id for row in rows)
    for key, count in counts.items():
        if count > 1:
            yield f"keyed {key} stands {count} times"
    for row in rows:
        if not _is_genuine(row, workload):
            yield f"keyed {row.id} has another content: {row}"
    stored = {row.id: row for row in rows}
    for key, due in workload.last_keyed(least).items():
        if key not in stored:
            yield f"keyed {key} is lost"
        elif stored[key].seq < due.seq:
            yield f"keyed {key} is row {stored[key].seq}, but {due.seq} was covered"


def _is_genuine(row: KeyedRow, workload: Workload) -> bool:
    true = workload.keyed_row(row.seq)
    same = (row.id, row.payload, row.extra) == (true.id, true.payload, true.extra)
    return same and row.grade == true.grade


def _raise(faults: list[str]) -> None:
    if faults:
        shown = "; ".join(faults[:_MOST_TOLD])
        more = len(faults) - _MOST_TOLD
        raise WrongContentsError(f"{shown}; and {more} more" if more > 0 else shown)

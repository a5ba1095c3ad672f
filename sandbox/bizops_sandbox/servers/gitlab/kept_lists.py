"""Lists made for one page and kept for the next ones.

Who reads a list to its end asks for it a page at a time. Filtering and sorting all of
it for each page would make the server's work grow with the square of the list.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.gitlab.access import caller_of, simulator_of
from bizops_sandbox.servers.gitlab.parameters import moment_in, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from datetime import datetime

    from starlette.requests import Request

    Row = dict[str, Any]

_MOST_LISTS = 32
#: Parameters that say which page of a list is wanted.
_OF_PAGES = frozenset(
    {"page", "per_page", "pagination", "cursor", "id_after", "id_before"}
)
#: Parameters that `updated_between` applies, after a list was made.
OF_UPDATES = frozenset({"updated_after", "updated_before"})


class KeptLists:
    """The lists asked for last; those of another moment are to be forgotten."""

    def __init__(self) -> None:
        self._lists: OrderedDict[Hashable, Sequence[Row]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Sequence[Row]]) -> Sequence[Row]:
        """Give the list of a key, made now if it is not there."""
        found = self._lists.pop(key, None)
        self._lists[key] = found = make() if found is None else found
        if len(self._lists) > _MOST_LISTS:
            self._lists.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all lists."""
        self._lists.clear()


def kept_rows(
    request: Request,
    make: Callable[[], Sequence[Row]],
    *,
    step: str = "sorted",
    unapplied: frozenset[str] = frozenset(),
) -> Sequence[Row]:
    """Give the rows a request's list has, made once for all pages of the list.

    Args:
        request: The request.
        make: Filters and sorts; what it gives must depend on nothing but the site and
            the request: path, parameters, caller.
        step: Tells apart what is kept of one list.
        unapplied: Parameters that `make` does not look at.

    Returns:
        The rows, not to be changed. While a fault is armed they are made anew, since
        it may hide or change them.
    """
    simulator = simulator_of(request)
    if simulator.faults.is_armed:
        return make()
    parameters = tuple(
        pair
        for pair in request.query_params.multi_items()
        if pair[0] not in _OF_PAGES | unapplied
    )
    caller = caller_of(request)
    key = (step, request.scope["path"], parameters, caller.name, caller.is_admin)
    return simulator.lists.get(key, make)


def updated_between(
    request: Request, rows: Sequence[Row], *, is_oldest_first: bool
) -> Sequence[Row]:
    """Give the rows updated in the time that `updated_after` and `_before` name.

    Args:
        request: The request.
        rows: The rows, in any order.
        is_oldest_first: Whether the row updated first stands first: then nobody has
            to look at them all.
    """
    after = moment_of(request, "updated_after")
    before = moment_of(request, "updated_before")
    if is_oldest_first:
        start, end = 0, len(rows)
        if after is not None:
            start = bisect_left(rows, after, key=_updated_at)
        if before is not None:
            end = bisect_right(rows, before, key=_updated_at)
        return rows[start:end]
    return [
        row
        for row in rows
        if (after is None or _updated_at(row) >= after)
        and (before is None or _updated_at(row) <= before)
    ]


def _updated_at(row: Row) -> datetime:
    return moment_in(row["updated_at"])

"""Reading lists that change while they are read, without missing a row.

A row that is updated moves to the end of a list sorted by update, and all rows behind
its old place move up: whoever pages by number misses some. So the page after is asked
for by the last row of the page before (`updated_after`), as the first page of a list
that begins there. Only where a whole page shares one instant is its link followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from reading_kit.timestamps import format_instant, parse_instant
from tap_gitlab.lists import BrokenListError, Tally, Trail, look_twice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_gitlab.client import Answer
    from tap_gitlab.page_source import PageSource
    from tap_gitlab.rows import Row

_STEP = timedelta(milliseconds=1)


def just_before(key: str) -> str:
    """Give the filter's value from which a row of this instant is in the list.

    Whether GitLab's filters include their own instant depends on digits that it does
    not show.
    """
    return format_instant(parse_instant(key) - _STEP)


def day_before(key: str) -> str:
    """Give the day before an instant: filters by day leave their own day out."""
    return (parse_instant(key) - timedelta(days=1)).date().isoformat()


def day_after(key: str) -> str:
    """Give the day after an instant."""
    return (parse_instant(key) + timedelta(days=1)).date().isoformat()


@dataclass(frozen=True, slots=True)
class AnchoredPlan:
    """A list in the order of a key that only grows.

    Attributes:
        path: Path below the API's address.
        params: Query parameters but for order, filters and paging.
        key: Column the list is sorted by.
        after: Parameter that begins the list.
        before: Parameter that ends it.
        order: Parameters that sort it.
        from_key: Value of ``after`` from which rows of a key are in the list.
        to_key: Value of ``before`` up to which they are.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    key: str = "updated_at"
    after: str = "updated_after"
    before: str = "updated_before"
    order: Mapping[str, str] = field(
        default_factory=lambda: {"order_by": "updated_at", "sort": "asc"}
    )
    from_key: Callable[[str], str] = just_before
    to_key: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of an anchored list.

    Attributes:
        rows: New ones only.
        bookmark: All rows up to it have been given; none while that is not sure.
    """

    rows: list[Row]
    bookmark: str | None = None


def read_anchored(
    source: PageSource, plan: AnchoredPlan, *, start: str | None, end: str
) -> Iterator[Step]:
    """Give the rows whose keys lie between two instants, in the order of the key.

    Raises:
        IncompleteDataError: the pages do not fit together.
        TapError: as ``PageSource.fetch`` tells.
    """
    return look_twice(
        lambda tally: _Walk(source, plan, tally, start=start, end=end).steps(),
        what=plan.path,
    )


class _Walk:
    """One way through an anchored list."""

    def __init__(
        self,
        source: PageSource,
        plan: AnchoredPlan,
        tally: Tally,
        *,
        start: str | None,
        end: str,
    ) -> None:
        self._source = source
        self._plan = plan
        self._tally = tally
        self._start, self._end = start, end
        self._anchor = None if start is None else plan.from_key(start)
        self._seen: dict[int, str] = {}
        self._last: Row | None = None
        self._is_ordered = True
        self._pages = 0

    def steps(self) -> Iterator[Step]:
        """Give the rows page by page.

        A bookmark comes with the page after its own, which shows that nothing is
        missing between the two.
        """
        trail = Trail()
        first = self._url()
        url: str | None = first
        bookmark: str | None = None
        while url is not None:
            trail.enter(url)
            answer = self._fetch(url)
            fresh = self._take(answer)
            yield Step(self._within(fresh), bookmark if self._is_ordered else None)
            bookmark = self._reached(fresh, bookmark)
            if answer.next_url is None:
                break
            trail.note(is_empty=not answer.value)
            is_moved = self._move(answer.value)
            url = self._url() if is_moved else answer.next_url
        if self._tally.missing and not self._tally.is_last:
            self._count_again(first)
        if self._tally.is_last or not self._tally.missing:
            yield Step([], bookmark)

    def _count_again(self, first: str) -> None:
        """Ask how many rows the list has now: those updated meanwhile have left it."""
        now = self._source.fetch(first).total
        if now is not None and self._tally.announced is not None:
            self._tally.announced = min(self._tally.announced, now)

    def _url(self) -> str:
        plan = self._plan
        params = {**plan.params, **plan.order}
        if self._anchor is not None:
            params[plan.after] = self._anchor
        params[plan.before] = plan.to_key(self._end)
        return self._source.first_url(plan.path, params)

    def _fetch(self, url: str) -> Answer[list[Row]]:
        """Fetch a page; once more where the row it begins with is not in it."""
        answer = self._source.fetch(url)
        if self._last is None or self._plan.after not in url:
            return answer
        ids = {row.id for row in answer.value}
        if self._last.id not in ids and "page=" not in _query_without_size(url):
            return self._source.fetch(url)
        return answer

    def _take(self, answer: Answer[list[Row]]) -> list[Row]:
        """Give the rows of a page not seen before, and count them."""
        fresh = [row for row in answer.value if row.id not in self._seen]
        overlap = len(answer.value) - len(fresh)
        tally = self._tally
        self._pages += 1
        if self._pages == 1:
            tally.announced = answer.total
        elif (
            self._pages == 2
            and not tally.is_last
            and self._is_anchored
            and tally.announced is not None
            and answer.total is not None
            and tally.given + answer.total - overlap < tally.announced
        ):
            raise BrokenListError("rows are missing between the first two pages")
        tally.given += len(fresh)
        for row in fresh:
            self._seen[row.id] = self._key(row)
        return fresh

    @property
    def _is_anchored(self) -> bool:
        """Tell whether the instance knows the filter that begins a list."""
        return self._is_ordered and self._plan.after not in self._source.dropped

    def _key(self, row: Row) -> str:
        return getattr(row, self._plan.key) or ""

    def _within(self, rows: list[Row]) -> list[Row]:
        """Sort out rows before the start, where the instance's filter does not."""
        if self._start is None or self._plan.after not in self._source.dropped:
            return rows
        return [row for row in rows if self._key(row) >= self._start]

    def _reached(self, rows: list[Row], bookmark: str | None) -> str | None:
        keys = [self._key(row) for row in rows]
        return max([bookmark or "", *keys]) or None

    def _move(self, rows: list[Row]) -> bool:
        """Begin the list anew at the last row, where that leads on."""
        keys = [self._key(row) for row in rows]
        if keys != sorted(keys) or "" in keys:
            # Not in order: only its links lead through such a list.
            self._is_ordered = False
        if not keys or not self._is_anchored:
            return False
        anchor = self._plan.from_key(keys[-1])
        if self._anchor is not None and anchor <= self._anchor:
            return False
        self._anchor, self._last = anchor, rows[-1]
        self._seen = {
            identity: key
            for identity, key in self._seen.items()
            if self._plan.from_key(key) >= anchor
        }
        return True


def _query_without_size(url: str) -> str:
    return url.replace("per_page=", "")

"""Reading lists to their end by their links, and noticing what is amiss with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from reading_kit.errors import IncompleteDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_gitlab.client import Answer
    from tap_gitlab.page_source import PageSource
    from tap_gitlab.rows import Row

logger = logging.getLogger(__name__)
T = TypeVar("T")

_MOST_EMPTY_PAGES = 3


class BrokenListError(IncompleteDataError):
    """A list's pages do not fit together; a second look may help."""


@dataclass(slots=True)
class Tally:
    """Counts what a list gives against what it announced.

    Attributes:
        announced: Rows the list has by its first page, where GitLab tells it (it does
            not above 10,000 rows, nor for commits).
        given: Rows that were read.
        is_last: Whether nobody will look again.
    """

    announced: int | None = None
    given: int = 0
    is_last: bool = False

    @property
    def missing(self) -> int:
        """Give how many rows did not come."""
        return 0 if self.announced is None else max(self.announced - self.given, 0)


class Trail:
    """The pages of one list visited, so that links that lead in circles are noticed."""

    def __init__(self) -> None:
        self._visited: set[str] = set()
        self._empty = 0

    def enter(self, url: str) -> None:
        """Take note of a page about to be asked for.

        Raises:
            BrokenListError: it was asked for before.
        """
        if url in self._visited:
            raise BrokenListError("the links of a list lead in a circle")
        self._visited.add(url)

    def note(self, *, is_empty: bool) -> None:
        """Take note of a page with another one behind it.

        Raises:
            BrokenListError: too many pages are empty.
        """
        self._empty = self._empty + 1 if is_empty else 0
        if self._empty > _MOST_EMPTY_PAGES:
            msg = f"a list has more than {_MOST_EMPTY_PAGES} empty pages on end"
            raise BrokenListError(msg)


def look_twice(read: Callable[[Tally], Iterator[T]], *, what: str) -> Iterator[T]:
    """Read a list, and once more where it broke or fewer rows came than announced.

    Rows may come twice so. Rows that do not come at the second look either are taken
    for rows that this token may not see.

    Raises:
        IncompleteDataError: the list broke both times.
    """
    for is_last in (False, True):
        tally = Tally(is_last=is_last)
        try:
            yield from read(tally)
        except BrokenListError as error:
            if is_last:
                msg = f"{what}: {error}"
                raise IncompleteDataError(msg) from None
            logger.info("%s: %s; reading the list again", what, error)
            continue
        if not tally.missing:
            return
        if is_last:
            logger.info(
                "%s: %d of %d rows are not shown to this token",
                what,
                tally.missing,
                tally.announced,
            )


@dataclass(frozen=True, slots=True)
class ListPlan:
    """A list to read by its links.

    Attributes:
        path: Path below the API's address.
        params: Query parameters but those of paging.
        ends_at_empty: Whether an empty page is the end, whatever its links say
            (commits).
    """

    path: str
    params: Mapping[str, str]
    ends_at_empty: bool = False


def read_list(source: PageSource, plan: ListPlan) -> Iterator[list[Row]]:
    """Give the pages of a list.

    Raises:
        IncompleteDataError: the pages do not fit together.
        TapError: as ``PageSource.fetch`` tells.
    """
    return look_twice(lambda tally: _walk(source, plan, tally), what=plan.path)


def _walk(source: PageSource, plan: ListPlan, tally: Tally) -> Iterator[list[Row]]:
    trail = Trail()
    previous: list[Row] = []
    url: str | None = source.first_url(plan.path, plan.params)
    is_first = True
    while url is not None:
        trail.enter(url)
        answer = _fetch_sure(source, url, previous)
        if is_first:
            tally.announced, is_first = answer.total, False
        tally.given += len(answer.value)
        yield answer.value
        if not answer.value and plan.ends_at_empty:
            return
        if answer.next_url is not None:
            trail.note(is_empty=not answer.value)
        previous, url = answer.value, answer.next_url


def _fetch_sure(source: PageSource, url: str, previous: list[Row]) -> Answer[list[Row]]:
    """Fetch a page; one that looks odd is asked for once more.

    Raises:
        BrokenListError: it is the page before once more, both times.
    """
    answer = source.fetch(url)
    if not _is_odd(answer, previous, source.page_rows):
        return answer
    answer = source.fetch(url)
    if answer.value and answer.value == previous:
        raise BrokenListError("the same page came twice")
    return answer


def _is_odd(answer: Answer[list[Row]], previous: list[Row], page_rows: int) -> bool:
    """Tell whether a page is short or empty before the end, or the one before."""
    is_short = answer.next_url is not None and len(answer.value) < page_rows
    return is_short or bool(answer.value and answer.value == previous)

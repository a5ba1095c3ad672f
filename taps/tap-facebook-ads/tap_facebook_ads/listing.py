"""Pages of a list, one after the other, whatever the service does to them.

Protocol: a list ends where ``paging.next`` is missing, though a cursor may be there.
An empty page may have a ``next``. The next page is asked for by the cursor of the
last row, because ``next`` holds the access token.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, urlsplit

from reading_kit.errors import IncompleteDataError, TapError
from tap_facebook_ads.problems import Cause, GraphError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_facebook_ads.rows import Answer

logger = logging.getLogger(__name__)

_LIMITS = (100, 50, 25, 10, 1)
#: Empty pages in a row after which a list is not gone on with.
EMPTY_PAGES = 3
#: Times a list is begun again because its cursor is not good any more.
RESTARTS = 3


class TooMuchDataError(TapError):
    """Not even a page of one row can be had."""


class Fetch(Protocol):
    """Gets one page."""

    def __call__(self, *, limit_rows: int, after: str | None) -> Answer:
        """Get the page after a cursor."""


def smaller_limit(limit_rows: int) -> int | None:
    """Give the next smaller page; none below one row."""
    if limit_rows > 2 * _LIMITS[0]:
        return limit_rows // 2
    return next((each for each in _LIMITS if each < limit_rows), None)


@dataclass
class PageWalk:
    """One walk through a list.

    Attributes:
        fetch: Gets a page.
        limit_rows: Rows of a page to ask for.
        name: What is listed, for messages.
        is_run: Whether the rows are those of a report run, which may go on for ever
            with empty pages.
    """

    fetch: Fetch
    limit_rows: int
    name: str
    is_run: bool = False
    _served_rows: int | None = None

    def pages(self) -> Iterator[Answer]:
        """Give all pages that have rows.

        Raises:
            TooMuchDataError: the service cannot make a page of one row.
            IncompleteDataError: the list does not come to an end.
            TapError: the service refused.
        """
        after: str | None = None
        seen: set[str] = set()
        empty_pages = restarts = 0
        while True:
            try:
                answer = self._get_whole(after)
            except GraphError as error:
                is_lost = error.cause is Cause.CURSOR and after is not None
                if not is_lost or restarts >= RESTARTS:
                    raise
                logger.info("%s: %s; beginning the list again", self.name, error)
                restarts, after = restarts + 1, None
                seen.clear()
                continue
            empty_pages = 0 if answer.rows else empty_pages + 1
            if answer.rows:
                yield answer
            if answer.next_url is None:
                return
            if empty_pages >= EMPTY_PAGES:
                self._end_empty()
                return
            after = answer.after or read_cursor(answer.next_url)
            if after is None or after in seen:
                msg = f"{self.name}: the pages go round in a circle"
                raise IncompleteDataError(msg)
            seen.add(after)

    def _end_empty(self) -> None:
        if not self.is_run:
            msg = f"{self.name}: {EMPTY_PAGES} empty pages in a row, and still more"
            raise IncompleteDataError(msg)

    def _get_whole(self, after: str | None) -> Answer:
        """Get a page; one with fewer rows than asked for is looked at twice.

        Such a page may be all the service gives at once, or lack rows.
        """
        answer, limit_rows = self._get(after)
        wanted = min(limit_rows, self._served_rows or limit_rows)
        if answer.next_url is None or not 0 < len(answer.rows) < wanted:
            return answer
        again, again_limit_rows = self._get(after)
        if again_limit_rows == limit_rows and len(again.rows) == len(answer.rows):
            self._served_rows = len(again.rows)
        return again if len(again.rows) >= len(answer.rows) else answer

    def _get(self, after: str | None) -> tuple[Answer, int]:
        limit_rows = self.limit_rows
        while True:
            try:
                return self.fetch(limit_rows=limit_rows, after=after), limit_rows
            except GraphError as error:
                if error.cause is not Cause.REDUCE:
                    raise
                smaller = smaller_limit(limit_rows)
                if smaller is None:
                    msg = f"{self.name}: {error}"
                    raise TooMuchDataError(msg) from None
                logger.info(
                    "%s: too much data in %d rows; asking for %d",
                    self.name,
                    limit_rows,
                    smaller,
                )
                limit_rows = smaller


def read_cursor(next_url: str) -> str | None:
    """Give the cursor in the address of the next page."""
    values = parse_qs(urlsplit(next_url).query).get("after")
    return values[0] if values else None

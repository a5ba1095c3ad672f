"""Pages of lists: smaller where they are heavy, without filters that are not known."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reading_kit.errors import (
    ApiError,
    IncompleteDataError,
    NoAnswerError,
    TapError,
)
from tap_gitlab.addresses import make_url, with_page_rows, without_param
from tap_gitlab.judging import find_bad_parameter, is_too_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_gitlab.client import Answer, GitlabClient
    from tap_gitlab.rows import Row

logger = logging.getLogger(__name__)

#: Pages are not made smaller than this.
SMALLEST_PAGE_ROWS = 25


class HeavyListError(TapError):
    """Not even a small page of a list comes in time."""


class PageSource:
    """Fetches pages of one list from one instance.

    Attributes:
        client: The instance.
        page_rows: Rows of a page now.
        dropped: Parameters the instance refuses; their work is left to the reader.
    """

    def __init__(
        self,
        client: GitlabClient,
        parse: Callable[[bytes], list[Row]],
        *,
        page_rows: int,
        is_replaceable: bool = False,
    ) -> None:
        """Prepare fetching.

        Args:
            client: The instance.
            parse: Reads a page.
            page_rows: Rows of a page at first.
            is_replaceable: Whether the rows can be had from other lists, so that a
                list that is too heavy is given up early.
        """
        self.client = client
        self.page_rows = page_rows
        self.dropped: set[str] = set()
        self._parse = parse
        self._is_replaceable = is_replaceable

    def first_url(self, path: str, params: Mapping[str, str]) -> str:
        """Give the URL of a list's first page."""
        base_url = self.client.instance.api_url
        return make_url(base_url, path, {**params, "per_page": str(self.page_rows)})

    def fetch(self, url: str) -> Answer[list[Row]]:
        """Fetch a page.

        Raises:
            ApiError: the instance refused.
            HeavyListError: not even a small page comes (of a replaceable list).
            IncompleteDataError: the list has more rows than numbered pages reach.
            UnreachableError: no usable answer after all tries.
        """
        while True:
            for name in self.dropped:
                url = without_param(url, name)
            url = with_page_rows(url, self.page_rows) if "per_page=" in url else url
            is_small = self.page_rows <= SMALLEST_PAGE_ROWS
            may_give_up = not is_small or self._is_replaceable
            try:
                return self.client.get_url(url, self._parse, is_halvable=may_give_up)
            except ApiError as error:
                if error.problem.status != 500 or not may_give_up:
                    self._drop_parameter(error)
                    continue
                self._halve(str(error))
            except NoAnswerError as error:
                if not may_give_up:
                    raise
                self._halve(str(error))

    def _drop_parameter(self, error: ApiError) -> None:
        if is_too_deep(error.problem):
            msg = f"the list is longer than its pages reach: {error.problem.message}"
            raise IncompleteDataError(msg)
        name = find_bad_parameter(error.problem)
        if name is None or name in self.dropped:
            raise error
        logger.warning(
            "%s does not know the filter %s: rows are sorted out here",
            self.client.instance.name,
            name,
        )
        self.dropped.add(name)

    def _halve(self, reason: str) -> None:
        if self.page_rows <= SMALLEST_PAGE_ROWS:
            raise HeavyListError(reason)
        self.page_rows = max(self.page_rows // 2, SMALLEST_PAGE_ROWS)
        logger.info("%s: going on by pages of %d rows", reason, self.page_rows)

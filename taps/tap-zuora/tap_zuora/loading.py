"""Loads results in threads, and sees that all rows are there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reading_kit.errors import IncompleteDataError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from reading_kit.pages import Page
    from reading_kit.spool import Workshop
    from tap_zuora.queries import Result
    from tap_zuora.transport import Transport

logger = logging.getLogger(__name__)

#: Times a result is loaded before another job is the better chance.
LOAD_TRIES = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """A result on disk, counted.

    Attributes:
        pages: Its rows, in order.
        rows: How many there are.
        last_id: Id of the last row.
    """

    result: Result
    pages: tuple[Page, ...]
    rows: int
    last_id: str


class Loader:
    """Loads results into the workshop's folder."""

    def __init__(self, transport: Transport, workshop: Workshop) -> None:
        self._transport = transport
        self._workshop = workshop

    def start(self, result: Result) -> Future[Loaded]:
        """Load a result in a thread."""
        return self._workshop.submit(lambda: self.load(result))

    def load(self, result: Result) -> Loaded:
        """Load a result, again where it is not whole.

        Raises:
            IncompleteDataError: it is not whole, however often it is loaded.
            FileGoneError: it was purged.
            FileTooLargeError: it is too large.
        """
        for count in range(1, LOAD_TRIES + 1):
            try:
                return self._load(result)
            except IncompleteDataError as error:
                if count == LOAD_TRIES:
                    raise
                logger.warning("%s: %s; loading again", result.query.stream, error)
        raise AssertionError

    def _load(self, result: Result) -> Loaded:
        pages: list[Page] = []
        last_id = ""
        try:
            for number in range(len(result.files)):
                path = self._workshop.new_path()
                page, page_last_id = self._transport.fetch(result, number, path)
                pages.append(page)
                last_id = page_last_id or last_id
            rows = sum(page.rows for page in pages)
            if result.rows is not None and rows != result.rows:
                msg = f"{rows} rows came where {result.rows} were announced"
                raise IncompleteDataError(msg)
        except BaseException:
            for page in pages:
                page.discard()
            raise
        return Loaded(result, tuple(pages), rows, last_id)

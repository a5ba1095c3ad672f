"""Reads all rows of a REST resource, whatever happens to its pages meanwhile."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError, IncompleteDataError
from tap_marketo.judging import INVALID_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_marketo.client import MarketoClient
    from tap_marketo.judging import Envelope

logger = logging.getLogger(__name__)

ASSET_PAGE_ROWS = 200
LEAD_PAGE_ROWS = 300
#: Tries of a page that brings only rows that came before, and of a whole browse.
PAGE_TRIES = 3

Row = dict[str, Any]


class RowsShiftedError(IncompleteDataError):
    """Rows moved while pages were read, so that some may have been passed over."""


def as_rows(values: Sequence[Any]) -> list[Row]:
    """Give the rows of an answer.

    Raises:
        IncompleteDataError: one is no object.
    """
    if not all(isinstance(value, dict) for value in values):
        raise IncompleteDataError("a row is not an object")
    return list(values)


def browse_whole(
    client: MarketoClient, path: str, params: Mapping[str, str]
) -> Iterator[list[Row]]:
    """Give the rows of a resource that has no pages."""
    yield as_rows(client.fetch(path, params).rows)


def browse_by_offset(
    client: MarketoClient, path: str, params: Mapping[str, str], *, key: str
) -> Iterator[list[Row]]:
    """Give the rows of an asset resource, each once, by the page.

    Rows shift where others add or remove assets meanwhile. So each page begins with
    the last row of the page before: where that is not on it, rows may have been
    passed over, and all is read again for those.

    Raises:
        IncompleteDataError: rows shift again and again.
    """
    seen: set[Any] = set()
    for _ in range(PAGE_TRIES):
        try:
            yield from _browse_once(client, path, params, key=key, seen=seen)
        except RowsShiftedError:
            logger.info("%s: rows have shifted; reading the pages again", path)
            continue
        return
    raise IncompleteDataError(f"{path}: rows shift while they are read")


def _browse_once(
    client: MarketoClient,
    path: str,
    params: Mapping[str, str],
    *,
    key: str,
    seen: set[Any],
) -> Iterator[list[Row]]:
    passed: set[Any] = set()
    anchor: Any = None
    repeats = 0
    while True:
        offset = max(len(passed) - 1, 0)
        page = {"maxReturn": str(ASSET_PAGE_ROWS), "offset": str(offset)}
        rows = as_rows(client.fetch(path, {**params, **page}).rows)
        keys = [row.get(key) for row in rows]
        if anchor is not None and anchor not in keys:
            raise RowsShiftedError
        fresh = [row for row, each in zip(rows, keys, strict=True) if each not in seen]
        seen.update(keys)
        if fresh:
            yield fresh
        is_end = len(rows) < ASSET_PAGE_ROWS
        is_stuck = set(keys) <= passed
        passed.update(keys)
        if is_end:
            return
        repeats = repeats + 1 if is_stuck else 0
        if repeats >= PAGE_TRIES:
            raise RowsShiftedError
        anchor = anchor if is_stuck else keys[-1]


def browse_by_token(
    client: MarketoClient, path: str, params: Mapping[str, str], *, key: str
) -> Iterator[list[Row]]:
    """Give the rows of a resource of the lead database by the page.

    A page that is the one before once more is asked for again. A page token that has
    expired means to begin again, so that rows may come twice.

    Raises:
        IncompleteDataError: the same page comes again and again.
    """
    for attempt in range(1, PAGE_TRIES + 1):
        try:
            yield from _follow_tokens(client, path, params, key=key)
        except ApiError as error:
            if attempt == PAGE_TRIES or not is_token_expired(error):
                raise
            logger.info("%s: the page token has expired; beginning again", path)
            continue
        return


def is_token_expired(error: ApiError) -> bool:
    """Tell whether a refusal is about the page token."""
    problem = error.problem
    return problem.code == INVALID_VALUE and "token" in problem.message.lower()


def _follow_tokens(
    client: MarketoClient, path: str, params: Mapping[str, str], *, key: str
) -> Iterator[list[Row]]:
    before: set[Any] = set()
    asked = {**params, "batchSize": str(LEAD_PAGE_ROWS)}
    while True:
        answer, rows = _fetch_other(client, path, asked, key=key, before=before)
        if rows:
            yield rows
            before = {row.get(key) for row in rows}
        if answer.next_token is None or answer.has_more is False:
            return
        asked["nextPageToken"] = answer.next_token


def _fetch_other(
    client: MarketoClient,
    path: str,
    asked: Mapping[str, str],
    *,
    key: str,
    before: set[Any],
) -> tuple[Envelope, list[Row]]:
    """Ask for a page until it is another one than the one before."""
    for _ in range(PAGE_TRIES):
        answer = client.fetch(path, asked)
        rows = as_rows(answer.rows)
        if not rows or {row.get(key) for row in rows} - before:
            return answer, rows
        logger.info("%s: a page came twice; asking again", path)
    raise IncompleteDataError(f"{path}: the same page comes again and again")

"""Pages of small lists, as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.jsonlines import NotJsonError, decode_json_bytes
from reading_kit.sending import MalformedAnswerError
from tap_facebook_ads.rows import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_facebook_ads.client import GraphClient


def paged(
    params: Mapping[str, str], *, limit_rows: int, after: str | None
) -> dict[str, str]:
    """Give the parameters that ask for one page."""
    cursor = {"after": after} if after else {}
    return {**params, "limit": str(limit_rows), **cursor}


def fetch_plain(
    client: GraphClient,
    path: str,
    params: Mapping[str, str],
    *,
    limit_rows: int,
    after: str | None,
    token: str | None = None,
) -> Answer:
    """Get one page.

    Raises:
        GraphError: the service refused.
        MalformedAnswerError: the answer is no page.
    """
    asked = paged(params, limit_rows=limit_rows, after=after)
    body = client.get_bytes(path, asked, token=token)
    try:
        value = decode_json_bytes(body)
        paging = value.get("paging") or {}
        cursors = paging.get("cursors") or {}
        rows = [row for row in value["data"] if isinstance(row, dict)]
        return Answer(rows, cursors.get("after"), paging.get("next"))
    except (NotJsonError, AttributeError, KeyError, TypeError):
        raise MalformedAnswerError(f"{path}: an answer that is no page") from None

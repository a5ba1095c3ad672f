"""Pages by token, and what faults do to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.answers import Refused
from bizops_sandbox.servers.marketo.reading import (
    batch_rows,
    page_token,
    simulator_of,
    token_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from bizops_sandbox.servers.faults import Facts


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the token of the page after them."""

    rows: Sequence[Any]
    token: str | None


def page_of(
    request: Request, asked: Mapping[str, str], kind: str, rows: Sequence[Any]
) -> Page:
    """Cut the page a request asks for out of all rows.

    Raises:
        Refused: 1003 for a token that is not good (any more).
    """
    simulator = simulator_of(request)
    size = batch_rows(asked, simulator.settings.page_rows)
    token = asked.get("nextPageToken")
    start = token_numbers(token, kind)[0] if token else 0
    facts = page_facts(request, 1 + start // size)
    refuse_expired_token(request, facts)
    following = start + size if start + size < len(rows) else None
    if simulator.faults.take({"page_duplicated"}, facts) is not None:
        start = max(start - size, 0)
    return Page(
        rows[start : start + size],
        None if following is None else page_token(kind, following),
    )


def page_facts(request: Request, page: int) -> Facts:
    """Tell faults which page a request asks for."""
    facts: Facts = request.scope["marketo.facts"]
    return replace(facts, page=page)


def refuse_expired_token(request: Request, facts: Facts) -> None:
    """Let a fault end the life of a page token.

    Raises:
        Refused: 1003 when one is due.
    """
    if simulator_of(request).faults.take({"page_token_expired"}, facts) is not None:
        raise Refused("1003", "Paging token has expired")

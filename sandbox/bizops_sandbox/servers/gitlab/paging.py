"""Pages of lists: by offset with totals and links, by keyset with a link only."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from bizops_sandbox.servers.gitlab.access import simulator_of
from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    error_answer,
    failed,
    invalid,
    json_answer,
)
from bizops_sandbox.servers.gitlab.fault_kinds import PAGE_FAULTS, names
from bizops_sandbox.servers.gitlab.kept_lists import kept_rows
from bizops_sandbox.servers.gitlab.parameters import number_of, text_of
from bizops_sandbox.servers.gitlab.rows import facts_of, seen_rows, shown_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    Row = dict[str, Any]

MOST_ROWS = 100
_USUAL_ROWS = 20
_NO_KEYSET = "Keyset pagination is not yet available for this type of request"


def page_answer(
    request: Request,
    rows: Sequence[Row],
    *,
    kind: str,
    finish: Callable[[Row], Row] | None = None,
    keyset: str | None = None,
    has_totals: bool = True,
) -> Response:
    """Answer with the page of a sorted list that a request asks for.

    Args:
        request: The request: `page` and `per_page`, or `pagination=keyset`.
        rows: All rows, sorted as asked.
        kind: The object the rows are, for faults and messages.
        finish: What is done to each row of the page.
        keyset: `id` or `cursor` when the list can be paged by keyset, and how.
        has_totals: Whether the number of rows is told.

    Raises:
        Refused: 400 for a wrong number, 405 for a page the service does not give.
    """
    rows = seen_rows(request, kind, rows)
    if text_of(request, "pagination") == "keyset":
        return _keyset_answer(request, rows, kind=kind, how=keyset, finish=finish)
    return _offset_answer(request, rows, kind, finish, has_totals=has_totals)


def _per_page(request: Request) -> int:
    per_page = number_of(request, "per_page", _USUAL_ROWS)
    if per_page < 1:
        raise invalid("per_page does not have a valid value")
    per_page = min(per_page, MOST_ROWS)
    for fault in simulator_of(request).faults.lasting("heavy_page"):
        if per_page > int(fault.parameters["above"]):
            fault.used += 1
            raise failed(int(fault.parameters["status"]))
    return per_page


def _offset_answer(
    request: Request,
    rows: Sequence[Row],
    kind: str,
    finish: Callable[[Row], Row] | None,
    *,
    has_totals: bool,
) -> Response:
    settings = simulator_of(request).settings
    page, per_page = number_of(request, "page", 1), _per_page(request)
    if page < 1:
        raise invalid("page does not have a valid value")
    if page * per_page > settings.offset_limit:
        raise Refused(
            error_answer(
                405,
                "Offset pagination has a maximum allowed offset of "
                f"{settings.offset_limit} for requests that return objects of type "
                f"{_class_name(kind)}. Remaining records can be retrieved using keyset "
                "pagination.",
            )
        )
    is_counted = has_totals and len(rows) <= settings.totals_limit
    last = max(-(-len(rows) // per_page), 1)
    following = page + 1 if page * per_page < len(rows) else None
    found, following = _page_rows(request, rows, page, per_page, following)
    headers = {
        "X-Page": str(page),
        "X-Per-Page": str(per_page),
        "X-Prev-Page": str(page - 1) if 1 < page <= last + 1 else "",
        "X-Next-Page": "" if following is None else str(following),
        "Link": _links(
            request, page, per_page, following, last=last if is_counted else None
        ),
    }
    if is_counted:
        headers |= {"X-Total": str(len(rows)), "X-Total-Pages": str(last)}
    elif not settings.tells_next_page:
        del headers["X-Next-Page"]
    return json_answer(
        shown_rows(simulator_of(request), kind, found, finish), headers=headers
    )


def _page_rows(
    request: Request,
    rows: Sequence[Row],
    page: int,
    per_page: int,
    following: int | None,
) -> tuple[Sequence[Row], int | None]:
    """The rows of a page and the next one, as an armed fault changes them."""
    start = (page - 1) * per_page
    found = rows[start : start + per_page]
    fault = simulator_of(request).faults.take(
        names(PAGE_FAULTS), facts_of(request, page=page)
    )
    name = "" if fault is None else fault.kind.name
    if name == "page_short":
        return found[:-1], following
    if name == "page_empty":
        return [], following or page + 1
    if name == "page_duplicated":
        other = start - per_page if page > 1 else start + per_page
        return rows[other : other + per_page], following
    if name == "row_repeated":
        return [*rows[max(start - 1, 0) : start or 1], *found], following
    if name == "link_loops":
        return found, page
    return found, following


def _class_name(kind: str) -> str:
    return "".join(part.title() for part in kind.removesuffix("s").split("_"))


def _link(request: Request, relation: str, **changed: object) -> str:
    """One link: the whole URL with the parameters in order."""
    parameters = {
        name: value
        for name, value in request.query_params.multi_items()
        if name not in changed
    }
    if "id" in request.path_params:
        parameters.setdefault("id", str(request.path_params["id"]).replace("\x1f", "/"))
    parameters |= {name: str(value) for name, value in changed.items()}
    query = urlencode(sorted(parameters.items()), quote_via=quote)
    url = request.url
    host = url.netloc
    for fault in simulator_of(request).faults.lasting("link_host"):
        host = str(fault.parameters["host"])
    path = request.scope["raw_path"].decode("ascii")
    return f'<{url.scheme}://{host}{path}?{query}>; rel="{relation}"'


def _links(
    request: Request,
    page: int,
    per_page: int,
    following: int | None,
    *,
    last: int | None,
) -> str:
    pages: list[tuple[str, int | None]] = [
        ("prev", page - 1 if page > 1 else None),
        ("next", following),
        ("first", 1),
        ("last", last),
    ]
    return ", ".join(
        _link(request, relation, page=number, per_page=per_page)
        for relation, number in pages
        if number is not None
    )


def _keyset_answer(
    request: Request,
    rows: Sequence[Row],
    *,
    kind: str,
    how: str | None,
    finish: Callable[[Row], Row] | None,
) -> Response:
    order = text_of(request, "order_by", "id")
    is_name = how == "name"
    if how is None or order != ("name" if is_name else "id"):
        raise Refused(error_answer(405, _NO_KEYSET))
    column = "name" if is_name else "id"
    is_down = text_of(request, "sort", "asc" if is_name else "desc") == "desc"
    per_page, after = _per_page(request), _after(request, how, is_down=is_down)
    key = itemgetter(column)
    ordered = kept_rows(request, lambda: sorted(rows, key=key), step=f"by {column}")
    found, is_last = _keyset_page(ordered, key, after, per_page, is_down=is_down)
    settings = simulator_of(request).settings
    trails = settings.keyset_trailing_link and len(found) == per_page
    headers = {}
    if found and (not is_last or trails):
        change = _next_key(how, column, found[-1], is_down=is_down)
        headers["Link"] = _link(request, "next", per_page=per_page, **change)
    return json_answer(
        shown_rows(simulator_of(request), kind, found, finish), headers=headers
    )


def _keyset_page(
    rows: Sequence[Row],
    key: Callable[[Row], Any],
    after: Any,  # noqa: ANN401 - a number or a name
    per_page: int,
    *,
    is_down: bool,
) -> tuple[Sequence[Row], bool]:
    """The rows that follow a key, and whether none follow them.

    Args:
        rows: All rows, the least key first.
        key: Of a row.
        after: The key the page begins after; None for the first page.
        per_page: How many rows a page has.
        is_down: Whether the page goes down from there.
    """
    if is_down:
        end = len(rows) if after is None else bisect_left(rows, after, key=key)
        start = max(end - per_page, 0)
        return rows[start:end][::-1], start == 0
    start = 0 if after is None else bisect_right(rows, after, key=key)
    end = start + per_page
    return rows[start:end], end >= len(rows)


def _after(request: Request, how: str, *, is_down: bool) -> Any:  # noqa: ANN401
    """The key the page begins after, None for the first page."""
    if how == "id":
        name = "id_before" if is_down else "id_after"
        return number_of(request, name, 0) if text_of(request, name) else None
    cursor = text_of(request, "cursor")
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
        return key["name"] if how == "name" else int(key["id"])
    except (ValueError, KeyError, TypeError):
        raise invalid("cursor is invalid") from None


def _next_key(how: str, column: str, row: Row, *, is_down: bool) -> dict[str, str]:
    if how == "id":
        return {"id_before" if is_down else "id_after": str(row["id"])}
    key = json.dumps({column: str(row[column]), "_kd": "n"})
    return {"cursor": base64.urlsafe_b64encode(key.encode()).decode("ascii")}

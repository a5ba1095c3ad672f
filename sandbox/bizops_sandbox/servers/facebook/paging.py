"""Pages of a list: opaque cursors, links that carry the token, page faults."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bizops_sandbox.servers.facebook.fault_kinds import PAGE_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import bad_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator
    from bizops_sandbox.servers.faults import Fault

DEFAULT_LIMIT = 25
_PREFIX = "QVFI"
_SUFFIX = "ZD"


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a list that one page shows: items from `start` to before `end`."""

    start: int
    end: int
    total: int
    fault: Fault | None

    @property
    def shown(self) -> slice:
        """The rows that are really sent: a fault may drop or repeat one."""
        name = "" if self.fault is None else self.fault.kind.name
        if name == "page_empty":
            return slice(0, 0)
        if name == "page_duplicated":
            return slice(max(self.start - 1, 0), self.end)
        return slice(self.start, self.end - (name == "page_truncated"))


def encode_cursor(key: str, *, turn: int = 0) -> str:
    """Hide a key; each `turn` looks different and means the same."""
    text = base64.urlsafe_b64encode(f"{turn}|{key}".encode()).decode()
    return f"{_PREFIX}{text.rstrip('=')}{_SUFFIX}"


def decode_cursor(text: str) -> tuple[int, str]:
    """Return the turn and the key a cursor stands for.

    Raises:
        GraphError: when it is none of ours.
    """
    inner = text.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    padded = inner + "=" * (-len(inner) % 4)
    try:
        turn, _, key = base64.urlsafe_b64decode(padded).decode().partition("|")
        return int(turn), key
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise bad_cursor() from error


def bad_cursor() -> Exception:
    """The refusal of a cursor that is expired or was never given."""
    return bad_parameter(
        "After Cursor specified exceeds the max limit supported by this endpoint, or "
        "the cursor is invalid or expired."
    )


def limit_of(call: Call, simulator: Simulator) -> int:
    """How many rows a page may have.

    Raises:
        GraphError: for a limit that is no positive number.
    """
    limit = call.number("limit", DEFAULT_LIMIT)
    if limit < 1:
        raise bad_parameter("The parameter limit must be a positive integer.")
    return min(limit, simulator.settings.page_rows)


def cut(call: Call, keys: Sequence[str], simulator: Simulator) -> Cut:
    """Find the part of a list that a call asks for.

    Raises:
        GraphError: for a cursor that is not in the list.
    """
    limit = limit_of(call, simulator)
    start = 0
    if call.params.get("after"):
        start = _place(call.params["after"], keys) + 1
    elif call.params.get("before"):
        start = max(_place(call.params["before"], keys) - limit, 0)
    fault = simulator.take_fault(
        names(PAGE_FAULTS), call, page=start // limit + 1, is_paged=True
    )
    if fault is not None and fault.kind.name == "cursor_expired":
        raise bad_cursor()
    return Cut(start, min(start + limit, len(keys)), len(keys), fault)


def page_document(
    call: Call, keys: Sequence[str], rows: Sequence[Any], part: Cut
) -> dict[str, Any]:
    """The answer with one page; `rows` are those the part shows.

    There is a `next` as long as rows follow, and cursors whenever there are rows.
    """
    if part.fault is not None and part.fault.kind.name == "page_empty":
        return _empty_page(call)
    data = list(rows)
    if part.start >= part.end:
        return {"data": data}
    before, after = keys[part.start], keys[part.end - 1]
    paging: dict[str, Any] = {
        "cursors": {"before": encode_cursor(before), "after": encode_cursor(after)}
    }
    if part.end < part.total:
        paging["next"] = _link(call, after=encode_cursor(after))
    if part.start > 0:
        paging["previous"] = _link(call, before=encode_cursor(before))
    return {"data": data, "paging": paging}


def _empty_page(call: Call) -> dict[str, Any]:
    """A page without rows after which the list goes on where it stood."""
    turn, key = 0, ""
    if call.params.get("after"):
        turn, key = decode_cursor(call.params["after"])
    cursor = encode_cursor(key, turn=turn + 1)
    return {
        "data": [],
        "paging": {
            "cursors": {"before": cursor, "after": cursor},
            "next": _link(call, after=cursor),
        },
    }


def _place(cursor: str, keys: Sequence[str]) -> int:
    _, key = decode_cursor(cursor)
    if not key:
        return -1
    try:
        return keys.index(key)
    except ValueError as error:
        raise bad_cursor() from error


def _link(call: Call, **cursor: str) -> str:
    kept = {k: v for k, v in call.params.items() if k not in {"after", "before"}}
    kept.setdefault("limit", str(DEFAULT_LIMIT))
    query = urlencode({"access_token": call.token, **kept, **cursor})
    return f"{call.url}?{query}"

"""Singer states: merged per stream, opaque otherwise."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

State = dict[str, object]


def merge_state(
    stored: Mapping[str, object] | None, new: Mapping[str, object]
) -> State:
    """Return the state to keep when `new` follows `stored`.

    With a `bookmarks` object on both sides each stream of the new value replaces the
    stored one whole, and streams the new value does not name are kept. Every other
    key comes from the new value (contract C3, promise P4).
    """
    merged: State = dict(new)
    old_bookmarks = (stored or {}).get("bookmarks")
    new_bookmarks = new.get("bookmarks")
    if isinstance(old_bookmarks, dict) and isinstance(new_bookmarks, dict):
        merged["bookmarks"] = {**old_bookmarks, **new_bookmarks}
    return copy.deepcopy(merged)


def bookmarks(state: Mapping[str, object] | None) -> dict[str, object]:
    """Return the bookmark of each stream; empty for a state of another shape."""
    found = (state or {}).get("bookmarks")
    return dict(found) if isinstance(found, dict) else {}


def without_streams(state: Mapping[str, object], streams: Collection[str]) -> State:
    """Return the state as if these streams had never been read."""
    kept = {k: v for k, v in bookmarks(state).items() if k not in streams}
    return {**state, "bookmarks": kept} if "bookmarks" in state else dict(state)

"""Singer states: merged per stream, opaque otherwise, exact to the last digit.

States are JSON text here. What is inside is moved about as it is, so that no number
passes through a float.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

State = dict[str, object]
_RawObject = dict[str, msgspec.Raw]


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


def is_state(text: str | bytes) -> bool:
    """Tell whether the text is a JSON object."""
    return _object(text) is not None


def has_bookmarks(text: str | bytes) -> bool:
    """Tell whether the state keeps one bookmark per stream, as most taps' do."""
    return _bookmarks(_object(text)) is not None


def bookmark_texts(text: str | bytes | None) -> dict[str, str]:
    """Return the bookmark of each stream as JSON text."""
    found = _bookmarks(_object(text))
    return {name: bytes(value).decode() for name, value in (found or {}).items()}


def merged_text(stored: str | bytes | None, new: str | bytes) -> str:
    """Return what `merge_state` returns, on JSON texts.

    Raises:
        ValueError: The new text is no JSON object.
    """
    value = _object(new)
    if value is None:
        raise ValueError("a state is a JSON object")
    old_bookmarks, new_bookmarks = _bookmarks(_object(stored)), _bookmarks(value)
    if old_bookmarks is not None and new_bookmarks is not None:
        value["bookmarks"] = _raw({**old_bookmarks, **new_bookmarks})
    return msgspec.json.encode(value).decode()


def text_without_streams(text: str, streams: Collection[str]) -> str:
    """Return the state as if these streams had never been read."""
    value = _object(text)
    bookmarks = _bookmarks(value)
    if value is None or bookmarks is None:
        return text
    kept = {name: mark for name, mark in bookmarks.items() if name not in streams}
    value["bookmarks"] = _raw(kept)
    return msgspec.json.encode(value).decode()


def text_with_bookmark(text: str | None, stream: str, bookmark: str) -> str:
    """Return the state with one stream's bookmark put in place.

    Args:
        text: A state; None is an empty one.
        stream: Which stream.
        bookmark: Its bookmark as JSON text.

    Raises:
        ValueError: The state keeps no bookmarks by stream, or the bookmark is no JSON.
    """
    value = _object("{}" if text is None else text)
    bookmarks = _bookmarks(value) if value and "bookmarks" in value else {}
    if value is None or bookmarks is None or (value and "bookmarks" not in value):
        raise ValueError("the state has no bookmarks by stream")
    try:
        msgspec.json.decode(bookmark)
    except msgspec.DecodeError as error:
        raise ValueError("the bookmark is no JSON") from error
    value["bookmarks"] = _raw({**bookmarks, stream: msgspec.Raw(bookmark.encode())})
    return msgspec.json.encode(value).decode()


def _object(text: str | bytes | None) -> _RawObject | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=_RawObject)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError):
        return None


def _bookmarks(value: _RawObject | None) -> _RawObject | None:
    return (
        _object(bytes(value["bookmarks"])) if value and "bookmarks" in value else None
    )


def _raw(value: _RawObject) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))

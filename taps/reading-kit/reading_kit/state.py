"""A stream's part of the state: bookmarks in every form met so far, and what else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from reading_kit.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, MutableMapping
    from datetime import datetime

#: Entries of the SDK and of older taps that a new bookmark replaces.
_REPLACED = (
    "version",
    "progress_markers",
    "replication_key_signpost",
    "starting_replication_value",
)


def read_bookmark(stream_state: Mapping[str, Any], key: str) -> datetime | None:
    """Read a bookmark of the SDK's form or of the older one (``{key: instant}``).

    Raises:
        ValueError: the bookmark is there but is not an instant.
    """
    value = None
    if stream_state.get("replication_key", key) == key:
        value = stream_state.get("replication_key_value")
    value = value or stream_state.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        msg = f"{value!r} is not a date-time"
        raise ValueError(msg)  # noqa: TRY004 - one error for one cause
    return parse_instant(value)


def write_bookmark(
    stream_state: MutableMapping[str, Any],
    key: str,
    value: datetime,
    *,
    replaced: Collection[str] = (),
) -> None:
    """Set the bookmark, replacing those of older taps and the entries ``replaced``."""
    for name in (*_REPLACED, *replaced, key):
        stream_state.pop(name, None)
    stream_state["replication_key"] = key
    stream_state["replication_key_value"] = format_instant(value)


def advance_bookmark(
    old: datetime | None, *, max_key: str, cutoff: datetime
) -> datetime | None:
    """Give the bookmark after rows up to ``max_key``: never back, never past cutoff."""
    if not max_key:
        return old
    new = min(parse_instant(max_key), cutoff)
    return new if old is None else max(old, new)


class StreamState:
    """A stream's part of the state, written out when something is safe.

    Attributes:
        raw: The entry of the stream itself.
        write: Writes the whole state out.
    """

    def __init__(
        self,
        raw: dict[str, Any],
        *,
        stream: str,
        write: Callable[[], None],
        floor: datetime | None = None,
        lookback_s: float = 0,
        replaced: Collection[str] = (),
    ) -> None:
        """Take a stream's entry of the state.

        Args:
            raw: The entry itself, changed in place.
            stream: Name of the stream, for messages.
            write: Writes the whole state out.
            floor: Nothing before it is read (the setting ``start_date``).
            lookback_s: Seconds read again before a bookmark.
            replaced: Entries of older taps that a new bookmark removes.
        """
        self.raw = raw
        self._stream = stream
        self._floor = floor
        self._lookback = timedelta(seconds=lookback_s)
        self._replaced = replaced
        self.write = write

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Give what the stream has kept under a name, if anything."""
        return self.raw.get(name)

    def put(self, name: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Keep something under a name."""
        self.raw[name] = value

    def drop(self, name: str) -> None:
        """Forget what is kept under a name."""
        self.raw.pop(name, None)

    def bookmark(self, key: str) -> datetime | None:
        """Give the bookmark.

        Raises:
            SettingsError: the state holds something that is not an instant.
        """
        try:
            return read_bookmark(self.raw, key)
        except ValueError as error:
            msg = f"state: the bookmark of {self._stream} cannot be read: {error}"
            raise SettingsError(msg) from None

    def start(self, key: str) -> datetime | None:
        """Give the instant to read from: the bookmark less the lookback, or the floor.

        Nothing before the floor is read.
        """
        bookmark = self.bookmark(key)
        if bookmark is None:
            return self._floor
        start = bookmark - self._lookback
        return start if self._floor is None else max(start, self._floor)

    def advance(self, key: str | None, *, max_key: str, cutoff: datetime) -> None:
        """Move the bookmark to the highest key emitted, or to the floor."""
        if key is None:
            return
        old = self.bookmark(key) or self._floor
        new = advance_bookmark(old, max_key=max_key, cutoff=cutoff)
        if new is not None:
            self.set_bookmark(key, new)

    def set_bookmark(self, key: str, value: datetime) -> None:
        """Set the bookmark as it is given, e.g. to the end of a window read whole."""
        write_bookmark(self.raw, key, value, replaced=self._replaced)

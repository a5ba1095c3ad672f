"""A stream's state, one entry for each account or lead form. Pure.

The form is the SDK's: ``{"partitions": [{"context": {"account_id": "1"}, …}]}``.
States of other taps are understood: a single bookmark counts for every entry.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from reading_kit.timestamps import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_SDK_NOTES = (
    "progress_markers",
    "replication_key_signpost",
    "starting_replication_value",
)
_DAY_LENGTH = 10


class Partition:
    """One entry of a stream's state, changed in place."""

    def __init__(self, raw: dict[str, Any], *, stream: str, key: str) -> None:
        self.raw = raw
        self._stream = stream
        self._key = key

    @property
    def value(self) -> str | None:
        """Give the bookmark as it stands.

        Raises:
            SettingsError: it is not text.
        """
        value = None
        if self.raw.get("replication_key", self._key) == self._key:
            value = self.raw.get("replication_key_value")
        value = value or self.raw.get(self._key)
        if value is not None and not isinstance(value, str):
            raise self._unreadable()
        return value

    def moment(self) -> datetime | None:
        """Give the bookmark as an instant.

        Raises:
            SettingsError: it is none.
        """
        try:
            return None if self.value is None else parse_instant(self.value)
        except ValueError:
            raise self._unreadable() from None

    def day(self) -> date | None:
        """Give the bookmark as a day.

        Raises:
            SettingsError: it is none.
        """
        try:
            value = self.value
            return None if value is None else date.fromisoformat(value[:_DAY_LENGTH])
        except ValueError:
            raise self._unreadable() from None

    def set_value(self, value: str | None) -> None:
        """Set the bookmark, or remove it."""
        for name in (*_SDK_NOTES, self._key):
            self.raw.pop(name, None)
        if value is None:
            self.raw.pop("replication_key", None)
            self.raw.pop("replication_key_value", None)
            return
        self.raw["replication_key"] = self._key
        self.raw["replication_key_value"] = value

    def _unreadable(self) -> SettingsError:
        where = self.raw.get("context") or "all"
        return SettingsError(
            f"state: the bookmark of {self._stream} ({where}) is no date"
        )


def find_partition(
    stream_state: dict[str, Any], *, stream: str, key: str, context: Mapping[str, str]
) -> Partition:
    """Give the entry of an account or lead form, made where there is none.

    A bookmark that stands for the whole stream is where a new entry begins.

    Raises:
        SettingsError: the state is not of this form.
    """
    listed = stream_state.setdefault("partitions", [])
    if not isinstance(listed, list) or not all(isinstance(p, dict) for p in listed):
        raise SettingsError(f"state: the partitions of {stream} are no list of objects")
    wanted = set(context.values())
    for entry in listed:
        if wanted & _ids_of(entry):
            entry["context"] = dict(context)
            return Partition(entry, stream=stream, key=key)
    entry = {"context": dict(context)}
    whole = Partition(stream_state, stream=stream, key=key).value
    if whole is not None:
        entry |= {"replication_key": key, "replication_key_value": whole}
    listed.append(entry)
    return Partition(entry, stream=stream, key=key)


def forget_whole(stream_state: dict[str, Any], key: str) -> None:
    """Remove a bookmark that stood for the whole stream."""
    for name in (*_SDK_NOTES, key, "replication_key", "replication_key_value"):
        stream_state.pop(name, None)


def _ids_of(entry: Mapping[str, Any]) -> set[str]:
    context = entry.get("context")
    values = context.values() if isinstance(context, dict) else ()
    return {str(value).removeprefix("act_") for value in values}

"""What a stream is read by: a group, a project or an instance, each with its state."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from reading_kit.state import read_bookmark, write_bookmark
from reading_kit.timestamps import parse_instant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from tap_gitlab.client import GitlabClient
    from tap_gitlab.ping_files import PingFile
    from tap_gitlab.places import Group, Project
    from tap_gitlab.rows import Row

logger = logging.getLogger(__name__)

Context = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """One part of a stream.

    Attributes:
        context: What it is known by in the state, e.g. ``{"project_id": 26}``.
        client: The instance it lies at.
        base: Path its resources lie below.
        added: Columns of its rows that answers may lack.
        bookmark: What has been read, if anything.
        notes: What else was kept about it.
        is_foreign: Whether it lies at another instance, whose troubles are its own.
        file: The saved pings it is instead.
    """

    context: Context
    client: GitlabClient
    base: str
    added: Mapping[str, Any] = field(default_factory=dict)
    group: Group | None = None
    project: Project | None = None
    bookmark: datetime | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    is_foreign: bool = False
    file: PingFile | None = None

    @property
    def title(self) -> str:
        """Give its name for messages."""
        if self.project is not None:
            return f"project {self.project.path}"
        if self.group is not None:
            return f"group {self.group.full_path}"
        return f"instance {self.client.instance.name}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a partition, and how far they reach.

    Attributes:
        rows: The rows.
        bookmark: Everything up to this instant has been given; empty says nothing.
        notes: What the state shall keep beside it once the rows are written.
    """

    rows: Sequence[Row]
    bookmark: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)


class PartitionBook:
    """A stream's part of the state, by partition, as the SDK's states have it."""

    def __init__(self, raw: dict[str, Any], *, stream: str) -> None:
        """Take a stream's entry of the state, changed in place.

        Raises:
            SettingsError: it is none.
        """
        entries = raw.setdefault("partitions", [])
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get("context"), dict)
            for entry in entries
        ):
            msg = f"state: the partitions of {stream} cannot be read"
            raise SettingsError(msg)
        self._entries: list[dict[str, Any]] = entries
        self._by_context = {_key(entry["context"]): entry for entry in entries}
        self._stream = stream

    def bookmark(self, context: Context, key: str | None) -> datetime | None:
        """Give a partition's bookmark.

        Raises:
            SettingsError: it is no instant.
        """
        entry = self._by_context.get(_key(context))
        if entry is None or key is None:
            return None
        try:
            return read_bookmark(entry, key)
        except ValueError as error:
            msg = f"state: a bookmark of {self._stream} cannot be read: {error}"
            raise SettingsError(msg) from None

    def notes(self, context: Context) -> dict[str, Any]:
        """Give what else a partition keeps."""
        return dict(self._by_context.get(_key(context), {}))

    def has(self, context: Context) -> bool:
        """Tell whether anything is known of a partition."""
        return _key(context) in self._by_context

    def note(
        self,
        context: Context,
        *,
        key: str | None,
        chunk: Chunk,
        cutoff: datetime | None,
    ) -> None:
        """Keep how far a partition has been read: never back, never past the cutoff."""
        if not (chunk.bookmark and key) and not chunk.notes:
            return
        entry = self.open(context)
        for name, value in chunk.notes.items():
            entry[name] = value
        if not chunk.bookmark or key is None:
            return
        new = parse_instant(chunk.bookmark)
        new = new if cutoff is None else min(new, cutoff)
        old = self.bookmark(context, key)
        write_bookmark(entry, key, new if old is None else max(old, new))

    def open(self, context: Context) -> dict[str, Any]:
        """Give a partition's entry, made where there is none."""
        key = _key(context)
        entry: dict[str, Any] | None = self._by_context.get(key)
        if entry is None:
            entry = self._by_context[key] = {"context": dict(context)}
            self._entries.append(entry)
        return entry

    def prune(self, kept: Collection[Context], *, names: Collection[str]) -> list[str]:
        """Forget partitions of some kinds that are not there any more.

        Args:
            kept: The contexts there are.
            names: Only entries whose context has exactly one of these names.
        """
        living = {_key(context) for context in kept}
        gone = [
            key
            for key, entry in self._by_context.items()
            if key not in living and set(entry["context"]) <= set(names)
        ]
        for key in gone:
            self._entries.remove(self._by_context.pop(key))
        return [", ".join(f"{name} {value}" for name, value in key) for key in gone]


def _key(context: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in context.items()))

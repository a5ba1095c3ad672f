"""Reads and writes a stream's part of the state, in every form met so far. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tap_salesforce.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import datetime

#: Entries of older taps (and of ours) that a new bookmark replaces.
_REPLACED = (
    "version",
    "JobID",
    "BatchIDs",
    "JobHighestBookmarkSeen",
    "progress_markers",
    "replication_key_signpost",
    "starting_replication_value",
)


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk job is emitted.

    Attributes:
        query_sha256: Fingerprint of the query the job ran.
        cutoff: Upper bound of that query, the server's time at its creation.
        pages: Locators of the pages known so far, in order; the first may be empty.
        next_page: Index of the first page not emitted.
        max_key: Highest replication key emitted, or empty.
        rows: Rows emitted.
        version: Table version the rows were emitted with, for FULL_TABLE reads.
    """

    job_id: str
    query_sha256: str
    cutoff: str
    pages: tuple[str, ...] = ()
    next_page: int = 0
    max_key: str = ""
    rows: int = 0
    version: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {**asdict(self), "pages": list(self.pages)}


def read_progress(stream_state: Mapping[str, Any]) -> BulkProgress | None:
    """Read the progress of a job; anything not understood counts as none."""
    raw = stream_state.get("bulk")
    if not isinstance(raw, dict):
        return None
    try:
        progress = BulkProgress(
            job_id=str(raw["job_id"]),
            query_sha256=str(raw["query_sha256"]),
            cutoff=format_instant(parse_instant(raw["cutoff"])),
            pages=tuple(str(page or "") for page in raw.get("pages", ())),
            next_page=int(raw.get("next_page", 0)),
            max_key=str(raw.get("max_key") or ""),
            rows=int(raw.get("rows", 0)),
            version=None if raw.get("version") is None else int(raw["version"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return progress if progress.next_page <= len(progress.pages) else None


def read_bookmark(stream_state: Mapping[str, Any], key: str) -> datetime | None:
    """Read a bookmark of this tap or of the older ones (``{"SystemModstamp": …}``).

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
    stream_state: MutableMapping[str, Any], key: str, value: datetime
) -> None:
    """Set the bookmark, replacing those of older taps."""
    for name in (*_REPLACED, key):
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

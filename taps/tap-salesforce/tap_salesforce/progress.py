"""How far a bulk job is emitted, as the state keeps it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.state import StreamState
from reading_kit.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the state keeps the progress; entries of an older tap a bookmark replaces.
_ENTRY = "bulk"
REPLACED_ENTRIES = ("JobID", "BatchIDs", "JobHighestBookmarkSeen")


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
    raw = stream_state.get(_ENTRY)
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


class BulkState(StreamState):
    """A stream's part of the state, with the progress of its bulk job."""

    @property
    def progress(self) -> BulkProgress | None:
        """Give the progress of an interrupted bulk job, if any."""
        return read_progress(self.raw)

    def keep_progress(self, progress: BulkProgress) -> None:
        """Note how far a bulk job is emitted."""
        self.put(_ENTRY, progress.to_dict())

    def drop_progress(self) -> None:
        """Forget the bulk job."""
        self.drop(_ENTRY)

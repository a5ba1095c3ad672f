"""What a server was asked, by its own journal: one entry for each request."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

#: The journal forgets older entries.
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and how it was answered.

    Attributes:
        target: Path and query.
        answer_bytes: Of the body as it was sent.
        is_packed: Whether the client accepted compressed answers.
    """

    method: str
    target: str
    body: str
    status: int
    answer_bytes: int
    is_packed: bool

    @property
    def path(self) -> str:
        """Give the path alone."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Recorder:
    """The journal and the settings of one source's server."""

    control_url: str

    def change(self, settings: dict[str, Any]) -> None:
        """Change settings of the server."""
        if settings:
            self._ask("POST", "/settings", settings)

    def forget(self) -> None:
        """Empty the journal."""
        self._ask("DELETE", "/requests")

    def exchanges(self) -> list[Exchange]:
        """Give all requests since the journal was emptied.

        Raises:
            RuntimeError: There were more than it holds.
        """
        entries = json.loads(self._ask("GET", "/requests"))
        if len(entries) >= _MOST_ENTRIES:
            raise RuntimeError("more requests than the server's journal holds")
        return [_read_entry(entry) for entry in entries]

    def _ask(self, method: str, path: str, value: object = None) -> bytes:
        body = None if value is None else json.dumps(value).encode()
        url = f"{self.control_url}{path}"
        request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
            content: bytes = answer.read()
            return content


def _read_entry(entry: dict[str, Any]) -> Exchange:
    query = f"?{entry['query']}" if entry["query"] else ""
    return Exchange(
        method=entry["method"],
        target=entry["path"] + query,
        body=entry["body"],
        status=entry["status"] or 0,
        answer_bytes=entry["answer_bytes"],
        is_packed="gzip" in entry["headers"].get("accept-encoding", ""),
    )

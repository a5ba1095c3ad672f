"""What was asked of a server: one entry a request, without secrets."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEPT_HEADERS = frozenset(
    {"accept", "accept-encoding", "content-type", "sforce-query-options", "user-agent"}
)
_SECRETS = re.compile(
    r"((?:client_secret|refresh_token|assertion|password|access_token)=)[^&]*"
    r"|(<(?:\w+:)?password>)[^<]*",
    re.IGNORECASE,
)
# A job of queries may be long; what is longer is cut.
_BODY_LIMIT = 100_000


@dataclass(slots=True)
class JournalEntry:
    """One request and how it was answered.

    `status` stays None when no answer was begun (connection reset), `fault` names the
    armed fault that changed the answer.
    """

    number: int
    at: str
    host: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int | None = None
    answer_bytes: int = 0
    fault: str | None = None


class Journal:
    """The latest requests, oldest first; bounded so that a long run stays small."""

    def __init__(self, *, limit: int = 20_000) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=limit)
        self._count = 0

    def open(self, *, at: str, host: str, method: str, path: str) -> JournalEntry:
        """Start the entry of a request that just came in."""
        self._count += 1
        entry = JournalEntry(self._count, at, host, method, path)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget all entries; numbering goes on."""
        self._entries.clear()

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self._entries)

    def documents(self) -> list[dict[str, Any]]:
        """Return the entries as plain documents for the control interface."""
        return [asdict(entry) for entry in self._entries]


def kept_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Pick the headers worth keeping; of Authorization only its scheme."""
    kept: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "authorization":
            kept[name] = value.split(" ", 1)[0] + " ..."
        elif name in _KEPT_HEADERS:
            kept[name] = value
    return kept


def without_secrets(text: str) -> str:
    """Mask passwords, secrets and tokens of a form, a query or a SOAP envelope."""
    masked = _SECRETS.sub(lambda m: (m.group(1) or m.group(2)) + "...", text)
    return masked[:_BODY_LIMIT]

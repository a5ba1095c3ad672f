"""Time stamps, commit ids and draws of the sample company's GitLab.

Everything is a pure function of an entity's key in the event log, so that folding the
log up to an earlier day gives the same ids.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

HOST = "gitlab.brightloom.example"
WEB_URL = f"https://{HOST}"
API_URL = f"{WEB_URL}/api/v4"
NO_SHA = "0" * 40
_ZONES_H = (0, 0, 1, 2, -5, -8)


def stamp(at: datetime | None) -> str | None:
    """A moment as GitLab's database rows show it: `2018-01-31T12:00:00.000Z`."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def git_stamp(at: datetime, who: str) -> str:
    """A moment as commits show it, in the zone of its author's machine.

    So `2018-01-31T13:00:00.000+01:00`, and its text does not sort by time.
    """
    hours = _ZONES_H[number("zone", who) % len(_ZONES_H)]
    local = at.astimezone(timezone(timedelta(hours=hours)))
    return local.isoformat(timespec="milliseconds")


def number(*parts: object) -> int:
    """A whole number drawn by the parts' text, below 2**64."""
    text = "|".join(str(part) for part in ("gitlab", *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def is_drawn(per_mille: int, *parts: object) -> bool:
    """Whether the entity is among this share of its kind."""
    return number(*parts) % 1_000 < per_mille


def between(low: int, high: int, *parts: object) -> int:
    """A whole number in [low, high] drawn by the parts' text."""
    return low + number(*parts) % (high - low + 1)


def made_sha(*parts: object) -> str:
    """The id of a commit that the log does not name."""
    text = "|".join(str(part) for part in ("commit", *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:40]

"""Numbers drawn by what they are for, so that they are the same on any day."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def number(*parts: object) -> int:
    """A whole number in [0, 2**64) that depends on nothing but the parts."""
    text = "|".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def below(limit: int, *parts: object) -> int:
    """A whole number in [0, limit) that depends on nothing but the parts."""
    return number(*parts) % limit


def is_bot_click(seed: int, person_key: str, at: datetime) -> bool:
    """Whether a mail's opening or click at a moment was that of a scanner."""
    return below(12, seed, person_key, at, "bot") == 0

"""Access tokens: given, good for an hour, ended."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Tokens:
    """Which access tokens are good now.

    A token lives a fixed time after it was given, used or not. Tokens are random per
    process: none outlives its server.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends_at_s: dict[str, float] = {}

    def give(self, life_s: float) -> str:
        """Give a new token that lives so many seconds."""
        token = secrets.token_hex(16)
        self._ends_at_s[token] = self._monotonic() + life_s
        return token

    def accept(self, token: str) -> bool:
        """Say whether a token is good."""
        ends_at_s = self._ends_at_s.get(token)
        if ends_at_s is None:
            return False
        if self._monotonic() >= ends_at_s:
            del self._ends_at_s[token]
            return False
        return True

    def end_all(self) -> None:
        """End every token given until now."""
        self._ends_at_s.clear()

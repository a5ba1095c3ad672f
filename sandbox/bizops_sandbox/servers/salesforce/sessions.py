"""Refresh tokens and sessions of the org."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Sessions:
    """Which access and refresh tokens are good now.

    A session lives `session_s` seconds after its last use, as in an org with default
    session settings. Tokens are random per process: none outlives its server.
    """

    def __init__(
        self,
        *,
        org_id: str,
        refresh_token: str,
        session_s: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._org_id = org_id
        self._refresh_token = refresh_token
        self._session_s = session_s
        self._monotonic = monotonic
        self._last_used_s: dict[str, float] = {}

    def open(self) -> str:
        """Start a session and return its access token."""
        token = f"{self._org_id[:15]}!AQ{secrets.token_urlsafe(48)}"
        self._last_used_s[token] = self._monotonic()
        return token

    def accept(self, token: str) -> bool:
        """Say whether a token is good, and note its use."""
        last_used_s = self._last_used_s.get(token)
        now_s = self._monotonic()
        if last_used_s is None or now_s - last_used_s > self._session_s:
            self._last_used_s.pop(token, None)
            return False
        self._last_used_s[token] = now_s
        return True

    def end_all(self) -> None:
        """End every session: all access tokens given until now are dead."""
        self._last_used_s.clear()

    def is_refresh_token(self, token: str) -> bool:
        """Say whether this is the refresh token good now."""
        return secrets.compare_digest(token.encode(), self._refresh_token.encode())

    def rotate(self) -> str:
        """Replace the refresh token; the old one dies at this moment."""
        self._refresh_token = f"5Aep{secrets.token_urlsafe(32)}"
        return self._refresh_token

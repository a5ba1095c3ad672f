"""Access tokens: one a user, the same until it expires."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.servers.marketo.settings import USERS

if TYPE_CHECKING:
    from bizops_sandbox.servers.marketo.settings import ApiUser


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the second at which it dies."""

    text: str
    user: ApiUser
    dies_at_s: float


class Tokens:
    """All tokens given; dead ones are remembered, to be told from unknown ones."""

    def __init__(self) -> None:
        self._current: dict[str, Token] = {}
        self._given: dict[str, Token] = {}

    def give(self, user: ApiUser, *, at_s: float, life_s: int) -> tuple[Token, int]:
        """Return the user's token and the seconds it still lives."""
        token = self._current.get(user.user_id)
        if token is None or token.dies_at_s <= at_s:
            token = Token(f"{uuid.uuid4()}:sbx", user, at_s + life_s)
            self._current[user.user_id] = token
            self._given[token.text] = token
        return token, max(int(token.dies_at_s - at_s) - 1, 0)

    def find(self, text: str) -> Token | None:
        """Return a token that was ever given."""
        return self._given.get(text)

    def is_good(self, token: Token, *, at_s: float) -> bool:
        """Say whether a token still lives."""
        current = self._current.get(token.user.user_id)
        return current is token and at_s < token.dies_at_s

    def end_all(self) -> None:
        """Let every token expire at once."""
        self._current.clear()


def find_user(client_id: str, client_secret: str) -> ApiUser | None:
    """Return the user with these credentials."""
    for user in USERS:
        if (user.client_id, user.client_secret) == (client_id, client_secret):
            return user
    return None

"""Access tokens: what each may do, and until when."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_ids import APP_ID
from bizops_sandbox.servers.facebook.graph_errors import (
    METHOD,
    TOKEN_MESSAGES,
    GraphError,
)

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.servers.facebook.settings import Credentials

SCOPES = (
    "ads_management",
    "ads_read",
    "business_management",
    "leads_retrieval",
    "pages_manage_ads",
    "pages_read_engagement",
    "pages_show_list",
)
_SHORT_LIFE = timedelta(hours=2)
_LONG_LIFE = timedelta(days=60)
_CLOCK = "%A, %d-%b-%y %H:%M:%S UTC"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; without `expires_at` it lives until it is ended.

    `kind` is SYSTEM_USER, USER, PAGE or APP. `subcode` says why it is dead.
    """

    text: str
    kind: str
    issued_at: datetime
    expires_at: datetime | None = None
    page_id: str | None = None
    subcode: int | None = None


class Tokens:
    """All tokens the server has given, the two fixed ones first."""

    def __init__(self, credentials: Credentials, now: datetime) -> None:
        self._app_secret = credentials.app_secret
        self._tokens: dict[str, Token] = {}
        self._keep(Token(credentials.access_token, "SYSTEM_USER", now))
        self._keep(Token(credentials.user_token, "USER", now, now + _SHORT_LIFE))

    def find(self, text: str) -> Token | None:
        """Return a token by its text, dead ones too."""
        if hmac.compare_digest(text.encode(), self._app_token.encode()):
            issued_at = next(iter(self._tokens.values())).issued_at
            return Token(text, "APP", issued_at)
        return self._tokens.get(text)

    def accept(self, text: str, now: datetime, *, status: int) -> Token:
        """Return the token if it is good.

        Raises:
            GraphError: 190 with the subcode when it is not.
        """
        if not text:
            message = "An access token is required to request this resource."
            raise GraphError(190, message, status=status)
        token = self.find(text)
        if token is None:
            message = "Invalid OAuth access token - Cannot parse access token"
            raise GraphError(190, message, status=status)
        subcode = token.subcode
        if subcode is None and token.expires_at and token.expires_at <= now:
            subcode = 463
        if subcode is not None:
            raise dead_token(subcode, token.expires_at or now, now, status=status)
        return token

    def check_proof(self, token: Token, proof: str) -> None:
        """Check an appsecret_proof.

        Raises:
            GraphError: when it is not the HMAC of this token with the app's secret.
        """
        if not hmac.compare_digest(proof.encode(), self.proof(token.text).encode()):
            message = "Invalid appsecret_proof provided in the API argument"
            raise GraphError(100, message, error_type=METHOD)

    def proof(self, token_text: str) -> str:
        """The proof that belongs to a token."""
        key, message = self._app_secret.encode(), token_text.encode()
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    def is_app_secret(self, text: str) -> bool:
        """Say whether this is the app's secret."""
        return hmac.compare_digest(text.encode(), self._app_secret.encode())

    def give(self, kind: str, now: datetime, *, page_id: str | None = None) -> Token:
        """Make a new token: 60 days for a user, no end for a page."""
        text = f"EAA{secrets.token_hex(40)}"
        expires_at = now + _LONG_LIFE if kind == "USER" else None
        return self._keep(Token(text, kind, now, expires_at, page_id))

    def page_token(self, page_id: str, now: datetime) -> str:
        """Return the living token of a page, the same until it dies."""
        for token in self._tokens.values():
            if token.page_id == page_id and token.subcode is None:
                return token.text
        return self.give("PAGE", now, page_id=page_id).text

    def end_all(self, subcode: int) -> None:
        """End every token given until now; the app's own one stays."""
        for text, token in self._tokens.items():
            self._tokens[text] = replace(token, subcode=subcode)

    def revive(self) -> None:
        """Make tokens that were ended good again, as if they were given anew."""
        for text, token in self._tokens.items():
            self._tokens[text] = replace(token, subcode=None)

    @property
    def _app_token(self) -> str:
        return f"{APP_ID}|{self._app_secret}"

    def _keep(self, token: Token) -> Token:
        self._tokens[token.text] = token
        return token


def dead_token(
    subcode: int, expired_at: datetime, now: datetime, *, status: int
) -> GraphError:
    """The refusal of a token that is dead for this reason."""
    text = TOKEN_MESSAGES.get(subcode, TOKEN_MESSAGES[493])
    message = text.format(
        app_id=APP_ID, expired=expired_at.strftime(_CLOCK), now=now.strftime(_CLOCK)
    )
    return GraphError(190, message, subcode=subcode, status=status)

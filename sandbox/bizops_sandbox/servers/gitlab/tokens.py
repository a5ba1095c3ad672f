"""Who is asking: personal tokens, OAuth tokens that expire, job tokens."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    json_answer,
    message_answer,
    oauth_error,
)
from bizops_sandbox.servers.gitlab.settings import READ_API, Credentials, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from starlette.responses import Response

_OAUTH = Token("", "oauth", (READ_API,))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request; `token` is None for nobody in particular."""

    token: Token | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the token is an administrator's."""
        return self.token is not None and self.token.is_admin

    @property
    def name(self) -> str:
        """Under whose name requests are counted."""
        return "anonymous" if self.token is None else self.token.name

    def need(self, *scopes: str) -> None:
        """See that the token has one of the scopes.

        Raises:
            Refused: 403 insufficient_scope.
        """
        if self.token is not None and not {*scopes, "api"} & {*self.token.scopes}:
            raise Refused(
                json_answer(
                    {
                        "error": "insufficient_scope",
                        "error_description": "The request requires higher privileges "
                        "than provided by the access token.",
                        "scope": " ".join(scopes),
                    },
                    status=403,
                )
            )


def unauthorised() -> Response:
    """Answer that nobody is known by this token."""
    return message_answer(401, "Unauthorized")


def invalid_token(why: str) -> Response:
    """Answer that a token was good once."""
    return oauth_error("invalid_token", why, status=401)


class Tokens:
    """Which tokens are good now.

    OAuth tokens are random per process and live `token_s` seconds; a refresh gives a
    new pair and ends the old one.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fixed = {token.value: token for token in credentials.tokens}
        self._credentials = credentials
        self._refresh_token = credentials.refresh_token
        self._monotonic = monotonic
        self._ends_at_s: dict[str, float] = {}

    def caller(self, headers: Mapping[str, str], today: date) -> Caller:
        """Tell who sends a request, by its headers; a token in the query is ignored.

        Raises:
            Refused: 401 for a token that is not good.
        """
        value = headers.get("private-token")
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if value is None and scheme.lower() == "bearer":
            value = bearer.strip()
        if value is None:
            return self._job_caller(headers)
        if value in self._ends_at_s:
            return self._oauth_caller(value)
        token = self._fixed.get(value)
        if token is None or token.is_job:
            raise Refused(unauthorised())
        if token.is_revoked:
            raise Refused(
                invalid_token(
                    "Token was revoked. You have to re-authorize from the user."
                )
            )
        if token.expires_on is not None and token.expires_on <= today:
            raise Refused(
                invalid_token(
                    "Token is expired. You can either do re-authorization or token "
                    "refresh."
                )
            )
        return Caller(token)

    def _job_caller(self, headers: Mapping[str, str]) -> Caller:
        value = headers.get("job-token")
        if value is None:
            return Caller()
        token = self._fixed.get(value)
        if token is None or not token.is_job:
            raise Refused(unauthorised())
        return Caller(token)

    def _oauth_caller(self, value: str) -> Caller:
        if self._ends_at_s[value] <= self._monotonic():
            raise Refused(
                invalid_token(
                    "Token is expired. You can either do re-authorization or token "
                    "refresh."
                )
            )
        return Caller(_OAUTH)

    def refresh(self, refresh_token: str, *, life_s: int) -> tuple[str, str] | None:
        """Give a new access and refresh token for a good refresh token."""
        if not secrets.compare_digest(
            refresh_token.encode(), self._refresh_token.encode()
        ):
            return None
        self.end_all()
        access_token = secrets.token_hex(32)
        self._ends_at_s[access_token] = self._monotonic() + life_s
        self._refresh_token = secrets.token_hex(32)
        return access_token, self._refresh_token

    def forget_rotation(self) -> None:
        """Let the fixed refresh token be good again, as at the start."""
        self._refresh_token = self._credentials.refresh_token

    def end_all(self) -> None:
        """End every OAuth access token given until now."""
        self._ends_at_s = dict.fromkeys(self._ends_at_s, 0.0)

"""Signing in: tokens of an OAuth client, or the keys of an API user.

Format: OAuth's client-credentials grant (RFC 6749 section 4.4) as a form, at
``POST /oauth/token``.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reading_kit.errors import ApiError, CredentialsError
from reading_kit.sending import Call, HttpSender, MalformedAnswerError, decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from reading_kit.clock import Clock
    from tap_zuora.settings import Credentials

#: A token is not used in the last minute of its life.
_MARGIN_S = 60.0
_USUAL_LIFE_S = 3599.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and when not to use it any more (on the monotonic clock)."""

    bearer: str = field(repr=False)
    ends_at_s: float

    @property
    def headers(self) -> Mapping[str, str]:
        """Give no headers: the token goes into the usual one."""
        return {}


class KeyHeaders:
    """The keys of an API user, sent with each request."""

    bearer = None

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    @property
    def headers(self) -> Mapping[str, str]:
        """Give the two headers."""
        return {
            "apiAccessKeyId": self._credentials.identity,
            "apiSecretAccessKey": self._credentials.secret,
        }


class TokenSource:
    """Gets tokens, one at a time, and keeps the one in use.

    Token requests are limited by address, so there is never one per request.
    """

    def __init__(
        self, sender: HttpSender, credentials: Credentials, clock: Clock
    ) -> None:
        self._sender = sender
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def token(self, base_url: str) -> Token:
        """Give a token that is good for some time yet.

        Raises:
            CredentialsError: the client is not accepted.
        """
        with self._lock:
            token = self._token
            if token is None or self._clock.monotonic_s() >= token.ends_at_s:
                token = self._token = self._fetch(base_url)
            return token

    def renew(self, base_url: str, rejected: Token) -> Token:
        """Give a token in place of a rejected one, fetched by whoever is first."""
        with self._lock:
            if self._token is None or self._token is rejected:
                self._token = self._fetch(base_url)
            return self._token

    def try_host(self, base_url: str) -> bool:
        """Tell whether a host knows the client; its token is kept."""
        with self._lock:
            try:
                self._token = self._ask(base_url)
            except ApiError as error:
                if error.problem.status == 401:
                    return False
                raise CredentialsError(_explain(base_url, error)) from None
            return True

    def _fetch(self, base_url: str) -> Token:
        try:
            return self._ask(base_url)
        except ApiError as error:
            raise CredentialsError(_explain(base_url, error)) from None

    def _ask(self, base_url: str) -> Token:
        form = {
            "client_id": self._credentials.identity,
            "client_secret": self._credentials.secret,
            "grant_type": "client_credentials",
        }
        url = f"{base_url}/oauth/token"
        call = Call("POST", url, {"Accept": "application/json"}, form)
        return self._sender.send(call, self._read)

    def _read(self, response: requests.Response) -> Token:
        value = decode_json(response)
        bearer = value.get("access_token") if isinstance(value, dict) else None
        if not isinstance(bearer, str) or not bearer:
            raise MalformedAnswerError("the token answer holds no access_token")
        try:
            life_s = float(value.get("expires_in", _USUAL_LIFE_S))
        except (TypeError, ValueError):
            life_s = _USUAL_LIFE_S
        margin_s = min(_MARGIN_S, life_s / 2)
        return Token(bearer, self._clock.monotonic_s() + life_s - margin_s)


def _explain(base_url: str, error: ApiError) -> str:
    return (
        f"{urlsplit(base_url).netloc} does not accept the OAuth client ({error}): "
        "check client_id and client_secret, and the data centre (tenant_endpoint)"
    )

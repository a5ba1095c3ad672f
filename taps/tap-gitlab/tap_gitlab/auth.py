"""Logging in: the header a request bears, renewed where OAuth tokens end."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from reading_kit.errors import CredentialsError
from tap_gitlab.secret_file import read_secret, write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_gitlab.settings import Credentials, OAuthCredentials

logger = logging.getLogger(__name__)

_PATH_SETTING = "refresh_token_path"


@dataclass(frozen=True, slots=True)
class Login:
    """The headers of a login; nobody's where there are no credentials."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class TokenExchange(Protocol):
    """Sends the form that exchanges a refresh token and gives the JSON answer.

    Raises:
        CredentialsError: the instance does not take the refresh token.
    """

    def __call__(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Exchange the token."""


class Authenticator:
    """Holds the login all threads share; of OAuth it renews it, once per rejection.

    GitLab's OAuth access tokens live two hours, and a refresh token is good once.
    """

    def __init__(
        self, credentials: Credentials, *, exchange: TokenExchange, host: str
    ) -> None:
        self._credentials = credentials
        self._exchange = exchange
        self._host = host
        self._lock = threading.Lock()
        self._login: Login | None = None
        self._rejection: CredentialsError | None = None
        self._refresh_token: str | None = None

    def login(self) -> Login:
        """Give the current login, renewing where there is none yet."""
        with self._lock:
            if self._login is None:
                self._login = _static_login(self._credentials) or self._refresh()
            return self._login

    def renew(self, rejected: Login, *, reason: str) -> Login:
        """Give a login other than the rejected one.

        Of all threads that saw the same token rejected, one renews it.

        Raises:
            CredentialsError: it cannot be renewed.
        """
        with self._lock:
            if self._login is not rejected and self._login is not None:
                return self._login
            if self._credentials.oauth is None:
                msg = f"{self._host} rejects the token: {reason}"
                raise CredentialsError(msg)
            self._login = self._refresh()
            return self._login

    def _refresh(self) -> Login:
        if self._rejection is not None:
            raise self._rejection
        oauth = self._credentials.oauth
        if oauth is None:
            return Login()
        token = self._refresh_token or _kept_token(oauth) or oauth.refresh_token
        try:
            answer = self._exchange(
                {
                    "grant_type": "refresh_token",
                    "client_id": oauth.client_id,
                    "client_secret": oauth.client_secret,
                    "refresh_token": token,
                }
            )
        except CredentialsError as error:
            self._rejection = error
            raise
        access_token, new = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access_token, str):
            msg = f"{self._host} gave an answer without an access token"
            raise CredentialsError(msg)
        if isinstance(new, str) and new != token:
            self._keep(oauth, new)
        return _bearer(access_token)

    def _keep(self, oauth: OAuthCredentials, refresh_token: str) -> None:
        self._refresh_token = refresh_token
        if oauth.refresh_token_path is None:
            logger.warning(
                "%s gave a new refresh token and the one in the config is used up: "
                "set refresh_token_path, so that the next run can log in",
                self._host,
            )
            return
        write_secret(oauth.refresh_token_path, refresh_token, setting=_PATH_SETTING)


def _static_login(credentials: Credentials) -> Login | None:
    if credentials.private_token:
        return Login({"PRIVATE-TOKEN": credentials.private_token})
    if credentials.oauth_access_token:
        return _bearer(credentials.oauth_access_token)
    if credentials.oauth is None and credentials.job_token:
        return Login({"JOB-TOKEN": credentials.job_token})
    return None


def _bearer(token: str) -> Login:
    return Login({"Authorization": f"Bearer {token}"})


def _kept_token(oauth: OAuthCredentials) -> str | None:
    if oauth.refresh_token_path is None:
        return None
    return read_secret(oauth.refresh_token_path, setting=_PATH_SETTING)

"""Logging in: every flow gives an access token and the address of the org's data."""

from __future__ import annotations

import base64
import logging
import os
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from reading_kit.endpoints import check_endpoint
from reading_kit.errors import CredentialsError, SettingsError, TapError
from tap_salesforce.auth_jwt import build_assertion
from tap_salesforce.auth_soap import build_login_envelope, read_login_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reading_kit.errors import ApiProblem
    from tap_salesforce.settings import Credentials

logger = logging.getLogger(__name__)

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
#: The SOAP login exists up to this version, whatever version reads the data.
SOAP_PATH = "/services/Soap/u/64.0"

_ADVICE = {
    "expired access/refresh token": "the refresh token is expired, revoked or was "
    "rotated by another run; authorise the app again",
    "invalid_client_id": "client_id is not known at this login host",
    "invalid_client": "client_secret does not belong to client_id",
    "inactive_user": "the user is deactivated",
    "user hasn't approved this consumer": "pre-authorise the app for the user",
    "audience is invalid": "sandbox and production are mixed up: check is_sandbox, "
    "domain and login_url",
    "user is not admin approved": "an administrator must approve the app for the user",
    "request not supported on this domain": "client credentials work at the org's own "
    "domain only: set domain, e.g. acme.my",
    "no client credentials user enabled": "set a run-as user in the app's policy",
    "OAUTH_EC_APP_NOT_FOUND": "the org blocks apps that are not installed: install or "
    "allow-list the connected app",
    "OAUTH_APP_BLOCKED": "an administrator blocked the connected app",
    "INVALID_LOGIN": "user name, password or security token is wrong",
    "LOGIN_MUST_USE_SECURITY_TOKEN": "set security_token, or trust this address",
    "API_DISABLED_FOR_ORG": "the org's edition or the user's profile has no API access",
    "PASSWORD_LOCKOUT": "the user is locked after too many wrong logins",
}


@dataclass(frozen=True, slots=True)
class Session:
    """A valid login.

    Attributes:
        access_token: Bearer token; never in a repr.
        instance_url: Scheme and host all data requests go to.
    """

    access_token: str = field(repr=False)
    instance_url: str


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """An answer of the login host that needs no retry."""

    body: bytes = field(repr=False)
    problem: ApiProblem | None


class LoginTransport(Protocol):
    """Sends one request to the login host, repeating it on transient failures."""

    def __call__(
        self, url: str, *, data: bytes | Mapping[str, str], headers: Mapping[str, str]
    ) -> LoginAnswer:
        """Give the first answer that is not transient."""


class _TokenAnswer(msgspec.Struct):
    access_token: str
    instance_url: str
    refresh_token: str | None = None


def explain_rejection(problem: ApiProblem, *, user: str | None, host: str) -> str:
    """Say in one line who was rejected where, and what helps."""
    text = f"{problem.code} {problem.message}"
    advice = next(
        (hint for sign, hint in _ADVICE.items() if sign.lower() in text.lower()),
        "check the connected app and its settings",
    )
    who = f" for user {user}" if user else ""
    reason = " ".join(problem.message.split()) or "no reason given"
    return f"login rejected at {host}{who}: {problem.code} ({reason}); {advice}"


class Login:
    """One configured login flow; calling it gives a new session.

    Raises:
        CredentialsError: Salesforce rejected the grant.
        SettingsError: a key or token file cannot be used.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        transport: LoginTransport,
        server_time_s: Callable[[], float],
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._server_time_s = server_time_s
        self._refresh_token = _read_kept_token(credentials) or credentials.refresh_token

    def __call__(self) -> Session:
        """Log in."""
        flows = {
            "refresh_token": self._by_refresh_token,
            "jwt": self._by_jwt,
            "client_credentials": self._by_client_credentials,
            "password": self._by_password,
        }
        return flows[self._credentials.method]()

    def _by_refresh_token(self) -> Session:
        if self._refresh_token is None:
            path = self._credentials.refresh_token_path
            raise SettingsError(f"refresh_token is not set and {path} holds none")
        answer = self._ask_token(
            {
                "grant_type": "refresh_token",
                "client_id": self._credentials.client_id or "",
                "client_secret": self._credentials.client_secret or "",
                "refresh_token": self._refresh_token,
            }
        )
        if answer.refresh_token and answer.refresh_token != self._refresh_token:
            self._keep(answer.refresh_token)
        return _as_session(answer)

    def _by_jwt(self) -> Session:
        assertion = build_assertion(self._credentials, now_s=self._server_time_s())
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return _as_session(
            self._ask_token({"grant_type": grant, "assertion": assertion})
        )

    def _by_client_credentials(self) -> Session:
        pair = f"{self._credentials.client_id}:{self._credentials.client_secret}"
        basic = base64.b64encode(pair.encode()).decode()
        return _as_session(
            self._ask_token(
                {"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {basic}"},
            )
        )

    def _by_password(self) -> Session:
        logger.warning(
            "The user name and password login ends with API 65.0 (Summer '27): "
            "move to the JWT or the client credentials flow"
        )
        answer = self._transport(
            self._credentials.login_url + SOAP_PATH,
            data=build_login_envelope(self._credentials),
            headers={
                "Content-Type": "text/xml; charset=UTF-8",
                "SOAPAction": "login",
            },
        )
        if answer.problem is not None:
            raise CredentialsError(self._explain(answer.problem))
        login = read_login_answer(answer.body)
        if login is None:
            raise TapError("the SOAP login gave an answer without a session")
        return Session(login[0], check_endpoint(login[1], name="serverUrl"))

    def _ask_token(
        self, form: dict[str, str], *, headers: Mapping[str, str] | None = None
    ) -> _TokenAnswer:
        answer = self._transport(
            self._credentials.login_url + TOKEN_PATH, data=form, headers=headers or {}
        )
        if answer.problem is not None:
            raise CredentialsError(self._explain(answer.problem))
        try:
            return msgspec.json.decode(answer.body, type=_TokenAnswer)
        except msgspec.DecodeError:
            # The body may hold a token: never show any of it.
            raise TapError("the login host gave an answer without a token") from None

    def _explain(self, problem: ApiProblem) -> str:
        return explain_rejection(
            problem,
            user=self._credentials.username,
            host=self._credentials.login_url.split("://")[1],
        )

    def _keep(self, refresh_token: str) -> None:
        self._refresh_token = refresh_token
        if self._credentials.refresh_token_path is None:
            logger.warning(
                "Salesforce rotated the refresh token and refresh_token_path is not "
                "set: the next run will be rejected. Set it, or use the JWT or the "
                "client credentials flow"
            )
            return
        write_secret_file(Path(self._credentials.refresh_token_path), refresh_token)


def _as_session(answer: _TokenAnswer) -> Session:
    url = check_endpoint(answer.instance_url, name="instance_url")
    return Session(answer.access_token, url)


def _read_kept_token(credentials: Credentials) -> str | None:
    if credentials.refresh_token_path is None:
        return None
    try:
        text = Path(credentials.refresh_token_path).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not readable as text"
        path = credentials.refresh_token_path
        raise SettingsError(f"refresh_token_path: {path}: {reason}") from None
    return text or None


def write_secret_file(path: Path, secret: str) -> None:
    """Replace a file by one with mode 0600, all at once.

    Raises:
        SettingsError: the folder does not take it.
    """
    try:
        # mkstemp creates with mode 0600, whatever the umask.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        raise SettingsError(f"refresh_token_path: {path}: {error.strerror}") from None


class Authenticator:
    """Holds the session all threads share and renews it once per rejection."""

    def __init__(self, login: Callable[[], Session]) -> None:
        self._login = login
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._rejection: TapError | None = None

    def session(self) -> Session:
        """Give the current session, logging in where there is none."""
        with self._lock:
            return self._session or self._log_in()

    def renew(self, rejected: Session) -> Session:
        """Give a session other than the rejected one.

        Of all threads that saw the same token rejected, one logs in again.
        """
        with self._lock:
            if self._session is not None and self._session != rejected:
                return self._session
            return self._log_in()

    def _log_in(self) -> Session:
        if self._rejection is not None:
            raise self._rejection
        try:
            self._session = self._login()
        except (CredentialsError, SettingsError) as error:
            # A second try could lock the user out.
            self._rejection = error
            raise
        return self._session

"""Talks to one Salesforce org: the current session, its host, its clock, its limits."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from reading_kit.errors import ApiError, CredentialsError
from reading_kit.sending import (
    Call,
    HttpSender,
    MalformedAnswerError,
    SessionRejectedError,
    decode_json,
)
from reading_kit.server_clock import ServerClock
from reading_kit.timestamps import parse_http_date
from tap_salesforce.auth import Authenticator, Login, LoginAnswer, Session
from tap_salesforce.limits import QuotaGuard
from tap_salesforce.problems import judge, judge_login, read_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import requests

    from reading_kit.clock import Clock
    from tap_salesforce.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST_LOGIN_ANSWER_BYTES = 1_000_000
#: A local clock further off than this is not used to sign assertions.
_CLOCK_TOLERANCE_S = 60


class SalesforceClient:
    """Sends requests with a valid token and reads JSON answers.

    Attributes:
        settings: The settings of the run.
        clock: Where waiting happens.
        quota: The guard all answers report to.
    """

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.quota = QuotaGuard(
            total_percent=settings.quota_total_percent,
            run_percent=settings.quota_run_percent,
        )
        self._server_clock = ServerClock()
        self._data_sender = self._new_sender(self._note_data_answer)
        self._login_date = ""
        self._login_sender = self._new_sender(self._note_login_answer)
        self._authenticator = Authenticator(
            Login(
                settings.credentials,
                transport=self._send_login,
                server_time_s=self._login_time_s,
            )
        )

    def server_time(self) -> datetime:
        """Give the ``Date`` of the newest answer of the data host.

        It is not moved on by the local clock, so it is never later than the
        server's own time.
        """
        if self._server_clock.newest is None:
            self.get_json("/services/data")
        newest = self._server_clock.newest
        if newest is None:
            raise MalformedAnswerError("the data host sends no valid Date header")
        return newest

    def exchange(
        self,
        method: str,
        path: str,
        consume: Callable[[requests.Response], T],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Send a request to the org's data host and consume its answer.

        Raises:
            CredentialsError: a fresh session was rejected too.
            TapError: as ``HttpSender.send`` tells.
        """
        session = self._authenticator.session()
        try:
            return self._send(session, method, path, consume, headers, body)
        except SessionRejectedError:
            session = self._authenticator.renew(session)
        try:
            return self._send(session, method, path, consume, headers, body)
        except SessionRejectedError as error:
            msg = f"session rejected twice by {session.instance_url}: {error}"
            raise CredentialsError(msg) from None

    def get_json(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Get a path of the data host and decode the JSON answer."""
        target = f"{path}?{urlencode(params, quote_via=quote)}" if params else path
        return self.exchange("GET", target, decode_json, headers=headers)

    def post_json(self, path: str, value: object, *, method: str = "POST") -> Any:  # noqa: ANN401
        """Send a JSON value and decode the JSON answer."""
        return self.exchange(
            method,
            path,
            decode_json,
            headers={"Content-Type": "application/json; charset=UTF-8"},
            body=msgspec.json.encode(value),
        )

    def delete(self, path: str) -> None:
        """Delete what stands at a path."""
        self.exchange("DELETE", path, lambda _: None)

    def _send(
        self,
        session: Session,
        method: str,
        path: str,
        consume: Callable[[requests.Response], T],
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> T:
        call = Call(
            method=method,
            url=session.instance_url + path,
            headers={"Accept": "application/json", **(headers or {})},
            body=body,
            bearer=session.access_token,
        )
        return self._data_sender.send(call, consume)

    def _new_sender(self, note: Callable[[requests.Response], None]) -> HttpSender:
        return HttpSender(
            clock=self.clock,
            timeout_s=self.settings.request_timeout_s,
            retry_delay_max_s=self.settings.retry_delay_max_s,
            user_agent=self.settings.user_agent,
            note=note,
            judge=judge,
            read_problem=read_problem,
        )

    def _note_data_answer(self, response: requests.Response) -> None:
        self.quota.note(response.headers.get("Sforce-Limit-Info", ""))
        self._server_clock.note(response)

    def _send_login(
        self, url: str, *, data: bytes | Mapping[str, str], headers: Mapping[str, str]
    ) -> LoginAnswer:
        call = Call("POST", url, headers=headers, body=data)
        try:
            body = self._login_sender.send(
                call, _read_login_body, judge_problem=judge_login
            )
        except ApiError as error:
            return LoginAnswer(b"", error.problem)
        return LoginAnswer(body, None)

    def _note_login_answer(self, response: requests.Response) -> None:
        self._login_date = response.headers.get("Date", "")

    def _login_time_s(self) -> float:
        """Give the time to sign with: the login host's where the local clock is off."""
        now_s = self.clock.now_s()
        call = Call("HEAD", self.settings.credentials.login_url)
        with contextlib.suppress(ApiError, SessionRejectedError):
            self._login_sender.send(call, lambda _: None)
        try:
            server_s = parse_http_date(self._login_date).timestamp()
        except ValueError:
            return now_s
        return server_s if abs(server_s - now_s) > _CLOCK_TOLERANCE_S else now_s


def _read_login_body(response: requests.Response) -> bytes:
    return response.raw.read(_LONGEST_LOGIN_ANSWER_BYTES, decode_content=True) or b""

"""Talks to one Zuora tenant: its host, its token, its clock, its limits."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from reading_kit.errors import (
    ApiError,
    ApiProblem,
    CredentialsError,
    UnreachableError,
)
from reading_kit.sending import (
    Call,
    HttpSender,
    MalformedAnswerError,
    ProblemAnswerError,
    SessionRejectedError,
    decode_json,
)
from reading_kit.server_clock import ServerClock
from tap_zuora import problems
from tap_zuora.signing_in import KeyHeaders, Token, TokenSource
from tap_zuora.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import requests

    from reading_kit.clock import Clock
    from reading_kit.retrying import Verdict
    from tap_zuora.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: No limit's window is waited for longer.
LONGEST_LIMIT_WAIT_S = 900.0
_USUAL_WAIT_S = 30.0
_FIRST_PAUSE_S = 2.0


class ZuoraClient:
    """Sends signed requests, from any thread.

    Attributes:
        settings: The settings of the run.
        clock: Where waiting happens.
        usage: What the answers tell of the rate limit.
    """

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.usage = Usage(clock, longest_s=LONGEST_LIMIT_WAIT_S)
        self._server_clock = ServerClock()
        self._sender = self._new_sender(problems.judge)
        self._login_sender = self._new_sender(problems.judge_login)
        self._lock = threading.Lock()
        self._base_url: str | None = None
        self._tokens = TokenSource(self._login_sender, settings.credentials, clock)

    @property
    def sender(self) -> HttpSender:
        """Give what sends requests that must not be signed."""
        return self._sender

    def server_time(self) -> datetime:
        """Give the time of the newest answer.

        Raises:
            MalformedAnswerError: no answer had a ``Date`` that can be read.
        """
        if self._server_clock.newest is None:
            self.exchange("GET", "/v1/describe", lambda _: None)
        if self._server_clock.newest is None:
            msg = "the service sends no valid Date header"
            raise MalformedAnswerError(msg)
        return self._server_clock.newest

    def exchange(
        self,
        method: str,
        path: str,
        consume: Callable[[requests.Response], T],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Send a request to the tenant and consume its answer.

        Raises:
            CredentialsError: the credentials are not accepted (any more).
            TapError: as ``HttpSender.send`` tells.
        """
        base_url = self._find_base_url()
        sign = self._sign(base_url)
        self.usage.wait_for_room()
        try:
            return self._send(method, base_url + path, consume, sign, headers, body)
        except SessionRejectedError as error:
            if not isinstance(sign, Token):
                raise CredentialsError(_refused(base_url, str(error))) from None
        sign = self._tokens.renew(base_url, sign)
        try:
            return self._send(method, base_url + path, consume, sign, headers, body)
        except SessionRejectedError as error:
            raise CredentialsError(_refused(base_url, str(error))) from None

    def get_json(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Get a path and decode its JSON."""
        return self.exchange("GET", path, decode_checked)

    def post_json(self, path: str, value: bytes) -> Any:  # noqa: ANN401 - JSON
        """Post JSON and decode the JSON answer."""
        headers = {"Content-Type": "application/json"}
        return self.exchange("POST", path, decode_checked, headers=headers, body=value)

    def delete(self, path: str) -> None:
        """Delete what stands at a path, if it can be."""
        with contextlib.suppress(ApiError, UnreachableError):
            self.exchange("DELETE", path, lambda _: None)

    def _sign(self, base_url: str) -> Token | KeyHeaders:
        if self.settings.credentials.is_oauth:
            return self._tokens.token(base_url)
        return KeyHeaders(self.settings.credentials)

    def _send(
        self,
        method: str,
        url: str,
        consume: Callable[[requests.Response], T],
        sign: Token | KeyHeaders,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> T:
        call = Call(
            method=method,
            url=url,
            headers={**self.settings.headers, **sign.headers, **(headers or {})},
            body=body,
            bearer=sign.bearer,
        )
        return self._sender.send(call, consume)

    def _find_base_url(self) -> str:
        """Give the host of the tenant, found by signing in at each candidate."""
        with self._lock:
            if self._base_url is None:
                self._base_url = self._try_hosts()
            return self._base_url

    def _try_hosts(self) -> str:
        candidates = self.settings.base_urls
        if len(candidates) == 1:
            return candidates[0]
        for url in candidates:
            if self._is_accepted(url):
                logger.info("the tenant is at %s", _host(url))
                return url
        hosts = ", ".join(_host(url) for url in candidates)
        msg = (
            f"the credentials are not accepted at any of {hosts}: check them, and "
            "name the data centre by tenant_endpoint"
        )
        raise CredentialsError(msg)

    def _is_accepted(self, base_url: str) -> bool:
        if self.settings.credentials.is_oauth:
            return self._tokens.try_host(base_url)
        keys = KeyHeaders(self.settings.credentials)
        try:
            self._send(
                "GET", f"{base_url}/v1/describe", lambda _: None, keys, None, None
            )
        except SessionRejectedError:
            return False
        return True

    def _new_sender(self, judge: Callable[[ApiProblem], Verdict]) -> HttpSender:
        longest_s = self.settings.retry_delay_max_s
        return HttpSender(
            clock=self.clock,
            timeout_s=self.settings.request_timeout_s,
            retry_delay_max_s=longest_s,
            user_agent=self.settings.user_agent,
            note=self._note,
            judge=judge,
            read_problem=self._read_problem,
            wait_s=min(_USUAL_WAIT_S, longest_s),
            wait_max_s=LONGEST_LIMIT_WAIT_S,
            first_pause_s=_FIRST_PAUSE_S,
        )

    def _note(self, response: requests.Response) -> None:
        self._server_clock.note(response)
        self.usage.note(response.headers)

    def _read_problem(self, status: int, body: str) -> ApiProblem:
        problem = problems.read_problem(status, body)
        if status != 429:
            return problem
        reset_s = self.usage.last_reset_s
        return ApiProblem(status, problem.code, problem.message, reset_s)


def decode_checked(response: requests.Response) -> Any:  # noqa: ANN401 - JSON
    """Decode JSON; a good status may still say that the request failed.

    Raises:
        MalformedAnswerError: it is not JSON.
        ProblemAnswerError: it says ``success: false``.
    """
    value = decode_json(response)
    if problems.says_failure(value):
        problem = problems.read_json_problem(response.status_code, value)
        raise ProblemAnswerError(problem)
    return value


def refuse_json(response: requests.Response) -> None:
    """See that an answer that is to be no JSON is none.

    Raises:
        ProblemAnswerError: it is JSON, which says what went wrong.
    """
    if "json" in response.headers.get("Content-Type", ""):
        body = response.content.decode("utf-8", "replace")
        raise ProblemAnswerError(problems.read_problem(response.status_code, body))


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _refused(base_url: str, reason: str) -> str:
    return (
        f"{_host(base_url)} does not accept the credentials ({reason}): check the "
        "client or user, its secret, and the data centre"
    )

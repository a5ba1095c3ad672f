"""Sends HTTP requests and repeats those that met a passing trouble."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from tap_salesforce.errors import (
    ApiError,
    ApiProblem,
    HostUnreachableError,
    QuotaError,
    TapError,
    UnreachableError,
)
from tap_salesforce.retrying import (
    CONCURRENCY_TRIES,
    TRIES,
    Pause,
    Verdict,
    judge,
    plan_pause,
    plan_slot_pause,
    read_problem,
    read_retry_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_salesforce.clock import Clock

logger = logging.getLogger(__name__)
T = TypeVar("T")

_CONNECT_TIMEOUT_S = 30
_LONGEST_PROBLEM_BYTES = 200_000
_PASSING_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    HTTPError,
)


class MalformedAnswerError(TapError):
    """A good status came with a body that cannot be read; worth another try."""


class SessionRejectedError(TapError):
    """The access token is not valid (any more)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Mapping[str, str] | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)


class _Bearer(AuthBase):
    """Sets the token; being an auth object it also keeps ``.netrc`` out."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    value: T


class HttpSender:
    """Sends calls from any thread, each thread over connections of its own."""

    def __init__(
        self,
        *,
        clock: Clock,
        timeout_s: float,
        retry_delay_max_s: float,
        user_agent: str,
        note: Callable[[requests.Response], None],
    ) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._retry_delay_max_s = retry_delay_max_s
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._note = note
        self._local = threading.local()

    def send(
        self,
        call: Call,
        consume: Callable[[requests.Response], T],
        *,
        judge_problem: Callable[[ApiProblem], Verdict] = judge,
    ) -> T:
        """Send a call and give what ``consume`` makes of the good answer.

        Reading the body belongs to the try, so ``consume`` may run more than once.

        Raises:
            ApiError: Salesforce refused the request.
            HostUnreachableError: no connection after all tries.
            QuotaError: the org's daily API calls are used up.
            SessionRejectedError: the access token is not valid.
            UnreachableError: no usable answer after all tries.
        """
        failures = 0
        waits = 0
        while True:
            trouble, retry_after_s = self._try(call, consume)
            if isinstance(trouble, _Done):
                return trouble.value
            verdict = Verdict.RETRY
            if isinstance(trouble, ApiProblem):
                verdict = judge_problem(trouble)
                _raise_final(verdict, trouble)
            if verdict is Verdict.WAIT_FOR_SLOT:
                waits += 1
                pause = plan_slot_pause(longest_s=self._retry_delay_max_s)
                is_last = waits >= CONCURRENCY_TRIES
            else:
                failures += 1
                pause = plan_pause(
                    failures=failures,
                    retry_after_s=retry_after_s,
                    longest_s=self._retry_delay_max_s,
                )
                is_last = failures >= TRIES
            if is_last:
                raise _give_up(call, trouble)
            self._rest(call, trouble, pause)

    def _try(
        self, call: Call, consume: Callable[[requests.Response], T]
    ) -> tuple[_Done[T] | ApiProblem | Exception, float | None]:
        try:
            with self._open(call) as response:
                self._note(response)
                if 200 <= response.status_code < 300:
                    return _Done(consume(response)), None
                body = _read_limited(response)
                problem = read_problem(response.status_code, body)
                return problem, read_retry_after(response.headers)
        except requests.exceptions.SSLError as error:
            host = urlsplit(call.url).hostname
            msg = f"{host}: the TLS certificate or connection is not acceptable"
            raise UnreachableError(msg) from error
        except (*_PASSING_ERRORS, MalformedAnswerError) as error:
            return error, None

    def _open(self, call: Call) -> requests.Response:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session.request(
            call.method,
            call.url,
            headers={**self._headers, **call.headers},
            data=call.body,
            auth=_Bearer(call.bearer),
            timeout=(min(_CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s),
            # A redirect would carry the token to another host.
            allow_redirects=False,
            stream=True,
        )

    def _rest(self, call: Call, trouble: ApiProblem | Exception, pause: Pause) -> None:
        logger.info(
            "%s %s: %s; trying again",
            call.method,
            urlsplit(call.url).path,
            _describe(trouble),
        )
        self._clock.sleep(pause.delay_s + self._clock.jitter(pause.jitter_s))


def _read_limited(response: requests.Response) -> str:
    body = b""
    for chunk in response.iter_content(65536):
        body += chunk
        if len(body) > _LONGEST_PROBLEM_BYTES:
            break
    return body.decode("utf-8", errors="replace")


def _raise_final(verdict: Verdict, problem: ApiProblem) -> None:
    if verdict is Verdict.LOG_IN_AGAIN:
        raise SessionRejectedError(str(problem))
    if verdict is Verdict.DAILY_LIMIT:
        msg = f"the org's daily API calls are used up (rolling 24 hours): {problem}"
        raise QuotaError(msg)
    if verdict is Verdict.FAIL:
        raise ApiError(problem)


def _give_up(
    call: Call, trouble: ApiProblem | Exception
) -> UnreachableError | ApiError:
    host = urlsplit(call.url).netloc
    msg = f"{host}: {_describe(trouble)}, after all tries ({call.method})"
    if isinstance(trouble, Exception) and _is_without_connection(trouble):
        return HostUnreachableError(msg)
    return UnreachableError(msg)


def _is_without_connection(error: BaseException) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, (NewConnectionError, NameResolutionError)
    )


def _describe(trouble: ApiProblem | Exception) -> str:
    # The libraries' own texts may hold proxy passwords, so none is passed on.
    if isinstance(trouble, (ApiProblem, MalformedAnswerError)):
        return str(trouble)
    if isinstance(trouble, requests.Timeout):
        return "no answer in time"
    if _is_without_connection(trouble):
        return "no connection (host unknown or refusing)"
    return "the connection broke"

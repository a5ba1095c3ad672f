"""Sends HTTP requests and repeats those that met a passing trouble."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from reading_kit import retrying
from reading_kit.errors import (
    ApiError,
    ApiProblem,
    HostUnreachableError,
    NoAnswerError,
    QuotaError,
    TapError,
    UnreachableError,
)
from reading_kit.jsonlines import NotJsonError, decode_json_bytes
from reading_kit.retrying import (
    TRIES,
    WAITS,
    Pause,
    Verdict,
    plan_pause,
    plan_wait,
    read_retry_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reading_kit.clock import Clock

logger = logging.getLogger(__name__)
T = TypeVar("T")

_CONNECT_TIMEOUT_S = 30
_LONGEST_PROBLEM_BYTES = 200_000
#: What a connection that breaks, or is not made, shows itself as.
PASSING_ERRORS = (
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


class ProblemAnswerError(TapError):
    """A good status came with a body that says the request failed.

    What consumes an answer raises it; it is judged like an error status.
    """

    def __init__(self, problem: ApiProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request.

    Attributes:
        bearer: Token of the ``Authorization`` header; none for other schemes.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
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

    def __init__(  # noqa: PLR0913 - all but four have defaults
        self,
        *,
        clock: Clock,
        timeout_s: float,
        retry_delay_max_s: float,
        user_agent: str,
        note: Callable[[requests.Response], None] = lambda _: None,
        judge: Callable[[ApiProblem], Verdict] = retrying.judge,
        read_problem: Callable[[int, str], ApiProblem] = retrying.read_problem,
        wait_s: float = 30.0,
        wait_max_s: float | None = None,
        first_pause_s: float = 1.0,
    ) -> None:
        """Prepare sending.

        Args:
            clock: Where waiting happens.
            timeout_s: Seconds without a byte before a try counts as failed.
            retry_delay_max_s: Longest pause after a failure.
            user_agent: Value of that header.
            note: Is shown every answer that came, good or not, before its body.
            judge: What an error answer calls for.
            read_problem: Reads the body of an error answer.
            wait_s: Usual wait for one's turn where the server names none.
            wait_max_s: Longest such wait; by default ``retry_delay_max_s``.
            first_pause_s: Pause after a first failure; it doubles with each.
        """
        self._clock = clock
        self._timeout_s = timeout_s
        self._retry_delay_max_s = retry_delay_max_s
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._note = note
        self._judge = judge
        self._read_problem = read_problem
        self._wait_s = wait_s
        self._wait_max_s = retry_delay_max_s if wait_max_s is None else wait_max_s
        self._first_pause_s = first_pause_s
        self._local = threading.local()

    def send(
        self,
        call: Call,
        consume: Callable[[requests.Response], T],
        *,
        judge_problem: Callable[[ApiProblem], Verdict] | None = None,
        timeouts: int = TRIES,
    ) -> T:
        """Send a call and give what ``consume`` makes of the good answer.

        Reading the body belongs to the try, so ``consume`` may run more than once.

        Args:
            call: The request.
            consume: Reads a good answer.
            judge_problem: What an error answer to this call means, where that is not
                what it means in general.
            timeouts: After how many answers that did not come in time the call is given
                up, where that is earlier than after other failures.

        Raises:
            ApiError: the service refused the request.
            HostUnreachableError: no connection after all tries.
            NoAnswerError: no answer in time, after all tries or ``timeouts``.
            QuotaError: what the service allows is used up.
            SessionRejectedError: the access token is not valid.
            UnreachableError: no usable answer after all tries.
        """
        decide = judge_problem or self._judge
        failures = 0
        waits = 0
        slow = 0
        while True:
            trouble = self._try(call, consume)
            if isinstance(trouble, _Done):
                return trouble.value
            slow += isinstance(trouble, requests.Timeout)
            verdict, retry_after_s = Verdict.RETRY, None
            if isinstance(trouble, ApiProblem):
                verdict, retry_after_s = decide(trouble), trouble.retry_after_s
                _raise_final(verdict, trouble)
            if verdict is Verdict.WAIT:
                waits += 1
                pause = plan_wait(
                    retry_after_s=retry_after_s,
                    usual_s=self._wait_s,
                    longest_s=self._wait_max_s,
                )
            else:
                failures += 1
                pause = plan_pause(
                    failures=failures,
                    retry_after_s=retry_after_s,
                    longest_s=self._retry_delay_max_s,
                    first_s=self._first_pause_s,
                )
            if failures >= TRIES or waits >= WAITS or slow >= timeouts:
                raise _give_up(call, trouble)
            self._rest(call, trouble, pause)

    def _try(
        self, call: Call, consume: Callable[[requests.Response], T]
    ) -> _Done[T] | ApiProblem | Exception:
        retry_after_s: float | None = None
        try:
            with self._open(call) as response:
                self._note(response)
                retry_after_s = read_retry_after(response.headers)
                if 200 <= response.status_code < 300:
                    return _Done(consume(response))
                body = _read_limited(response)
                problem = self._read_problem(response.status_code, body)
        except ProblemAnswerError as error:
            problem = error.problem
        except requests.exceptions.SSLError as error:
            host = urlsplit(call.url).hostname
            msg = f"{host}: the TLS certificate or connection is not acceptable"
            raise UnreachableError(msg) from error
        except (*PASSING_ERRORS, MalformedAnswerError) as error:
            return error
        if problem.retry_after_s is None:
            problem = replace(problem, retry_after_s=retry_after_s)
        return problem

    def _open(self, call: Call) -> requests.Response:
        return self._session(call.url).request(
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

    def _session(self, url: str) -> requests.Session:
        """Give the session of this thread for a host."""
        sessions: dict[str, requests.Session] | None
        sessions = getattr(self._local, "sessions", None)
        if sessions is None:
            sessions = self._local.sessions = {}
        host = urlsplit(url).netloc
        if host not in sessions:
            sessions[host] = _new_session(url)
        return sessions[host]

    def _rest(self, call: Call, trouble: ApiProblem | Exception, pause: Pause) -> None:
        logger.info(
            "%s %s: %s; trying again",
            call.method,
            urlsplit(call.url).path,
            describe_trouble(trouble),
        )
        self._clock.sleep(pause.delay_s + self._clock.jitter(pause.jitter_s))


def decode_json(response: requests.Response) -> Any:  # noqa: ANN401 - JSON
    """Decode an answer's body, decimals exact; an empty one is None.

    Raises:
        MalformedAnswerError: the body is not JSON.
    """
    body = response.content
    if not body.strip():
        return None
    try:
        return decode_json_bytes(body)
    except NotJsonError:
        msg = f"HTTP {response.status_code} with a body that is not JSON"
        raise MalformedAnswerError(msg) from None


def _new_session(url: str) -> requests.Session:
    """Make a session that looks for proxies and certificates in the environment once.

    By itself it does so at each request, which costs a fifth of all that one costs.
    """
    session = requests.Session()
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.cert = found["cert"]
    session.trust_env = False
    return session


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
        raise QuotaError(f"the daily API calls are used up: {problem}")
    if verdict is Verdict.FAIL:
        raise ApiError(problem)


def _give_up(call: Call, trouble: ApiProblem | Exception) -> UnreachableError:
    host = urlsplit(call.url).netloc
    msg = f"{host}: {describe_trouble(trouble)}, after all tries ({call.method})"
    if isinstance(trouble, Exception) and _is_without_connection(trouble):
        return HostUnreachableError(msg)
    if isinstance(trouble, requests.Timeout):
        return NoAnswerError(msg)
    return UnreachableError(msg)


def _is_without_connection(error: BaseException) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, (NewConnectionError, NameResolutionError)
    )


def describe_trouble(trouble: ApiProblem | Exception) -> str:
    """Say what happened in our own words.

    The libraries' own texts may hold passwords of proxies, so none is passed on.
    """
    if isinstance(trouble, (ApiProblem, MalformedAnswerError)):
        return str(trouble)
    if isinstance(trouble, requests.Timeout):
        return "no answer in time"
    if _is_without_connection(trouble):
        return "no connection (host unknown or refusing)"
    return "the connection broke"

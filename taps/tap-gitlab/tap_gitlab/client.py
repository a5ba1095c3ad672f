"""Talks to one instance: its login, its clock, its rate limit, its answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from reading_kit.errors import (
    ApiError,
    ApiProblem,
    CredentialsError,
    HostUnreachableError,
)
from reading_kit.retrying import TRIES, Verdict
from reading_kit.sending import Call, HttpSender, SessionRejectedError
from reading_kit.server_clock import ServerClock
from tap_gitlab.addresses import find_next_link, host_of, make_url, next_url, site_url
from tap_gitlab.auth import Authenticator, Login
from tap_gitlab.judging import (
    TRIES_OF_HEAVY_PAGES,
    Judge,
    is_blocked,
    read_problem,
)
from tap_gitlab.rate_limit import RateLimit, seconds_to_reset
from tap_gitlab.rows import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import requests

    from reading_kit.clock import Clock
    from tap_gitlab.settings import InstanceSettings, Settings

T = TypeVar("T")

_WAIT_WITHOUT_WORD_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a resource gave.

    Attributes:
        value: What the body was read as.
        url: What was asked for.
        next_url: The next page, if there is one.
        total: How many rows the list has, where GitLab tells it.
    """

    value: T
    url: str
    next_url: str | None = None
    total: int | None = None


class _LastAnswer(threading.local):
    """Headers of a thread's last answer, which its error's body does not repeat."""

    location = ""
    reset_s: float | None = None


class GitlabClient:
    """Sends requests to one instance from any thread.

    Attributes:
        instance: Which one.
        calls: How many requests were sent, repeated ones included.
    """

    def __init__(
        self,
        instance: InstanceSettings,
        settings: Settings,
        *,
        clock: Clock,
        slots: threading.Semaphore,
    ) -> None:
        self.instance = instance
        self._slots = slots
        self.calls = 0
        self._counting = threading.Lock()
        self._last = _LastAnswer()
        self._server_clock = ServerClock()
        self.rate_limit = RateLimit(clock, longest_s=settings.retry_delay_max_s)
        self._sender = HttpSender(
            clock=clock,
            timeout_s=settings.timeout_s,
            retry_delay_max_s=settings.retry_delay_max_s,
            user_agent=settings.user_agent,
            note=self._note,
            read_problem=self._read_problem,
            wait_s=_WAIT_WITHOUT_WORD_S,
        )
        self._authenticator = Authenticator(
            instance.credentials,
            exchange=self._exchange_token,
            host=host_of(instance.api_url),
        )

    @property
    def server_time(self) -> datetime | None:
        """Give the instance's time at its newest answer; none before the first."""
        return self._server_clock.newest

    def get(
        self,
        path: str,
        parse: Callable[[bytes], T],
        params: Mapping[str, str] | None = None,
        *,
        is_halvable: bool = False,
    ) -> Answer[T]:
        """Get a resource below the API's address, and read it."""
        url = make_url(self.instance.api_url, path, params or {})
        return self.get_url(url, parse, is_halvable=is_halvable)

    def get_url(
        self, url: str, parse: Callable[[bytes], T], *, is_halvable: bool = False
    ) -> Answer[T]:
        """Get a resource by its URL, and read it.

        Args:
            url: An address at this instance.
            parse: Reads the body; may run more than once.
            is_halvable: Whether a page that fails can be asked for in smaller ones.

        Raises:
            ApiError: the instance refused.
            CredentialsError: it does not know the token (any more).
            HostUnreachableError: it cannot be reached, or a firewall is before it.
            UnreachableError: no usable answer after all tries.
        """

        def consume(response: requests.Response) -> Answer[T]:
            value = parse(response.content)
            following = find_next_link(response.headers.get("Link", ""))
            total = response.headers.get("X-Total", "")
            return Answer(
                value,
                url,
                None if following is None else next_url(following, current=url),
                int(total) if total.isdigit() else None,
            )

        login = self._authenticator.login()
        try:
            return self._send(url, login, consume, Judge(is_halvable=is_halvable))
        except SessionRejectedError as error:
            login = self._authenticator.renew(login, reason=str(error))
        try:
            return self._send(url, login, consume, Judge(is_halvable=is_halvable))
        except SessionRejectedError as error:
            msg = f"{host_of(url)} rejects a fresh token, too: {error}"
            raise CredentialsError(msg) from None

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Get a resource that is JSON; where it has moved, from its new place."""
        try:
            return self.get(path, read_json, params).value
        except ApiError as error:
            if error.problem.status not in {301, 302, 307, 308}:
                raise
        url = make_url(self.instance.api_url, path, params or {})
        moved = next_url(self._last.location, current=url)
        if moved != self._last.location:
            msg = f"{path} has moved to another host, which is not followed"
            raise ApiError(ApiProblem(301, "MOVED", msg))
        return self.get_url(moved, read_json).value

    def _send(
        self,
        url: str,
        login: Login,
        consume: Callable[[requests.Response], Answer[T]],
        judge: Judge,
    ) -> Answer[T]:
        self.rate_limit.wait()
        headers = {"Accept": "application/json, */*;q=0.5", **login.headers}
        try:
            with self._slots:
                return self._sender.send(
                    Call("GET", url, headers=headers),
                    consume,
                    judge_problem=judge,
                    timeouts=TRIES_OF_HEAVY_PAGES if judge.is_halvable else TRIES,
                )
        except ApiError as error:
            if not is_blocked(error.problem):
                raise
            msg = (
                f"{host_of(url)}: a firewall answers in place of GitLab "
                f"({error.problem.message}): blocked by address or rules"
            )
            raise HostUnreachableError(msg) from None

    def _note(self, response: requests.Response) -> None:
        with self._counting:
            self.calls += 1
        self._server_clock.note(response)
        self.rate_limit.note(response.headers)
        self._last.location = response.headers.get("Location", "")
        self._last.reset_s = seconds_to_reset(response.headers)

    def _read_problem(self, status: int, body: str) -> ApiProblem:
        problem = read_problem(status, body)
        if status != 429 or self._last.reset_s is None:
            return problem
        # A Retry-After, which the sender reads by itself, says the same.
        return ApiProblem(status, problem.code, problem.message, self._last.reset_s)

    def _exchange_token(self, form: Mapping[str, str]) -> dict[str, Any]:
        url = f"{site_url(self.instance.api_url)}/oauth/token"
        call = Call("POST", url, headers={"Accept": "application/json"}, body=form)
        try:
            found = self._sender.send(
                call, lambda r: read_json(r.content), judge_problem=_judge_exchange
            )
        except ApiError as error:
            msg = (
                f"{host_of(url)} does not take the refresh token: {error.problem}; "
                "authorise the application again"
            )
            raise CredentialsError(msg) from None
        return found if isinstance(found, dict) else {}


def _judge_exchange(problem: ApiProblem) -> Verdict:
    if problem.status == 401:
        return Verdict.FAIL
    return Judge()(problem)

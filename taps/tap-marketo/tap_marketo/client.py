"""Talks to one Marketo instance: its token, its clock, its limits."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from reading_kit.errors import (
    ApiError,
    ApiProblem,
    CredentialsError,
    QuotaError,
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
from tap_marketo.auth import TokenKeeper, judge_token_answer
from tap_marketo.calling import (
    CALLS_BETWEEN_LOOKS,
    CallGate,
    check_daily_calls,
    describe_reset,
)
from tap_marketo.errors import RefusedError
from tap_marketo.judging import (
    CONCURRENCY_LIMIT,
    EMPTY,
    NO_DATA,
    Envelope,
    Judge,
    explain_refusal,
    read_envelope,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import requests

    from reading_kit.clock import Clock
    from reading_kit.retrying import Verdict
    from tap_marketo.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Longer addresses are refused (414); the same question then goes as a form.
LONGEST_URL_BYTES = 7500
_USAGE_PATH = "/rest/v1/stats/usage.json"


class MarketoClient:
    """Sends requests with a valid token and reads the answers.

    Attributes:
        settings: The settings of the run.
        clock: Where waiting happens.
        gate: What keeps calls within the limits; it counts them.
        calls_today: Calls of all clients today, as last told; none if not told.
    """

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.gate = CallGate(
            clock=clock,
            calls_per_20_s=settings.calls_per_20_s,
            concurrent=settings.concurrent_calls,
        )
        self.calls_today: int | None = None
        self._looked_at = 0
        self._server_clock = ServerClock()
        self._sender = self._new_sender(self._note_answer)
        self._keeper = TokenKeeper(
            settings.access,
            sender=self._new_sender(lambda _: None),
            clock=clock,
        )

    def reading_end(self) -> datetime:
        """Give the instant up to which a run reads.

        Raises:
            UnreachableError: the instance does not tell its time.
        """
        end = self.server_time() - self.settings.end_margin
        latest = self.settings.end_date
        return end if latest is None else min(end, latest)

    def server_time(self) -> datetime:
        """Give the ``Date`` of the newest answer, in whole seconds.

        Raises:
            UnreachableError: the instance sends no such header.
        """
        if self._server_clock.newest is None:
            self.look_at_usage()
        if self._server_clock.newest is None:
            raise UnreachableError("the instance sends no valid Date header")
        return self._server_clock.newest.replace(microsecond=0)

    def fetch(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        has_rows: bool = True,
    ) -> Envelope:
        """Get a path and read the answer.

        Args:
            path: The path, from ``/rest`` or ``/bulk`` on.
            params: The parameters; where they are long they are sent as a form.
            has_rows: Whether a success has to have rows. One that lacks them is asked
                for again, as it must not pass for the end of the data.
        """
        query = urlencode(params or {}, quote_via=quote)
        consume = _consume_rows if has_rows else _consume_any
        if len(path) + len(query) > LONGEST_URL_BYTES:
            return self.exchange(
                "POST",
                f"{path}?_method=GET",
                consume,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=f"_method=GET&{query}".encode(),
            )
        return self.exchange("GET", f"{path}?{query}" if query else path, consume)

    def post(self, path: str, value: object | None = None) -> Envelope:
        """Send a JSON value, or nothing, and read the answer."""
        return self.exchange(
            "POST",
            path,
            _consume_rows,
            headers={"Content-Type": "application/json"},
            body=b"" if value is None else msgspec.json.encode(value),
        )

    def exchange(
        self,
        method: str,
        target: str,
        consume: Callable[[requests.Response], T],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Send a request and consume its answer; a rejected token is renewed once.

        Raises:
            ApiError: Marketo refused the request.
            CredentialsError: a fresh token was rejected too.
            QuotaError: the calls of the day are used up.
            UnreachableError: no usable answer after all tries.
        """
        path = target.partition("?")[0]
        call = Call(
            method,
            self.settings.access.base_url + target,
            headers=headers or {},
            body=body,
        )
        token = self._keeper.token()
        try:
            return self._send(replace(call, bearer=token), consume, path)
        except SessionRejectedError:
            token = self._keeper.renew(token)
        try:
            return self._send(replace(call, bearer=token), consume, path)
        except SessionRejectedError as error:
            msg = f"{path}: a fresh token was rejected too: {error}"
            raise CredentialsError(msg) from None

    def look_at_usage(self) -> None:
        """Ask how many calls the instance has had today, and stop where too many.

        Raises:
            QuotaError: ``max_daily_calls`` is reached.
        """
        self._looked_at = self.gate.count
        try:
            answer = self.fetch(_USAGE_PATH)
        except ApiError as error:
            logger.info("the instance does not tell its usage: %s", error)
            return
        totals = [row.get("total") for row in answer.rows if isinstance(row, dict)]
        if totals and isinstance(totals[0], int):
            self.calls_today = totals[0]
            check_daily_calls(
                totals[0], limit=self.settings.max_daily_calls, now=self.server_time()
            )

    def check_usage(self) -> None:
        """Look at the usage where enough calls were made since the last look."""
        if self.gate.count - self._looked_at >= CALLS_BETWEEN_LOOKS:
            self.look_at_usage()

    def _note_answer(self, response: requests.Response) -> None:
        self._server_clock.note(response)
        self.gate.count_answer()

    def _send(
        self, call: Call, consume: Callable[[requests.Response], T], path: str
    ) -> T:
        rules = Judge()

        def judge(problem: ApiProblem) -> Verdict:
            if problem.code == CONCURRENCY_LIMIT:
                self.gate.halve()
            return rules(problem)

        try:
            with self.gate.passing():
                return self._sender.send(call, consume, judge_problem=judge)
        except ApiError as error:
            message = explain_refusal(error.problem, path=path)
            raise RefusedError(error.problem, message) from None
        except QuotaError as error:
            newest = self._server_clock.newest
            reset = "" if newest is None else f"; {describe_reset(newest)}"
            raise QuotaError(
                f"{error}{reset}; the state allows going on later"
            ) from None

    def _new_sender(self, note: Callable[[requests.Response], None]) -> HttpSender:
        return HttpSender(
            clock=self.clock,
            timeout_s=self.settings.request_timeout_s,
            retry_delay_max_s=self.settings.retry_delay_max_s,
            user_agent=self.settings.user_agent,
            note=note,
            judge=judge_token_answer,
        )


def _consume_any(response: requests.Response) -> Envelope:
    value = decode_json(response)
    try:
        answer = read_envelope(value)
    except ValueError as error:
        msg = f"HTTP {response.status_code} that is no answer of Marketo ({error})"
        raise MalformedAnswerError(msg) from None
    if isinstance(answer, ApiProblem):
        if answer.code == NO_DATA:
            return EMPTY
        raise ProblemAnswerError(answer)
    return answer


def _consume_rows(response: requests.Response) -> Envelope:
    answer = _consume_any(response)
    is_end = answer.is_empty_browse or answer.has_more is not None
    if not answer.has_result and not is_end:
        raise MalformedAnswerError("a success without result")
    return answer

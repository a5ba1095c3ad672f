"""Talks to the Graph API: one token, its limits, its clock."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from reading_kit.errors import (
    ApiError,
    CredentialsError,
    QuotaError,
    SettingsError,
    TapError,
)
from reading_kit.sending import (
    Call,
    HttpSender,
    MalformedAnswerError,
    ProblemAnswerError,
    decode_json,
)
from reading_kit.server_clock import ServerClock
from tap_facebook_ads.problems import (
    Cause,
    GraphError,
    GraphProblem,
    judge,
    make_problem,
    read_graph_problem,
)
from tap_facebook_ads.throttling import ThrottleGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import requests

    from reading_kit.clock import Clock
    from tap_facebook_ads.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Longer addresses are sent as forms.
LONGEST_URL = 2000
#: Longest time one request waits for limits, in all.
LIMIT_PATIENCE_S = 7200.0
FIRST_LIMIT_PAUSE_S = 60.0
LONGEST_LIMIT_PAUSE_S = 900.0
FIRST_PAUSE_S = 5.0
_TOKEN_REASONS = {
    458: "the user has removed the app",
    460: "the password was changed",
    463: "it has expired",
    467: "it was made invalid",
    493: "it was made invalid",
}


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One answer of a batch; ``document`` is None where the service left it out."""

    document: dict[str, Any] | None
    problem: GraphProblem | None = None


def plan_limit_pause(number: int) -> float:
    """Give the n-th wait for a limit that does not say how long: 60 s to 15 min."""
    return min(FIRST_LIMIT_PAUSE_S * 2.0 ** (number - 1), LONGEST_LIMIT_PAUSE_S)


class GraphClient:
    """Sends requests below one version of the API.

    Attributes:
        settings: The settings of the run.
        clock: Where waiting happens.
        guard: The guard all answers report to.
    """

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.guard = ThrottleGuard(
            clock=clock,
            threshold_percent=settings.throttle_percent,
            longest_s=settings.throttle_delay_max_s,
        )
        self._server_clock = ServerClock()
        self._is_version_warned = False
        self._sender = HttpSender(
            clock=clock,
            timeout_s=settings.request_timeout_s,
            retry_delay_max_s=settings.retry_delay_max_s,
            user_agent=settings.user_agent,
            note=self._note,
            judge=judge,
            read_problem=read_graph_problem,
            first_pause_s=FIRST_PAUSE_S,
        )

    def server_time(self) -> datetime:
        """Give the ``Date`` of the newest answer.

        Raises:
            MalformedAnswerError: there was none with a valid one.
        """
        if self._server_clock.newest is None:
            self.get_json("me", {"fields": "id"})
        newest = self._server_clock.newest
        if newest is None:
            raise MalformedAnswerError("the service sends no valid Date header")
        return newest

    def get_bytes(
        self, path: str, params: Mapping[str, str], *, token: str | None = None
    ) -> bytes:
        """Get a path and give the body, which is known to hold no error.

        Raises:
            TapError: as ``get_json``.
        """
        return self._send(self._get_call(path, params, token), _read_body)

    def get_json(
        self, path: str, params: Mapping[str, str], *, token: str | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Get a path and decode the JSON answer.

        Args:
            path: Below the version.
            params: What is asked.
            token: Another token than the settings' one.

        Raises:
            GraphError: the service refused the request.
            CredentialsError: the token is dead.
            QuotaError: a limit stayed used up for two hours.
            SettingsError: the version is dead.
            UnreachableError: no usable answer after all tries.
        """
        return self._send(self._get_call(path, params, token), _read_json)

    def post_json(self, path: str, form: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Post a form and decode the JSON answer; errors as of ``get_json``."""
        return self._send(self._form_call(path, form, None), _read_json)

    def post_batch(self, paths: Sequence[str]) -> list[BatchItem]:
        """Get several paths with one request; their answers in the same order.

        Errors of single elements are told in their items; others as of ``get_json``.
        """
        elements = [
            {"method": "GET", "relative_url": f"{self.settings.api_version}/{path}"}
            for path in paths
        ]
        answer = self.post_json("", {"batch": json.dumps(elements)})
        if not isinstance(answer, list):
            raise MalformedAnswerError("a batch whose answer is no list")
        # The request itself was counted as one.
        self.guard.count_calls(max(len(paths) - 1, 0))
        items = [_read_item(element) for element in answer[: len(paths)]]
        return items + [BatchItem(None)] * (len(paths) - len(items))

    def hold_for_limit(self, problem: GraphProblem, *, number: int = 1) -> float:
        """Hold all requests back for a limit, and give for how many seconds.

        Args:
            problem: The refusal.
            number: Which wait of this request it is; they get longer.
        """
        pause_s = self.guard.told_reset_s or plan_limit_pause(number)
        self.guard.hold(pause_s, reason=str(problem))
        return pause_s

    def explain(self, error: GraphError) -> TapError:
        """Give the error that says what to do, where the cause is known."""
        problem, version = error.graph_problem, self.settings.api_version
        if error.cause is Cause.TOKEN:
            reason = _TOKEN_REASONS.get(problem.subcode, "it is not valid")
            msg = f"access_token: {reason}; make a new one: {problem}"
            return CredentialsError(msg)
        if error.cause is Cause.VERSION:
            msg = (
                f"api_version: {version} is not, or no more, a version of the service; "
                f"set api_version to one that is: {problem}"
            )
            return SettingsError(msg)
        return error

    # Calls

    def _get_call(
        self, path: str, params: Mapping[str, str], token: str | None
    ) -> Call:
        signed = self._signed(params, token)
        url = f"{self._url(path)}?{urlencode(signed)}"
        if len(url) > LONGEST_URL:
            return self._form_call(path, {**params, "method": "GET"}, token)
        return Call("GET", url, bearer=token or self.settings.access_token)

    def _form_call(self, path: str, form: Mapping[str, str], token: str | None) -> Call:
        return Call(
            "POST",
            self._url(path),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(self._signed(form, token)).encode(),
            bearer=token or self.settings.access_token,
        )

    def _url(self, path: str) -> str:
        return f"{self.settings.api_url}/{self.settings.api_version}/{path}"

    def _signed(
        self, params: Mapping[str, str], token: str | None
    ) -> Mapping[str, str]:
        secret = self.settings.app_secret
        if not secret:
            return params
        message = (token or self.settings.access_token).encode()
        proof = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        return {**params, "appsecret_proof": proof}

    # Sending

    def _send(self, call: Call, consume: Callable[[requests.Response], T]) -> T:
        """Send a call, however long limits want it to wait, up to two hours."""
        waits, waited_s = 0, 0.0
        while True:
            self.guard.wait()
            try:
                return self._sender.send(call, consume)
            except ApiError as error:
                problem = error.problem
                if not isinstance(problem, GraphProblem):
                    raise
                refusal = GraphError(problem)
            if refusal.cause is not Cause.LIMIT:
                raise self.explain(refusal)
            waits += 1
            waited_s += self.hold_for_limit(problem, number=waits)
            if waited_s > LIMIT_PATIENCE_S:
                msg = f"a limit stayed used up for two hours: {problem}"
                raise QuotaError(msg)

    def _note(self, response: requests.Response) -> None:
        self.guard.note(response.headers)
        self._server_clock.note(response)
        warning = response.headers.get("X-Ad-Api-Version-Warning")
        if warning and not self._is_version_warned:
            self._is_version_warned = True
            logger.warning(
                "api_version %s: %s", self.settings.api_version, warning[:300]
            )


def _read_body(response: requests.Response) -> bytes:
    """Read a body; one that is empty, no JSON or an error is told from good ones."""
    body = response.content
    if not body.strip():
        raise MalformedAnswerError("an empty answer")
    first, last = body.lstrip()[:1], body.rstrip()[-1:]
    if (first, last) not in {(b"{", b"}"), (b"[", b"]")}:
        msg = f"HTTP {response.status_code} with a body that is not JSON"
        raise MalformedAnswerError(msg)
    if body.lstrip()[:12].replace(b" ", b"").startswith(b'{"error":'):
        problem = read_graph_problem(
            response.status_code, body.decode(errors="replace")
        )
        raise ProblemAnswerError(problem)
    return body


def _read_json(response: requests.Response) -> Any:  # noqa: ANN401 - JSON
    _read_body(response)
    return decode_json(response)


def _read_item(element: object) -> BatchItem:
    """Read an element of a batch's answer: its body is JSON in a text."""
    if not isinstance(element, dict):
        return BatchItem(None)
    status = element.get("code")
    status = status if isinstance(status, int) else 0
    try:
        document = json.loads(element.get("body") or "")
    except (TypeError, ValueError):
        return BatchItem(None)
    if not isinstance(document, dict):
        return BatchItem(None)
    error = document.get("error")
    if isinstance(error, dict):
        return BatchItem(None, make_problem(status, error))
    return BatchItem(document)

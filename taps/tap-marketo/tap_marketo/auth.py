"""Access tokens: asked for once, used by all threads, renewed one at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from reading_kit.errors import ApiError, ApiProblem, CredentialsError
from reading_kit.retrying import TRANSIENT_STATUSES, Verdict
from reading_kit.sending import (
    Call,
    HttpSender,
    MalformedAnswerError,
    ProblemAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from reading_kit.clock import Clock
    from tap_marketo.settings import Access

#: Seconds before its end at which a token is asked for anew.
RENEWAL_S = 60.0
#: A token with no more life than this is waited out: until then the same one comes.
SHORT_LIFE_S = 5.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and when it ends, in seconds of the monotonic clock."""

    text: str = field(repr=False)
    ends_at_s: float
    life_s: float


def judge_token_answer(problem: ApiProblem) -> Verdict:
    """Decide on an error of the identity service; a rejection is never repeated."""
    if problem.status == 429:
        return Verdict.WAIT
    is_passing = problem.status in TRANSIENT_STATUSES
    return Verdict.RETRY if is_passing else Verdict.FAIL


def read_token_answer(value: object) -> tuple[str, float] | ApiProblem:
    """Read the identity service's answer: the token and its life in seconds.

    Raises:
        ValueError: it is neither a token nor an error.
    """
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error for one cause
    if value.get("error"):
        text = str(value.get("error_description") or "")
        return ApiProblem(200, str(value["error"]), text)
    token = value.get("access_token")
    life = value.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ValueError("no access_token")
    return token, float(life) if isinstance(life, (int, float)) else 0.0


class TokenKeeper:
    """Gives the token all calls carry."""

    def __init__(self, access: Access, *, sender: HttpSender, clock: Clock) -> None:
        self._access = access
        self._sender = sender
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def token(self) -> str:
        """Give a token that is good as far as is known.

        Raises:
            CredentialsError: Marketo rejects the credentials.
        """
        with self._lock:
            token = self._token
            # A token asked for shortly before its end is used up to that end.
            margin_s = RENEWAL_S if token and token.life_s > 2 * RENEWAL_S else 0.0
            now_s = self._clock.monotonic_s()
            if token is None or token.ends_at_s - margin_s <= now_s:
                token = self._token = self._ask()
            return token.text

    def renew(self, rejected: str) -> str:
        """Give another token than one that was rejected, if there is one by now.

        Before its end Marketo gives the same token again, so one that is about to end
        is waited out.
        """
        with self._lock:
            if self._token is not None and self._token.text != rejected:
                return self._token.text
            token = self._ask()
            if token.text == rejected and token.life_s <= SHORT_LIFE_S:
                self._clock.sleep(token.life_s + 1)
                token = self._ask()
            self._token = token
            return token.text

    def _ask(self) -> Token:
        try:
            text, life_s = self._send("POST")
        except ApiError as error:
            if error.problem.status != 405:
                raise _reject(error) from None
            try:
                text, life_s = self._send("GET")
            except ApiError as refusal:
                raise _reject(refusal) from None
        return Token(text, self._clock.monotonic_s() + life_s, life_s)

    def _send(self, method: str) -> tuple[str, float]:
        form = self._form()
        url = f"{self._access.identity_url}/oauth/token"
        if method == "GET":
            return self._sender.send(Call("GET", f"{url}?{urlencode(form)}"), _consume)
        return self._sender.send(Call("POST", url, body=form), _consume)

    def _form(self) -> Mapping[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
        }
        if self._access.partner_api_key:
            form["partner_id"] = self._access.partner_api_key
        return form


def _consume(response: requests.Response) -> tuple[str, float]:
    try:
        value: Any = msgspec.json.decode(response.content)
        answer = read_token_answer(value)
    except (msgspec.DecodeError, ValueError):
        raise MalformedAnswerError("the identity service sent no token") from None
    if isinstance(answer, ApiProblem):
        raise ProblemAnswerError(answer)
    return answer


def _reject(error: ApiError) -> CredentialsError:
    problem = error.problem
    text = " ".join(problem.message.split())
    return CredentialsError(
        f"Marketo rejects client_id or client_secret: {problem.code}: {text}"
    )

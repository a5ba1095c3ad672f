"""What every request passes before the API sees it.

Here are armed faults, the token, the limits, the journal, and the headers that every
answer carries.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from starlette.responses import Response

from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.gitlab.access import CALLER_KEY, SLASH
from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    error_answer,
    html_answer,
    json_answer,
    text_answer,
)
from bizops_sandbox.servers.gitlab.fault_kinds import REQUEST_FAULTS, names
from bizops_sandbox.servers.gitlab.tokens import Caller, invalid_token, unauthorised
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.listening import reset_connection

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.gitlab.budget import Standing
    from bizops_sandbox.servers.gitlab.simulator import Simulator
    from bizops_sandbox.servers.journal import JournalEntry

CONTROL_PATH = "/__sim"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
_API = re.compile(r"^(?:/instances/[^/]+)?/api/v4/")
_OPEN = re.compile(r"/usage_data/metric_definitions$")
_PUBLIC = re.compile(r"^/api/v4/(?:groups|projects)(?:/|$)")
_JOB_MAY = re.compile(r"^/api/v4/projects/[^/]+/(?:releases|jobs)(?:/|$)")
_NAMED = frozenset({"groups", "projects", "users"})
_NUMBER = re.compile(r"^\d+$")
_QUERY_TOKEN = re.compile(r"((?:private_token|access_token|job_token)=)[^&]*", re.I)


class Gate:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self._app = app
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        simulator = self._simulator
        simulator.requests += 1
        scope["path"] = _split_path(scope)
        facts = facts_of(scope)
        scope["bizops_sandbox.facts"] = facts
        entry = self._open_entry(scope)
        fault = simulator.faults.take(names(REQUEST_FAULTS), facts)
        entry.fault = None if fault is None else fault.kind.name
        if fault is not None and fault.kind.name == "reset":
            reset_connection(scope)
            return
        if fault is not None and fault.kind.name == "slow":
            await asyncio.sleep(float(fault.parameters["seconds"]))
        if fault is not None and fault.kind.name == "truncated":
            # What is cut off must be JSON, not the end of a compressed body.
            scope["headers"] = [
                p for p in scope["headers"] if p[0] != b"accept-encoding"
            ]
        await asyncio.sleep(self._weight_s(scope))
        refusal, standing = self._admit(scope, fault)
        answer = _Answer(send, simulator, entry, fault, standing)
        answer.scope = scope
        await (self._app if refusal is None else refusal)(scope, receive, answer.send)

    def _weight_s(self, scope: Scope) -> float:
        """How long a page as large as this one takes, by armed faults."""
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("per_page", [""])
        return sum(
            float(fault.parameters["seconds"])
            for fault in self._simulator.faults.lasting("heavy_page")
            if asked[0].isdigit() and int(asked[0]) > int(fault.parameters["above"])
        )

    def _open_entry(self, scope: Scope) -> JournalEntry:
        facts: Facts = scope["bizops_sandbox.facts"]
        entry = self._simulator.journal.open(
            at=self._simulator.clock.now().isoformat(),
            host=facts.host,
            method=facts.method,
            path=scope["raw_path"].decode("latin-1"),
        )
        query = without_secrets(scope["query_string"].decode("latin-1"))
        entry.query = _QUERY_TOKEN.sub(r"\1...", query)
        entry.headers = kept_headers(scope["headers"])
        return entry

    def _admit(
        self, scope: Scope, fault: Fault | None
    ) -> tuple[Response | None, Standing | None]:
        """The refusal of a request, if any, and what its caller has used."""
        simulator, path = self._simulator, str(scope["path"])
        refusal = None if fault is None else _refusal_of(simulator, fault)
        if refusal is not None or not _API.match(path):
            scope[CALLER_KEY] = Caller()
            return refusal, None
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        try:
            caller = simulator.tokens.caller(headers, simulator.clock.now().date())
        except Refused as refused:
            return refused.answer, None
        scope[CALLER_KEY] = caller
        settings = simulator.settings
        standing = simulator.budget.spend(
            caller.name, limit=settings.requests_per_minute
        )
        if standing.is_over:
            return _retry_later(standing.reset_after_s), standing
        own = simulator.budget.spend_endpoint(
            caller.name, path, percent=settings.application_limits_percent
        )
        if own.is_over:
            return _endpoint_limited(own.reset_after_s), standing
        if not self._may_enter(caller, path):
            return unauthorised(), standing
        return self._refuse_scope(caller, path) or self._refuse_filter(scope), standing

    def _refuse_filter(self, scope: Scope) -> Response | None:
        """Refuse a parameter that an old version does not know."""
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        for fault in self._simulator.faults.lasting("filter_unknown"):
            name = str(fault.parameters["parameter"])
            if name in asked:
                fault.used += 1
                return error_answer(400, f"{name} is invalid")
        return None

    def _refuse_scope(self, caller: Caller, path: str) -> Response | None:
        """Tokens without read_api reach their own resources only."""
        free = ("/usage_data/", "/personal_access_tokens/self")
        if caller.token is None or any(part in path for part in free):
            return None
        try:
            caller.need("read_api")
        except Refused as refused:
            return refused.answer
        return None

    def _may_enter(self, caller: Caller, path: str) -> bool:
        if caller.token is not None:
            return not caller.token.is_job or _JOB_MAY.match(path) is not None
        if _OPEN.search(path):
            return True
        allows = self._simulator.settings.allows_anonymous
        return allows and _PUBLIC.match(path) is not None


class _Answer:
    """Sends an answer with the headers due, broken as a fault asks."""

    def __init__(
        self,
        send: Send,
        simulator: Simulator,
        entry: JournalEntry,
        fault: Fault | None,
        standing: Standing | None,
    ) -> None:
        self.scope: Scope = {}
        self._send = send
        self._simulator = simulator
        self._entry = entry
        self._parameters = {} if fault is None else dict(fault.parameters)
        self._breakage = "" if fault is None else fault.kind.name
        self._standing = standing
        self._start: Message | None = None
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._entry.status = message["status"]
            self._entry.fault = self._entry.fault or self.scope.get(
                "bizops_sandbox.fault"
            )
            self._start = {**message, "headers": self._headers(message)}
            if self._breakage != "truncated":
                await self._send(self._start)
        elif self._breakage == "cut":
            await self._send_cut(message)
        elif self._breakage == "truncated":
            await self._send_truncated(message)
        elif self._breakage == "slow_body":
            await self._send_slowly(message)
        else:
            self._entry.answer_bytes += len(message.get("body", b""))
            await self._send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        simulator = self._simulator
        skew_s = sum(
            int(fault.parameters["seconds"])
            for fault in simulator.faults.lasting("clock_skew")
        )
        now = simulator.clock.now() + timedelta(seconds=skew_s)
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        if self._breakage == "cut" and self._parameters["chunked"]:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        found = {
            "date": http_date(now),
            "x-request-id": f"sandbox{simulator.requests:019d}",
            "cache-control": "max-age=0, private, must-revalidate",
            **self._limit_headers(),
        }
        return headers + [
            (name.encode("ascii"), value.encode("ascii"))
            for name, value in found.items()
        ]

    def _limit_headers(self) -> dict[str, str]:
        standing = self._standing
        if standing is None:
            return {}
        remaining, reset_after_s = standing.remaining, standing.reset_after_s
        for fault in self._simulator.faults.lasting("budget_left"):
            remaining = int(fault.parameters["remaining"])
            reset_after_s = int(fault.parameters["reset_after"])
        reset = self._simulator.clock.now() + timedelta(seconds=reset_after_s)
        return {
            "RateLimit-Limit": str(standing.limit),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(standing.limit - remaining),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(int(reset.timestamp())),
            "RateLimit-ResetTime": http_date(reset),
        }

    async def _send_cut(self, message: Message) -> None:
        if self._is_cut:
            return
        # The answer is never completed, upon which the server closes the connection.
        self._is_cut = True
        body = message.get("body", b"")[: int(self._parameters["after_bytes"])]
        self._entry.answer_bytes += len(body)
        await self._send({**message, "body": body, "more_body": True})

    async def _send_truncated(self, message: Message) -> None:
        """Send a shorter body as if it were whole."""
        assert self._start is not None  # noqa: S101 - the start came before
        body = message.get("body", b"")[: int(self._parameters["after_bytes"])]
        length = (b"content-length", str(len(body)).encode("ascii"))
        headers = [p for p in self._start["headers"] if p[0] != b"content-length"]
        self._entry.answer_bytes += len(body)
        await self._send({**self._start, "headers": [*headers, length]})
        await self._send({**message, "body": body})

    async def _send_slowly(self, message: Message) -> None:
        body, step = message.get("body", b""), int(self._parameters["chunk_bytes"])
        for start in range(0, len(body), step):
            await asyncio.sleep(float(self._parameters["seconds"]))
            chunk = body[start : start + step]
            self._entry.answer_bytes += len(chunk)
            await self._send(
                {"type": "http.response.body", "body": chunk, "more_body": True}
            )
        await self._send({**message, "body": b""})


def _split_path(scope: Scope) -> str:
    """The path with each segment decoded by itself: `%2F` parts no segments."""
    raw = scope["raw_path"].decode("latin-1").split("?", 1)[0]
    segments = [unquote(part).replace("/", SLASH) for part in raw.split("/")]
    path = "/".join(segments)
    return path.rstrip("/") or "/"


def facts_of(scope: Scope) -> Facts:
    """Tell what a request is about: the last word of its path that is no number."""
    segments = str(scope["path"]).strip("/").split("/")
    is_instance = segments[0] == "instances"
    words = [part for part in segments if not _NUMBER.match(part)]
    name = words[-1] if words else ""
    if name == "all" and len(words) > 1:
        name = words[-2]
    if len(segments) == 4 and segments[2] in _NAMED:
        name = segments[2]
    return Facts(
        host="instance" if is_instance else "gitlab",
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        object=name,
    )


def _refusal_of(simulator: Simulator, fault: Fault) -> Response | None:
    """Make the answer a fault gives instead of the real one, if it gives one."""
    name, parameters = fault.kind.name, fault.parameters
    if name == "status":
        return _status_answer(parameters)
    if name == "rate_limited":
        return _retry_later(int(parameters["retry_after"]))
    if name == "endpoint_limited":
        return _endpoint_limited(1)
    if name == "blocked":
        return html_answer(403, "Attention Required! | Cloudflare")
    if name == "token_expired":
        simulator.tokens.end_all()
        return invalid_token(
            "Token is expired. You can either do re-authorization or token refresh."
        )
    return None


def _retry_later(retry_after_s: int) -> Response:
    answer = text_answer(429, "Retry later\n")
    if retry_after_s >= 0:
        answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def _endpoint_limited(retry_after_s: int) -> Response:
    text = "This endpoint has been requested too many times. Try again later."
    return json_answer(
        {"message": {"error": text}},
        status=429,
        headers={"Retry-After": str(retry_after_s)},
    )


def _status_answer(parameters: Any) -> Response:  # noqa: ANN401
    status, message = int(parameters["status"]), str(parameters["message"])
    answer = {
        "json": lambda: json_answer({"message": f"{status} {message}"}, status=status),
        "text": lambda: text_answer(status, message),
        "empty": lambda: Response(b"", status_code=status),
    }.get(str(parameters["body"]), lambda: html_answer(status, message))()
    if int(parameters["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(parameters["retry_after"])
    return answer

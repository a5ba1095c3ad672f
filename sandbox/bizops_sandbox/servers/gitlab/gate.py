"""What every request passes before GitLab's API sees it: the token and the limits."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from bizops_sandbox.servers.answering import status_answer
from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.gitlab.access import CALLER_KEY, SLASH
from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    error_answer,
    html_answer,
    json_answer,
    message_answer,
    text_answer,
)
from bizops_sandbox.servers.gitlab.fault_kinds import REQUEST_FAULTS, names
from bizops_sandbox.servers.gitlab.tokens import Caller, invalid_token, unauthorised
from bizops_sandbox.servers.rules import Admission, Exchange, Rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.responses import Response
    from starlette.types import Message, Scope, Send

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.gitlab.budget import Standing
    from bizops_sandbox.servers.gitlab.simulator import Simulator
    from bizops_sandbox.servers.journal import JournalEntry

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
_API = re.compile(r"^(?:/instances/[^/]+)?/api/v4/")
_OPEN = re.compile(r"/usage_data/metric_definitions$")
_PUBLIC = re.compile(r"^/api/v4/(?:groups|projects)(?:/|$)")
_JOB_MAY = re.compile(r"^/api/v4/projects/[^/]+/(?:releases|jobs)(?:/|$)")
_NAMED = frozenset({"groups", "projects", "users"})
_NUMBER = re.compile(r"^\d+$")
_QUERY_TOKEN = re.compile(r"((?:private_token|access_token|job_token)=)[^&]*", re.I)
_REQUEST_FAULTS = names(REQUEST_FAULTS)
_STATUS_FORMS = {"html": html_answer, "json": message_answer, "text": text_answer}


class GitlabRules(Rules["Simulator"]):
    """The decisions of the company's site and its customers' instances."""

    def facts_of(self, scope: Scope, _body: bytes) -> Facts:
        """Tell what a request is about; part its path where it is meant to part."""
        self.simulator.requests += 1
        scope["path"] = _split_path(scope)
        facts = _facts_of(scope)
        scope["bizops_sandbox.facts"] = facts
        return facts

    def fault_names(self, _exchange: Exchange) -> Collection[str]:
        """The faults of requests; those of pages and rows strike behind the gate."""
        return _REQUEST_FAULTS

    def admit(self, exchange: Exchange) -> Admission:
        """Check the fault, the token and the limits."""
        if exchange.is_struck_by("truncated"):
            # What is cut off must be JSON, not the end of a compressed body.
            scope = exchange.scope
            scope["headers"] = [
                pair for pair in scope["headers"] if pair[0] != b"accept-encoding"
            ]
        refusal, standing = self._admit(exchange.scope, exchange.fault)
        number = self.simulator.requests
        return Admission(refusal, lambda: self._headers(number, standing))

    def failure(self) -> Response:
        """Answer as the application does when it fails."""
        return json_answer({"message": "500 Internal Server Error"}, status=500)

    def note(self, entry: JournalEntry, scope: Scope, body: bytes) -> None:
        """Note what was asked, without the tokens a query may carry."""
        super().note(entry, scope, body)
        entry.path = scope["raw_path"].decode("latin-1")
        entry.query = _QUERY_TOKEN.sub(r"\1...", entry.query)

    def delay_s(self, exchange: Exchange) -> float:
        """How long a page as large as this one takes, by armed faults."""
        query = exchange.scope["query_string"].decode("latin-1")
        asked = parse_qs(query).get("per_page", [""])
        return sum(
            float(fault.parameters["seconds"])
            for fault in self.simulator.faults.lasting("heavy_page")
            if asked[0].isdigit() and int(asked[0]) > int(fault.parameters["above"])
        )

    def transform(self, exchange: Exchange, send: Send) -> Send:
        """End the JSON early when a fault asks for it."""
        if exchange.fault is None or not exchange.is_struck_by("truncated"):
            return send
        return _Truncated(send, int(exchange.fault.parameters["after_bytes"])).send

    def _admit(
        self, scope: Scope, fault: Fault | None
    ) -> tuple[Response | None, Standing | None]:
        """The refusal of a request, if any, and what its caller has used."""
        simulator, path = self.simulator, str(scope["path"])
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

    def _headers(self, number: int, standing: Standing | None) -> Mapping[str, str]:
        return {
            "x-request-id": f"sandbox{number:019d}",
            "cache-control": "max-age=0, private, must-revalidate",
            **({} if standing is None else self._limit_headers(standing)),
        }

    def _limit_headers(self, standing: Standing) -> dict[str, str]:
        remaining, reset_after_s = standing.remaining, standing.reset_after_s
        for fault in self.simulator.faults.lasting("budget_left"):
            remaining = int(fault.parameters["remaining"])
            reset_after_s = int(fault.parameters["reset_after"])
        reset = self.simulator.clock.now() + timedelta(seconds=reset_after_s)
        return {
            "RateLimit-Limit": str(standing.limit),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(standing.limit - remaining),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(int(reset.timestamp())),
            "RateLimit-ResetTime": http_date(reset),
        }

    def _refuse_filter(self, scope: Scope) -> Response | None:
        """Refuse a parameter that an old version does not know."""
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        for fault in self.simulator.faults.lasting("filter_unknown"):
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
        allows = self.simulator.settings.allows_anonymous
        return allows and _PUBLIC.match(path) is not None


class _Truncated:
    """Sends the first bytes of a body as if they were all of it."""

    def __init__(self, send: Send, size_bytes: int) -> None:
        self._send = send
        self._size_bytes = size_bytes
        self._start: Message = {}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        body = message.get("body", b"")[: self._size_bytes]
        length = (b"content-length", str(len(body)).encode("ascii"))
        headers = [p for p in self._start["headers"] if p[0] != b"content-length"]
        await self._send({**self._start, "headers": [*headers, length]})
        await self._send({**message, "body": body})


def _split_path(scope: Scope) -> str:
    """The path with each segment decoded by itself: `%2F` parts no segments."""
    raw = scope["raw_path"].decode("latin-1").split("?", 1)[0]
    segments = [unquote(part).replace("/", SLASH) for part in raw.split("/")]
    path = "/".join(segments)
    return path.rstrip("/") or "/"


def _facts_of(scope: Scope) -> Facts:
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
        return status_answer(parameters, _STATUS_FORMS)
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

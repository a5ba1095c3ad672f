"""What every request passes before Salesforce's API sees it.

Length limits, the session check, the day's limit, and the usage header.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from bizops_sandbox.servers.answering import status_answer
from bizops_sandbox.servers.faults import Facts, Fault
from bizops_sandbox.servers.rules import Admission, Exchange, Rules, header
from bizops_sandbox.servers.salesforce.answers import error_answer, html_answer
from bizops_sandbox.servers.salesforce.fault_kinds import REQUEST_FAULTS, names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.responses import Response
    from starlette.types import Scope

    from bizops_sandbox.servers.salesforce.simulator import Simulator

REQUEST_LIMIT_BYTES = 16_384
_API_PATH = re.compile(r"^/services/data/v[^/]+/")
_SOBJECT = re.compile(r"/sobjects/([A-Za-z_]\w*)")
_JOB = re.compile(r"/jobs/query/(\w{15,18})")
_CURSOR = re.compile(r"/query/(\w{15,18})-\d+")
_FROM = re.compile(r"\bfrom\s+([A-Za-z_]\w*)", re.IGNORECASE)
_LIMIT_FAULTS = {
    "daily_limit": "TotalRequests Limit exceeded.",
    "concurrent_limit": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
}
_ANY_HOST = names(REQUEST_FAULTS) - {*_LIMIT_FAULTS, "token_expired"}
_API_ONLY = names(REQUEST_FAULTS)


class SalesforceRules(Rules["Simulator"]):
    """The decisions of one host, `login` or `instance`."""

    def __init__(self, simulator: Simulator, *, host: str) -> None:
        super().__init__(simulator)
        self._host = host

    def facts_of(self, scope: Scope, body: bytes) -> Facts:
        """Tell what a request is about."""
        return facts_of(self.simulator, scope, body, host=self._host)

    def fault_names(self, exchange: Exchange) -> Collection[str]:
        """Limits and sessions are the API's; all else can strike the login, too."""
        return _API_ONLY if _is_api(exchange.scope) else _ANY_HOST

    def admit(self, exchange: Exchange) -> Admission:
        """Check length, fault, session and the day's limit."""
        scope, fault = exchange.scope, exchange.fault
        refusal = (
            _too_long(scope)
            or (None if fault is None else refusal_of(self.simulator, fault))
            or (self._unauthorised(scope) if _is_api(scope) else None)
            or (self._over_limit() if _is_api(scope) else None)
        )
        if scope["path"] != "/":
            scope["path"] = scope["path"].rstrip("/")
        return Admission(refusal, self._usage)

    def failure(self) -> Response:
        """Answer as the service does when it fails."""
        return error_answer(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")

    def _usage(self) -> Mapping[str, str]:
        used = self.simulator.api_requests_used
        limit = self.simulator.settings.daily_api_requests
        return {"sforce-limit-info": f"api-usage={used}/{limit}"}

    def _unauthorised(self, scope: Scope) -> Response | None:
        given = header(scope, "authorization") or ""
        scheme, _, token = given.partition(" ")
        if given and (scheme.lower() not in {"bearer", "oauth"} or not token):
            return error_answer(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        return None if self.simulator.sessions.accept(token) else session_expired()

    def _over_limit(self) -> Response | None:
        simulator = self.simulator
        if simulator.api_requests_used >= simulator.settings.daily_api_requests:
            return _limit_exceeded("daily_limit")
        simulator.usage.api_requests += 1
        return None


def _is_api(scope: Scope) -> bool:
    return _API_PATH.match(scope["path"]) is not None


def facts_of(simulator: Simulator, scope: Scope, body: bytes, *, host: str) -> Facts:
    """Tell what a request is about."""
    return Facts(
        host=host,
        method=scope["method"],
        path=scope["path"],
        object=_object_of(simulator, scope, body),
    )


def refusal_of(simulator: Simulator, fault: Fault) -> Response | None:
    """Make the answer a fault gives instead of the real one, if it gives one."""
    name = fault.kind.name
    if name == "status":
        code = str(fault.parameters["error_code"])
        forms = {
            "json": lambda status, message: error_answer(status, code, message),
            "html": html_answer,
        }
        return status_answer(fault.parameters, forms)
    if name in _LIMIT_FAULTS:
        return _limit_exceeded(name)
    if name == "token_expired":
        simulator.sessions.end_all()
        return session_expired()
    return None


def session_expired() -> Response:
    """Answer that the access token is not good (any more)."""
    return error_answer(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _limit_exceeded(name: str) -> Response:
    return error_answer(403, "REQUEST_LIMIT_EXCEEDED", _LIMIT_FAULTS[name])


def _too_long(scope: Scope) -> Response | None:
    url_bytes = len(scope["raw_path"]) + 1 + len(scope["query_string"])
    if url_bytes > REQUEST_LIMIT_BYTES:
        return html_answer(414, "URI Too Long")
    headers_bytes = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    if url_bytes + headers_bytes > REQUEST_LIMIT_BYTES:
        return html_answer(431, "Request Header Fields Too Large")
    return None


def _object_of(simulator: Simulator, scope: Scope, body: bytes) -> str:
    path: str = scope["path"]
    if match := _SOBJECT.search(path):
        return match.group(1)
    if match := _JOB.search(path):
        job = simulator.jobs.find(match.group(1))
        return "" if job is None else job.object_name
    if match := _CURSOR.search(path):
        cursor = simulator.cursor(match.group(1))
        return "" if cursor is None else cursor.table.name
    asked = " ".join(parse_qs(scope["query_string"].decode("latin-1")).get("q", []))
    match = _FROM.search(asked)
    if match is None and path.endswith("/jobs/query"):
        match = _FROM.search(body.decode("utf-8", "replace"))
    return match.group(1) if match else ""

"""What every request passes before the API sees it.

Here are length limits, armed faults, the session check, the day's limit, the journal,
and the headers that every answer carries.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.responses import Response

from bizops_sandbox.servers.bodies import read_body, replay
from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.faults import Facts, Fault
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.listening import reset_connection
from bizops_sandbox.servers.salesforce.answers import error_answer, html_answer
from bizops_sandbox.servers.salesforce.fault_kinds import REQUEST_FAULTS, names

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bizops_sandbox.servers.journal import JournalEntry
    from bizops_sandbox.servers.salesforce.simulator import Simulator

CONTROL_PATH = "/__sim"
REQUEST_LIMIT_BYTES = 16_384
_LOG = logging.getLogger(__name__)
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


class Gate:
    """Wraps the application of one host."""

    def __init__(self, app: ASGIApp, simulator: Simulator, *, host: str) -> None:
        self._app = app
        self._simulator = simulator
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        body = await read_body(receive)
        entry = self._open_entry(scope, body)
        facts = facts_of(self._simulator, scope, body, host=self._host)
        is_api = _API_PATH.match(scope["path"]) is not None
        fault = self._simulator.faults.take(_API_ONLY if is_api else _ANY_HOST, facts)
        entry.fault = None if fault is None else fault.kind.name
        if fault is not None and fault.kind.name == "reset":
            reset_connection(scope)
            return
        if fault is not None and fault.kind.name == "slow":
            await asyncio.sleep(float(fault.parameters["seconds"]))
        answer = _Answer(send, self._simulator, entry, fault)
        refusal = self._refuse(scope, fault, is_api=is_api)
        app = self._app if refusal is None else refusal
        if scope["path"] != "/":
            scope["path"] = scope["path"].rstrip("/")
        try:
            await app(scope, replay(body, receive), answer.send)
        except Exception:  # noqa: BLE001 - answered already, told here
            _LOG.exception("the sandbox failed at %s %s", facts.method, facts.path)

    def _open_entry(self, scope: Scope, body: bytes) -> JournalEntry:
        entry = self._simulator.journal.open(
            at=self._simulator.clock.now().isoformat(),
            host=self._host,
            method=scope["method"],
            path=scope["path"],
        )
        entry.query = without_secrets(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        entry.body = without_secrets(body.decode("utf-8", "replace"))
        return entry

    def _refuse(
        self, scope: Scope, fault: Fault | None, *, is_api: bool
    ) -> Response | None:
        return (
            _too_long(scope)
            or (None if fault is None else refusal_of(self._simulator, fault))
            or (self._unauthorised(scope) if is_api else None)
            or (self._over_limit() if is_api else None)
        )

    def _unauthorised(self, scope: Scope) -> Response | None:
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, token = header.partition(" ")
        if header and (scheme.lower() not in {"bearer", "oauth"} or not token):
            return error_answer(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        return None if self._simulator.sessions.accept(token) else session_expired()

    def _over_limit(self) -> Response | None:
        simulator = self._simulator
        if simulator.api_requests_used >= simulator.settings.daily_api_requests:
            return _limit_exceeded("daily_limit")
        simulator.usage.api_requests += 1
        return None


class _Answer:
    """Sends an answer with the headers due, broken as a fault asks."""

    def __init__(
        self,
        send: Send,
        simulator: Simulator,
        entry: JournalEntry,
        fault: Fault | None,
    ) -> None:
        self._send = send
        self._simulator = simulator
        self._entry = entry
        self._parameters = {} if fault is None else dict(fault.parameters)
        self._breakage = "" if fault is None else fault.kind.name
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._entry.status = message["status"]
            await self._send({**message, "headers": self._headers(message)})
        elif self._breakage == "cut":
            await self._send_cut(message)
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
        limit = simulator.settings.daily_api_requests
        usage = f"api-usage={simulator.api_requests_used}/{limit}"
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        if self._breakage == "cut" and self._parameters["chunked"]:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"date", http_date(now).encode("ascii")))
        headers.append((b"sforce-limit-info", usage.encode("ascii")))
        return headers

    async def _send_cut(self, message: Message) -> None:
        if self._is_cut:
            return
        # The answer is never completed, upon which the server closes the connection.
        self._is_cut = True
        body = message.get("body", b"")[: int(self._parameters["after_bytes"])]
        self._entry.answer_bytes += len(body)
        await self._send({**message, "body": body, "more_body": True})

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
        return _status_answer(fault.parameters)
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


def _status_answer(parameters: Any) -> Response:  # noqa: ANN401
    status = int(parameters["status"])
    answer = {
        "html": lambda: html_answer(status, str(parameters["message"])),
        "empty": lambda: Response(b"", status_code=status),
    }.get(
        str(parameters["body"]),
        lambda: error_answer(
            status, str(parameters["error_code"]), str(parameters["message"])
        ),
    )()
    if int(parameters["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(parameters["retry_after"])
    return answer


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

"""What every request passes before the API sees it.

Here are the journal, sizes, armed faults, the token, the limits by time and number,
and the headers that every answer carries.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bizops_sandbox.servers.bodies import read_body, replay
from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.faults import Facts, FaultError, parse_fault
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.listening import reset_connection
from bizops_sandbox.servers.marketo.answers import (
    MESSAGES,
    compressed,
    error_answer,
    html_answer,
    json_answer,
    request_id,
)
from bizops_sandbox.servers.marketo.fault_kinds import REQUEST_FAULTS, names

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.journal import JournalEntry
    from bizops_sandbox.servers.marketo.simulator import Simulator

CONTROL_PATH = "/__sim"
IDENTITY_PATH = "/identity"
FAULT_HEADER = "x-sim-fault"
_HOST = "marketo"
_MOST_URL_BYTES = 8_192
_MOST_BODY_BYTES = 1_048_576
_LOG = logging.getLogger(__name__)
_ANY_FAULTS = names(REQUEST_FAULTS)
_IDENTITY_FAULTS = _ANY_FAULTS - {"error", "token_expired", "result_missing"}
_ERROR_HEADER = b"x-sandbox-error"
_OBJECTS = (
    ("/rest/v1/activities", "activities"),
    ("/bulk/v1/activities", "activities"),
    ("/rest/v1/programs", "members"),
    ("/rest/v1/program", "members"),
    ("/bulk/v1/program", "members"),
    ("/rest/v1/lead", "leads"),
    ("/bulk/v1/leads", "leads"),
    ("/rest/v1/list", "lists"),
    ("/rest/v1/campaigns", "campaigns"),
    ("/rest/v1/stats", "stats"),
    ("/identity", "identity"),
)


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
        body = await read_body(receive)
        self._simulator.running_requests += 1
        try:
            await self._answer(scope, body, receive, send)
        finally:
            self._simulator.running_requests -= 1

    async def _answer(
        self, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        simulator = self._simulator
        entry = self._open_entry(scope, body)
        facts = Facts(_HOST, scope["method"], scope["path"], _object_of(scope["path"]))
        scope["marketo.facts"] = facts
        try:
            _arm_by_header(simulator, scope)
        except (FaultError, msgspec.DecodeError) as error:
            refused = json_answer({"error": f"{FAULT_HEADER}: {error}"}, status=400)
            await refused(scope, receive, send)
            return
        is_identity = scope["path"].startswith(IDENTITY_PATH)
        known = _IDENTITY_FAULTS if is_identity else _ANY_FAULTS
        fault = simulator.faults.take(known, facts)
        entry.fault = None if fault is None else fault.kind.name
        if fault is not None and fault.kind.name == "reset":
            reset_connection(scope)
            return
        if fault is not None and fault.kind.name == "slow":
            await asyncio.sleep(float(fault.parameters["seconds"]))
        refusal = _too_large(scope, body) or _broken(simulator, fault)
        if refusal is None and not is_identity:
            refusal = self._refuse(scope)
        app: ASGIApp = self._app if refusal is None else refusal
        answer = _Answer(send, simulator, entry, fault, scope)
        try:
            await app(scope, replay(body, receive), answer.send)
        except Exception:  # noqa: BLE001 - told to the client as a system error
            _LOG.exception("the sandbox failed at %s %s", facts.method, facts.path)
            if entry.status is None:
                await error_answer("611")(scope, receive, answer.send)

    def _open_entry(self, scope: Scope, body: bytes) -> JournalEntry:
        entry = self._simulator.journal.open(
            at=self._simulator.clock.now().isoformat(),
            host=_HOST,
            method=scope["method"],
            path=scope["path"],
        )
        entry.query = without_secrets(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        if (range_header := _header(scope, b"range")) is not None:
            entry.headers["range"] = range_header
        entry.body = without_secrets(body.decode("utf-8", "replace"))
        return entry

    def _refuse(self, scope: Scope) -> Response | None:
        """Check the token, then the limits; count the call when all is well."""
        simulator = self._simulator
        accepts_query = simulator.settings.accepts_query_token
        text = _token_text(scope, accepts_query=accepts_query)
        if text is None:
            return error_answer("600")
        token = simulator.tokens.find(text)
        if token is None:
            return error_answer("601")
        at_s = simulator.clock.elapsed_s
        if not simulator.tokens.is_good(token, at_s=at_s):
            return self._expired(scope)
        refusal = self._over_limits(at_s)
        if refusal is None:
            day = simulator.clock.central_day()
            simulator.usage.count(day, token.user.user_id, at_s)
            scope["marketo.user_id"] = token.user.user_id
        return refusal

    def _expired(self, scope: Scope) -> Response:
        is_file = scope["path"].endswith("/file.json")
        if is_file and not self._simulator.settings.is_file_token_json:
            return Response(b"Access token expired", status_code=401)
        return error_answer("602")

    def _over_limits(self, at_s: float) -> Response | None:
        """Check the speed, the day's calls and the calls at once, in this order."""
        simulator, settings = self._simulator, self._simulator.settings
        if simulator.usage.is_too_fast(at_s, settings.rate_calls):
            limit = settings.rate_calls
            message = f"Max rate limit '{limit}' exceeded with in '20' secs"
            return error_answer("606", message)
        if simulator.calls_today >= settings.daily_calls:
            return error_answer("607")
        if simulator.running_requests > settings.concurrent_calls:
            return error_answer("615")
        return None


class _Answer:
    """Sends an answer with the headers due, broken as a fault asks."""

    def __init__(
        self,
        send: Send,
        simulator: Simulator,
        entry: JournalEntry,
        fault: Fault | None,
        scope: Scope,
    ) -> None:
        self._send = send
        self._simulator = simulator
        self._entry = entry
        self._parameters = {} if fault is None else dict(fault.parameters)
        self._breakage = "" if fault is None else fault.kind.name
        self._is_rest = not scope["path"].startswith("/bulk")
        self._request = Request(scope)
        self._start: Message = {}
        self._is_cut = False

    async def send(self, message: Message) -> None:
        """Hold the head back until the body is there, then send both."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if not self._start:
            await self._send_body(message)
            return
        start, self._start = self._start, {}
        answer = _response(start, message.get("body", b""))
        self._note_error(answer)
        if self._breakage == "invalid_json":
            answer = _shortened(answer)
        if self._is_rest and not message.get("more_body", False):
            answer = compressed(answer, self._request)
        self._entry.status = answer.status_code
        headers = self._headers(answer)
        await self._send({**start, "status": answer.status_code, "headers": headers})
        await self._send_body({**message, "body": bytes(answer.body)})

    def _note_error(self, answer: Response) -> None:
        code = answer.headers.get(_ERROR_HEADER.decode())
        if code is not None:
            del answer.headers[_ERROR_HEADER.decode()]
            day = self._simulator.clock.central_day()
            self._simulator.usage.count_error(day, code)

    def _headers(self, answer: Response) -> list[tuple[bytes, bytes]]:
        simulator = self._simulator
        skew_s = sum(
            int(fault.parameters["seconds"])
            for fault in simulator.faults.lasting("clock_skew")
        )
        now = simulator.clock.now() + timedelta(seconds=skew_s)
        headers = list(answer.raw_headers)
        if self._breakage == "cut" and self._parameters["chunked"]:
            headers = [pair for pair in headers if pair[0].lower() != b"content-length"]
        return [*headers, (b"date", http_date(now).encode("ascii"))]

    async def _send_body(self, message: Message) -> None:
        if self._breakage == "cut":
            await self._send_cut(message)
        elif self._breakage == "slow_body":
            await self._send_slowly(message)
        else:
            self._entry.answer_bytes += len(message.get("body", b""))
            await self._send(message)

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


def _response(start: Message, body: bytes) -> Response:
    answer = Response(body, status_code=start["status"])
    answer.raw_headers = list(start["headers"])
    return answer


def _shortened(answer: Response) -> Response:
    half = bytes(answer.body)[: max(len(answer.body) // 2, 1)]
    broken = Response(half, status_code=answer.status_code)
    broken.headers["Content-Type"] = answer.headers.get("content-type", "")
    return broken


def _broken(simulator: Simulator, fault: Fault | None) -> Response | None:
    """Make the answer a fault gives instead of the real one, if it gives one."""
    if fault is None:
        return None
    name, said = fault.kind.name, fault.parameters
    if name == "status":
        return _status_answer(fault)
    if name == "error":
        code = str(said["code"])
        return error_answer(code, str(said["message"]) or MESSAGES.get(code))
    if name == "result_missing":
        return json_answer({"requestId": request_id(), "success": True})
    if name == "token_expired":
        simulator.tokens.end_all()
        return error_answer("602")
    return None


def _status_answer(fault: Fault) -> Response:
    said = fault.parameters
    status, text = int(said["status"]), str(said["message"])
    if said["body"] == "html":
        answer = html_answer(status, text)
    elif said["body"] == "empty":
        answer = Response(b"", status_code=status)
    else:
        answer = error_answer(str(status), text)
        answer.status_code = status
    if int(said["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(said["retry_after"])
    return answer


def _too_large(scope: Scope, body: bytes) -> Response | None:
    url_bytes = len(scope["raw_path"]) + 1 + len(scope["query_string"])
    if scope["method"] == "GET" and url_bytes > _MOST_URL_BYTES:
        return html_answer(414, "Request-URI Too Long")
    if len(body) > _MOST_BODY_BYTES:
        return html_answer(413, "Request Entity Too Large")
    return None


def _arm_by_header(simulator: Simulator, scope: Scope) -> None:
    """Arm the fault a request brings along for itself.

    Raises:
        FaultError: for one that is not understood, or would outlast the request.
        DecodeError: (of msgspec) when the header is no JSON.
    """
    text = _header(scope, FAULT_HEADER.encode())
    if text is None:
        return
    document = msgspec.json.decode(text)
    kind = parse_fault(document, simulator.faults.kinds).kind
    if kind.is_lasting:
        raise FaultError(f"{kind.name} lasts; arm it at {CONTROL_PATH}/faults")
    once = {"match": {"path": scope["path"]}, "count": 1, "after": 0}
    simulator.faults.arm({**document, **once})


def _header(scope: Scope, name: bytes) -> str | None:
    value = dict(scope["headers"]).get(name)
    return None if value is None else bytes(value).decode("latin-1")


def _token_text(scope: Scope, *, accepts_query: bool) -> str | None:
    scheme, _, token = (_header(scope, b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    return asked.get("access_token", [None])[0] if accepts_query else None


def _object_of(path: str) -> str:
    """Tell what a path is about: leads, activities, members, or an asset's plural."""
    for prefix, name in _OBJECTS:
        if path.startswith(prefix):
            return name
    parts = path.strip("/").split("/")
    is_asset = parts[:2] == ["rest", "asset"] and len(parts) > 3
    return parts[3].removesuffix(".json") if is_asset else ""

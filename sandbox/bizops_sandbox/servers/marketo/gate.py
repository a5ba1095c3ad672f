"""What every request passes before Marketo's API sees it.

Sizes, the token, and the limits by time and number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from bizops_sandbox.servers.answering import status_answer
from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.marketo.answers import (
    MESSAGES,
    error_answer,
    html_answer,
    json_answer,
    request_id,
)
from bizops_sandbox.servers.marketo.fault_kinds import REQUEST_FAULTS, names
from bizops_sandbox.servers.rules import Admission, Exchange, Rules, header

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import Message, Scope, Send

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.journal import JournalEntry
    from bizops_sandbox.servers.marketo.simulator import Simulator

IDENTITY_PATH = "/identity"
_HOST = "marketo"
_MOST_URL_BYTES = 8_192
_MOST_BODY_BYTES = 1_048_576
_ANY_FAULTS = names(REQUEST_FAULTS)
_IDENTITY_FAULTS = _ANY_FAULTS - {"error", "token_expired", "result_missing"}
_ERROR_HEADER = "x-sandbox-error"
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


class MarketoRules(Rules["Simulator"]):
    """The decisions of Marketo's only host."""

    def facts_of(self, scope: Scope, _body: bytes) -> Facts:
        """Tell what a request is about, to the application too."""
        facts = Facts(_HOST, scope["method"], scope["path"], _object_of(scope["path"]))
        scope["marketo.facts"] = facts
        return facts

    def fault_names(self, exchange: Exchange) -> Collection[str]:
        """Errors in Marketo's envelope are the API's; all else strikes logins, too."""
        return _IDENTITY_FAULTS if _is_identity(exchange.scope) else _ANY_FAULTS

    def admit(self, exchange: Exchange) -> Admission:
        """Check sizes, fault, token and limits."""
        scope = exchange.scope
        refusal = _too_large(scope, exchange.body) or self._broken(exchange.fault)
        if refusal is None and not _is_identity(scope):
            refusal = self._refuse(scope)
        return Admission(refusal)

    def failure(self) -> Response:
        """Answer that the system failed."""
        return error_answer("611")

    def note(self, entry: JournalEntry, scope: Scope, body: bytes) -> None:
        """Note what was asked, and for which bytes of a file."""
        super().note(entry, scope, body)
        if (range_header := header(scope, "range")) is not None:
            entry.headers["range"] = range_header

    def transform(self, exchange: Exchange, send: Send) -> Send:
        """Count errors, break JSON as a fault asks, compress."""
        return _Held(exchange, self.simulator, send).send

    def _broken(self, fault: Fault | None) -> Response | None:
        """Make the answer a fault gives instead of the real one, if it gives one."""
        name = "" if fault is None else fault.kind.name
        said = {} if fault is None else fault.parameters
        if name == "status":
            return status_answer(said, {"json": _json_status, "html": html_answer})
        if name == "error":
            code = str(said["code"])
            return error_answer(code, str(said["message"]) or MESSAGES.get(code))
        if name == "result_missing":
            return json_answer({"requestId": request_id(), "success": True})
        if name == "token_expired":
            self.simulator.tokens.end_all()
            return error_answer("602")
        return None

    def _refuse(self, scope: Scope) -> Response | None:
        """Check the token, then the limits; count the call when all is well."""
        simulator = self.simulator
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
        if is_file and not self.simulator.settings.is_file_token_json:
            return Response(b"Access token expired", status_code=401)
        return error_answer("602")

    def _over_limits(self, at_s: float) -> Response | None:
        """Check the speed, the day's calls and the calls at once, in this order."""
        simulator, settings = self.simulator, self.simulator.settings
        if simulator.usage.is_too_fast(at_s, settings.rate_calls):
            limit = settings.rate_calls
            message = f"Max rate limit '{limit}' exceeded with in '20' secs"
            return error_answer("606", message)
        if simulator.calls_today >= settings.daily_calls:
            return error_answer("607")
        if self.running > settings.concurrent_calls:
            return error_answer("615")
        return None


class _Held:
    """Holds the head of an answer back until the body is there, then sends both."""

    def __init__(self, exchange: Exchange, simulator: Simulator, send: Send) -> None:
        self._send = send
        self._simulator = simulator
        self._is_broken = exchange.is_struck_by("invalid_json")
        self._is_rest = not exchange.scope["path"].startswith("/bulk")
        self._request = Request(exchange.scope)
        self._start: Message = {}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if not self._start:
            await self._send(message)
            return
        start, self._start = self._start, {}
        answer = _response(start, message.get("body", b""))
        self._note_error(answer)
        if self._is_broken:
            answer = _shortened(answer)
        if self._is_rest and not message.get("more_body", False):
            answer = compressed(answer, self._request)
        headers = list(answer.raw_headers)
        await self._send({**start, "status": answer.status_code, "headers": headers})
        await self._send({**message, "body": bytes(answer.body)})

    def _note_error(self, answer: Response) -> None:
        code = answer.headers.get(_ERROR_HEADER)
        if code is not None:
            del answer.headers[_ERROR_HEADER]
            day = self._simulator.clock.central_day()
            self._simulator.usage.count_error(day, code)


def _response(start: Message, body: bytes) -> Response:
    answer = Response(body, status_code=start["status"])
    answer.raw_headers = list(start["headers"])
    return answer


def _shortened(answer: Response) -> Response:
    half = bytes(answer.body)[: max(len(answer.body) // 2, 1)]
    broken = Response(half, status_code=answer.status_code)
    broken.headers["Content-Type"] = answer.headers.get("content-type", "")
    return broken


def _json_status(status: int, message: str) -> Response:
    answer = error_answer(str(status), message)
    answer.status_code = status
    return answer


def _is_identity(scope: Scope) -> bool:
    return str(scope["path"]).startswith(IDENTITY_PATH)


def _too_large(scope: Scope, body: bytes) -> Response | None:
    url_bytes = len(scope["raw_path"]) + 1 + len(scope["query_string"])
    if scope["method"] == "GET" and url_bytes > _MOST_URL_BYTES:
        return html_answer(414, "Request-URI Too Long")
    if len(body) > _MOST_BODY_BYTES:
        return html_answer(413, "Request Entity Too Large")
    return None


def _token_text(scope: Scope, *, accepts_query: bool) -> str | None:
    scheme, _, token = (header(scope, "authorization") or "").partition(" ")
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

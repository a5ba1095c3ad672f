"""What every request passes around the API: faults of the wire, journal, headers."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from bizops_sandbox.servers.bodies import read_body
from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.facebook.answers import html_answer, json_answer
from bizops_sandbox.servers.facebook.fault_kinds import WIRE_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import GraphError
from bizops_sandbox.servers.facebook.reading import read_call
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.listening import reset_connection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.journal import JournalEntry

CONTROL_PATH = "/__sim"
CALL_KEY = "bizops_sandbox.call"
STRUCK_KEY = "bizops_sandbox.struck"
_HOST = "graph"
_LONGEST_URL_BYTES = 16_384
_LOG = logging.getLogger(__name__)
_TAKEN = names(WIRE_FAULTS)
_TOKENS = re.compile(
    r"((?:fb_exchange_token|input_token|appsecret_proof)(?:=|%3D))[^&]*"
    r"|(access_token%3D)[^&%\"]*",
    re.IGNORECASE,
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
        entry = self._open_entry(scope, body)
        answer = _Answer(send, self._simulator, entry)
        try:
            call = read_call(scope, body)
        except GraphError as error:
            document = error.document(self._simulator.next_trace_id())
            await json_answer(document, status=error.status)(
                scope, receive, answer.send
            )
            return
        scope[CALL_KEY] = call
        fault = self._simulator.take_fault(_TAKEN, call)
        if fault is not None and fault.kind.name == "reset":
            entry.fault = "reset"
            reset_connection(scope)
            return
        answer.fault = fault
        if fault is not None and fault.kind.name == "slow":
            await asyncio.sleep(float(fault.parameters["seconds"]))
        await self._answered(scope, receive, answer, call)

    async def _answered(
        self, scope: Scope, receive: Receive, answer: _Answer, call: Call
    ) -> None:
        app: ASGIApp = self._refusal(scope, answer.fault) or self._app
        try:
            await app(scope, receive, answer.send)
            if struck := scope.get(STRUCK_KEY):
                answer.entry.fault = answer.entry.fault or ", ".join(struck)
        except Exception:  # noqa: BLE001 - told in the log, answered with 500
            _LOG.exception("the sandbox failed at %s %s", call.method, call.url)
            if answer.entry.status is None:
                page = html_answer(500, "Sorry, something went wrong.")
                await page(scope, receive, answer.send)

    def _refusal(self, scope: Scope, fault: Fault | None) -> Response | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > _LONGEST_URL_BYTES:
            return html_answer(414, "URI Too Long")
        if fault is None or fault.kind.name != "status":
            return None
        return _status_answer(fault.parameters, self._simulator)

    def _open_entry(self, scope: Scope, body: bytes) -> JournalEntry:
        entry = self._simulator.journal.open(
            at=self._simulator.clock.now().isoformat(),
            host=_HOST,
            method=scope["method"],
            path=scope["path"],
        )
        entry.query = _masked(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        entry.body = _masked(body.decode("utf-8", "replace"))
        return entry


def _masked(text: str) -> str:
    masked = _TOKENS.sub(lambda m: (m.group(1) or m.group(2)) + "...", text)
    return without_secrets(masked)


class _Answer:
    """Sends an answer with the headers due, broken as a fault asks."""

    def __init__(self, send: Send, simulator: Simulator, entry: JournalEntry) -> None:
        self._send = send
        self._simulator = simulator
        self._is_cut = False
        self.entry = entry
        self.fault: Fault | None = None

    async def send(self, message: Message) -> None:
        name = "" if self.fault is None else self.fault.kind.name
        self.entry.fault = self.entry.fault or name or None
        if message["type"] == "http.response.start":
            self.entry.status = message["status"]
            await self._send({**message, "headers": self._headers(message)})
        elif name == "cut":
            await self._send_cut(message)
        elif name == "slow_body":
            await self._send_slowly(message)
        else:
            self.entry.answer_bytes += len(message.get("body", b""))
            await self._send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        simulator = self._simulator
        skew_s = sum(
            int(fault.parameters["seconds"])
            for fault in simulator.faults.lasting("clock_skew")
        )
        now = simulator.clock.now() + timedelta(seconds=skew_s)
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        fault = self.fault
        if (
            fault is not None
            and fault.kind.name == "cut"
            and fault.parameters["chunked"]
        ):
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"date", http_date(now).encode("ascii")))
        trace = simulator.next_trace_id().encode("ascii")
        return [*headers, (b"x-fb-trace-id", trace), (b"x-fb-rev", b"1030000000")]

    async def _send_cut(self, message: Message) -> None:
        if self._is_cut or self.fault is None:
            return
        # The answer is never completed, upon which the server closes the connection.
        self._is_cut = True
        body = message.get("body", b"")[: int(self.fault.parameters["after_bytes"])]
        self.entry.answer_bytes += len(body)
        await self._send({**message, "body": body, "more_body": True})

    async def _send_slowly(self, message: Message) -> None:
        given = {} if self.fault is None else self.fault.parameters
        body, step = message.get("body", b""), int(given["chunk_bytes"])
        for start in range(0, len(body), step):
            await asyncio.sleep(float(given["seconds"]))
            chunk = body[start : start + step]
            self.entry.answer_bytes += len(chunk)
            await self._send(
                {"type": "http.response.body", "body": chunk, "more_body": True}
            )
        await self._send({**message, "body": b""})


def _status_answer(given: Mapping[str, Any], simulator: Simulator) -> Response:
    status = int(given["status"])
    error = GraphError(int(given["code"]), str(given["message"]), is_transient=True)
    match str(given["body"]):
        case "html":
            answer = html_answer(status, str(given["message"]))
        case "empty":
            answer = Response(b"", status_code=status)
        case _:
            document = error.document(simulator.next_trace_id())
            answer = json_answer(document, status=status)
    if int(given["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(given["retry_after"])
    return answer

"""What every request passes before the API sees it.

Here are armed faults, the limits, the token check, the journal, and the headers that
every answer carries.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bizops_sandbox.servers.bodies import read_body, replay
from bizops_sandbox.servers.clock import http_date
from bizops_sandbox.servers.faults import Facts, Fault
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.listening import reset_connection
from bizops_sandbox.servers.zuora.access import HOST
from bizops_sandbox.servers.zuora.answers import (
    FORBIDDEN,
    LIMIT_EXCEEDED,
    html_answer,
    reasons_answer,
    sign_in_first,
    sorry_answer,
)
from bizops_sandbox.servers.zuora.data_queries import DATA_FILES
from bizops_sandbox.servers.zuora.fault_kinds import REQUEST_FAULTS, names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bizops_sandbox.servers.journal import JournalEntry
    from bizops_sandbox.servers.zuora.limits import Standing
    from bizops_sandbox.servers.zuora.simulator import Simulator

CONTROL_PATH = "/__sim"
_LOG = logging.getLogger(__name__)
_SLASHES = re.compile("/+")
_OPEN_PATHS = ("/oauth/token", DATA_FILES)
_DESCRIBE = re.compile(r"/describe/(\w+)")
_JOB = re.compile(r"/batch-query/jobs/(\w+)")
_DATA_JOB = re.compile(r"/(?:query/jobs|data-files)/([0-9a-f-]{36})")
_FILE = re.compile(r"/files?/(\w+)$")
_TOO_MANY = "Request exceeded limit, please try again later."
_KEPT = (b"zuora-version", b"zuora-entity-ids", b"zuora-org-ids", b"zuora-track-id")
_TAKEN = names(REQUEST_FAULTS)


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
        facts = facts_of(self._simulator, scope, body)
        fault = self._simulator.faults.take(_TAKEN, facts)
        entry.fault = None if fault is None else fault.kind.name
        if fault is not None and fault.kind.name == "reset":
            reset_connection(scope)
            return
        limits = self._simulator.limits
        limits.in_flight += 1
        standing = limits.count(
            self._simulator.settings, pretended=_pretended(self._simulator)
        )
        app = self._refuse(scope, fault, standing) or self._app
        answer = _Answer(send, self._simulator, entry, fault, standing)
        # As the service does: clients send /v1/batch-query//jobs/...
        scope["path"] = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
        try:
            if fault is not None and fault.kind.name == "slow":
                await asyncio.sleep(float(fault.parameters["seconds"]))
            await app(scope, replay(body, receive), answer.send)
        except Exception:  # noqa: BLE001 - told in the log, answered with 500
            _LOG.exception("the sandbox failed at %s %s", facts.method, facts.path)
            if entry.status is None:
                await sorry_answer(500)(scope, receive, answer.send)
        finally:
            limits.in_flight -= 1

    def _open_entry(self, scope: Scope, body: bytes) -> JournalEntry:
        entry = self._simulator.journal.open(
            at=self._simulator.clock.now().isoformat(),
            host=HOST,
            method=scope["method"],
            path=scope["path"],
        )
        entry.query = without_secrets(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        for name, value in scope["headers"]:
            if name in _KEPT:
                entry.headers[name.decode("latin-1")] = value.decode("latin-1")
        entry.body = without_secrets(body.decode("utf-8", "replace"))
        return entry

    def _refuse(
        self, scope: Scope, fault: Fault | None, standing: Standing
    ) -> Response | None:
        refusal = None if fault is None else refusal_of(self._simulator, fault)
        if refusal is not None:
            return refusal
        if scope["path"].startswith(DATA_FILES):
            return None
        limits, settings = self._simulator.limits, self._simulator.settings
        if standing.is_over or limits.in_flight > settings.concurrent_requests:
            return reasons_answer(LIMIT_EXCEEDED, _TOO_MANY, status=429)
        return None if self._is_signed_in(scope) else sign_in_first()

    def _is_signed_in(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path.startswith(_OPEN_PATHS):
            return True
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        scheme, _, token = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._simulator.tokens.accept(token.strip())
        if scheme.lower() == "basic" and ("/batch-query" in path or "/file" in path):
            return self._are_keys(*_basic(token))
        return self._are_keys(
            headers.get(b"apiaccesskeyid", ""), headers.get(b"apisecretaccesskey", "")
        )

    def _are_keys(self, username: str, password: str) -> bool:
        wanted = self._simulator.settings.credentials
        return secrets.compare_digest(
            f"{username}\0{password}".encode(),
            f"{wanted.username}\0{wanted.password}".encode(),
        )


class _Answer:
    """Sends an answer with the headers due, broken as a fault asks."""

    def __init__(
        self,
        send: Send,
        simulator: Simulator,
        entry: JournalEntry,
        fault: Fault | None,
        standing: Standing,
    ) -> None:
        self._send = send
        self._simulator = simulator
        self._entry = entry
        self._parameters = {} if fault is None else dict(fault.parameters)
        self._breakage = "" if fault is None else fault.kind.name
        self._standing = standing
        self._is_cut = False
        self._sent_bytes = 0

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
        simulator, standing = self._simulator, self._standing
        skew_s = sum(
            int(fault.parameters["seconds"])
            for fault in simulator.faults.lasting("clock_skew")
        )
        now = simulator.clock.now() + timedelta(seconds=skew_s)
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        if self._breakage == "cut" and self._parameters["chunked"]:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"date", http_date(now).encode("ascii")))
        headers += self._rate_headers(standing.headers())
        most = simulator.settings.concurrent_requests
        is_full = self._breakage == "concurrency_limit"
        left = 0 if is_full else max(most - simulator.limits.in_flight, 0)
        headers += [
            (b"concurrency-limit-type", b"Default"),
            (b"concurrency-limit-limit", str(most).encode("ascii")),
            (b"concurrency-limit-remaining", str(left).encode("ascii")),
        ]
        return headers

    def _rate_headers(
        self, headers: list[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        if self._breakage != "rate_limit":
            return headers
        reset_s = int(self._parameters["reset_s"])
        if reset_s < 0:
            return []
        return [
            headers[0],
            (b"ratelimit-remaining", b"0"),
            (b"ratelimit-reset", str(reset_s).encode("ascii")),
        ]

    async def _send_cut(self, message: Message) -> None:
        if self._is_cut:
            return
        left = int(self._parameters["after_bytes"]) - self._sent_bytes
        body = message.get("body", b"")[:left]
        self._sent_bytes += len(body)
        self._entry.answer_bytes += len(body)
        # The answer is never completed, upon which the server closes the connection.
        is_whole = not message.get("more_body", False)
        self._is_cut = is_whole or self._sent_bytes >= int(
            self._parameters["after_bytes"]
        )
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


def facts_of(simulator: Simulator, scope: Scope, body: bytes) -> Facts:
    """Tell what a request is about."""
    return Facts(
        host=HOST,
        method=scope["method"],
        path=scope["path"],
        object=_object_of(simulator, scope["path"].rstrip("/"), body),
    )


def refusal_of(simulator: Simulator, fault: Fault) -> Response | None:
    """Make the answer a fault gives instead of the real one, if it gives one."""
    name, parameters = fault.kind.name, fault.parameters
    if name == "status":
        return _status_answer(parameters)
    if name in {"rate_limit", "concurrency_limit"}:
        return reasons_answer(LIMIT_EXCEEDED, _TOO_MANY, status=429)
    if name == "token_expired":
        simulator.tokens.end_all()
        return sign_in_first()
    if name == "failure_200":
        return reasons_answer(int(parameters["code"]), str(parameters["message"]))
    if name == "forbidden":
        message = "Your user role does not have the API Write Access permission"
        return reasons_answer(FORBIDDEN, message, status=403)
    return None


def _status_answer(parameters: Mapping[str, Any]) -> Response:
    status, message = int(parameters["status"]), str(parameters["message"])
    body = str(parameters["body"])
    if body == "html":
        answer = html_answer(status, message)
    elif body == "text":
        answer = sorry_answer(status)
    elif body == "empty":
        answer = Response(b"", status_code=status)
    else:
        answer = reasons_answer(int(parameters["code"]), message, status=status)
    if int(parameters["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(parameters["retry_after"])
    return answer


def _pretended(simulator: Simulator) -> int:
    return sum(
        int(fault.parameters["used"])
        for fault in simulator.faults.lasting("requests_used")
    )


def _basic(token: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(token, validate=True).decode("utf-8")
    except ValueError:
        return "", ""
    username, _, password = text.partition(":")
    return username, password


def _object_of(simulator: Simulator, path: str, body: bytes) -> str:
    if match := _DESCRIBE.search(path):
        return match.group(1)
    if match := _JOB.search(path):
        job = simulator.batch_jobs.find(match.group(1))
        is_single = job is not None and len(job.batches) == 1
        return job.batches[0].object_name if job is not None and is_single else ""
    if match := _DATA_JOB.search(path):
        data_job = simulator.data_jobs.find(match.group(1))
        return "" if data_job is None else data_job.object_name
    if match := _FILE.search(path):
        file = simulator.files.find(match.group(1), simulator.clock.now())
        return "" if file is None else file.object_name
    return simulator.object_in(body.decode("utf-8", "replace"))

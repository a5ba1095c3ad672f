"""What every request passes before Zuora's API sees it: the limits and the token."""

from __future__ import annotations

import base64
import re
import secrets
from typing import TYPE_CHECKING

from bizops_sandbox.servers.answering import status_answer
from bizops_sandbox.servers.faults import Facts, Fault
from bizops_sandbox.servers.rules import Admission, Exchange, Rules
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
    from collections.abc import Collection, Mapping

    from starlette.responses import Response
    from starlette.types import Scope

    from bizops_sandbox.servers.journal import JournalEntry
    from bizops_sandbox.servers.zuora.limits import Standing
    from bizops_sandbox.servers.zuora.simulator import Simulator

_SLASHES = re.compile("/+")
_OPEN_PATHS = ("/oauth/token", DATA_FILES)
_DESCRIBE = re.compile(r"/describe/(\w+)")
_JOB = re.compile(r"/batch-query/jobs/(\w+)")
_DATA_JOB = re.compile(r"/(?:query/jobs|data-files)/([0-9a-f-]{36})")
_FILE = re.compile(r"/files?/(\w+)$")
_TOO_MANY = "Request exceeded limit, please try again later."
_KEPT = (b"zuora-version", b"zuora-entity-ids", b"zuora-org-ids", b"zuora-track-id")
_TAKEN = names(REQUEST_FAULTS)


class ZuoraRules(Rules["Simulator"]):
    """The decisions of the tenant's REST host."""

    def facts_of(self, scope: Scope, body: bytes) -> Facts:
        """Tell what a request is about."""
        return _facts_of(self.simulator, scope, body)

    def fault_names(self, _exchange: Exchange) -> Collection[str]:
        """The faults of requests; those of jobs and files strike behind the gate."""
        return _TAKEN

    def admit(self, exchange: Exchange) -> Admission:
        """Count the request; check the fault, the limits and the token."""
        scope = exchange.scope
        standing = self.simulator.limits.count(
            self.simulator.settings, pretended=_pretended(self.simulator)
        )
        refusal = self._refuse(scope, exchange.fault, standing)
        # As the service does: clients send /v1/batch-query//jobs/...
        scope["path"] = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
        return Admission(refusal, lambda: self._headers(exchange, standing))

    def failure(self) -> Response:
        """Answer as the service does when it fails."""
        return sorry_answer(500)

    def note(self, entry: JournalEntry, scope: Scope, body: bytes) -> None:
        """Note what was asked, and Zuora's own headers."""
        super().note(entry, scope, body)
        for name, value in scope["headers"]:
            if name in _KEPT:
                entry.headers[name.decode("latin-1")] = value.decode("latin-1")

    def _refuse(
        self, scope: Scope, fault: Fault | None, standing: Standing
    ) -> Response | None:
        refusal = None if fault is None else _refusal_of(self.simulator, fault)
        if refusal is not None:
            return refusal
        if scope["path"].startswith(DATA_FILES):
            return None
        settings = self.simulator.settings
        if standing.is_over or self.running > settings.concurrent_requests:
            return reasons_answer(LIMIT_EXCEEDED, _TOO_MANY, status=429)
        return None if self._is_signed_in(scope) else sign_in_first()

    def _headers(self, exchange: Exchange, standing: Standing) -> Mapping[str, str]:
        most = self.simulator.settings.concurrent_requests
        is_full = exchange.is_struck_by("concurrency_limit")
        left = 0 if is_full else max(most - self.running, 0)
        return {
            **_rate_headers(exchange, standing.headers()),
            "concurrency-limit-type": "Default",
            "concurrency-limit-limit": str(most),
            "concurrency-limit-remaining": str(left),
        }

    def _is_signed_in(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path.startswith(_OPEN_PATHS):
            return True
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        scheme, _, token = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.simulator.tokens.accept(token.strip())
        if scheme.lower() == "basic" and ("/batch-query" in path or "/file" in path):
            return self._are_keys(*_basic(token))
        return self._are_keys(
            headers.get(b"apiaccesskeyid", ""), headers.get(b"apisecretaccesskey", "")
        )

    def _are_keys(self, username: str, password: str) -> bool:
        wanted = self.simulator.settings.credentials
        return secrets.compare_digest(
            f"{username}\0{password}".encode(),
            f"{wanted.username}\0{wanted.password}".encode(),
        )


def _rate_headers(exchange: Exchange, headers: Mapping[str, str]) -> Mapping[str, str]:
    if exchange.fault is None or not exchange.is_struck_by("rate_limit"):
        return headers
    reset_s = int(exchange.fault.parameters["reset_s"])
    if reset_s < 0:
        return {}
    told = {"ratelimit-remaining": "0", "ratelimit-reset": str(reset_s)}
    return {**headers, **told}


def _facts_of(simulator: Simulator, scope: Scope, body: bytes) -> Facts:
    """Tell what a request is about."""
    return Facts(
        host=HOST,
        method=scope["method"],
        path=scope["path"],
        object=_object_of(simulator, scope["path"].rstrip("/"), body),
    )


def _refusal_of(simulator: Simulator, fault: Fault) -> Response | None:
    """Make the answer a fault gives instead of the real one, if it gives one."""
    name, parameters = fault.kind.name, fault.parameters
    if name == "status":
        code = int(parameters["code"])
        forms = {
            "json": lambda status, text: reasons_answer(code, text, status=status),
            "html": html_answer,
            "text": lambda status, _text: sorry_answer(status),
        }
        return status_answer(parameters, forms)
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

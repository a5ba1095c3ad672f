"""What every request passes before Facebook's API: its call is read and checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bizops_sandbox.servers.answering import status_answer
from bizops_sandbox.servers.facebook.answers import html_answer, json_answer
from bizops_sandbox.servers.facebook.fault_kinds import WIRE_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import GraphError
from bizops_sandbox.servers.facebook.reading import read_call
from bizops_sandbox.servers.journal import kept_headers, without_secrets
from bizops_sandbox.servers.rules import Admission, Exchange, Rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.responses import Response
    from starlette.types import Scope

    from bizops_sandbox.servers.facebook.simulator import Simulator
    from bizops_sandbox.servers.faults import Facts, Fault
    from bizops_sandbox.servers.journal import JournalEntry

CALL_KEY = "bizops_sandbox.call"
_UNREADABLE_KEY = "bizops_sandbox.unreadable"
_LONGEST_URL_BYTES = 16_384
_TAKEN = names(WIRE_FAULTS)
_TOKENS = re.compile(
    r"((?:fb_exchange_token|input_token|appsecret_proof)(?:=|%3D))[^&]*"
    r"|(access_token%3D)[^&%\"]*",
    re.IGNORECASE,
)


class FacebookRules(Rules["Simulator"]):
    """The decisions of the graph's host."""

    simulator: Simulator

    def facts_of(self, scope: Scope, body: bytes) -> Facts:
        """Read the call, for the application too, and tell what it is about."""
        try:
            call = read_call(scope, body)
        except GraphError as error:
            scope[_UNREADABLE_KEY] = error
            call = read_call({**scope, "headers": []}, b"")
        scope[CALL_KEY] = call
        return self.simulator.facts_of(call)

    def fault_names(self, exchange: Exchange) -> Collection[str]:
        """The wire's faults; those of calls strike within the graph."""
        return () if _UNREADABLE_KEY in exchange.scope else _TAKEN

    def admit(self, exchange: Exchange) -> Admission:
        """Check that the call could be read, and the URL's length."""
        return Admission(self._refusal(exchange.scope, exchange.fault), self._headers)

    def failure(self) -> Response:
        """Answer as what stands before the service does."""
        return html_answer(500, "Sorry, something went wrong.")

    def note(self, entry: JournalEntry, scope: Scope, body: bytes) -> None:
        """Note what was asked, without the tokens that Facebook has besides."""
        entry.query = _masked(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        entry.body = _masked(body.decode("utf-8", "replace"))

    def _refusal(self, scope: Scope, fault: Fault | None) -> Response | None:
        unreadable: GraphError | None = scope.get(_UNREADABLE_KEY)
        if unreadable is not None:
            return self._error_answer(unreadable, unreadable.status)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _LONGEST_URL_BYTES:
            return html_answer(414, "URI Too Long")
        if fault is None or fault.kind.name != "status":
            return None
        code = int(fault.parameters["code"])

        def as_json(status: int, message: str) -> Response:
            return self._error_answer(
                GraphError(code, message, is_transient=True), status
            )

        return status_answer(fault.parameters, {"json": as_json, "html": html_answer})

    def _error_answer(self, error: GraphError, status: int) -> Response:
        document = error.document(self.simulator.next_trace_id())
        return json_answer(document, status=status)

    def _headers(self) -> Mapping[str, str]:
        trace = self.simulator.next_trace_id()
        return {"x-fb-trace-id": trace, "x-fb-rev": "1030000000"}


def _masked(text: str) -> str:
    masked = _TOKENS.sub(lambda m: (m.group(1) or m.group(2)) + "...", text)
    return without_secrets(masked)

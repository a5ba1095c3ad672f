"""The gate before every source's API: journal, faults, refusals, headers due."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from bizops_sandbox.servers.answering import Answer, told_date
from bizops_sandbox.servers.bodies import read_body, replay
from bizops_sandbox.servers.faults import Fault, FaultBoard, FaultError, parse_faults
from bizops_sandbox.servers.listening import reset_connection
from bizops_sandbox.servers.request_faults import FAULT_HEADER, begin_request
from bizops_sandbox.servers.rules import Exchange, header
from bizops_sandbox.servers.settings import CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from bizops_sandbox.servers.rules import Admission, Rules

_LOG = logging.getLogger(__name__)


class Gate:
    """Wraps the application of one host, by the rules of its service.

    The control interface passes untouched. Every other request is noted in the
    journal, struck by the faults that are due (first those it brought along in the
    header `X-Sim-Fault`), refused as the service would, and answered with the
    service's clock.
    """

    def __init__(self, app: ASGIApp, rules: Rules[Any]) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        body = await read_body(receive)
        self._rules.running += 1
        try:
            await self._let_pass(self._exchange(scope, body), receive, send)
        finally:
            self._rules.running -= 1

    def _exchange(self, scope: Scope, body: bytes) -> Exchange:
        rules, path = self._rules, scope["path"]
        facts = rules.facts_of(scope, body)
        entry = rules.simulator.journal.open(
            at=rules.simulator.clock.now().isoformat(),
            host=facts.host,
            method=scope["method"],
            path=path,
        )
        rules.note(entry, scope, body)
        return Exchange(scope, body, facts, entry)

    async def _let_pass(self, exchange: Exchange, receive: Receive, send: Send) -> None:
        rules, scope = self._rules, exchange.scope
        board: FaultBoard = rules.simulator.faults
        request = begin_request()
        try:
            request.brought += brought_faults(scope, board)
        except FaultError as error:
            exchange.entry.status = 400
            await _refused(str(error))(scope, receive, send)
            return
        exchange.fault = board.take(rules.fault_names(exchange), exchange.facts)
        exchange.entry.fault = request.told
        if exchange.is_struck_by("reset"):
            reset_connection(scope)
            return
        admission: Admission = rules.admit(exchange)
        await _wait(rules.delay_s(exchange), exchange.fault)

        def headers_due() -> Mapping[str, str]:
            # What struck on the way is known now, and the client may ask for it soon.
            exchange.entry.fault = request.told
            date = told_date(rules.simulator.clock.now(), board)
            return {"date": date, **admission.headers()}

        answer = Answer(send, exchange.entry, headers_due, exchange.fault)
        app = self._app if admission.refusal is None else admission.refusal
        replayed = replay(exchange.body, receive)
        try:
            await app(scope, replayed, rules.transform(exchange, answer.send))
        except Exception:  # noqa: BLE001 - told in the log, answered as a failure
            _LOG.exception(
                "the sandbox failed at %s %s", scope["method"], scope["path"]
            )
            if exchange.entry.status is None:
                told = rules.transform(exchange, answer.send)
                await rules.failure()(scope, receive, told)


def brought_faults(scope: Scope, board: FaultBoard) -> list[Fault]:
    """Read the faults a request brings along for itself, in its header.

    Raises:
        FaultError: for one that is not understood, or would outlast the request.
    """
    text = header(scope, FAULT_HEADER)
    if text is None:
        return []
    try:
        faults = parse_faults(msgspec.json.decode(text), board.kinds)
    except (msgspec.DecodeError, FaultError) as error:
        raise FaultError(f"{FAULT_HEADER}: {error}") from error
    for fault in faults:
        if fault.kind.is_lasting:
            hint = f"{fault.kind.name} lasts; arm it at {CONTROL_PATH}/faults"
            raise FaultError(f"{FAULT_HEADER}: {hint}")
    return faults


async def _wait(delay_s: float, fault: Fault | None) -> None:
    if fault is not None and fault.kind.name == "slow":
        delay_s += float(fault.parameters["seconds"])
    if delay_s > 0:
        await asyncio.sleep(delay_s)


def _refused(problem: str) -> Response:
    document = msgspec.json.encode({"error": problem})
    return Response(document, status_code=400, media_type="application/json")

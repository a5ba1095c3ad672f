"""Sending an answer with the headers due, broken as a fault asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bizops_sandbox.servers.clock import http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.types import Message, Send

    from bizops_sandbox.servers.faults import Fault, FaultBoard
    from bizops_sandbox.servers.journal import JournalEntry

    Headers = Mapping[str, str]
    AnswerForm = Callable[[int, str], Response]


class Answer:
    """One answer on its way out, noted in the journal.

    Args:
        send: Where it goes.
        entry: The journal's entry of the request.
        headers: Gives the headers due to every answer, when it begins.
        fault: The fault that struck the request.
    """

    def __init__(
        self,
        send: Send,
        entry: JournalEntry,
        headers: Callable[[], Headers],
        fault: Fault | None,
    ) -> None:
        self._send = send
        self._entry = entry
        self._headers_due = headers
        self._parameters: Mapping[str, Any] = {} if fault is None else fault.parameters
        self._breakage = "" if fault is None else fault.kind.name
        self._is_cut = False

    async def send(self, message: Message) -> None:
        """Send the start of the answer, or a part of its body."""
        if message["type"] == "http.response.start":
            self._entry.status = message["status"]
            await self._send({**message, "headers": self._headers(message)})
        elif self._breakage == "cut":
            await self._send_cut(message)
        elif self._breakage == "slow_body":
            await self._send_slowly(message)
        else:
            await self._send_counted(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        if self._breakage == "cut" and self._parameters["chunked"]:
            headers = [pair for pair in headers if pair[0].lower() != b"content-length"]
        return headers + [
            (name.encode("ascii"), value.encode("ascii"))
            for name, value in self._headers_due().items()
        ]

    async def _send_counted(self, message: Message) -> None:
        self._entry.answer_bytes += len(message.get("body", b""))
        await self._send(message)

    async def _send_cut(self, message: Message) -> None:
        if self._is_cut:
            return
        most = int(self._parameters["after_bytes"])
        body = message.get("body", b"")[: most - self._entry.answer_bytes]
        await self._send_counted({**message, "body": body, "more_body": True})
        # The answer is never completed, upon which the server closes the connection.
        is_whole = not message.get("more_body", False)
        self._is_cut = is_whole or self._entry.answer_bytes >= most

    async def _send_slowly(self, message: Message) -> None:
        body, step = message.get("body", b""), int(self._parameters["chunk_bytes"])
        for start in range(0, len(body), step):
            await asyncio.sleep(float(self._parameters["seconds"]))
            chunk = body[start : start + step]
            part = {"type": "http.response.body", "body": chunk, "more_body": True}
            await self._send_counted(part)
        await self._send({**message, "body": b""})


def told_date(now: datetime, board: FaultBoard) -> str:
    """The Date header at an instant, as armed clock skews shift it."""
    skew_s = sum(
        int(fault.parameters["seconds"]) for fault in board.lasting("clock_skew")
    )
    return http_date(now + timedelta(seconds=skew_s))


def status_answer(
    parameters: Mapping[str, Any], forms: Mapping[str, AnswerForm]
) -> Response:
    """Make the answer of the fault `status`.

    Args:
        parameters: The fault's: status, message, body, retry_after.
        forms: How a body of each name is made of a status and a message; the first
            form stands in for unknown names. `empty` needs none.
    """
    status, message = int(parameters["status"]), str(parameters["message"])
    form = str(parameters["body"])
    if form == "empty":
        answer = Response(b"", status_code=status)
    else:
        make = forms.get(form) or next(iter(forms.values()))
        answer = make(status, message)
    if int(parameters["retry_after"]) >= 0:
        answer.headers["Retry-After"] = str(parameters["retry_after"])
    return answer

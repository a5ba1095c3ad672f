"""The faults of one request: those it brought along, and those that struck it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bizops_sandbox.servers.faults import Fault

FAULT_HEADER = "x-sim-fault"


@dataclass(slots=True)
class RequestFaults:
    """What a request brought along (nobody else meets it), and what struck it."""

    brought: list[Fault] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)

    @property
    def told(self) -> str | None:
        """The names of what struck, as the journal has them."""
        return ", ".join(self.struck) or None


_CURRENT: ContextVar[RequestFaults | None] = ContextVar("request_faults", default=None)


def begin_request() -> RequestFaults:
    """Begin a request: the tasks and threads that answer it share what this returns."""
    faults = RequestFaults()
    _CURRENT.set(faults)
    return faults


def current_request() -> RequestFaults:
    """The faults of the request being answered; none outside of requests."""
    return _CURRENT.get() or RequestFaults()

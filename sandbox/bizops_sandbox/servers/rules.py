"""What the service behind a gate decides about a request; the gate does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from bizops_sandbox.servers.journal import kept_headers, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope, Send

    from bizops_sandbox.servers.faults import Facts, Fault, FaultBoard
    from bizops_sandbox.servers.journal import Journal, JournalEntry


class Clock(Protocol):
    """Tells the present of the sample company."""

    def now(self) -> datetime:
        """The present, in UTC."""


class Simulated(Protocol):
    """What a gate needs of the state of a source's server."""

    @property
    def clock(self) -> Clock:
        """The source's clock."""

    @property
    def faults(self) -> FaultBoard:
        """The armed faults."""

    @property
    def journal(self) -> Journal:
        """The requests so far."""


SimulatorT = TypeVar("SimulatorT", bound=Simulated)


@dataclass(slots=True)
class Exchange:
    """One request: what it is about, and the fault that struck it at the gate."""

    scope: Scope
    body: bytes
    facts: Facts
    entry: JournalEntry
    fault: Fault | None = None

    def is_struck_by(self, name: str) -> bool:
        """Say whether the fault of this name struck it at the gate."""
        return self.fault is not None and self.fault.kind.name == name


def no_headers() -> Mapping[str, str]:
    """Give no headers."""
    return {}


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer that refuses a request, if any, and headers due to every answer.

    `headers` is asked when the answer begins: what is left of a limit, say.
    """

    refusal: ASGIApp | None = None
    headers: Callable[[], Mapping[str, str]] = no_headers


class Rules(ABC, Generic[SimulatorT]):
    """The decisions of one service; `running` requests are being answered now."""

    def __init__(self, simulator: SimulatorT) -> None:
        self.simulator = simulator
        self.running = 0

    @abstractmethod
    def facts_of(self, scope: Scope, body: bytes) -> Facts:
        """Tell what a request is about; may bring its path into another form."""

    @abstractmethod
    def fault_names(self, exchange: Exchange) -> Collection[str]:
        """The faults that may strike a request at the gate."""

    @abstractmethod
    def admit(self, exchange: Exchange) -> Admission:
        """Check sizes, session and limits; a fault may refuse a request, too."""

    @abstractmethod
    def failure(self) -> Response:
        """The answer when the sandbox itself fails."""

    def note(self, entry: JournalEntry, scope: Scope, body: bytes) -> None:
        """Note in the journal what was asked, without secrets."""
        entry.query = without_secrets(scope["query_string"].decode("latin-1"))
        entry.headers = kept_headers(scope["headers"])
        entry.body = without_secrets(body.decode("utf-8", "replace"))

    def delay_s(self, _exchange: Exchange) -> float:
        """How long the service takes, besides what it really takes."""
        return 0.0

    def transform(self, _exchange: Exchange, send: Send) -> Send:
        """Put a step between the application's answer and the client."""
        return send


def header(scope: Scope, name: str) -> str | None:
    """The value of a request's header (its name in lower case), if it is there."""
    wanted = name.encode("latin-1")
    for found, value in scope["headers"]:
        if found == wanted:
            return bytes(value).decode("latin-1")
    return None

"""The sources by name, and their applications, each made when first asked."""

from __future__ import annotations

import importlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from starlette.concurrency import run_in_threadpool

from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.settings import CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.faults import FaultKind
    from bizops_sandbox.servers.settings import ServerSettings


class SourceModule(Protocol):
    """What the package of a source's server offers.

    One whose clients need to know of the company has `company_variables(company,
    settings)` besides.
    """

    FAULT_KINDS: Sequence[FaultKind]

    def make_app(
        self,
        company: Company,
        board: FaultBoard,
        journal: Journal,
        settings: ServerSettings,
    ) -> Starlette:
        """Make the server over the company; `app.state.simulator` can `move(day)`."""

    def variables(self, base_url: str) -> Mapping[str, str]:
        """The environment variables of a client of the server."""


def source_module(source: str) -> SourceModule:
    """The package that serves a source with one port."""
    module = importlib.import_module(f"bizops_sandbox.servers.{source}")
    return cast("SourceModule", module)


class SourceServer:
    """One source's server: an ASGI application that is made at its first request.

    Making it projects the whole company, which who never asks need not pay.
    """

    def __init__(self, source: str, company: Company, settings: ServerSettings) -> None:
        self.source = source
        self.board = FaultBoard(source_module(source).FAULT_KINDS)
        self.journal = Journal()
        self.move_all: Callable[[date], None] = self.move
        self._company = company
        self._settings = settings
        self._app: Starlette | None = None
        self._making = threading.Lock()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables of a client."""
        module = source_module(self.source)
        tell_more = getattr(module, "company_variables", None)
        more = {} if tell_more is None else tell_more(self._company, self._settings)
        return {**module.variables(self._settings.base_url), **more}

    @property
    def control_url(self) -> str:
        """Base URL of the control interface."""
        return f"{self._settings.base_url}{CONTROL_PATH}"

    def move(self, day: date) -> None:
        """Show the source as of another day, now or when it is made.

        Raises:
            ValueError: for a day outside the company's time.
        """
        with self._making:
            if self._app is not None:
                self._app.state.simulator.move(day)
            self._settings = replace(self._settings, as_of=day)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app: Any = self._app or await run_in_threadpool(self._made)
        await app(scope, receive, send)

    def _made(self) -> Starlette:
        with self._making:
            if self._app is None:
                app = source_module(self.source).make_app(
                    self._company, self.board, self.journal, self._settings
                )
                app.state.move_all = self.move_all
                self._app = app
            return self._app

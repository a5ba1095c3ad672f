"""Answers compressed as the service does: over 1,000 bytes, for who accepts gzip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from bizops_sandbox.servers.zuora.data_queries import DATA_FILES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bizops_sandbox.servers.zuora.simulator import Simulator

_LEAST_BYTES = 1_000


class Compression:
    """Wraps the application; object storage answers as it is asked, not compressed."""

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self._plain = app
        self._compressing = GZipMiddleware(
            app, minimum_size=_LEAST_BYTES, compresslevel=1
        )
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_plain = scope["type"] != "http" or scope["path"].startswith(DATA_FILES)
        if is_plain or not self._simulator.settings.compresses:
            await self._plain(scope, receive, send)
        else:
            await self._compressing(scope, receive, send)

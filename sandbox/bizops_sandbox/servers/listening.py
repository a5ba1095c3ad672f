"""Several small HTTP servers in one process, ended together by a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

TRANSPORT_KEY = "bizops_sandbox.transport"
_REQUEST_HEAD_LIMIT_BYTES = 1_048_576


class PortTakenError(Exception):
    """The address to listen at is in use or not ours."""


class _OpenProtocol(H11Protocol):
    """Lets an application reach its connection, to break it as a network does."""

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        app: Any = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT_KEY] = transport
            await app(scope, receive, send)

        self.app = with_transport


class _QuietServer(uvicorn.Server):
    """Leaves signals to `run_servers`, which ends all servers at once."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def open_socket(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes any free one.

    Raises:
        PortTakenError: when the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, asyncio sends at once instead of waiting 40 ms for acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise PortTakenError(f"cannot listen at {host}:{port}: {reason}") from error
    return listener


def reset_connection(scope: Scope) -> None:
    """Break the connection of a request with a TCP reset."""
    transport: asyncio.Transport = scope[TRANSPORT_KEY]
    connection = transport.get_extra_info("socket")
    # Lingering zero seconds turns the close into a reset.
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


async def run_servers(
    apps: Sequence[tuple[ASGIApp, socket.socket]], *, on_ready: Callable[[], None]
) -> int:
    """Serve each application at its socket until SIGTERM or SIGINT.

    Returns:
        The exit status: 143 after SIGTERM, 130 after SIGINT.
    """
    servers = [_QuietServer(_configure(app)) for app, _ in apps]
    ending: list[signal.Signals] = []

    def end(received: signal.Signals) -> None:
        ending.append(received)
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, (_, listener) in zip(servers, apps, strict=True)
    ]
    while not all(server.started for server in servers):
        await asyncio.sleep(0.01)
    on_ready()
    await asyncio.gather(*tasks)
    return 128 + int(ending[0]) if ending else 0


def _configure(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_OpenProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        h11_max_incomplete_event_size=_REQUEST_HEAD_LIMIT_BYTES,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,
    )

"""A pooler before a server, that gives each transaction another of its sessions.

pgbouncer where it is installed; everywhere a small one of our own, which goes round its
sessions on purpose, so that whatever needs one session for long shows at once.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from own_server import free_port

if TYPE_CHECKING:
    from own_server import OwnServer

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SESSIONS = 3
_IDLE = b"I"
_CONFIG = """
[databases]
* = host=127.0.0.1 port={server_port} user=bizops
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
"""


class PgBouncer:
    """The real one, in transaction mode."""

    goes_round = False

    def __init__(self, server: OwnServer) -> None:
        assert PGBOUNCER is not None
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="pooler-"))
        self._folder.chmod(0o755)
        config = self._folder / "pgbouncer.ini"
        config.write_text(
            _CONFIG.format(server_port=server.port, port=self.port, sessions=SESSIONS)
        )
        self._process = subprocess.Popen(
            [PGBOUNCER, "-q", "-u", "nobody", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            time.sleep(0.05)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._folder)


class RoundRobin:
    """One of our own, for a server that asks for no password."""

    goes_round = True

    def __init__(self, server: OwnServer) -> None:
        self._server = ("127.0.0.1", server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._serve, args=(client,), daemon=True
                ).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            start = self._read_start(client)
            sessions = []
            for _ in range(SESSIONS):
                session = socket.create_connection(self._server)
                session.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                session.sendall(start)
                greeting, _ = _read_until_ready(session)
                sessions.append(session)
            client.sendall(greeting)
            self._relay(client, sessions)
        client.close()

    @staticmethod
    def _read_start(client: socket.socket) -> bytes:
        """Read the startup message; encryption is declined."""
        while True:
            size = _read_exactly(client, 4)
            content = _read_exactly(client, struct.unpack("!i", size)[0] - 4)
            if struct.unpack("!i", content[:4])[0] >> 16 == 3:
                return size + content
            client.sendall(b"N")

    @staticmethod
    def _relay(client: socket.socket, sessions: list[socket.socket]) -> None:
        turns = itertools.cycle(sessions)
        session = next(turns)
        while True:
            message = _read_message(client)
            if message[:1] == b"X":
                for each in sessions:
                    each.close()
                return
            session.sendall(message)
            if message[:1] in b"dH":
                # Rows of a COPY: the answer comes after the last.
                continue
            answer, status = _read_until_ready(session, stops_at=b"G")
            client.sendall(answer)
            if status == _IDLE:
                session = next(turns)


def _read_exactly(source: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = source.recv(size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content


def _read_message(source: socket.socket) -> bytes:
    head = _read_exactly(source, 5)
    return head + _read_exactly(source, struct.unpack("!i", head[1:])[0] - 4)


def _read_until_ready(
    session: socket.socket, *, stops_at: bytes = b""
) -> tuple[bytes, bytes]:
    """Read a server's messages up to ReadyForQuery; give them and its status."""
    content = b""
    while True:
        message = _read_message(session)
        content += message
        if message[:1] == b"Z":
            return content, message[5:]
        if stops_at and message[:1] == stops_at:
            return content, b""


POOLERS = [RoundRobin, *([PgBouncer] if PGBOUNCER else [])]

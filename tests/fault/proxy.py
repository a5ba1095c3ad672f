"""A network that fails: a proxy before the server that cuts, stalls or swallows."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["reset", "close", "stall", "swallow", "before commit", "after commit"]

_PIECE_BYTES = 16 * 1024
_COMMIT = b"COMMIT\0"
_ANSWER_WAIT_S = 0.3
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of Linux
_RETURN_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF: drop every packet
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Cut:
    """What happens to the line, and when.

    Attributes:
        kind: `reset` and `close` end it; `stall` holds everything for a while;
            `swallow` drops every packet from then on, as a dead router does; the
            others cut it at a COMMIT, before it arrives or before its answer does.
        after: Bytes that pass before, both ways together, or COMMITs.
        times: On how many connections it happens.
        stall_s: How long a stall is.
        done: How often it has happened.
    """

    kind: Kind
    after: int
    times: int = 1
    stall_s: float = 0.0
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_due(self, content: bytes, *, upstream: bool) -> bool:
        """Count what passes, and tell whether it happens now."""
        with self._lock:
            if self.done >= self.times:
                return False
            if self.kind in {"before commit", "after commit"}:
                self.after -= upstream and _COMMIT in content
                is_due = self.after < 0
            else:
                self.after -= len(content)
                is_due = self.after < 0
            self.done += is_due
            return is_due


class Proxy:
    """Relays connections to a server until the cut."""

    def __init__(self, url: str, cut: Cut) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._cut = cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._swallowed: list[socket.socket] = []
        port = self._listener.getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for each in self._swallowed:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for each in (client, server):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for pair in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._relay, args=(*pair, pair[0] is client), daemon=True
                    ).start()

    def _relay(
        self, source: socket.socket, sink: socket.socket, upstream: bool
    ) -> None:
        client, server = (source, sink) if upstream else (sink, source)
        with contextlib.suppress(OSError):
            while content := source.recv(_PIECE_BYTES):
                if self._cut.is_due(content, upstream=upstream):
                    if self._cut.kind == "stall":
                        time.sleep(self._cut.stall_s)
                    elif self._cut.kind == "swallow":
                        self._swallow(client, server)
                        return
                    else:
                        self._end(client, server, content)
                        return
                sink.sendall(content)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _end(
        self, client: socket.socket, server: socket.socket, content: bytes
    ) -> None:
        if self._cut.kind == "after commit":
            # The client hears nothing from now on, and the server does its work.
            client.shutdown(socket.SHUT_WR)
            server.sendall(content)
            time.sleep(_ANSWER_WAIT_S)
        for each in (client, server):
            if self._cut.kind == "reset":
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                each.close()
            else:
                each.shutdown(socket.SHUT_RDWR)

    def _swallow(self, client: socket.socket, server: socket.socket) -> None:
        """Leave both sides without any answer, not even that of their own kernel."""
        program = ctypes.create_string_buffer(_RETURN_NOTHING)
        for each in (client, server):
            filtering = struct.pack("HP", 1, ctypes.addressof(program))
            each.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, filtering)
            self._swallowed.append(each)

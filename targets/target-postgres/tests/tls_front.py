"""TLS before a server that has none: the handshake of PostgreSQL, then bytes as is."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_REFUSAL = b"SFATAL\0C28000\0Mno pg_hba.conf entry for a line without encryption\0\0"


class TlsFront:
    """Listens on 127.0.0.1 and takes in nobody without TLS."""

    def __init__(self, server: tuple[str, int], folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._context: ssl.SSLContext | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def present(
        self, certificate: tuple[bytes, bytes], *, clients: bytes | None = None
    ) -> None:
        """Show this certificate from now on; ask for one of an authority's clients."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        path = self._folder / "front.pem"
        path.write_bytes(b"".join(certificate))
        context.load_cert_chain(path)
        if clients is not None:
            context.load_verify_locations(cadata=clients.decode())
            context.verify_mode = ssl.CERT_REQUIRED
        self._context = context

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if client.recv(8, socket.MSG_WAITALL) != _SSL_REQUEST:
                length = struct.pack("!I", len(_REFUSAL) + 4)
                client.sendall(b"E" + length + _REFUSAL)
                return
            client.sendall(b"S")
            assert self._context is not None
            with (
                self._context.wrap_socket(client, server_side=True) as encrypted,
                socket.create_connection(self._server) as server,
            ):
                back = threading.Thread(target=_relay, args=(server, encrypted))
                back.start()
                _relay(encrypted, server)
                back.join()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            sink.sendall(content)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)

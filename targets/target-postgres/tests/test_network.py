"""A network that fails at the worst moments, played by a proxy before the server."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import psycopg2
import pytest
from target_runs import Database, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator

Cut = Literal["before", "after"]


class Proxy:
    """Relays bytes, and cuts the line at the n-th COMMIT."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: Cut | None = None
        self.skip = 0
        self.cuts_left = 1
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            is_cut = threading.Event()
            for relay in (self._upstream, self._downstream):
                threading.Thread(
                    target=relay, args=(client, server, is_cut), daemon=True
                ).start()

    def _is_time(self, content: bytes) -> bool:
        if self.cut is None or b"COMMIT\0" not in content or not self.cuts_left:
            return False
        self.skip -= 1
        if self.skip >= 0:
            return False
        self.cuts_left -= 1
        return True

    def _upstream(
        self, client: socket.socket, server: socket.socket, is_cut: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while content := client.recv(65536):
                if self._is_time(content):
                    is_cut.set()
                    if self.cut == "after":
                        server.sendall(content)
                        # The server's answer: read, and never passed on.
                        server.settimeout(5)
                        threading.Event().wait(0.3)
                    break
                server.sendall(content)
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _downstream(
        self, client: socket.socket, server: socket.socket, is_cut: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while content := server.recv(65536):
                if not is_cut.is_set():
                    client.sendall(content)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(db: Database) -> Iterator[Proxy]:
    parts = psycopg2.extensions.parse_dsn(db.url)
    made = Proxy(parts["host"], int(parts["port"]))
    yield made
    made.close()


def through(db: Database, proxy: Proxy) -> str:
    parts = urlsplit(db.url)
    user = parts.netloc.rsplit("@", 1)[0]
    return parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()


@pytest.mark.parametrize("settings", [{}, {"state_id": "x", "run_id": "r"}])
@pytest.mark.parametrize("cut", ["before", "after"])
def test_p17_a_commit_whose_answer_is_lost_takes_place_once(
    db: Database, proxy: Proxy, cut: Cut, settings: dict[str, str]
) -> None:
    proxy.cut = cut
    # The session's own start and the state tables commit before any row does.
    proxy.skip = 3 if settings else 1
    lines = [schema(keys=[], v="integer")]
    for n in range(300):
        lines.append(record(v=n))
        if n % 10 == 9:
            lines.append(state({"n": n}))
    url = through(db, proxy)
    outcome = db.load(lines, url=url, batch_size_rows=100, **settings)
    assert outcome.status == 0, outcome.message
    assert proxy.cuts_left == 0
    assert [v for (v,) in db.execute("select v from raw.s order by v")] == list(
        range(300)
    )
    assert outcome.state == {"n": 299}


def test_p17_a_network_that_stays_away_ends_with_5(db: Database, proxy: Proxy) -> None:
    proxy.cut, proxy.cuts_left, proxy.skip = "before", 99, 1
    lines = [schema(keys=[], v="integer"), record(v=1), state({"n": 1})]
    outcome = db.load(lines, url=through(db, proxy), connect_attempts=2)
    assert (outcome.status, outcome.states) == (5, [])
    assert db.execute("select to_regclass('raw.s')") == [(None,)]

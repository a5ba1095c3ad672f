"""How often a call is tried before it is given up, against a real server."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reading_kit.clock import SystemClock
from reading_kit.errors import NoAnswerError
from reading_kit.sending import Call, HttpSender, decode_json


class _Slow(BaseHTTPRequestHandler):
    """Lets every request wait longer than the client does."""

    asked: list[str]
    leave: threading.Event

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.leave.wait(5)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def slow_server():
    leave = threading.Event()
    handler = type("Slow", (_Slow,), {"asked": [], "leave": leave})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}"
    leave.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_call_may_be_given_up_after_fewer_timeouts(slow_server):
    handler, url = slow_server
    sender = HttpSender(
        clock=SystemClock(threading.Event()),
        timeout_s=0.1,
        retry_delay_max_s=0.01,
        user_agent="test",
    )
    with pytest.raises(NoAnswerError, match="no answer in time"):
        sender.send(Call("GET", f"{url}/page"), decode_json, timeouts=2)
    assert handler.asked == ["/page", "/page"]

"""A real HTTP server that answers as a test says, and a sender that never waits."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reading_kit.sending import HttpSender


class QuickClock:
    """Waits for nothing, and remembers what it was asked to wait."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    def monotonic_s(self) -> float:
        return 0.0

    def now_s(self) -> float:
        return 0.0

    def sleep(self, duration_s: float) -> None:
        self.slept_s.append(duration_s)

    def jitter(self, upper_s: float) -> float:
        return upper_s


class ScriptedServer:
    """Answers each request by the next of its answers, and repeats the last.

    An answer is a function of the handler; ``requests`` are (method, path, headers).
    """

    def __init__(self) -> None:
        self.answers: list = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): text for name, text in self.headers.items()}
                script.requests.append((self.command, self.path, headers))
                length = int(headers.get("content-length", 0))
                self.rfile.read(length)
                is_last = len(script.answers) == 1
                answer = script.answers[0] if is_last else script.answers.pop(0)
                answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def reply(status=200, body=b"{}", headers=None, cut_at=None):
    """Make an answer; with ``cut_at`` the connection breaks after as many bytes."""

    def answer(handler) -> None:
        handler.send_response(status)
        for name, text in (headers or {}).items():
            handler.send_header(name, text)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:cut_at])
        if cut_at is not None:
            handler.wfile.flush()
            handler.close_connection = True

    return answer


@pytest.fixture
def server():
    scripted = ScriptedServer()
    thread = threading.Thread(target=scripted.server.serve_forever, args=(0.01,))
    thread.start()
    yield scripted
    scripted.server.shutdown()
    thread.join()
    scripted.server.server_close()


@pytest.fixture
def clock():
    return QuickClock()


@pytest.fixture
def new_sender(clock):
    def make(**options) -> HttpSender:
        return HttpSender(
            **{
                "clock": clock,
                "timeout_s": 5,
                "retry_delay_max_s": 60,
                "user_agent": "test",
                **options,
            }
        )

    return make


@pytest.fixture
def answering():
    return reply

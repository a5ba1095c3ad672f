"""Measures the tap as a process against a server of one large object.

Prints records/s, CPU and the largest resident size, beside a plain download of the same
file. Run: ``python benchmarks/whole_run.py [ROWS]`` (1,000,000 by default).
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rate_plan_charges import FIELDS, NAME, write_chunks

_BIN = Path(sys.executable).parent


def _describe() -> bytes:
    own = "".join(
        f"<field><name>{f.source}</name><selectable>true</selectable>"
        f"<type>{'text' if f.kind == 'string' else f.kind}</type>"
        "<contexts><context>export</context></contexts></field>"
        for f in FIELDS
        if not f.is_joined
    )
    related = "".join(
        f"<object><name>{f.source[:-3]}</name><cardinality>TO_ONE</cardinality></object>"
        for f in FIELDS
        if f.is_joined
    )
    return (
        f"<object><name>{NAME}</name><fields>{own}</fields>"
        f"<related-objects>{related}</related-objects></object>"
    ).encode()


class Zuora(BaseHTTPRequestHandler):
    """One object, one job at a time, one file."""

    protocol_version = "HTTP/1.1"
    chunks: tuple[bytes, ...] = ()
    rows = 0
    name = ""

    def do_GET(self) -> None:
        """Answer describe, jobs and files."""
        if self.path.startswith("/v1/files/"):
            self._send_file()
        elif "/jobs/" in self.path:
            batch = {"name": Zuora.name, "status": "completed", "fileId": "f"}
            batch["recordCount"] = self.rows  # type: ignore[assignment] # JSON
            self._send({"id": "j", "status": "completed", "batches": [batch]})
        elif self.path == "/v1/describe":
            self._send_bytes(
                f"<objects><object><name>{NAME}</name></object></objects>".encode()
            )
        else:
            self._send_bytes(_describe())

    def do_POST(self) -> None:
        """Answer token requests and jobs."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth/token":
            self._send({"access_token": "t", "expires_in": 3599})
            return
        Zuora.name = json.loads(body)["queries"][0]["name"]
        self._send({"id": "j", "status": "submitted"})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, value: object) -> None:
        self._send_bytes(json.dumps(value).encode(), "application/json")

    def _send_bytes(self, body: bytes, kind: str = "application/xml") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(sum(map(len, self.chunks))))
        self.end_headers()
        for chunk in self.chunks:
            self.wfile.write(chunk)


def serve(rows: int, port: multiprocessing.Queue[int]) -> None:
    """Serve until killed."""
    Zuora.chunks, Zuora.rows = tuple(write_chunks(rows)), rows
    server = ThreadingHTTPServer(("127.0.0.1", 0), Zuora)
    port.put(server.server_address[1])
    server.serve_forever()


def run_tap(url: str, folder: Path) -> tuple[float, float, float]:
    """Give wall and CPU seconds, and the largest resident size in MB."""
    config = folder / "config.json"
    settings = {"base_url": url, "client_id": "i", "client_secret": "s"}
    settings |= {"start_date": "2018-01-01", "window_in_days": 100_000}  # type: ignore[dict-item] # JSON
    settings["poll_interval_seconds"] = 0  # type: ignore[assignment] # JSON
    config.write_text(json.dumps(settings), "utf-8")
    started_s = time.monotonic()
    with (folder / "out").open("wb") as out, (folder / "log").open("wb") as log:
        command = [str(_BIN / "tap-zuora"), "--config", str(config)]
        process = subprocess.Popen(command, stdout=out, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError((folder / "log").read_text("utf-8"))
    cpu_s = usage.ru_utime + usage.ru_stime
    return time.monotonic() - started_s, cpu_s, usage.ru_maxrss / 1024


def download(url: str) -> float:
    """Give the seconds of a plain download."""
    started_s = time.monotonic()
    with urllib.request.urlopen(f"{url}/v1/files/f") as answer:  # noqa: S310 - loopback
        while answer.read(1 << 16):
            pass
    return time.monotonic() - started_s


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(rows, port), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.get()}"
    with tempfile.TemporaryDirectory() as name:
        wall_s, cpu_s, peak_mb = run_tap(url, Path(name))
        size_mb = (Path(name) / "out").stat().st_size / 1e6
    plain_s = download(url)
    server.terminate()
    print(f"{rows} rows, {size_mb:.0f} MB of RECORD lines")
    print(f"tap-zuora: {rows / wall_s:,.0f} records/s, {cpu_s / rows * 1e6:.1f} µs CPU")
    print(
        f"peak {peak_mb:.0f} MB; a plain download takes {plain_s:.1f} s of {wall_s:.1f}"
    )


if __name__ == "__main__":
    main()

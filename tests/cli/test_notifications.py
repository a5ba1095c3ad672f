"""Who wants to know of a run is told; what is kept of old runs is bounded."""

from __future__ import annotations

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Toy

COMMAND = '#!/bin/sh\ncat > told.json; echo "$BIZOPS_RUN_STATUS" > status.txt\n'


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict]]]:
    """Give the address of a webhook and what it has been told."""
    told: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            told.append(json.loads(self.rfile.read(length)))
            self.send_response(200 if "good" in self.path else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    thread.join()
    server.server_close()


def command(toy: Toy) -> None:
    file = toy.directory / "tell.sh"
    file.write_text(COMMAND)
    file.chmod(0o755)


def test_a_failed_run_is_told_to_a_command(toy: Toy) -> None:
    command(toy)
    toy.document["notify"] = [{"command": ["./tell.sh"]}]
    toy.tap(die_after=3, die_with=5)
    assert toy.run("elt", "run", "--run-id", "r1").returncode == 5
    told = json.loads((toy.directory / "told.json").read_text())
    assert told["run"]["run_id"] == "r1"
    assert told["run"]["exit_status"] == 5
    assert told["text"].startswith("toy (dev): run r1 of job default failed, 3 rows: ")
    assert (toy.directory / "status.txt").read_text() == "failed\n"


def test_a_run_that_went_well_is_told_only_to_who_wants_it(
    toy: Toy, hook: tuple[str, list[dict]]
) -> None:
    address, told = hook
    command(toy)
    toy.variables["HOOK"] = f"{address}/good/very-secret-path"
    toy.document["notify"] = [
        {"command": ["./tell.sh"]},
        {"on": ["succeeded", "failed"], "webhook": "${HOOK}"},
    ]
    toy.write()
    done = toy.run("elt", "run")
    assert done.returncode == 0, done.stderr
    assert [message["run"]["status"] for message in told] == ["succeeded"]
    assert not (toy.directory / "told.json").exists()


@pytest.mark.parametrize(
    ("notification", "message"),
    [
        ({"webhook": "${HOOK}"}, "127.0.0.1 took no message: it answered 403"),
        ({"webhook": "${GONE}"}, "127.0.0.1 took no message: "),
        ({"webhook": "file:///etc/passwd"}, "a webhook is an http or https address"),
        ({"command": ["./gone.sh"]}, "./gone.sh cannot be started"),
        ({"command": ["sh", "-c", "echo no >&2; exit 3"]}, "exit status 3: no"),
    ],
)
def test_a_notification_that_fails_is_a_warning_without_its_address(
    toy: Toy, hook: tuple[str, list[dict]], notification: dict, message: str
) -> None:
    toy.variables["HOOK"] = f"{hook[0]}/bad/very-secret-path"
    toy.variables["GONE"] = "http://127.0.0.1:9/very-secret-path"
    toy.document["notify"] = [{"on": ["succeeded"], **notification}]
    toy.write()
    done = toy.run("elt", "run")
    assert done.returncode == 0
    assert "warning: a notification failed" in done.stderr
    assert message in done.stderr
    assert "very-secret-path" not in done.stderr


def test_old_runs_and_states_are_forgotten(toy: Toy) -> None:
    toy.document["retention"] = {"runs": 2, "history": 3}
    toy.write()
    for number in range(4):
        toy.tap(rows=500 + number)
        assert toy.run("elt", "run", "--run-id", f"r{number}").returncode == 0
    folders = {f.name: f for f in toy.directory.glob(".bizops/runs/*")}
    assert sorted(folders) == ["r1", "r2", "r3"]
    assert run_ids(toy, "runs") == ["r1", "r2", "r3"]
    assert run_ids(toy, "state_history")[-1] == "r3"
    assert len(run_ids(toy, "state_history")) <= 4

    # What is too old goes though there is room, but never the last run.
    aged = time.time() - 8 * 24 * 3600
    for folder in (folders["r1"], folders["r2"]):
        os.utime(folder / "lock", (aged, aged))
    toy.execute(
        "update bizops.runs set started_at = started_at - interval '8 days';"
        "update bizops.state_history set committed_at = committed_at"
        " - interval '8 days'"
    )
    toy.document["retention"] = {"days": 7}
    toy.tap(rows=510)
    assert toy.run("elt", "run", "--run-id", "r4").returncode == 0
    assert sorted(f.name for f in toy.directory.glob(".bizops/runs/*")) == ["r3", "r4"]
    assert run_ids(toy, "runs") == ["r4"]
    assert run_ids(toy, "state_history") == ["r3", "r4"]


def run_ids(toy: Toy, table: str) -> list[str]:
    rows = toy.query(f"select run_id from bizops.{table} order by 1")
    return [run for (run,) in rows]

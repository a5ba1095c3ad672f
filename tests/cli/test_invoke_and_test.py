"""`invoke` and `test`: plugins by themselves."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

from tests.conftest import COMMANDS, script

if TYPE_CHECKING:
    from tests.conftest import Toy


def messages(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_tap_prints_what_is_selected_and_no_state_is_kept(folder: Toy) -> None:
    folder.tap(streams=["users", "orders"], rows=3)
    folder.document["taps"]["tap-toy"]["select"] = ["orders"]
    folder.write()
    done = folder.run("invoke", "tap-toy")
    assert done.returncode == 0, done.stderr
    found = messages(done.stdout)
    assert {m["stream"] for m in found if "stream" in m} == {"orders"}
    assert sum(m["type"] == "RECORD" for m in found) == 3
    assert not (folder.directory / ".bizops" / "warehouse").exists()


def test_arguments_behind_the_dashes_are_the_plugins(folder: Toy) -> None:
    done = folder.run("invoke", "tap-toy", "--", "--about")
    assert json.loads(done.stdout)["name"] == "tap-toy"
    done = folder.run("invoke", "tap-toy", "--", "--discover")
    assert json.loads(done.stdout)["streams"][0]["stream"] == "users"


def test_the_status_is_the_plugins_own_and_secrets_are_masked(folder: Toy) -> None:
    folder.variables["TOKEN"] = "very-secret-thing"
    folder.tap(die_after=1, die_with=37, token="${TOKEN}", say="have very-secret-thing")
    done = folder.run("invoke", "tap-toy")
    assert done.returncode == 37
    assert "have ****" in done.stderr
    assert "the API said no" in done.stderr
    assert list(folder.directory.glob(".bizops/sessions/*/secrets")) == []


def test_tap_and_target_are_measured_and_leave_nothing_behind(toy: Toy) -> None:
    toy.tap(rows=70)
    read = json.loads(toy.run("benchmark", "tap-toy", "--json").stdout)
    assert read["rows"] == 70
    assert not read["was_cut_short"]
    assert 0 < read["first_row_s"] <= read["duration_s"]

    done = toy.run("benchmark", "target-postgres", "--rows", "40")
    assert done.returncode == 0, done.stderr
    assert "target-postgres: 40 rows" in done.stdout
    left = "select nspname from pg_namespace where nspname like 'bizops\\_benchmark%'"
    assert toy.query(left) == []
    assert toy.run("state", "list").stdout == ""

    toy.tap(rows=10, die_after=5, die_with=5)
    failed = toy.run("benchmark", "tap-toy")
    assert failed.returncode == 5
    assert "tap-toy ended with exit status 5" in failed.stderr


def test_a_tap_into_the_target_by_hand(toy: Toy) -> None:
    toy.tap(rows=7)
    tap = toy.run("invoke", "tap-toy")
    done = subprocess.run(
        [COMMANDS / "bizops", "invoke", "target-postgres"],
        input=tap.stdout,
        cwd=toy.directory,
        env=toy.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert toy.query('select count(*) from raw_invoked."users"') == [(7,)]
    assert toy.query("select to_regclass('bizops.state')") == [(None,)]


def test_sigterm_reaches_the_plugin_and_nothing_is_left(
    folder: Toy, wait_until
) -> None:
    folder.tap(rows=10**6, pause_every=1, pause_s=0.05)
    process = folder.start("invoke", "tap-toy")
    assert process.stdout is not None
    while '"RECORD"' not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    wait_until(lambda: not list(folder.directory.glob(".bizops/sessions/*/secrets")))


def test_every_tap_and_the_warehouse_are_tried(toy: Toy) -> None:
    toy.document["taps"] = {}
    toy.tap("tap-tested", streams=["a", "b"], rows=10**7)
    toy.tap("tap-toy")
    done = toy.run("test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok       warehouse: PostgreSQL" in done.stdout
    assert "tap-tested: 2 streams are selected, each can be read" in done.stdout
    assert "tap-toy: 1 streams are selected" in done.stdout
    assert toy.query("select to_regclass('raw_tested.a')") == [(None,)]


def test_the_first_failure_gives_the_status(toy: Toy) -> None:
    toy.document["taps"] = {}
    toy.tap("tap-tested", rows=50, die_after=1, die_with=5)
    toy.tap("tap-toy")
    done = toy.run("test", "--json")
    assert done.returncode == 5
    found = {r["subject"]: r for r in json.loads(done.stdout)}
    assert found["tap-tested"]["exit_status"] == 5
    assert found["tap-toy"]["is_well"]
    assert "the API said no" in toy.run("test", "tap-tested").stderr


def test_a_tap_that_never_ends_is_stopped(folder: Toy) -> None:
    folder.document["taps"] = {}
    folder.tap("tap-tested", rows=50, pause_every=1, pause_s=60)
    done = folder.run("test", "tap-tested", "--timeout", "1")
    assert done.returncode == 5
    assert "took longer than 1 s" in done.stderr


def test_a_tap_that_is_not_there_is_said(folder: Toy) -> None:
    script(folder.directory / "bin" / "tap-toy", "tap_toy.py")
    (folder.directory / "bin" / "tap-toy").unlink()
    done = folder.run("test", "tap-toy")
    assert done.returncode == 2
    assert "there is no command" in done.stderr

"""Taps and targets that break: who is named, what is kept, what is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Toy


def bookmark(toy: Toy) -> int | None:
    rows = toy.query("select value->'bookmarks'->'users'->>'n' from bizops.state")
    return int(rows[0][0]) if rows else None


def count(toy: Toy) -> int:
    ((rows,),) = toy.query('select count(*) from raw_toy."users"')
    return int(rows)


def leftovers(toy: Toy) -> list[Path]:
    return list(toy.directory.glob(".bizops/runs/*/secrets"))


def processes_of(toy: Toy) -> list[str]:
    """Give the command lines that name the project's folder, bizops's own left out."""
    return [line for line in command_lines() if str(toy.directory) in line]


def command_lines() -> list[str]:
    """Give the words of every process there is, those that end meanwhile left out."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().decode(errors="replace").replace("\0", " "))
    return found


def test_a_tap_that_fails_half_way_keeps_what_was_committed(toy: Toy) -> None:
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.tap(die_after=250, die_with=1)

    done = toy.run("elt", "run")

    assert done.returncode == 1
    assert "Error: tap-toy ended with exit status 1" in done.stderr
    assert "the API said no" in done.stderr
    assert "building the models" not in done.stderr
    assert (count(toy), bookmark(toy)) == (250, 200)
    assert toy.runs()[0]["taps"][0]["target_exit_status"] == 0
    toy.document["jobs"]["default"]["transform"] = "none"
    toy.tap()
    assert toy.run("elt", "run").returncode == 0
    assert (count(toy), bookmark(toy)) == (500, 500)
    assert not leftovers(toy)


def test_a_tap_that_fails_doubles_no_row_of_a_stream_without_a_key(toy: Toy) -> None:
    toy.tap(is_keyless=True, die_after=250, die_with=1)
    assert toy.run("elt", "run").returncode == 1
    assert (count(toy), bookmark(toy)) == (200, 200)

    toy.tap(is_keyless=True)

    assert toy.run("elt", "run").returncode == 0
    assert (count(toy), bookmark(toy)) == (500, 500)


def test_the_half_line_of_a_dead_tap_never_reaches_the_target(toy: Toy) -> None:
    toy.tap(die_after=150, half_line=True, die_by=int(signal.SIGKILL))

    done = toy.run("elt", "run")

    assert done.returncode == 1
    assert "tap-toy was killed (SIGKILL)" in done.stderr
    assert toy.runs()[0]["taps"][0]["target_exit_status"] == 0
    assert (count(toy), bookmark(toy)) == (150, 100)


@pytest.mark.parametrize("status", [2, 3, 5])
def test_the_status_of_a_tap_becomes_ours(folder_target: Toy, status: int) -> None:
    folder_target.tap(die_after=3, die_with=status)
    assert folder_target.run("elt", "run").returncode == status


def test_a_status_outside_the_table_becomes_one(folder_target: Toy) -> None:
    folder_target.tap(die_after=3, die_with=77)
    done = folder_target.run("elt", "run")
    assert done.returncode == 1
    assert "exit status 77" in done.stderr


@pytest.fixture
def folder_target(toy: Toy) -> Toy:
    """Give the project with the scripted target."""
    toy.scripted_target()
    return toy


def test_a_dying_target_is_named_and_the_tap_ends_within_seconds(
    folder_target: Toy,
) -> None:
    folder_target.tap(rows=10_000_000, ignore_sigterm=True)
    folder_target.scripted_target(die_after=1000, die_with=4)
    began_s = time.monotonic()

    done = folder_target.run("elt", "run")

    assert time.monotonic() - began_s < 20
    assert done.returncode == 4
    assert "Error: target-toy ended with exit status 4" in done.stderr
    assert "the database said no" in done.stderr
    assert "Broken pipe" not in done.stderr
    assert not processes_of(folder_target)
    assert folder_target.runs()[0]["status"] == "failed"


def test_a_dying_target_is_noticed_while_the_tap_is_silent(folder_target: Toy) -> None:
    folder_target.tap(pause_every=300, pause_s=60)
    folder_target.scripted_target(die_after=100, die_with=4)

    done = folder_target.run("elt", "run", timeout_s=30)

    assert done.returncode == 4


def test_a_target_that_closes_its_input_early_is_an_error(folder_target: Toy) -> None:
    folder_target.tap(rows=2_000_000)
    folder_target.scripted_target(close_after=10)

    done = folder_target.run("elt", "run")

    assert done.returncode == 1
    assert "Error: target-toy" in done.stderr


def test_log_lines_on_stdout_stop_the_run_with_their_line_number(toy: Toy) -> None:
    toy.tap(garbage_after=120, state_every=100)

    done = toy.run("elt", "run")

    assert done.returncode == 3
    # SCHEMA, 120 records and one STATE come first.
    assert "no Singer message on line 123 of its output" in done.stderr
    assert bookmark(toy) in {None, 100}
    assert "INFO this should" not in done.stderr
    toy.tap()
    assert toy.run("elt", "run").returncode == 0
    assert (count(toy), bookmark(toy)) == (500, 500)


def test_a_slow_target_slows_the_tap_instead_of_filling_memory(
    folder_target: Toy, wait_until: Callable[..., None]
) -> None:
    folder_target.tap(rows=10_000_000, width=2000)
    folder_target.scripted_target(pause_s=0.01)
    process = folder_target.start("elt", "run")
    try:
        wait_until(
            lambda: (
                folder_target.kept_file.exists()
                and folder_target.kept_file.stat().st_size > 100_000
            )
        )
        sizes = []
        for _ in range(5):
            time.sleep(0.4)
            status = Path(f"/proc/{process.pid}/status").read_text()
            sizes.append(int(status.split("VmRSS:")[1].split()[0]))
        assert max(sizes) < 120_000
        assert max(sizes) - min(sizes) < 4_000
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_what_a_tap_leaves_running_ends_with_it(folder_target: Toy) -> None:
    folder_target.tap(child_s=60)

    done = folder_target.run("elt", "run", timeout_s=30)

    assert done.returncode == 0, done.stderr
    assert not processes_of(folder_target)


def test_secrets_are_in_no_output_log_record_or_environment(toy: Toy) -> None:
    token = 'top"secret/token+1'
    encoded = json.dumps(token)[1:-1]
    toy.variables["TOY_TOKEN"] = token
    touched = toy.directory / "environ.json"
    toy.tap(
        token="${TOY_TOKEN}",
        say=f"token {token} or {encoded} or top%22secret%2Ftoken%2B1",
        touch=str(touched),
        die_after=10,
    )

    done = toy.run("elt", "run", "--log-level", "debug")
    shown = toy.run("runs", "logs").stdout + toy.run("runs", "show", "--json").stdout

    assert done.returncode == 1
    for text in (done.stdout, done.stderr, shown):
        assert token not in text
        assert encoded not in text
        assert "top%22secret" not in text
    assert "token ****" in done.stderr
    environ = json.loads(touched.read_text())
    assert toy.database_url not in environ.values()
    assert "TOY_TOKEN" not in environ
    touched.unlink()
    for file in toy.directory.glob(".bizops/**/*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
            assert encoded.encode() not in file.read_bytes(), file
    assert not leftovers(toy)


def test_configurations_are_readable_by_their_owner_alone(
    toy: Toy, wait_until: Callable[..., None]
) -> None:
    toy.tap(rows=100_000, pause_every=50, pause_s=0.2)
    os.umask(0o022)
    process = toy.start("elt", "run")
    try:
        wait_until(
            lambda: len(list(toy.directory.glob(".bizops/runs/*/secrets/*"))) > 1
        )
        (directory,) = leftovers(toy)
        assert directory.stat().st_mode & 0o777 == 0o700
        assert {f.stat().st_mode & 0o777 for f in directory.iterdir()} == {0o600}
        assert toy.database_url
        assert not any(toy.database_url in line for line in command_lines())
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert not leftovers(toy)


def test_a_damaged_state_stops_the_run_and_is_named(toy: Toy) -> None:
    assert toy.run("elt", "run").returncode == 0
    import psycopg2

    connection = psycopg2.connect(toy.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("update bizops.state set value = '[]'")
    connection.close()

    done = toy.run("elt", "run")

    assert done.returncode == 2
    assert "the state toy:dev:tap-toy is damaged" in done.stderr
    assert toy.query("select value::text from bizops.state") == [("[]",)]


def test_other_taps_go_on_when_one_fails(toy: Toy) -> None:
    toy.tap("tap-good", rows=77)
    toy.tap(die_after=1, die_with=5)

    done = toy.run("elt", "run")

    assert done.returncode == 5
    assert toy.query('select count(*) from raw_good."users"') == [(77,)]
    statuses = {t["tap"]: t["status"] for t in toy.runs()[0]["taps"]}
    assert statuses == {"tap-toy": "failed", "tap-good": "succeeded"}


def test_a_wrong_password_and_a_dead_server_have_their_own_status(toy: Toy) -> None:
    toy.variables["TOY_URL"] = "postgresql://bizops:x@127.0.0.1:9/nothing"

    done = toy.run("elt", "run")

    assert done.returncode == 5
    assert "the warehouse does not answer" in done.stderr
    assert toy.runs()[0]["exit_status"] == 5


def test_a_state_that_cannot_be_kept_fails_the_run(folder_target: Toy) -> None:
    assert folder_target.run("elt", "run").returncode == 0
    import psycopg2

    connection = psycopg2.connect(folder_target.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "alter table bizops.state add constraint closed check (false) not valid"
        )
    connection.close()
    folder_target.tap(rows=900)

    done = folder_target.run("elt", "run")

    assert done.returncode == 4
    assert "the warehouse refused" in done.stderr
    assert "Traceback" not in done.stderr
    assert bookmark(folder_target) == 500


def test_a_full_disk_is_told_and_the_state_stays_right(toy: Toy) -> None:
    import shlex
    import subprocess
    import sys

    assert toy.run("elt", "run").returncode == 0
    toy.tap(rows=900, streams=["users", "orders"])
    bizops = Path(sys.executable).parent / "bizops"
    # No file may grow beyond a few hundred bytes: the new catalog does not fit.
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f 1; exec {shlex.quote(str(bizops))} elt run"],
        cwd=toy.directory,
        env=toy.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "cannot be written: File too large" in done.stderr
    assert "Free some space on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert (count(toy), bookmark(toy)) == (500, 500)
    assert toy.run("elt", "run").returncode == 0
    assert (count(toy), bookmark(toy)) == (900, 900)


def test_a_run_whose_record_cannot_be_kept_has_failed(toy: Toy) -> None:
    # The tap puts a folder where the record has to go.
    (toy.directory / "bin" / "tap-toy").write_text(
        '#!/bin/sh\n[ "$1" = --about ] && exit 1\n'
        "rm -f .bizops/runs/r1/run.json\n"
        "mkdir -p .bizops/runs/r1/run.json/x\n"
    )
    toy.document["taps"]["tap-toy"]["config"] = {}
    toy.write()

    done = toy.run("elt", "run", "--run-id", "r1")

    assert done.returncode == 1
    assert "run.json cannot be written" in done.stderr
    assert "Run r1 failed" in done.stdout
    assert toy.query("select status, exit_status from bizops.runs") == [("failed", 1)]

"""Signals and kill -9: what ends, what is kept, what the next run finds."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.conftest import Toy

SLOW: dict[str, Any] = {
    "rows": 3000,
    "pause_every": 50,
    "pause_s": 0.05,
    "state_every": 50,
}


def words_of(pid: int) -> bytes:
    """Give a process's command line; nothing when it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children_of(pid: int) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(file.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def start_and_wait(
    toy: Toy, wait_until: Callable[..., None], *words: str
) -> subprocess.Popen[str]:
    """Start a run and return when rows have been committed."""
    process = toy.start("elt", "run", *words)
    wait_until(lambda: len(children_of(process.pid)) == 2)
    wait_until(lambda: has_state(toy))
    return process


def has_state(toy: Toy) -> bool:
    (((there,),),) = (toy.query("select to_regclass('bizops.state') is not null"),)
    if not there:
        return False
    return bool(toy.query("select 1 from bizops.state"))


def rows_and_bookmark(toy: Toy) -> tuple[int, int]:
    ((rows,),) = toy.query('select count(*) from raw_toy."users"')
    ((mark,),) = toy.query("select value->'bookmarks'->'users'->>'n' from bizops.state")
    return rows, int(mark)


@pytest.fixture
def slow(toy: Toy) -> Toy:
    """Give a project whose tap takes a while, and a target that commits often."""
    toy.document["target"]["config"] = {"batch_size_rows": 100}
    toy.tap(**SLOW)
    return toy


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_gracefully_and_the_next_run_completes(
    slow: Toy, wait_until: Callable[..., None], number: signal.Signals
) -> None:
    process = start_and_wait(slow, wait_until)
    children = children_of(process.pid)

    process.send_signal(number)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 128 + number, output
    assert "the run was interrupted" in output
    assert "the next run goes on from there" in output
    assert not any(map(is_alive, children))
    rows, mark = rows_and_bookmark(slow)
    assert 0 < mark <= rows < 3000
    assert slow.runs()[0]["status"] == "interrupted"
    assert slow.runs()[0]["exit_status"] == 128 + number
    assert not list(slow.directory.glob(".bizops/runs/*/secrets"))

    slow.tap(rows=3000)
    assert slow.run("elt", "run").returncode == 0
    assert rows_and_bookmark(slow) == (3000, 3000)


def test_a_second_signal_ends_at_once(
    slow: Toy, wait_until: Callable[..., None]
) -> None:
    slow.tap(**SLOW, ignore_sigterm=True)
    process = start_and_wait(slow, wait_until)
    children = children_of(process.pid)

    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    began_s = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert time.monotonic() - began_s < 5
    assert process.returncode == 130, output
    assert not any(map(is_alive, children))


def test_kill_9_of_bizops_ends_the_children_and_frees_the_lock(
    slow: Toy, wait_until: Callable[..., None]
) -> None:
    # The tap sleeps: it would not notice a broken pipe for a minute.
    slow.tap(rows=3000, pause_every=500, pause_s=60, ignore_sigterm=True)
    process = start_and_wait(slow, wait_until)
    children = children_of(process.pid)

    process.kill()
    process.communicate(timeout=30)

    wait_until(lambda: not any(map(is_alive, children)), timeout_s=10)
    (killed,) = slow.runs()
    assert killed["status"] == "running"
    assert list(slow.directory.glob(".bizops/runs/*/secrets"))
    assert " killed " in slow.run("runs", "list").stdout

    slow.tap(rows=3000)
    again = slow.run("elt", "run")

    assert again.returncode == 0, again.stderr
    assert "had been killed; its secrets are removed" in again.stderr
    assert rows_and_bookmark(slow) == (3000, 3000)
    assert not list(slow.directory.glob(".bizops/runs/*/secrets"))
    assert [r["status"] for r in slow.runs()] == ["succeeded", "killed"]


@pytest.mark.parametrize("victim", ["tap-toy", "target-postgres"])
def test_kill_9_of_a_child_ends_the_run_and_the_next_one_completes(
    slow: Toy, wait_until: Callable[..., None], victim: str
) -> None:
    process = start_and_wait(slow, wait_until)
    (pid,) = [
        child
        for child in children_of(process.pid)
        if f"/{victim}\0".encode() in words_of(child)
    ]

    os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 1, output
    assert f"Error: {victim} was killed (SIGKILL)" in output
    slow.tap(rows=3000)
    assert slow.run("elt", "run").returncode == 0
    assert rows_and_bookmark(slow) == (3000, 3000)


def test_a_stopped_and_continued_run_goes_on(
    slow: Toy, wait_until: Callable[..., None]
) -> None:
    slow.tap(**{**SLOW, "rows": 1000})
    process = start_and_wait(slow, wait_until)

    process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    process.send_signal(signal.SIGCONT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 0, output
    assert rows_and_bookmark(slow) == (1000, 1000)


def test_a_signal_during_discovery_ends_the_run(
    toy: Toy, wait_until: Callable[..., None]
) -> None:
    tap = toy.directory / "bin" / "tap-toy"
    tap.write_text(
        tap.read_text().replace(
            "    if words.discover:\n",
            "    if words.discover:\n        time.sleep(60)\n",
        )
    )
    process = toy.start("elt", "run")
    wait_until(lambda: bool(children_of(process.pid)))
    wait_until(
        lambda: any(b"--discover" in words_of(pid) for pid in children_of(process.pid))
    )

    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 143, output
    assert "Traceback" not in output

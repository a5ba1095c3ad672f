"""The live display on a terminal, which a pseudo-terminal is."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Toy


def run_on_terminal(toy: Toy, *words: str, width: int = 120) -> tuple[int, str]:
    """Run `bizops` with its stderr on a terminal; give status and what it showed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [Path(sys.executable).parent / "bizops", *words],
        cwd=toy.directory,
        env={**toy.environ(), "TERM": "xterm", "COLUMNS": str(width)},
        stdout=subprocess.DEVNULL,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    return process.wait(timeout=30), text


def test_rows_and_the_end_of_each_tap_are_shown(toy: Toy) -> None:
    toy.tap("tap-b", rows=40)

    status, text = run_on_terminal(toy, "elt", "run", "--parallel", "2")

    assert status == 0, text
    assert re.search(r"tap-toy .*500 rows, succeeded", text), text
    assert re.search(r"tap-b .*40 rows, succeeded", text), text


def test_on_a_narrow_terminal_names_and_times_stay_and_facts_are_cut(
    toy: Toy,
) -> None:
    toy.tap(streams=["opportunity_field_history_of_all_years"])

    status, text = run_on_terminal(toy, "elt", "run", width=50)

    assert status == 0, text
    shown = [line for line in text.splitlines() if "tap-toy ━" in line]
    assert shown
    assert all(re.search(r"tap-toy ━{4} .*\d:\d\d$", line) for line in shown), shown
    assert max(map(len, shown)) == 50


def test_a_failure_is_shown_after_the_display(toy: Toy) -> None:
    toy.variables["TOKEN"] = "very-secret-thing"
    toy.tap(die_after=10, token="${TOKEN}", say="using very-secret-thing")

    status, text = run_on_terminal(toy, "elt", "run")

    assert status == 1
    assert "10 rows, failed" in text, text
    assert text.index("10 rows, failed") < text.index("Error: tap-toy ended with")
    assert "very-secret-thing" not in text

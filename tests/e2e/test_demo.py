"""`bizops demo`: the sample company with one command, and again with the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def checkout(checkout_copy: Path) -> Iterator[Path]:
    """Give a fresh copy of the checkout; its warehouse is stopped afterwards."""
    yield checkout_copy
    bizops(checkout_copy, "warehouse", "stop")


def test_the_demo_prints_metrics_and_its_second_run_is_incremental(
    checkout: Path,
) -> None:
    first = bizops(checkout, "demo")
    assert first.returncode == 0, first.stdout + first.stderr
    second = bizops(checkout, "demo")
    assert second.returncode == 0, second.stdout + second.stderr

    for done in (first, second):
        assert "Win rate" in done.stdout
        assert "Customer acquisition cost" in done.stdout
        assert "bizops metrics show" in done.stdout
        assert "Traceback" not in done.stderr
        report = Path(done.stdout.splitlines()[-1].strip())
        assert report.read_text("utf-8").startswith("<!doctype html>")
    assert rows_loaded(second.stdout) * 5 < rows_loaded(first.stdout)


def rows_loaded(output: str) -> int:
    """Give the number in the demo's own line about rows."""
    line = next(line for line in output.splitlines() if "rows loaded" in line)
    return int(line.split("rows loaded")[0].split()[-1].replace(",", ""))


def bizops(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `bizops` in the copy with nothing of the developer's environment."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SALESFORCE_", "TAP_", "TARGET_", "BIZOPS_"))
    }
    return subprocess.run(
        [SCRIPTS / "bizops", *arguments],
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        timeout=290,
        check=False,
    )

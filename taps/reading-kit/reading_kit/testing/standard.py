"""Runs the SDK's standard tests of a tap, and says how many passed."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

TAP_NAME = "READING_KIT_SUITE_TAP"
CONFIG_NAME = "READING_KIT_SUITE_CONFIG"
EMPTY_NAME = "READING_KIT_SUITE_EMPTY_STREAMS"
MAX_RECORDS = 50
_SUITE = Path(__file__).with_name("standard_suite.py")


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """How the suite ended.

    Attributes:
        passed: Tests that passed.
        output: Pytest's, for a message.
        left_out: Tests that may be left out: one for each stream without rows.
    """

    status: int
    passed: int
    output: str
    left_out: int = 0

    @property
    def is_good(self) -> bool:
        """Tell whether all passed and no other was left out."""
        skipped = re.search(r"(\d+) skipped", self.output)
        count = int(skipped[1]) if skipped else 0
        is_clean = "failed" not in self.output and count == self.left_out
        return self.status == 0 and is_clean


def load_tap() -> Any:  # noqa: ANN401 - a class of the tap's own
    """Give the class the environment names as ``module:Class``."""
    module, _, name = os.environ[TAP_NAME].partition(":")
    return getattr(importlib.import_module(module), name)


def run_standard_suite(
    tap: str,
    config: dict[str, Any],
    *,
    directory: Path,
    empty_streams: Sequence[str] = (),
) -> SuiteResult:
    """Run the suite against a server that is up.

    Args:
        tap: The tap's class as ``module:Class``.
        config: A config that works.
        directory: An empty folder to run in.
        empty_streams: Streams that the server has no rows of.
    """
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    options += ["--rootdir", str(directory)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(_SUITE)],
        capture_output=True,
        text=True,
        check=False,
        cwd=directory,
        env={
            **os.environ,
            TAP_NAME: tap,
            CONFIG_NAME: json.dumps(config),
            EMPTY_NAME: json.dumps(list(empty_streams)),
        },
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    count = int(passed[1]) if passed else 0
    output = done.stdout + done.stderr
    return SuiteResult(done.returncode, count, output, len(empty_streams))

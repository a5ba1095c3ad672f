"""The SDK's standard tests, for every way records can travel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).with_name("standard_suite.py")


@pytest.mark.parametrize("api_type", ["BULK2", "REST"])
def test_the_sdks_standard_tests_pass(hard_org, monkeypatch, api_type):
    config = hard_org.config(api_type=api_type)
    monkeypatch.setenv("STANDARD_SUITE_CONFIG", json.dumps(config))
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(SUITE)],
        capture_output=True,
        text=True,
        check=False,
        cwd=SUITE.parent,
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) >= 20
    assert "failed" not in done.stdout
    assert "skipped" not in done.stdout

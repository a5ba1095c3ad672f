"""A fresh database for each test, and the target's settings for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Under importlib mode a folder of tests is no package: the shared module is found so.
sys.path.insert(0, str(Path(__file__).parent))

from target_runs import Database


@pytest.fixture
def db(fresh_database: str, tmp_path: Path) -> Database:
    return Database(
        fresh_database,
        tmp_path,
        {"url": fresh_database, "default_target_schema": "raw"},
    )

"""The README says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from target_postgres import errors
from target_postgres.setting_list import SETTINGS, settings_table

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_settings_table_is_the_codes() -> None:
    assert settings_table() in README


def test_every_exit_status_is_in_the_table() -> None:
    rows = re.findall(r"^\| (\d+) \|", README, re.MULTILINE)
    statuses = {
        each.exit_status
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.TargetError)
    }
    assert {int(row) for row in rows} == statuses | {0}


def test_every_setting_is_described_in_a_sentence() -> None:
    for setting in SETTINGS:
        assert setting.description.endswith("."), setting.name

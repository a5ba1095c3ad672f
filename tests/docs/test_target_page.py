"""The page on the target lists what the target has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from target_postgres import errors
from target_postgres.batch_files import COMPRESSIONS, FORMATS
from target_postgres.faults import VARIABLE, FaultPoint
from target_postgres.name_map import TABLE as NAMES_TABLE
from target_postgres.rejects import TABLE as REJECTS_TABLE
from target_postgres.sdk_target import TargetPostgres
from target_postgres.setting_list import SETTINGS
from target_postgres.staging import staging_name
from target_postgres.tables import (
    BATCH_METADATA,
    EXTRA,
    ROW_METADATA,
    RUN_ID,
    TableName,
)

DOC = Path(__file__).parents[2] / "doc"
PAGE = (DOC / "target.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Give a section up to the next heading of the same level."""
    level = title.partition(" ")[0]
    return PAGE.partition(f"\n{title}\n")[2].partition(f"\n{level} ")[0]


def first_cells(text: str) -> list[str]:
    """Give the first cell of each row of the tables, code marks left out."""
    return [cell.strip("`") for cell in re.findall(r"^\| ([^|]+?) \|", text, re.M)]


def test_all_seventeen_promises_are_told() -> None:
    promises = [c for c in first_cells(section("## What is promised")) if c]
    assert promises == [f"P{number}" for number in range(1, 18)]


def test_every_named_point_of_a_crash_has_a_row() -> None:
    told = first_cells(section("## What is there after a crash"))
    assert set(get_args(FaultPoint)) <= set(told)
    assert f"`{VARIABLE}`" in PAGE


def test_every_column_of_ours_has_a_row_with_its_type() -> None:
    text = section("## Columns of ours")
    types = ROW_METADATA | BATCH_METADATA
    for column, column_type in types.items():
        assert f"| `{column}` | {column_type} |" in text
    told = set(first_cells(text)) - {"column"}
    assert told == {*types, EXTRA, RUN_ID}


def test_the_tables_of_ours_are_named() -> None:
    staged = staging_name(TableName("s", "", "")).table
    for name in (NAMES_TABLE, REJECTS_TABLE, staged):
        assert f"`{name}`" in PAGE


def test_load_methods_and_schema_changes_are_those_of_the_settings() -> None:
    choices = {setting.name: setting.choices for setting in SETTINGS}
    methods = first_cells(section("## Load methods"))
    assert methods == ["`load_method`".strip("`"), *choices["load_method"]]
    header = section("## When the schema changes").splitlines()[1]
    for choice in choices["schema_changes"]:
        assert choice in header


def test_the_forms_of_batch_files_are_those_that_are_read_and_declared() -> None:
    text = section("## BATCH files").partition("### ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| `([\w-]+)` \|$", text, re.M))
    assert set(rows) == set(FORMATS)
    declared = {str(each) for each in TargetPostgres.capabilities}
    assert set(rows.values()) <= declared
    for compression in COMPRESSIONS:
        assert compression is None or f"`{compression}`" in text


def test_every_setting_the_page_names_is_there() -> None:
    names = {setting.name for setting in SETTINGS}
    other = {"time_extracted", "remove_files", "pg_catalog"}
    marked = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)(?:: \w+)?`", PAGE))
    assert marked - names - other - set(get_args(FaultPoint)) == set()


def test_every_exit_status_has_a_row() -> None:
    told = first_cells(section("## Exit statuses"))
    statuses = {
        each.exit_status
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.TargetError)
    }
    numbers = {int(cell) for cell in told if cell.isdigit()}
    assert numbers == statuses | {0}

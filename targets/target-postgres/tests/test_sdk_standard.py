"""The SDK's own standard tests for targets, and what its cases leave in the tables."""

from __future__ import annotations

import io
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from singer_sdk.testing import SuiteConfig, get_target_test_class

from target_postgres.sdk_target import StandardTargetPostgres, TargetPostgres

if TYPE_CHECKING:
    from target_runs import Database

StandardTests = get_target_test_class(
    target_class=StandardTargetPostgres,
    config={"default_target_schema": "raw"},
    suite_config=SuiteConfig(),
    parse_env_config=True,
)


class TestStandardTarget(StandardTests):  # type: ignore[misc,valid-type]
    """Runs every case of the SDK against a real database."""

    @pytest.fixture(autouse=True)
    def _environment(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TARGET_POSTGRES_URL", db.url)


def case_lines(name: str) -> list[str]:
    folder = resources.files("singer_sdk.testing.target_test_streams")
    text = (folder / f"{name}.singer").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


def test_the_target_can_be_driven_by_the_sdks_listen(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        '{"type": "SCHEMA", "stream": "s", "key_properties": ["id"],'
        ' "schema": {"properties": {"id": {"type": "integer"}}}}',
        '{"type": "RECORD", "stream": "s", "record": {"id": 1}}',
        '{"type": "STATE", "value": {"n": 1.10}}',
    ]
    TargetPostgres(config={**db.config}).listen(io.StringIO("\n".join(lines)))
    assert capsys.readouterr().out == '{"n": 1.10}\n'
    assert db.rows("s", "id") == [("1",)]


def test_the_sdks_state_case_ends_with_the_last_state_and_all_rows(
    db: Database,
) -> None:
    outcome = db.load(case_lines("multiple_state_messages"))
    assert outcome.state == {
        "test_multiple_state_messages_a": 5,
        "test_multiple_state_messages_b": 6,
    }
    assert db.count("test_multiple_state_messages_a") == 6
    assert db.count("test_multiple_state_messages_b") == 6


def test_the_sdks_repeated_records_leave_the_last(db: Database) -> None:
    assert db.load(case_lines("duplicate_records")).status == 0
    assert db.rows("test_duplicate_records", "id", "metric") == [
        ("1", "100"),
        ("2", "20"),
    ]


def test_the_sdks_schema_updates_leave_all_columns(db: Database) -> None:
    assert db.load(case_lines("schema_updates")).status == 0
    columns = ("id", "a1", "a2", "a3", "a4", "a5", "a6")
    assert db.count("test_schema_updates") == 6
    assert db.rows("test_schema_updates", *columns)[0] == (
        "1",
        "101",
        "string1",
        None,
        None,
        None,
        None,
    )


def test_the_sdks_keyless_case_appends_each_time(db: Database) -> None:
    for name in ("no_primary_keys", "no_primary_keys_append") * 2:
        assert db.load(case_lines(name)).status == 0
    assert db.count("test_no_pk") == 16


def test_the_sdks_users_and_locations_are_upserted(db: Database) -> None:
    for name in ("user_location_data", "user_location_upsert_data"):
        assert db.load(case_lines(name)).status == 0
    tables = ("test_users", "test_locations", "test_user_in_location")
    assert [db.count(table) for table in tables] == [8, 5, 5]


def test_the_sdks_encoded_strings_are_kept(db: Database) -> None:
    assert db.load(case_lines("encoded_string_data")).status == 0
    tables = ("test_strings", "test_strings_in_objects", "test_strings_in_arrays")
    assert [db.count(table) for table in tables] == [11, 11, 6]

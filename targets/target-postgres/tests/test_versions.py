"""Catalogue E: deletes and versions."""

from __future__ import annotations

from typing import Any

import pytest
from target_runs import Database, record, schema


def versioned(version: int, **values: Any) -> dict[str, Any]:
    return {**record(**values), "version": version}


def activate(version: int) -> dict[str, Any]:
    return {"type": "ACTIVATE_VERSION", "stream": "s", "version": version}


HEAD = schema(id="integer", v="string")


def live(db: Database) -> list[str]:
    return [
        number
        for (number,) in db.execute(
            "select id::text from raw.s where _sdc_deleted_at is null order by id"
        )
    ]


def seven(version: int) -> list[dict[str, Any]]:
    rows = [versioned(version, id=n, v="x") for n in range(7)]
    return [HEAD, *rows, activate(version)]


def test_r74_hard_delete_removes_what_the_tap_did_not_send(db: Database) -> None:
    lines = seven(1)
    assert db.load(lines, hard_delete=True).status == 0
    assert db.count("s") == 7
    db.execute("insert into raw.s (id) values (100), (101)")
    assert db.count("s") == 9
    assert db.load(lines, hard_delete=True).status == 0
    assert db.count("s") == 7
    db.execute("insert into raw.s (id, _sdc_table_version) values (100, 1), (101, 0)")
    assert db.load(seven(2), hard_delete=True).status == 0
    assert db.count("s") == 7


def test_r75_soft_delete_marks_what_the_tap_did_not_send(db: Database) -> None:
    assert db.load(seven(1)).status == 0
    db.execute("insert into raw.s (id) values (100), (101)")
    lines = [HEAD, *[versioned(2, id=n, v="x") for n in range(6)], activate(2)]
    assert db.load(lines).status == 0
    assert db.count("s") == 9
    assert live(db) == [str(n) for n in range(6)]
    marks = db.execute("select _sdc_deleted_at from raw.s where id = 6")
    assert db.load(lines).status == 0
    assert db.execute("select _sdc_deleted_at from raw.s where id = 6") == marks


def test_a_record_that_returns_is_no_longer_deleted(db: Database) -> None:
    assert db.load(seven(1)).status == 0
    assert db.load([HEAD, versioned(2, id=1), activate(2)]).status == 0
    assert live(db) == ["1"]
    assert db.load([HEAD, versioned(2, id=3)]).status == 0
    assert live(db) == ["1", "3"]


def test_r76_a_version_activated_before_its_records_empties_nothing_early(
    db: Database,
) -> None:
    assert db.load(seven(1), hard_delete=True).status == 0
    early = [HEAD, activate(2), *[versioned(2, id=n) for n in range(3)]]
    outcome = db.load([*early, "garbage"], hard_delete=True, batch_size_rows=1)
    assert outcome.status == 3
    assert db.count("s") == 7
    assert db.load(early, hard_delete=True).status == 0
    assert db.count("s") == 3


def test_r76_an_empty_source_empties_the_table_at_the_end(db: Database) -> None:
    assert db.load(seven(1), hard_delete=True).status == 0
    assert db.load([HEAD, activate(2)], hard_delete=True).status == 0
    assert db.count("s") == 0


def test_r77_every_batch_of_the_current_version_stays(db: Database) -> None:
    lines = [HEAD, *[versioned(5, id=n) for n in range(30)], activate(5)]
    assert db.load(lines, hard_delete=True, batch_size_rows=10).status == 0
    assert db.count("s") == 30


@pytest.mark.parametrize("version", [4, 5])
def test_an_equal_or_lower_version_removes_nothing(db: Database, version: int) -> None:
    lines = [HEAD, *[versioned(5, id=n) for n in range(3)], activate(5)]
    assert db.load(lines, hard_delete=True).status == 0
    db.execute("insert into raw.s (id) values (100)")
    assert db.load([HEAD, activate(version)], hard_delete=True).status == 0
    assert db.count("s") == 4
    again = [*lines, versioned(4, id=50), activate(version)]
    assert db.load(again, hard_delete=True).status == 0
    assert {n for (n,) in db.rows("s", "id")} == {"0", "1", "2", "50"}


def test_rows_without_versions_stay_when_the_run_wrote_none(db: Database) -> None:
    assert db.load([HEAD, record(id=1), record(id=2)]).status == 0
    assert db.load([HEAD, record(id=3), activate(9)], hard_delete=True).status == 0
    assert db.count("s") == 3


def test_r78_versions_without_metadata_stop_with_2(db: Database) -> None:
    settings = {"add_record_metadata": False, "activate_version": True}
    outcome = db.run([HEAD], **settings)
    assert outcome.status == 2
    assert "add_record_metadata" in outcome.message


def test_metadata_can_be_left_out(db: Database) -> None:
    lines = [HEAD, record(id=1, v="x"), versioned(2, id=2), activate(2)]
    assert db.load(lines, add_record_metadata=False).status == 0
    assert set(db.types("s")) == {"id", "v"}
    assert db.count("s") == 2


def test_r79_without_the_message_nothing_is_removed(db: Database) -> None:
    assert db.load(seven(1), hard_delete=True).status == 0
    lines = [HEAD, versioned(2, id=1)]
    assert db.load(lines, hard_delete=True).status == 0
    assert db.load([*lines, "crash"], hard_delete=True).status == 3
    assert db.count("s") == 7


DELETABLE = schema(
    id="integer",
    v="string",
    _sdc_deleted_at={"type": ["null", "string"], "format": "date-time"},
)
AT = "2024-05-01T00:00:00Z"


@pytest.mark.parametrize("batch_size_rows", [1, 100])
def test_hard_delete_heeds_deletion_times_in_order(
    db: Database, batch_size_rows: int
) -> None:
    lines = [DELETABLE, record(id=1, v="a"), record(id=2, v="b"), record(id=3, v="c")]
    lines += [record(id=1, _sdc_deleted_at=AT), record(id=2, _sdc_deleted_at=AT)]
    lines += [record(id=2, v="back"), record(id=9, _sdc_deleted_at=AT)]
    settings = {"hard_delete": True, "batch_size_rows": batch_size_rows}
    assert db.load(lines, **settings).status == 0
    assert db.rows("s", "id", "v") == [("2", "back"), ("3", "c")]
    assert (
        db.load([DELETABLE, record(id=3, _sdc_deleted_at=AT)], **settings).status == 0
    )
    assert db.rows("s", "id") == [("2",)]


def test_soft_delete_keeps_the_taps_deletion_time(db: Database) -> None:
    lines = [DELETABLE, record(id=1, v="a"), record(id=1, v="a", _sdc_deleted_at=AT)]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "_sdc_deleted_at") == [("1", "2024-05-01 00:00:00+00")]
    assert db.load([DELETABLE, record(id=1, v="b")]).status == 0
    assert db.rows("s", "v", "_sdc_deleted_at") == [("b", None)]


def test_overwrite_leaves_only_what_this_run_sent(db: Database) -> None:
    settings = {"load_method": "overwrite"}
    assert db.load([HEAD, *[record(id=n) for n in range(5)]], **settings).status == 0
    assert db.load([HEAD, record(id=1), record(id=9), "x"], **settings).status == 3
    assert db.rows("s", "id") == [(str(n),) for n in range(5)]
    assert db.load([HEAD, record(id=1), record(id=9)], **settings).status == 0
    assert db.rows("s", "id") == [("1",), ("9",)]


def test_append_only_keeps_every_record(db: Database) -> None:
    lines = [HEAD, record(id=1, v="a"), record(id=1, v="b")]
    assert db.load(lines, load_method="append-only").status == 0
    assert db.rows("s", "id", "v") == [("1", "a"), ("1", "b")]

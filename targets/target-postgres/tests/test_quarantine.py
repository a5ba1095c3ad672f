"""Records that are wrong may be set aside instead of stopping the run."""

from __future__ import annotations

from typing import Any

import pytest
from target_runs import Database, record, schema, state

QUARANTINE = {"on_bad_record": "quarantine", "run_id": "r1"}
AT = {"type": ["null", "string"], "format": "date-time"}


def rejects(db: Database) -> list[tuple[Any, ...]]:
    return db.execute(
        "select stream, line, field, reason, run_id from raw._bizops_rejects order by 2"
    )


@pytest.mark.parametrize("keys", [["id"], []])
def test_wrong_records_are_set_aside_and_the_others_written(
    db: Database, keys: list[str]
) -> None:
    lines = [schema(keys=keys, id="integer", v="boolean", at=AT)]
    lines += [record(id=n, v=True) for n in range(10)]
    lines += [record(id=10, v="yes"), record(id=11, at="0000-00-00")]
    lines += [record(id=12, at="2024-01-01"), state({"n": 1})]
    outcome = db.load(lines, **QUARANTINE)
    assert outcome.status == 0, outcome.message
    assert outcome.states == ['{"n": 1}']
    assert {int(n) for (n,) in db.rows("s", "id")} == {*range(10), 12}
    assert rejects(db) == [
        ("s", 12, "v", "not a boolean", "r1"),
        (
            "s",
            13,
            "at",
            "a value PostgreSQL does not take: DatetimeFieldOverflow",
            "r1",
        ),
    ]
    (content,) = db.execute("select content from raw._bizops_rejects where line = 12")[
        0
    ]
    assert '"yes"' in content


def test_a_record_without_its_key_is_set_aside(db: Database) -> None:
    lines = [schema(id="integer"), record(id=None), record(), record(id=1)]
    assert db.load(lines, **QUARANTINE).status == 0
    assert db.rows("s", "id") == [("1",)]
    assert len(rejects(db)) == 2


def test_keyless_rows_and_rejects_agree_with_the_state(db: Database) -> None:
    settings = {**QUARANTINE, "state_id": "x", "batch_size_rows": 10}
    lines: list[Any] = [schema(keys=[], v="integer")]
    for n in range(40):
        lines.append(record(v="wrong" if n % 7 == 3 else n))
        if n % 5 == 4:
            lines.append(state({"n": n + 1}))
    lines.append(record(v=999))
    assert db.load([*lines, "garbage"], **settings).status == 3
    covered = db.execute("select value from bizops.state")[0][0]["n"]
    stored = [v for (v,) in db.execute("select v from raw.s order by v")]
    assert stored == [n for n in range(covered) if n % 7 != 3]


def test_what_is_no_singer_message_still_stops(db: Database) -> None:
    assert db.load([schema(id="integer"), "garbage"], **QUARANTINE).status == 3
    assert db.load([record("unknown", id=1)], **QUARANTINE).status == 3


def test_an_earlier_record_of_a_key_stays_when_the_last_one_is_refused(
    db: Database,
) -> None:
    lines = [schema(id="integer", v="string", at=AT)]
    lines += [record(id=1, v="first"), record(id=1, v="second")]
    lines += [record(id=1, v="never", at="2024-02-30"), record(id=2, v="other")]
    lines += [record(id=2, v="never", at="soon")]
    for _ in range(2):
        assert db.load(lines, **QUARANTINE).status == 0
        assert db.rows("s", "id", "v") == [("1", "second"), ("2", "other")]
    assert [(line, field) for _, line, field, *_ in rejects(db)] == [
        (4, "at"),
        (4, "at"),
        (6, "at"),
        (6, "at"),
    ]


@pytest.mark.parametrize("keys", [["id"], []])
def test_many_refused_records_cost_no_good_one(db: Database, keys: list[str]) -> None:
    lines: list[Any] = [schema(keys=keys, id="integer", at=AT)]
    for n in range(3000):
        bad = n % 7 == 3
        lines.append(record(id=n, at="2024-02-30" if bad else "2024-02-28"))
    assert db.load(lines, **QUARANTINE).status == 0
    assert {int(n) for (n,) in db.rows("s", "id")} == {
        n for n in range(3000) if n % 7 != 3
    }
    assert len(rejects(db)) == len([n for n in range(3000) if n % 7 == 3])

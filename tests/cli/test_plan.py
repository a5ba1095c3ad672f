"""`plan` says what a run would do; a run by a plan refuses a world that has moved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

REFRESH = "bizops elt run tap-toy --full-refresh users"


def plan(toy: Toy, *words: str) -> dict:
    done = toy.run("plan", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_name(found: dict) -> dict[str, dict]:
    return {s["stream"]: s for tap in found["taps"] for s in tap["streams"]}


def test_the_first_plan_makes_every_table_and_nothing_is_made(toy: Toy) -> None:
    toy.tap(streams=["users", "orders"])
    toy.document["taps"]["tap-toy"]["select"] = ["users", "!users.secret_note"]
    toy.write()
    done = toy.run("plan")
    assert done.returncode == 0, done.stderr
    assert "  + users: from the start\n" in done.stdout
    assert "create table raw_toy.users (2 columns)" in done.stdout
    assert "orders" not in done.stdout
    assert "tap-toy 1.2.3 into raw_toy" in done.stdout
    assert toy.query(
        "select to_regnamespace('raw_toy'), to_regnamespace('bizops')"
    ) == [(None, None)]


def test_after_a_run_it_tells_bookmarks_expected_rows_and_new_columns(
    toy: Toy,
) -> None:
    for rows in (500, 520, 560):
        toy.tap(rows=rows)
        assert toy.run("elt", "run").returncode == 0
    same = by_name(plan(toy))["users"]
    assert same["is_new"] is False
    assert json.loads(same["since"]) == {"n": 560}
    assert same["new_columns"] == []
    assert same["expected_rows"] == 40
    toy.tap(rows=560, score=1)
    toy.document["taps"]["tap-toy"]["select"] = ["*", "!users.name"]
    toy.write()
    done = toy.run("plan")
    assert "  ~ users: from n 560" in done.stdout
    assert f"for all of them: {REFRESH}" in done.stdout
    assert "alter table raw_toy.users add column score" in done.stdout
    assert "not read, kept as they are: name" in done.stdout
    # The column is there after the next run, but not in the records read before.
    assert toy.run("elt", "run").returncode == 0
    assert by_name(plan(toy))["users"]["unfilled_columns"] == ["score"]
    done = toy.run("plan")
    assert (
        f"score: only in records read since; in all of them: {REFRESH}" in done.stdout
    )
    assert toy.run("elt", "run", "--full-refresh", "users").returncode == 0
    assert by_name(plan(toy))["users"]["unfilled_columns"] == []


def test_a_start_date_that_was_moved_back_is_told_with_what_reads_the_older(
    toy: Toy,
) -> None:
    toy.tap(start_date="2024-01-01T00:00:00Z")
    assert toy.run("elt", "run").returncode == 0
    assert by_name(plan(toy))["users"]["covers_from"] is None
    toy.tap(start_date="2023-01-01T00:00:00Z")
    said = toy.run("plan").stdout
    assert "start_date is 2023-01-01T00:00:00Z now; users: read from 2024" in said
    command = said.rpartition("what is older: bizops ")[2].split()
    assert command == [
        *("elt", "run", "tap-toy", "--since", "2023-01-01T00:00:00Z"),
        *("--until", "2024-01-01T00:00:00Z"),
    ]
    assert toy.run(*command).returncode == 0
    assert "start_date is" not in toy.run("plan").stdout


def test_mapped_columns_are_planned_by_their_new_names(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["mapping"] = {
        "users": {"rename": {"name": "label"}, "drop": ["secret_note"]}
    }
    toy.write()
    assert by_name(plan(toy))["users"]["new_columns"] == ["id", "label"]


def test_the_plan_has_the_types_the_file_gives_and_the_run_makes_them(
    toy: Toy,
) -> None:
    toy.tap(rows=3, score=1, label="7")
    tap = toy.document["taps"]["tap-toy"]
    tap["mapping"] = {"users": {"rename": {"score": "points"}}}
    tap["metadata"] = {"users.score": {"schema": {"type": ["number", "null"]}}}
    toy.write()
    made = "create table raw_toy.users (4 columns, of them points numeric)"
    assert made in toy.run("plan").stdout
    assert toy.run("elt", "run").returncode == 0
    assert column_types(toy)["points"] == "numeric"

    tap["metadata"] = {
        "users.score": {"schema": {"type": "string"}},
        "users.name": {"schema": {"type": "object"}},
        "users.id": {"schema": {"type": "integer", "x-sql-datatype": "smallint"}},
    }
    toy.write()
    said = toy.run("plan").stdout
    assert "  ~ users: from n 3" in said
    assert (
        "alter table raw_toy.users alter column name type json,"
        " alter column points type text" in said
    )
    tap["config"]["rows"] = 4
    toy.write()
    assert toy.run("elt", "run").returncode == 0
    made = column_types(toy)
    assert (made["name"], made["points"], made["id"]) == ("jsonb", "text", "bigint")
    assert toy.query("select distinct points from raw_toy.users") == [("1",)]
    assert "alter table" not in toy.run("plan").stdout


def column_types(toy: Toy) -> dict[str, str]:
    return dict(
        toy.query(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'raw_toy'"
        )
    )


def test_a_schema_for_a_field_that_is_not_there_is_told_with_its_line(
    toy: Toy,
) -> None:
    toy.document["taps"]["tap-toy"]["metadata"] = {
        pattern: {"schema": {"type": "string"}} for pattern in ("users.nmae", "*")
    }
    toy.write()
    lines = (toy.directory / "bizops.yml").read_text().splitlines()
    done = toy.run("plan")
    assert done.returncode == 2
    line = lines.index("      users.nmae:") + 1
    assert f"bizops.yml:{line}: tap-toy has nothing that 'users.nmae'" in done.stderr
    assert "Did you mean 'users.name'?" in done.stderr
    assert f"bizops.yml:{line + 3}: '*' fits no field of tap-toy" in done.stderr


def test_a_full_refresh_reads_from_the_start(toy: Toy) -> None:
    toy.tap(streams=["users", "orders"])
    assert toy.run("elt", "run").returncode == 0
    streams = by_name(plan(toy, "--full-refresh", "users"))
    assert streams["users"]["since"] is None
    assert streams["orders"]["since"] is not None


def test_models_are_in_the_plan(toy: Toy) -> None:
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: toy\nprofile: bizops\n")
    (project / "models" / "one.sql").write_text("select 1 as n")
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.write()
    assert plan(toy)["nodes"] == ["model.toy.one"]
    assert "Then dbt build: 1 models" in toy.run("plan").stdout
    assert toy.query("select to_regclass('analytics.one')") == [(None,)]


@pytest.fixture
def planned(toy: Toy) -> Toy:
    """Give a project that was loaded once and then planned."""
    toy.tap(streams=["users", "orders"])
    assert toy.run("elt", "run").returncode == 0
    toy.tap(streams=["users", "orders"], rows=600)
    done = toy.run("plan", "tap-toy", "--full-refresh", "users", "--out", "plan.json")
    assert done.returncode == 0, done.stderr
    return toy


def test_a_run_does_what_its_plan_says(planned: Toy) -> None:
    done = planned.run("elt", "run", "--plan", "plan.json", "--json")
    assert done.returncode == 0, done.stderr
    rows = {s["stream"]: s["rows"] for s in json.loads(done.stdout)["streams"]}
    assert rows == {"users": 600, "orders": 100}


def test_a_plan_does_not_hold_after_another_run(planned: Toy) -> None:
    assert planned.run("elt", "run").returncode == 0
    done = planned.run("elt", "run", "--plan", "plan.json")
    assert done.returncode == 2
    assert "the world has moved since this plan was made" in done.stderr
    assert "orders.since" in done.stderr


def test_a_plan_does_not_hold_when_the_source_or_a_table_differs(planned: Toy) -> None:
    planned.execute('alter table raw_toy."orders" add column extra text')
    done = planned.run("elt", "run", "--plan", "plan.json")
    assert done.returncode == 2
    assert "unread_columns" in done.stderr
    planned.execute('alter table raw_toy."orders" drop column extra')
    planned.tap(streams=["users", "orders", "notes"], rows=600)
    done = planned.run("elt", "run", "--plan", "plan.json")
    assert done.returncode == 2
    assert "notes" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--plan", "plan.json", "--job", "default"], "a plan says itself"),
        (["--plan", "bizops.yml"], "is no plan"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_answered(
    planned: Toy, words: list[str], message: str
) -> None:
    done = planned.run("elt", "run", *words)
    assert done.returncode == 2
    assert message in done.stderr

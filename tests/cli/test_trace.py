"""A figure leads back to its source records and the runs that brought them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

SOURCES = (
    "sources: [{name: toy, schema: raw_toy, tables: [{name: users}, {name: gone}]}]"
)
PEOPLE = """select "id" as person_id, "name" from {{ source('toy', 'users') }}"""


@pytest.fixture
def built(toy: Toy) -> Toy:
    """Give a project built upon two runs."""
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: toy\nprofile: bizops\n")
    (project / "models" / "sources.yml").write_text(SOURCES)
    (project / "models" / "people.sql").write_text(PEOPLE)
    (project / "models" / "report.sql").write_text("select * from {{ ref('people') }}")
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    for rows in (10, 15):
        toy.tap(rows=rows)
        done = toy.run("elt", "run", "--run-id", f"r{rows}")
        assert done.returncode == 0, done.stderr
    return toy


def trace(toy: Toy, *words: str) -> dict:
    done = toy.run("runs", "trace", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_row_of_a_model_leads_to_its_record_and_run(built: Toy) -> None:
    for key, run in (("3", "r10"), ("12", "r15")):
        found = trace(built, "analytics.report", "--key", key)
        assert len(found["rows"]) == 1
        assert found["path"] == ["analytics.people"]
        assert found["looked_at"] == ["raw_toy.users"]
        (raw,) = found["raw_rows"]
        assert (raw["table"], raw["columns"]) == ("raw_toy.users", ["id"])
        assert raw["run_id"] == run
        assert [r["run_id"] for r in found["runs"]] == [run]
    done = built.run("runs", "trace", "report", "--key", "12")
    assert "run r15: succeeded" in done.stdout


def test_a_raw_table_can_be_asked_too(built: Toy) -> None:
    found = trace(built, "raw_toy.users", "--key", "3")
    assert found["rows"][0]["run_id"] == "r10"


def test_a_key_nobody_has_finds_nothing(built: Toy) -> None:
    found = trace(built, "report", "--key", 'it\'s not "there"')
    assert found["rows"] == found["raw_rows"] == []


def test_wrong_names_are_answered(built: Toy) -> None:
    done = built.run("runs", "trace", "reprot", "--key", "1")
    assert done.returncode == 2
    assert "Did you mean 'report'?" in done.stderr


def test_nothing_built_yet_is_said(toy: Toy) -> None:
    done = toy.run("runs", "trace", "report", "--key", "1")
    assert done.returncode == 2
    assert "no models have been built here yet" in done.stderr

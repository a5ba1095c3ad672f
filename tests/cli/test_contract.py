"""`contract check` tells what would break before it is loaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

SOURCES = """\
version: 2
sources:
  - name: toy
    schema: raw_toy   # where the tap writes
    tables:
      - name: users
        description: People.
      # what they bought
      - {name: orders}
"""
MODEL = "select \"id\", \"name\" from {{ source('toy', 'users') }}"


@pytest.fixture
def modelled(toy: Toy) -> Toy:
    """Give a project with two models, one upon the other."""
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(
        "name: toy\nprofile: bizops\nmodels: {+schema: marts}\n"
    )
    (project / "models" / "sources.yml").write_text(SOURCES)
    (project / "models" / "people.sql").write_text(MODEL)
    (project / "models" / "report.sql").write_text("select 1 from {{ ref('people') }}")
    toy.document["transform"] = {"project": "./dbt"}
    toy.tap(streams=["users", "orders"], rows=5, score=1)
    return toy


def check(toy: Toy, *words: str, status: int = 0) -> dict:
    done = toy.run("contract", "check", "--json", *words)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_what_taps_bring_fits(modelled: Toy) -> None:
    found = check(modelled)
    assert found["breaches"] == []
    assert found["tables"] == 2
    assert modelled.query("select to_regnamespace('raw_toy')") == [(None,)]


def test_a_stream_that_is_gone_or_left_out_is_told_with_what_it_breaks(
    modelled: Toy,
) -> None:
    modelled.document["taps"]["tap-toy"]["select"] = ["!users"]
    modelled.tap(streams=["users", "notes"], rows=5)
    found = {b["name"]: b for b in check(modelled, status=7)["breaches"]}
    assert found["users"]["kind"] == "not selected"
    assert found["users"]["breaks"] == [
        "analytics_marts.people",
        "analytics_marts.report",
    ]
    assert found["orders"]["kind"] == "no stream"
    assert found["orders"]["breaks"] == []
    done = modelled.run("contract", "check")
    assert "breaks analytics_marts.people, analytics_marts.report" in done.stdout
    assert "bizops contract check --write" in done.stderr


def test_written_columns_are_those_the_models_use_and_hold_later(
    modelled: Toy,
) -> None:
    found = check(modelled, "--write")
    file = modelled.directory / "dbt" / "models" / "sources.yml"
    assert found["written"] == ["models/sources.yml"]
    text = file.read_text()
    assert (
        "        columns:\n          - {name: id, data_type: integer}\n"
        "          - {name: name, data_type: text}\n"
    ) in text
    assert "# where the tap writes" in text
    assert "# what they bought" in text
    assert check(modelled)["declared"] == 2
    assert check(modelled, "--write")["written"] == []

    modelled.document["taps"]["tap-toy"]["mapping"] = {
        "users": {"rename": {"name": "label"}}
    }
    modelled.write()
    (breach,) = check(modelled, status=7)["breaches"]
    assert (breach["kind"], breach["name"]) == ("no field", "users.name")


def test_another_type_is_told(modelled: Toy) -> None:
    (modelled.directory / "dbt" / "models" / "people.sql").write_text(
        MODEL.replace('"name"', '"score"')
    )
    check(modelled, "--write")
    modelled.tap(streams=["users", "orders"], rows=5, score=1.5)
    (breach,) = check(modelled, status=7)["breaches"]
    assert breach["kind"] == "other type"
    assert breach["detail"] == "declared as integer, but it is number"


def test_a_project_that_dbt_cannot_read_is_said(modelled: Toy) -> None:
    (modelled.directory / "dbt" / "models" / "people.sql").write_text("{{ no }}{% if")
    done = modelled.run("contract", "check")
    assert done.returncode == 7
    assert "dbt could not start" in done.stderr

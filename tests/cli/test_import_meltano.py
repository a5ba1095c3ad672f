"""A Meltano project becomes one of BizOps, states included, secrets not."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import Toy

if TYPE_CHECKING:
    from pathlib import Path

MELTANO = """\
version: 1
default_environment: dev
project_id: Old Project
environments:
- name: dev
- name: prod
  env: {SOME: thing}
  config:
    plugins:
      extractors:
      - name: tap-toy
        config: {rows: 9}
plugins:
  extractors:
  - name: tap-toy
    variant: acme
    pip_url: git+https://example.org/tap-toy.git --no-deps
    config:
      rows: 5
      token: plain-secret
      start_date: 2024-01-01
      nested.deep.say: $SOME_TEXT and ${OTHER}
    select: ["users.*", "!users.secret_note"]
    metadata: {users: {replication-method: FULL_TABLE}}
    schema: {users: {id: {type: [string, "null"]}, name: {format: email}}}
  - name: tap-toy--second
    inherit_from: tap-toy
    config: {rows: 6}
  - name: tap-salesforce
  - name: tap-other
    variant: meltanolabs
  loaders:
  - name: target-postgres
    variant: meltanolabs
    config: {host: db, password: $PG_PASSWORD}
  - name: target-jsonl
  mappers:
  - name: meltano-map-transformer
jobs:
- name: nightly
  tasks: ["tap-toy target-postgres dbt-postgres:run", "tap-salesforce target-postgres"]
schedules:
- {name: every night, interval: "@daily", job: nightly}
- {name: once, interval: "@once", job: nightly}
- {name: old, interval: "0 5 * * *", extractor: tap-toy, loader: target-postgres}
"""
STATE = {"singer_state": {"bookmarks": {"users": {"n": 3}}}}


@pytest.fixture
def old(tmp_path: Path) -> Toy:
    """Give a folder with a Meltano project that has been run."""
    directory = tmp_path / "old"
    directory.mkdir()
    (directory / "meltano.yml").write_text(MELTANO)
    (directory / ".meltano" / "state" / "prod:tap-toy-to-target-postgres").mkdir(
        parents=True
    )
    database = sqlite3.connect(directory / ".meltano" / "meltano.db")
    database.execute("create table state (state_id, partial_state, completed_state)")
    database.executemany(
        "insert into state values (?, ?, ?)",
        [
            (
                "dev:tap-toy-to-target-postgres",
                json.dumps({"singer_state": {"bookmarks": {"orders": {"n": 1}}}}),
                json.dumps(STATE),
            ),
            ("dev:tap-gone-to-target-postgres", "{}", json.dumps(STATE)),
        ],
    )
    database.commit()
    database.close()
    folder = directory / ".meltano" / "state" / "prod:tap-toy-to-target-postgres"
    (folder / "state.json").write_text(json.dumps({"completed_state": STATE}))
    return Toy(directory=directory, database_url=None, document={})


def test_everything_with_a_counterpart_is_taken_over(old: Toy) -> None:
    done = old.run("import", "meltano", "--to", "new")
    assert done.returncode == 0, done.stderr
    made = yaml.safe_load((old.directory / "new" / "bizops.yml").read_text())
    assert made["project"] == "old-project"
    tap = made["taps"]["tap-toy"]
    assert tap["install"] == "git+https://example.org/tap-toy.git"
    assert tap["config"] == {
        "rows": 5,
        "token": "${TAP_TOY_TOKEN}",
        "start_date": "2024-01-01",
        "nested": {"deep": {"say": "${SOME_TEXT} and ${OTHER}"}},
    }
    assert tap["select"] == ["users.*", "!users.secret_note"]
    assert tap["metadata"] == {
        "users": {"replication-method": "FULL_TABLE"},
        "users.id": {"schema": {"type": ["string", "null"]}},
    }
    assert made["taps"]["tap-toy--second"]["executable"] == "tap-toy"
    assert made["taps"]["tap-toy--second"]["config"]["rows"] == 6
    assert made["taps"]["tap-salesforce"]["install"].endswith("tap-salesforce")
    assert made["taps"]["tap-other"]["install"] == "meltanolabs-tap-other"
    assert made["target"]["name"] == "target-postgres"
    assert made["jobs"]["nightly"] == {
        "taps": ["tap-toy", "tap-salesforce"],
        "transform": "build",
    }
    assert made["schedules"] == {
        "every-night": {"job": "nightly", "cron": "@daily"},
        "old": {"job": "old", "cron": "0 5 * * *"},
    }
    assert made["environments"]["prod"] == {
        "taps": {"tap-toy": {"config": {"rows": 9}}}
    }


def test_what_was_left_out_is_told_and_no_secret_is_written(old: Toy) -> None:
    done = old.run("import", "meltano", "--to", "new")
    for part in (
        "plugins.mappers have no counterpart",
        "there is one target: target-jsonl was left out",
        "pip_url of tap-toy: --no-deps was left out",
        "is 'meltanolabs-tap-other' its package?",
        "schema of tap-toy.users.name without a type was left out",
        "give it as TAP_TOY_TOKEN in .env",
        "schedule once (@once) was left out",
        "env of environment prod was left out: SOME",
        "dev:tap-gone-to-target-postgres belongs to no tap",
    ):
        assert part in done.stdout, part
    written = [f for f in (old.directory / "new").rglob("*") if f.is_file()]
    assert all("plain-secret" not in file.read_text() for file in written)
    again = old.run("import", "meltano", "--to", "new")
    assert again.returncode == 2
    assert "there is a project already" in again.stderr


def test_the_result_is_a_project_that_is_right(old: Toy) -> None:
    assert old.run("import", "meltano", "--to", "new").returncode == 0
    old.variables |= {"SOME_TEXT": "a", "OTHER": "b", "TAP_TOY_TOKEN": "c"}
    old.variables["BIZOPS_WAREHOUSE_URL"] = "postgresql://u@127.0.0.1:9/d"
    done = old.run("check", "--json", "--project-dir", "new")
    problems = {
        f["message"] for f in json.loads(done.stdout) if f["verdict"] == "problem"
    }
    expected = ("not installed", "Connection refused")
    assert all(any(e in p for e in expected) for p in problems), problems


def test_states_are_taken_over_and_the_next_run_goes_on_from_them(
    old: Toy, toy: Toy
) -> None:
    assert old.run("import", "meltano", "--to", str(toy.directory / "new")).stdout
    states = toy.directory / "new" / ".bizops" / "meltano-states.dev.json"
    assert json.loads(states.read_text())["states"] == {
        "tap-toy": {"bookmarks": {"users": {"n": 3}, "orders": {"n": 1}}}
    }
    assert (states.parent / "meltano-states.prod.json").exists()
    assert toy.run("state", "import", str(states), "--yes").returncode == 0
    toy.tap(rows=10)
    assert json.loads(toy.run("elt", "run", "--json").stdout)["rows"] == 7


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "plugins: []"])
def test_what_is_no_meltano_project_is_said(old: Toy, text: str) -> None:
    (old.directory / "meltano.yml").write_text(text)
    done = old.run("import", "meltano", "--to", "new")
    assert done.returncode == 2
    assert "meltano.yml" in done.stderr
    assert not (old.directory / "new").exists()

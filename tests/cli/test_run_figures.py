"""What the record says of a run beside its rows: API calls, rows in files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Toy


def test_rows_that_come_in_files_are_counted_though_the_target_removes_them(
    toy: Toy,
) -> None:
    folder = toy.directory / "files"
    folder.mkdir()
    toy.tap(rows=1234, batch_folder=str(folder))

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["streams"][0]["rows"] == 1234
    assert toy.query('select count(*) from raw_toy."users"') == [(1234,)]


def test_api_calls_are_in_the_record_the_warehouse_and_what_runs_show_prints(
    toy: Toy,
) -> None:
    toy.tap(rows=3, api_calls=4321)

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["taps"][0]["api_calls"] == 4321
    assert toy.query("select api_calls from bizops.run_taps") == [(4321,)]
    shown = toy.run("runs", "show").stdout
    assert "API calls" in shown
    assert "4,321" in shown


def test_a_tap_that_does_not_tell_its_calls_has_none(toy: Toy) -> None:
    toy.tap(rows=3)
    assert toy.run("elt", "run").returncode == 0
    assert toy.query("select api_calls from bizops.run_taps") == [(None,)]


def test_the_target_may_make_views_again_that_dbt_builds(toy: Toy) -> None:
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(
        "name: toy\nprofile: bizops\n"
        "models: {toy: {+schema: staging, marts: {+schema: marts}}}\n"
    )
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["later"] = {"taps": [], "transform": "build"}
    toy.tap(score=1)
    assert toy.run("elt", "run").returncode == 0
    views = (
        "create schema staging; create view staging.users as select * from"
        ' raw_toy."users"; create schema mine'
    )
    toy.execute(views)
    toy.tap(rows=600, score=2.5)

    done = toy.run("elt", "run")

    assert done.returncode == 0, done.stderr
    assert toy.query("select count(*) from staging.users") == [(600,)]


def test_a_view_that_dbt_does_not_build_still_stops_the_run(toy: Toy) -> None:
    toy.tap(score=1)
    assert toy.run("elt", "run").returncode == 0
    toy.execute(
        'create schema mine; create view mine.users as select * from raw_toy."users"'
    )
    toy.tap(rows=600, score=2.5)

    done = toy.run("elt", "run")

    assert done.returncode == 4
    assert '"mine"."users"' in done.stderr


def test_what_a_run_took_is_told_by_source_and_over_runs(toy: Toy) -> None:
    toy.tap(rows=300, api_calls=40)
    toy.tap("tap-b", rows=100)
    assert toy.run("elt", "run").returncode == 0
    assert toy.run("elt", "run", "tap-toy", "--full-refresh", "*").returncode == 0

    one = json.loads(toy.run("runs", "cost", "--json").stdout)
    assert [(c["source"], c["rows"], c["api_calls"]) for c in one] == [
        ("tap-toy", 300, 40),
        ("all", 300, 40),
    ]
    assert 0 < one[0]["tap_cpu_s"] < one[0]["duration_s"] * 8
    assert one[0]["target_cpu_s"] > 0
    both = json.loads(toy.run("runs", "cost", "--last", "9", "--json").stdout)
    assert [(c["source"], c["runs"], c["rows"], c["api_calls"]) for c in both] == [
        ("tap-b", 1, 100, None),
        ("tap-toy", 2, 600, 80),
        ("all", 2, 700, 80),
    ]
    kept = "select tap_cpu_s from bizops.run_taps where tap_cpu_s > 0"
    assert len(toy.query(kept)) == 3
    assert "target CPU" in toy.run("runs", "cost").stdout
    assert toy.run("runs", "cost", "x", "--last", "2").returncode == 2

"""`elt run` builds the models after the load: real dbt on a small project."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

PROJECT = """\
name: bizops
profile: bizops
version: "1.0"
config-version: 2
vars: {bizops_sources: [], least: 0}
"""
MODEL = """\
{{ config(materialized="table") }}
select count(*) as users, '{{ var("bizops_sources") | join(",") }}' as sources
from raw_toy."users"
"""
TEST = "select * from {{ ref('counted') }} where users < {{ var('least') }}"


@pytest.fixture
def modelled(toy: Toy) -> Toy:
    """Give a project with a model and a test of it."""
    folder = toy.directory / "transform"
    for name, text in {
        "dbt_project.yml": PROJECT,
        "models/counted.sql": MODEL,
        "tests/enough.sql": TEST,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    toy.document["transform"] = {"project": "./transform"}
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.write()
    return toy


def test_models_are_built_from_what_was_loaded(modelled: Toy) -> None:
    done = modelled.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert {(m["resource_type"], m["status"]) for m in record["models"]} == {
        ("model", "success"),
        ("test", "pass"),
    }
    assert modelled.query("select users, sources from analytics.counted") == [
        (500, "toy")
    ]
    assert modelled.query("select count(*) from bizops.run_models") == [(2,)]
    for file in modelled.directory.glob(".bizops/**/*"):
        if file.is_file():
            password = modelled.database_url.split(":")[2].split("@")[0]
            assert password.encode() not in file.read_bytes(), file


def test_a_failing_test_is_status_7_and_named_and_what_was_loaded_stays(
    modelled: Toy,
) -> None:
    modelled.document["transform"]["vars"] = {"least": 501}
    modelled.write()

    done = modelled.run("elt", "run")

    assert done.returncode == 7
    assert "1 of 2 models and tests failed" in done.stderr
    assert "enough" in done.stderr
    assert modelled.query('select count(*) from raw_toy."users"') == [(500,)]
    (record,) = modelled.runs()
    assert record["status"] == "failed"
    assert record["exit_status"] == 7

    modelled.document["transform"]["vars"] = {"least": 500}
    modelled.write()
    again = modelled.run("elt", "run", "--only", "t")
    assert again.returncode == 0, again.stderr
    assert modelled.runs()[0]["taps"] == []


def test_only_el_builds_nothing(modelled: Toy) -> None:
    assert modelled.run("elt", "run", "--only", "el").returncode == 0
    assert modelled.runs()[0]["models"] == []


def slow_model(toy: Toy) -> None:
    model = toy.directory / "transform" / "models" / "counted.sql"
    model.write_text(MODEL.replace("select", "select pg_sleep(60)::text as slept,", 1))


def is_sleeping(toy: Toy) -> bool:
    return bool(
        toy.query(
            "select 1 from pg_stat_activity where state = 'active' "
            "and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
        )
    )


def test_a_signal_while_models_are_built_ends_dbt_and_its_query(
    modelled: Toy, wait_until
) -> None:
    slow_model(modelled)
    process = modelled.start("elt", "run")
    wait_until(lambda: is_sleeping(modelled), timeout_s=40)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 130, output
    assert "the run was interrupted" in output
    assert "Traceback" not in output
    assert modelled.runs()[0]["status"] == "interrupted"
    wait_until(lambda: not is_sleeping(modelled))


def test_the_timeout_holds_for_the_models_too(modelled: Toy) -> None:
    assert modelled.run("elt", "run", "--only", "el").returncode == 0
    slow_model(modelled)

    done = modelled.run("elt", "run", "--only", "t", "--timeout", "5")

    assert done.returncode == 143, done.stderr
    assert "its --timeout is over" in done.stderr


def test_while_models_are_built_another_run_is_refused(
    modelled: Toy, wait_until
) -> None:
    slow_model(modelled)
    process = modelled.start("elt", "run", "--run-id", "first")
    wait_until(lambda: is_sleeping(modelled), timeout_s=40)

    second = modelled.run("elt", "run", "--only", "el")

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert second.returncode == 6
    assert "bizops first" in second.stderr


FED = {
    "dbt_project.yml": "name: fed\nprofile: bizops\nmodels: {+materialized: table}\n",
    "models/sources.yml": "sources: [{name: a, schema: raw_a, tables: [{name: users}]},"
    " {name: b, schema: raw_b, tables: [{name: users}]}]",
    "models/of_a.sql": "select count(*) as n from {{ source('a', 'users') }}",
    "models/of_b.sql": "select count(*) as n from {{ source('b', 'users') }}",
    "models/of_both.sql": "select a.n + b.n as n"
    " from {{ ref('of_a') }} as a cross join {{ ref('of_b') }} as b",
    "models/of_none.sql": "select 1 as n",
}


@pytest.fixture
def fed(toy: Toy) -> Toy:
    """Give a project with two taps, models of each, of both and of none."""
    for name, text in FED.items():
        file = toy.directory / "dbt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    toy.document["taps"] = {}
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    for tap in ("tap-a", "tap-b"):
        toy.tap(tap, rows=100)
    return toy


def test_a_run_builds_what_its_loads_feed_and_all_when_more_has_changed(
    fed: Toy,
) -> None:
    def built(*words: str) -> set[str]:
        done = fed.run("elt", "run", *words, "--json")
        assert done.returncode == 0, done.stderr
        models = json.loads(done.stdout)["models"]
        return {model["unique_id"].rpartition(".")[2] for model in models}

    everything = {"of_a", "of_b", "of_both", "of_none"}
    assert built() == everything
    fed.tap("tap-a", rows=150)
    fed.tap("tap-b", rows=120)
    planned = json.loads(fed.run("plan", "tap-a", "--json").stdout)
    assert planned["sources"] == ["a"]
    assert (
        built("tap-a")
        == {"of_a", "of_both"}
        == {node.rpartition(".")[2] for node in planned["nodes"]}
    )
    assert fed.query("select n from analytics.of_both") == [(250,)]
    # Loaded by a run that built nothing, and taken up by the next one that builds.
    assert built("tap-b", "--only", "el") == set()
    assert built("tap-a") == {"of_a", "of_b", "of_both"}
    assert fed.query("select n from analytics.of_both") == [(270,)]
    assert fed.query("select build from bizops.runs order by started_at") == [
        ("all",),
        ("loaded",),
        (None,),
        ("loaded",),
    ]
    (fed.directory / "dbt" / "models" / "of_none.sql").write_text("select 2 as n")
    assert built("tap-a") == everything

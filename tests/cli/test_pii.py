"""What is kept about people is listed; a person is erased everywhere, provably."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

ANN = "Ann@Example.com"
PEOPLE = """select "id", lower("email") as email from {{ source('toy', 'people') }}"""
RAW = f"""
create schema raw_toy;
create table raw_toy."people" (id bigint primary key, "email" text, "FirstName" text,
    "Phone" text, "Description" text, plan text);
insert into raw_toy."people" values
    (1, '{ANN} ', 'Ann', '1', 'likes it', 'gold'),
    (2, 'bob@example.com', 'Bob', '2', 'knows ann@EXAMPLE.com well', 'silver');
create table raw_toy."keyed" ("email" text primary key, extra json);
insert into raw_toy."keyed" values ('ann@example.com', '{{"to": "ann@example.com"}}');
"""


@pytest.fixture
def known(toy: Toy) -> Toy:
    """Give a project that knows Ann and Bob, in raw tables, a model and a log."""
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: toy\nprofile: bizops\n")
    (project / "models" / "sources.yml").write_text(
        "sources: [{name: toy, schema: raw_toy, tables: [{name: people}]}]"
    )
    (project / "models" / "people.sql").write_text(
        f"{{{{ config(materialized='table') }}}} {PEOPLE}"
    )
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.tap(rows=1, say=f"found {ANN}")
    toy.execute(RAW)
    assert toy.run("elt", "run", "--run-id", "r1").returncode == 0
    return toy


def erase(toy: Toy, *words: str) -> dict:
    done = toy.run("pii", "erase", "--email", ANN, "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_fields_about_people_are_listed_with_their_treatment(folder: Toy) -> None:
    folder.tap(streams=["users"], personal=True)
    folder.document["taps"]["tap-toy"]["select"] = ["users.*", "!users.phone"]
    folder.document["taps"]["tap-toy"]["mapping"] = {"*": {"drop": ["first_name"]}}
    folder.write()
    found = json.loads(folder.run("pii", "list", "--all", "--json").stdout)
    assert {(f["field"], f["kind"], f["treatment"]) for f in found} == {
        ("email", "email", "kept"),
        ("first_name", "name", "dropped"),
        ("phone", "phone", "not read"),
        ("secret_note", "free text", "kept"),
    }
    assert "2 of 3 are kept as they are." in folder.run("pii", "list").stdout


def test_what_a_tap_declares_about_people_counts_more_than_names(folder: Toy) -> None:
    folder.tap(personal=True, declares={"phone": "phone", "name": "id"})
    found = json.loads(folder.run("pii", "list", "--json").stdout)
    assert {(f["field"], f["kind"], f["told_by"]) for f in found} == {
        ("name", "id", "tap"),
        ("phone", "phone", "tap"),
    }


def test_declared_fields_of_any_type_are_emptied_and_others_stay(toy: Toy) -> None:
    declared = {"email": "email", "name": "id"}
    toy.tap(rows=2, personal=True, label=ANN, declares=declared)
    assert toy.run("elt", "run").returncode == 0
    # Of another tap: names tell, whatever the type.
    toy.execute(
        'create table raw_toy."born" ("Email" text, "Birthdate" date, "Mobile" bigint);'
        f"insert into raw_toy.\"born\" values ('{ANN}', '1990-01-01', 4912345)"
    )
    found = erase(toy, "--yes")
    assert found["rows"] == {"raw_toy.born": 1, "raw_toy.users": 2}
    assert toy.query('select * from raw_toy."born"') == [(None, None, None)]
    users = 'select "email", "name", "first_name", "phone" from raw_toy."users"'
    assert toy.query(users) == [(None, None, "A", "1")] * 2


def test_snapshots_and_records_of_runs_forget_a_person_too(known: Toy) -> None:
    snapshots = known.directory / "dbt" / "snapshots"
    snapshots.mkdir()
    (snapshots / "then.yml").write_text(
        "snapshots: [{name: people_then, relation: ref('people'), config: "
        "{unique_key: id, strategy: check, check_cols: all}}]"
    )
    assert known.run("elt", "run", "--only", "t").returncode == 0
    known.execute(f"update bizops.runs set message = 'no {ANN} there'")

    found = erase(known, "--yes")

    assert found["left"] == {}
    assert found["built"] == {"analytics.people_then": 1, "bizops.runs": 2}
    then = "select id, email from analytics.people_then order by id, dbt_valid_from"
    assert known.query(then) == [(1, None), (1, None), (2, "bob@example.com")]
    messages = "select distinct message from bizops.runs where message like 'no %'"
    assert known.query(messages) == [("no **** there",)]


def test_a_dry_run_tells_where_a_person_is_and_changes_nothing(known: Toy) -> None:
    found = erase(known, "--dry-run")
    assert found["rows"] == {"raw_toy.keyed": 1, "raw_toy.people": 1}
    assert found["mentions"] == {"raw_toy.people": 1}
    assert found["left"]["analytics.people"] == 1
    assert known.query('select count("email") from raw_toy."people"') == [(2,)]


def test_a_person_is_erased_everywhere_and_others_stay(known: Toy) -> None:
    found = erase(known, "--yes")
    assert found["left"] == {}
    assert any(file.endswith("tap-toy.log") for file in found["files"])
    assert known.query('select * from raw_toy."people" order by id') == [
        (1, None, None, None, None, "gold"),
        (2, "bob@example.com", "Bob", "2", "knows **** well", "silver"),
    ]
    ((email, extra),) = known.query('select "email", extra from raw_toy."keyed"')
    assert email.startswith("erased-")
    assert extra == {"to": "****"}
    assert known.query("select id, email from analytics.people order by id") == [
        (1, None),
        (2, "bob@example.com"),
    ]
    logs = known.directory.glob(".bizops/**/*.log")
    assert all("ann@example.com" not in log.read_text().lower() for log in logs)
    assert erase(known, "--yes")["rows"] == {}


def test_a_hashed_email_is_found_by_its_hash(toy: Toy) -> None:
    toy.document["hash_secret"] = "a long random text"
    toy.document["taps"]["tap-toy"]["mapping"] = {"users": {"hash": ["email"]}}
    toy.tap(rows=3, personal=True, label=ANN)
    assert toy.run("elt", "run").returncode == 0
    found = erase(toy, "--yes")
    assert found["rows"] == {"raw_toy.users": 3}
    assert toy.query('select count("email"), count(*) from raw_toy."users"') == [(0, 3)]


def test_what_is_left_elsewhere_is_told_as_a_failure(known: Toy) -> None:
    known.execute("create table public.mine (t text)")
    known.execute(f"insert into public.mine values ('{ANN}')")
    done = known.run("pii", "erase", "--email", ANN, "--yes")
    assert done.returncode == 1
    assert "public.mine: 1 rows" in done.stderr, done.stderr


def test_what_is_no_email_erases_nothing(known: Toy) -> None:
    done = known.run("pii", "erase", "--email", "a", "--yes")
    assert done.returncode == 2
    assert "this is no email" in done.stderr

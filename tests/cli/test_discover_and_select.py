"""`discover`, `select` and mappings, with a real tap process and a real file."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy


@pytest.fixture
def project(folder: Toy) -> Toy:
    """Give a project whose tap has three streams."""
    folder.tap(streams=["users", "orders", "notes"], rows=5)
    return folder


def text(toy: Toy) -> str:
    return (toy.directory / "bizops.yml").read_text()


def test_discover_shows_streams_and_what_is_read(project: Toy) -> None:
    project.document["taps"]["tap-toy"]["select"] = ["users", "!users.name"]
    project.write()
    done = project.run("discover", "tap-toy")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["users", "yes", "2", "3", "id"] in lines
    assert ["orders", "no", "0", "3", "id"] in lines


def test_discover_as_json_has_every_field_with_its_type(project: Toy) -> None:
    done = project.run("discover", "tap-toy", "--json")
    found = json.loads(done.stdout)
    assert [s["name"] for s in found["streams"]] == ["users", "orders", "notes"]
    fields = {f["name"]: f["type"] for f in found["streams"][0]["fields"]}
    assert fields == {"id": "integer", "name": "string", "secret_note": "string"}
    assert found["is_from_cache"] is False


def test_the_catalog_kept_is_shown_with_its_age(project: Toy) -> None:
    assert project.run("discover", "tap-toy").returncode == 0
    (kept,) = project.directory.glob(".bizops/catalogs/*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    os.utime(kept, (kept.stat().st_mtime - 3 * 86_400,) * 2)

    done = project.run("discover", "tap-toy", "--kept")

    assert (
        "Discovered 3 days ago; to look again: bizops discover tap-toy" in done.stderr
    )
    assert "looking at what" not in done.stderr


def test_a_tap_whose_catalog_lives_is_asked_each_time(folder: Toy) -> None:
    folder.tap("tap-live", streams=["users"])
    for _ in range(2):
        done = folder.run("discover", "tap-live")
        assert "tap-live: looking at what there is to read" in done.stderr
    assert folder.run("discover", "tap-live", "--diff").returncode == 0


def test_diff_shows_what_has_changed_and_keeps_the_old_one(project: Toy) -> None:
    first = project.run("discover", "tap-toy", "--diff")
    assert "No catalog of tap-toy is kept yet" in first.stdout
    assert project.run("discover", "tap-toy").returncode == 0
    assert "Nothing has changed" in project.run("discover", "tap-toy", "--diff").stdout
    project.tap(streams=["users", "tasks", "notes"], rows=5, score=1.5)

    for _ in range(2):
        done = project.run("discover", "tap-toy", "--diff")
        assert done.stdout.splitlines()[:4] == [
            "+ notes.score: number",
            "- orders",
            "+ tasks",
            "+ users.score: number",
        ]
    assert project.run("discover", "tap-toy").returncode == 0
    assert "Nothing has changed" in project.run("discover", "tap-toy", "--diff").stdout


def test_diff_as_json_tells_kinds_and_types(project: Toy) -> None:
    project.tap(streams=["users"], rows=5, score=1)
    assert project.run("discover", "tap-toy").returncode == 0
    project.tap(streams=["users"], rows=5, score=1.5)
    done = project.run("discover", "tap-toy", "--diff", "--json")
    assert json.loads(done.stdout)["changes"] == [
        {
            "kind": "changed",
            "name": "users.score",
            "before": "integer",
            "after": "number",
        }
    ]


def test_a_failed_discovery_says_why_and_leaves_no_secret(project: Toy) -> None:
    project.tap(rows="none")
    project.document["taps"]["tap-toy"]["config"] = {"rows": 1, "streams": [7]}
    project.write()
    done = project.run("discover", "tap-toy")
    assert done.returncode == 2
    assert "bizops.yml:" in done.stderr
    assert list(project.directory.glob(".bizops/sessions/*/secrets")) == []


def test_an_unknown_tap_is_answered_with_the_nearest(project: Toy) -> None:
    for verb in ("discover", "select"):
        done = project.run(verb, "tap-tyo")
        assert done.returncode == 2
        assert "Did you mean 'tap-toy'?" in done.stderr


def test_patterns_are_added_and_taken_out_and_comments_stay(project: Toy) -> None:
    file = project.directory / "bizops.yml"
    written = text(project).replace(
        "    executable: ./bin/tap-toy",
        "    executable: ./bin/tap-toy   # ours\n    select:\n    - users   # people",
    )
    file.write_text("# our project\n" + written)

    done = project.run("select", "tap-toy", "--add", "orders", "--remove", "users.name")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["+ orders", "- users.name"]
    expected = "    - users   # people\n    - orders\n    - '!users.name'\n"
    assert expected in text(project)
    assert text(project).startswith("# our project\n")
    assert "# ours" in text(project)

    again = project.run("select", "tap-toy", "--add", "users.name", "--json")
    change = json.loads(again.stdout)
    assert change["added"] == ["users.name"]
    assert change["patterns"] == ["users", "orders"]


def test_the_list_names_every_field(project: Toy) -> None:
    assert project.run("select", "tap-toy", "--only", "users").returncode == 0
    done = project.run("select", "tap-toy", "--list")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["users.name", "yes", "string"] in lines
    assert ["notes.name", "no", "string"] in lines


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--add", "ordres"], "Did you mean 'orders'?"),
        (["--add", "users"], "everything of tap-toy is read already"),
        (["--remove", "*"], "nothing of tap-toy would be left to read"),
        (["--remove", "!users"], "Write --remove 'users'."),
    ],
)
def test_a_change_that_cannot_be_meant_leaves_the_file(
    project: Toy, words: list[str], message: str
) -> None:
    before = text(project)
    done = project.run("select", "tap-toy", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert text(project) == before


def test_taking_the_last_pattern_out_does_not_read_everything(project: Toy) -> None:
    assert project.run("select", "tap-toy", "--only", "users").returncode == 0
    done = project.run("select", "tap-toy", "--remove", "users")
    assert done.returncode == 2
    assert "nothing of tap-toy would be left" in done.stderr


def test_the_block_of_the_environment_is_changed_where_it_has_patterns(
    project: Toy,
) -> None:
    project.document["taps"]["tap-toy"]["select"] = ["users"]
    project.document["environments"] = {
        "prod": {"taps": {"tap-toy": {"select": ["orders"]}}}
    }
    project.write()
    done = project.run("select", "tap-toy", "-e", "prod", "--add", "notes", "--json")
    assert json.loads(done.stdout)["patterns"] == ["orders", "notes"]
    assert "    select:\n    - users\n" in text(project)


def test_a_run_maps_what_the_file_says(toy: Toy) -> None:
    toy.tap(rows=20, label="Ann@Example.com")
    toy.document["hash_secret"] = "${BIZOPS_HASH_SECRET}"
    toy.variables["BIZOPS_HASH_SECRET"] = "a long random text"
    toy.document["taps"]["tap-toy"]["mapping"] = {
        "users": {
            "hash": ["name"],
            "rename": {"name": "person"},
            "drop": ["secret_note"],
            "filter": {"drop": {"id": [3, 4]}},
        }
    }
    toy.write()

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["streams"][0]["rows"] == 18
    rows = toy.query('select count(*), min(person), max(person) from raw_toy."users"')
    assert rows[0][0] == 18
    assert rows[0][1] == rows[0][2]
    assert len(rows[0][1]) == 64
    columns = toy.query(
        "select column_name from information_schema.columns where table_name = 'users'"
        " and column_name in ('name', 'person', 'secret_note')"
    )
    assert columns == [("person",)]


def test_a_hash_without_its_secret_stops_before_anything_is_read(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["mapping"] = {"users": {"hash": ["name"]}}
    toy.write()
    done = toy.run("elt", "run")
    assert done.returncode == 2
    assert "hash_secret" in done.stderr
    assert toy.query("select to_regclass('raw_toy.users')") == [(None,)]


def test_a_mapping_of_a_field_that_is_not_there_loads_nothing(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["mapping"] = {"users": {"drop": ["nmae"]}}
    toy.write()
    done = toy.run("elt", "run")
    assert done.returncode == 2, done.stderr
    assert "names the field 'nmae'" in done.stderr
    assert "did you mean 'name'?" in done.stderr
    assert toy.query("select to_regclass('raw_toy.users')") == [(None,)]

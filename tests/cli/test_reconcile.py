"""`reconcile` finds what is missing, doubled or another sum, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy


@pytest.fixture
def loaded(toy: Toy) -> Toy:
    """Give a loaded project of two streams with a score of 1.1 per row."""
    toy.document["taps"]["tap-toy"]["reconcile"] = {"users": {"sum": "score"}}
    toy.tap(streams=["users", "orders"], rows=50, score=1.1)
    assert toy.run("elt", "run").returncode == 0
    return toy


def compare(toy: Toy, *words: str, status: int = 0) -> dict[tuple[str, str], dict]:
    done = toy.run("reconcile", "--json", *words)
    assert done.returncode == status, done.stderr
    return {(c["stream"], c["place"]): c for c in json.loads(done.stdout)}


def test_what_was_just_loaded_is_equal_to_the_last_digit(loaded: Toy) -> None:
    found = compare(loaded)
    users = found["users", "raw_toy.users"]
    assert users["verdict"] == "equal"
    assert (users["source_rows"], users["rows"]) == (50, 50)
    assert float(users["source_sum"]) == float(users["sum"]) == 55.0
    assert found["orders", "raw_toy.orders"]["source_sum"] is None
    assert loaded.query("select count(*) from bizops.runs") == [(1,)]


def test_the_last_outcome_of_each_place_is_kept_for_the_report(loaded: Toy) -> None:
    compare(loaded)
    loaded.execute('delete from raw_toy."orders" where id = 3')
    compare(loaded, "tap-toy", "--stream", "orders", status=9)
    assert loaded.query(
        "select stream, source_rows, rows, sum::float, verdict"
        " from bizops.reconciliations order by stream"
    ) == [("orders", 50, 49, None, "differs"), ("users", 50, 50, 55.0, "equal")]
    assert loaded.query(
        "select count(distinct compared_at) from bizops.reconciliations"
    ) == [(2,)]
    page = loaded.run("report", "--format", "markdown").stdout
    assert "| orders | raw_toy.orders | differs |" in page
    assert "> **Warning:** Source and warehouse differ in tap-toy orders" in page


def test_a_missing_row_is_told_and_the_status_is_9(loaded: Toy) -> None:
    loaded.execute('delete from raw_toy."orders" where id = 3')
    found = compare(loaded, status=9)
    assert found["orders", "raw_toy.orders"]["verdict"] == "differs"
    assert found["users", "raw_toy.users"]["verdict"] == "equal"
    done = loaded.run("reconcile", "tap-toy", "--stream", "orders")
    assert done.returncode == 9
    assert "source and warehouse differ in 1 of 1 comparisons" in done.stderr
    assert loaded.run("reconcile", "--stream", "users").returncode == 0


def test_another_sum_is_told_although_the_rows_are_as_many(loaded: Toy) -> None:
    loaded.execute('update raw_toy."users" set score = score + 0.01 where id = 3')
    assert compare(loaded, status=9)["users", "raw_toy.users"]["verdict"] == "differs"
    rules = loaded.document["taps"]["tap-toy"]["reconcile"]
    rules["users"]["tolerance"] = 0.001
    loaded.write()
    assert compare(loaded)["users", "raw_toy.users"]["verdict"] == "near"


def test_deleted_rows_are_no_rows(loaded: Toy) -> None:
    loaded.execute('update raw_toy."users" set _sdc_deleted_at = now() where id = 3')
    assert compare(loaded, status=9)["users", "raw_toy.users"]["rows"] == 49


def test_staging_is_compared_too(loaded: Toy) -> None:
    loaded.execute(
        "create schema staging; create view staging.users as select id, score * 2 as"
        ' double from raw_toy."users"'
    )
    rules = loaded.document["taps"]["tap-toy"]["reconcile"]
    rules["users"] |= {"staging": "staging.users", "staging_sum": "double"}
    loaded.write()
    found = compare(loaded, status=9)
    assert found["users", "raw_toy.users"]["verdict"] == "equal"
    assert found["users", "staging.users"]["verdict"] == "differs"
    assert found["users", "staging.users"]["rows"] == 50


def test_what_was_never_loaded_is_told(toy: Toy) -> None:
    found = compare(toy, status=9)
    assert found["users", "raw_toy.users"]["verdict"] == "not loaded"


def test_rows_a_mapping_leaves_out_are_not_missed(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["mapping"] = {
        "users": {"filter": {"drop": {"id": [3, 4]}}, "rename": {"name": "label"}}
    }
    toy.tap(rows=50)
    assert toy.run("elt", "run").returncode == 0
    assert compare(toy)["users", "raw_toy.users"]["source_rows"] == 48


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tap-tyo"], "Did you mean 'tap-toy'?"),
        (["--stream", "user"], "no selected stream is called 'user'"),
    ],
)
def test_wrong_names_are_answered(toy: Toy, words: list[str], message: str) -> None:
    done = toy.run("reconcile", *words)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_tap_that_fails_is_no_difference(toy: Toy) -> None:
    toy.tap(die_after=3, die_with=5)
    done = toy.run("reconcile")
    assert done.returncode == 5
    assert "the API said no" in done.stderr

"""Runs again after failures that pass, windows read again, budgets of API calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

COUNTS = 'select (select count(*) from raw_toy."users"), count(*) from raw_toy."orders"'


def flaky(toy: Toy, *, fails: int, retries: int, **config: object) -> None:
    toy.document["jobs"]["default"] |= {"retries": retries, "retry_pause_s": 0.1}
    toy.tap(
        streams=["users", "orders"],
        fails=fails,
        fails_at="orders",
        counter=str(toy.directory / "tries"),
        **config,
    )


def record(toy: Toy, *words: str, status: int = 0) -> dict:
    done = toy.run("elt", "run", "--json", *words)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_a_failure_that_passes_is_waited_out_without_reading_twice(toy: Toy) -> None:
    flaky(toy, fails=2, retries=3)
    done = toy.run("elt", "run", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["taps"][0]["attempts"] == 3
    assert found["taps"][0]["status"] == "succeeded"
    # Each stream is read once: the finished one is left out of further attempts.
    assert {s["stream"]: s["rows"] for s in found["streams"]} == {
        "users": 500,
        "orders": 500,
    }
    assert toy.query(COUNTS) == [(500, 500)]
    assert "attempt 2 of 4 of orders in 0.1 s" in done.stderr
    assert "attempt 3 of 4 of orders in 0.3 s" in done.stderr
    assert toy.query("select attempts from bizops.run_taps") == [(3,)]


def test_a_failure_that_does_not_pass_fails_after_all_tries(toy: Toy) -> None:
    flaky(toy, fails=9, retries=0)
    found = record(toy, "--retries", "1", status=5)
    assert found["taps"][0]["attempts"] == 2
    assert (toy.directory / "tries").read_text() == "xx"
    assert toy.query('select count(*) from raw_toy."users"') == [(500,)]


@pytest.mark.parametrize("status", [2, 3])
def test_what_another_try_would_meet_again_is_not_tried(toy: Toy, status: int) -> None:
    flaky(toy, fails=9, retries=5, die_with=status)
    assert record(toy, status=status)["taps"][0]["attempts"] == 1


def test_a_retry_still_reads_anew_what_was_to_be_read_anew(toy: Toy) -> None:
    flaky(toy, fails=0, retries=0)
    record(toy)
    (toy.directory / "tries").unlink()
    flaky(toy, fails=1, retries=1)
    for stream in ("*", "orders"):
        (toy.directory / "tries").unlink(missing_ok=True)
        found = record(toy, "--full-refresh", stream)
        assert found["taps"][0]["attempts"] == 2
        rows = {s["stream"]: s["rows"] for s in found["streams"]}
        assert rows == {"users": 500 if stream == "*" else 0, "orders": 500}


def test_a_window_is_read_without_state_and_moves_no_bookmark(toy: Toy) -> None:
    copy = toy.directory / "copy.json"
    toy.tap(copy=str(copy), activates=True, start_date="2020-01-01T00:00:00Z")
    record(toy)
    before = toy.query("select value::text, run_id from bizops.state")
    toy.execute('delete from raw_toy."users" where id = 7')

    found = record(toy, "--since", "2024-03-01", "--until", "2024-04-01")

    seen = json.loads(copy.read_text())
    assert seen["state"] == {}
    assert seen["config"]["start_date"] == "2024-03-01T00:00:00Z"
    assert seen["config"]["end_date"] == "2024-04-01"
    assert found["rows"] == 500
    assert toy.query("select value::text, run_id from bizops.state") == before
    assert toy.query('select count(*) from raw_toy."users" where id = 7') == [(1,)]
    assert record(toy)["rows"] == 0


def test_a_window_never_takes_what_is_outside_for_deleted(toy: Toy) -> None:
    toy.scripted_target()
    toy.tap(activates=True)
    record(toy, "--since", "2024-03-01")
    assert {line["type"] for line in toy.kept_lines()} == {"SCHEMA", "RECORD", "STATE"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--until", "2024-01-01"], "--until needs --since"),
        (["--since", "last week"], "'last week' is no day or instant"),
        (["--since", "2024-01-01", "--full-refresh", "users"], "exclude one another"),
    ],
)
def test_a_window_that_cannot_be_meant_is_answered(
    toy: Toy, words: list[str], message: str
) -> None:
    done = toy.run("elt", "run", *words)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_tap_at_its_budget_is_stopped_and_goes_on_next_time(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["api_call_budget"] = 5
    toy.tap(rows=10**6, calls_every=20, pause_every=20, pause_s=0.05, state_every=20)

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 2, done.stderr
    assert "API calls of the 5 it may make in a run" in done.stderr
    found = json.loads(done.stdout)
    assert found["taps"][0]["api_calls"] >= 5
    bookmark = json.loads(found["streams"][0]["bookmark_after"])["n"]
    ((rows,),) = toy.query('select count(*) from raw_toy."users"')
    assert rows >= bookmark > 0


def test_a_foreign_targets_state_is_kept_at_the_budget_too(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["api_call_budget"] = 3
    toy.scripted_target()
    toy.tap(rows=10**6, calls_every=20, pause_every=20, pause_s=0.05, state_every=20)
    assert toy.run("elt", "run").returncode == 2
    (bookmark,) = toy.query(
        "select (value->'bookmarks'->'users'->>'n')::int from bizops.state"
    )
    assert bookmark[0] > 0


def test_all_attempts_of_a_run_share_its_budget(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["api_call_budget"] = 7
    toy.document["jobs"]["default"] |= {"retries": 3, "retry_pause_s": 0}
    counter = str(toy.directory / "tried")
    fails = {"fails_at": "b", "fails": 9, "counter": counter}
    toy.tap(rows=60, calls_every=20, streams=["a", "b"], **fails)

    done = toy.run("elt", "run", "--json")

    # Stream a costs 3 calls; it is not read again.
    found = json.loads(done.stdout)["taps"][0]
    assert (done.returncode, found["api_calls"]) == (5, 3), done.stderr
    toy.document["taps"]["tap-toy"]["api_call_budget"] = 2
    toy.write()
    done = toy.run("elt", "run", "--full-refresh", "*")
    assert done.returncode == 2
    assert "API calls of the 2 it may make in a run" in done.stderr


def test_the_runs_of_a_day_share_a_quota(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["api_call_quota"] = 8
    slowly = {"pause_every": 20, "pause_s": 0.05, "state_every": 20}
    toy.tap(rows=100, calls_every=20)
    assert toy.run("elt", "run").returncode == 0  # 5 calls
    toy.tap(rows=10**6, calls_every=20, **slowly)

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 2
    assert "was stopped: in the last 24 hours" in done.stderr
    assert "What was read is committed" in done.stderr
    assert json.loads(done.stdout)["taps"][0]["api_calls"] >= 3

    again = toy.run("elt", "run", "--json")
    assert again.returncode == 2
    assert "was not started" in again.stderr
    assert "count no more in 24.0 hours" in again.stderr
    assert json.loads(again.stdout)["rows"] == 0
    toy.execute("update bizops.runs set started_at = now() - interval '25 hours'")
    toy.tap(rows=0)
    assert toy.run("elt", "run").returncode == 0


def test_a_tap_is_stopped_before_the_services_own_limit_is_used(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["api_quota_percent"] = 80
    slowly = {"pause_every": 20, "pause_s": 0.05, "state_every": 20}
    quota = {"used": 70, "allowed": 100}
    toy.tap(rows=10**6, calls_every=20, quota=quota, **slowly)

    done = toy.run("elt", "run")

    assert done.returncode == 2
    assert "% of the service's own limit are used" in done.stderr
    (cost, _) = json.loads(toy.run("runs", "cost", "--json").stdout)
    assert cost["quota_percent"] >= 80
    assert " %  " in toy.run("runs", "cost").stdout
    assert toy.query('select count(*) from raw_toy."users"')[0][0] > 0

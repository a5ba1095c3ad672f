"""`bizops elt run` with real processes, the real target and a real PostgreSQL."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Toy

BOOKMARK = "select value->'bookmarks'->'users'->>'n' from bizops.state"
ROWS = 'select count(*), max(id) from raw_toy."users"'


def test_a_run_loads_every_row_and_keeps_the_bookmark(toy: Toy) -> None:
    done = toy.run("elt", "run")

    assert done.returncode == 0, done.stderr
    assert toy.query(ROWS) == [(500, 499)]
    (state,) = toy.query("select state_id, value::text from bizops.state")
    assert state[0] == "toy:dev:tap-toy"
    assert json.loads(state[1]) == {"bookmarks": {"users": {"n": 500}}}
    assert "500" in done.stdout
    assert "succeeded" in done.stdout


def test_the_second_run_starts_at_the_bookmark(toy: Toy) -> None:
    assert toy.run("elt", "run").returncode == 0
    toy.tap(rows=620)

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    (stream,) = record["streams"]
    assert stream["rows"] == 120
    assert json.loads(stream["bookmark_before"]) == {"n": 500}
    assert json.loads(stream["bookmark_after"]) == {"n": 620}
    assert toy.query(ROWS) == [(620, 619)]


def test_the_record_is_in_the_folder_and_in_the_warehouse(toy: Toy) -> None:
    done = toy.run("elt", "run", "--run-id", "nightly-7")

    assert done.returncode == 0, done.stderr
    (record,) = toy.runs()
    assert record["run_id"] == "nightly-7"
    assert record["status"] == "succeeded"
    assert record["exit_status"] == 0
    assert record["taps"][0]["states"] == 6
    assert toy.query("select run_id, status, exit_status from bizops.runs") == [
        ("nightly-7", "succeeded", 0)
    ]
    assert toy.query("select stream, rows from bizops.run_streams") == [("users", 500)]
    assert toy.query('select distinct _bizops_run_id from raw_toy."users"') == [
        ("nightly-7",)
    ]


@pytest.mark.parametrize("mode", ["spaced", "compact", "reversed"])
def test_rows_are_counted_right_in_any_wire_form(toy: Toy, mode: str) -> None:
    toy.tap(mode=mode, streams=["users", 'o"dd/ñame'], rows=321, state_every=7)
    toy.scripted_target()

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    rows = {s["stream"]: s["rows"] for s in json.loads(done.stdout)["streams"]}
    assert rows == {"users": 321, 'o"dd/ñame': 321}
    kept = toy.kept_lines()
    assert sum(line["type"] == "RECORD" for line in kept) == 642


def test_a_full_refresh_reads_one_stream_from_the_start_and_no_other(toy: Toy) -> None:
    toy.tap(streams=["users", "orders"])
    assert toy.run("elt", "run").returncode == 0

    done = toy.run("elt", "run", "--full-refresh", "users", "--json")

    assert done.returncode == 0, done.stderr
    rows = {s["stream"]: s["rows"] for s in json.loads(done.stdout)["streams"]}
    assert rows == {"users": 500, "orders": 0}


def test_a_full_refresh_of_an_unknown_stream_names_the_nearest(toy: Toy) -> None:
    done = toy.run("elt", "run", "--full-refresh", "user")

    assert done.returncode == 2
    assert "no selected stream is called 'user'" in done.stderr
    assert "Did you mean 'users'?" in done.stderr
    assert toy.query("select count(*) from bizops.state") == [(0,)]


def test_without_state_update_the_next_run_reads_the_same_again(toy: Toy) -> None:
    assert toy.run("elt", "run", "--no-state-update").returncode == 0
    assert toy.query("select count(*) from bizops.state") == [(0,)]
    done = toy.run("elt", "run", "--json")
    assert json.loads(done.stdout)["rows"] == 500


def test_only_selected_streams_are_read(toy: Toy) -> None:
    toy.tap(streams=["users", "orders", "secrets"])
    toy.document["taps"]["tap-toy"]["select"] = ["*", "!secrets", "!users.secret_note"]
    toy.write()

    done = toy.run("elt", "run", "--json")

    assert done.returncode == 0, done.stderr
    assert [s["stream"] for s in json.loads(done.stdout)["streams"]] == [
        "users",
        "orders",
    ]
    (catalog,) = toy.directory.glob(".bizops/runs/*/tap-toy.catalog.json")
    entries = json.loads(catalog.read_text())["streams"][0]["metadata"]
    selected = {tuple(m["breadcrumb"]): m["metadata"]["selected"] for m in entries}
    assert selected[()] is True
    assert selected[("properties", "name")] is True
    assert selected[("properties", "secret_note")] is False


def test_a_pattern_that_fits_nothing_stops_the_run_with_its_line(toy: Toy) -> None:
    toy.document["taps"]["tap-toy"]["select"] = ["users", "ordres"]
    toy.write()
    line = (toy.directory / "bizops.yml").read_text().splitlines().index("    - ordres")

    done = toy.run("elt", "run")

    assert done.returncode == 2
    assert (
        f"bizops.yml:{line + 1}: tap-toy has nothing that 'ordres' fits" in done.stderr
    )


def test_the_catalog_is_kept_until_the_settings_change(toy: Toy) -> None:
    assert "looking at what there is" in toy.run("elt", "run").stderr
    assert "looking at what there is" not in toy.run("elt", "run").stderr
    assert (
        "looking at what there is" in toy.run("elt", "run", "--refresh-catalog").stderr
    )
    toy.tap(streams=["users", "orders"])
    assert "looking at what there is" in toy.run("elt", "run").stderr


def test_several_taps_run_at_once_and_report_in_order(toy: Toy) -> None:
    toy.tap("tap-a", rows=300, pause_every=100, pause_s=0.05)
    toy.tap("tap-b", rows=20)

    done = toy.run("elt", "run", "--parallel", "3", "--json")

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert [(t["tap"], t["rows"]) for t in record["taps"]] == [
        ("tap-toy", 500),
        ("tap-a", 300),
        ("tap-b", 20),
    ]
    assert toy.query('select count(*) from raw_a."users"') == [(300,)]


def test_a_tap_can_be_named_and_others_stay_untouched(toy: Toy) -> None:
    toy.tap("tap-broken", die_after=0)

    done = toy.run("elt", "run", "tap-toy", "--json")

    assert done.returncode == 0, done.stderr
    assert [t["tap"] for t in json.loads(done.stdout)["taps"]] == ["tap-toy"]


def test_unknown_taps_and_jobs_are_answered_with_the_nearest(toy: Toy) -> None:
    tap = toy.run("elt", "run", "tap-tox")
    job = toy.run("elt", "run", "--job", "defualt")

    assert (tap.returncode, job.returncode) == (2, 2)
    assert "Did you mean 'tap-toy'?" in tap.stderr
    assert "Did you mean 'default'?" in job.stderr


def test_a_variable_of_a_tap_that_is_not_run_may_be_unset(toy: Toy) -> None:
    toy.tap("tap-other", token="${NOBODY_HAS_SET_THIS}")

    assert toy.run("elt", "run", "tap-toy").returncode == 0
    both = toy.run("elt", "run")
    assert both.returncode == 2
    assert re.search(
        r"bizops.yml:\d+: the variable NOBODY_HAS_SET_THIS is not set", both.stderr
    )


def test_an_environment_variable_is_the_last_word_on_a_setting(toy: Toy) -> None:
    toy.variables["TAP_TOY_ROWS"] = "42"

    done = toy.run("elt", "run", "--json")

    assert json.loads(done.stdout)["rows"] == 42


def test_a_tap_without_about_works_with_all_its_settings(toy: Toy) -> None:
    toy.tap("tap-silent", anything="goes", rows=33)

    done = toy.run("elt", "run", "tap-silent", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 33


def test_a_foreign_target_gets_the_warehouse_and_its_states_are_kept(toy: Toy) -> None:
    toy.tap(token="tap's own")
    toy.scripted_target(chatter=True)

    done = toy.run("elt", "run")

    assert done.returncode == 0, done.stderr
    head = json.loads(toy.kept_file.read_text().splitlines()[0])
    config = head["config"]
    assert config["default_target_schema"] == "raw_toy"
    assert {"host", "port", "user", "password", "dbname"} <= config.keys()
    assert "TOY_URL" not in head["environ"]
    (state,) = toy.query("select value::text from bizops.state")
    assert json.loads(state[0]) == {"bookmarks": {"users": {"n": 500}}}


def test_a_foreign_target_with_a_server_of_its_own_gets_nothing_of_ours(
    toy: Toy,
) -> None:
    toy.scripted_target(host="elsewhere.example", user="me")

    assert toy.run("elt", "run").returncode == 0

    config = json.loads(toy.kept_file.read_text().splitlines()[0])["config"]
    assert config["host"] == "elsewhere.example"
    assert config["user"] == "me"
    assert not {"port", "password", "dbname"} & config.keys()


def test_a_second_run_of_the_job_is_refused_at_once(toy: Toy, wait_until) -> None:
    toy.tap(rows=100_000, pause_every=100, pause_s=0.05)
    first = toy.start("elt", "run")
    try:
        wait_until(lambda: any(r["status"] == "running" for r in toy.runs()))
        wait_until(lambda: bool(list(toy.directory.glob(".bizops/runs/*/tap-toy.log"))))

        second = toy.run("elt", "run")

        assert second.returncode == 6
        assert "another run of job default is under way" in second.stderr
        assert first.poll() is None
    finally:
        first.terminate()
        first.communicate(timeout=30)


def test_the_timeout_stops_gracefully_and_the_next_run_goes_on(toy: Toy) -> None:
    toy.tap(rows=2000, pause_every=100, pause_s=0.15, state_every=100)

    done = toy.run("elt", "run", "--timeout", "1.5")

    assert done.returncode == 143
    assert "its --timeout is over" in done.stderr
    ((count, _),) = toy.query(ROWS)
    ((state,),) = toy.query(
        "select value->'bookmarks'->'users'->>'n' from bizops.state"
    )
    assert 0 < int(state) <= count < 2000
    toy.tap(rows=2000)
    assert toy.run("elt", "run").returncode == 0
    assert toy.query(ROWS) == [(2000, 1999)]


def test_json_log_lines_are_json_and_nothing_else(toy: Toy) -> None:
    done = toy.run("elt", "run", "--log-format", "json")

    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events[0] == "run_started"
    assert events[-1] == "run_ended"
    assert {"tap_started", "tap_ended"} <= set(events)


def test_only_t_without_a_dbt_project_says_so(toy: Toy, tmp_path: Path) -> None:
    toy.document["transform"] = {"project": str(tmp_path / "nowhere")}
    toy.write()

    done = toy.run("elt", "run", "--only", "t")

    assert done.returncode == 2
    assert "there is no dbt project in" in done.stderr


def test_a_tap_that_writes_nothing_is_fine_and_changes_nothing(toy: Toy) -> None:
    assert toy.run("elt", "run").returncode == 0
    before = toy.query("select value::text, updated_at from bizops.state")
    (toy.directory / "bin" / "tap-toy").write_text("#!/bin/sh\nexit 0\n")

    done = toy.run("elt", "run")

    assert done.returncode == 0, done.stderr
    assert toy.query("select value::text, updated_at from bizops.state") == before
    assert "0 rows loaded" in done.stdout


def test_a_state_without_streams_is_refreshed_whole_or_not_at_all(toy: Toy) -> None:
    tap = toy.directory / "bin" / "tap-toy"
    tap.write_text(tap.read_text().replace('{"type": "STATE", "value": state}', STATE))
    assert toy.run("elt", "run").returncode == 0
    assert toy.query("select value->>'all' from bizops.state") == [("500",)]

    one = toy.run("elt", "run", "--full-refresh", "users")
    whole = toy.run("elt", "run", "--full-refresh", "*", "--json")

    assert one.returncode == 2
    assert "does not tell its streams apart" in one.stderr
    assert "--full-refresh '*'" in one.stderr
    assert json.loads(whole.stdout)["rows"] == 500


STATE = '{"type": "STATE", "value": {"all": config["rows"]}}'


def test_a_terminal_that_goes_away_does_not_stop_the_run(toy: Toy) -> None:
    process = toy.start("elt", "run", "--log-level", "debug")
    assert process.stdout is not None
    process.stdout.close()

    assert process.wait(timeout=60) == 0
    assert toy.query(ROWS) == [(500, 499)]
    assert toy.runs()[0]["status"] == "succeeded"

"""Killed, stopped or misused: nothing is lost, and the exit status says why."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from reading_kit.testing.processes import Outcome

STREAMS = ("merge_requests", "jobs", "branches", "issues")
KEYS = {
    "merge_requests": ("id",),
    "jobs": ("id",),
    "branches": ("project_id", "name"),
    "issues": ("id",),
}


def tables(*outcomes):
    return {
        name: {k: row for each in outcomes for k, row in each.table(name, *key).items()}
        for name, key in KEYS.items()
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("after_lines", [2, 60])
def test_a_run_that_is_stopped_midway_is_made_whole_by_the_next(
    site, number, after_lines
):
    catalog = site.select(*STREAMS)
    whole = tables(site.run(catalog=catalog))
    site.arm({"fault": "slow", "seconds": 0.1, "count": None})
    log_path = site.directory / "log"
    with (
        log_path.open("wb") as errors,
        subprocess.Popen(
            site.command(catalog=catalog), stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        assert process.stdout is not None
        output = b"".join(process.stdout.readline() for _ in range(after_lines))
        process.send_signal(number)
        output += process.stdout.read()
        process.wait(timeout=30)
    log = log_path.read_text("utf-8")
    wanted = -number if number == signal.SIGKILL else 128 + number
    assert process.returncode == wanted, log
    assert "Traceback" not in log
    site.calm()
    # A killed process may leave half a line, as a target would never take it.
    lines = output.rpartition(b"\n")[0].decode().split("\n")
    states = [n for n, line in enumerate(lines) if json.loads(line)["type"] == "STATE"]
    # What a target keeps: rows before the last state, and then those of the rerun.
    kept = Outcome(wanted, lines[: states[-1] + 1] if states else [], log)
    again = site.run(catalog=catalog, state=kept.state if states else None)
    assert again.status == 0, again.log
    assert tables(kept, again) == whole


def test_a_reader_that_goes_away_stops_the_tap(site):
    command = site.command(catalog=site.select(*STREAMS))
    site.arm({"fault": "slow", "seconds": 0.05, "count": None})
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    log = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=30) == 1
    assert "Traceback" not in log


BAD = {
    "a wrong number": ({"page_size": "many"}, "page_size: must be a whole number"),
    "a page too large": ({"page_size": 101}, "page_size: must be at most 100"),
    "a wrong date": ({"start_date": "soon"}, "start_date"),
    "plain http": ({"api_url": "http://gitlab.example.com"}, "https://"),
    "no token": ({"private_token": None}, "no credentials"),
    "nothing to read": (
        {"groups": None, "include_usage_data": False},
        "nothing to read",
    ),
    "no certificates": ({"ca_bundle": "/nowhere.pem"}, "ca_bundle: /nowhere.pem"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_2_and_names_the_setting(site, case):
    changes, words = case
    outcome = site.run(**changes)
    assert outcome.status == 2
    assert words in outcome.log
    assert "Traceback" not in outcome.log
    assert outcome.lines == []


@pytest.mark.parametrize(
    "state",
    [
        {"bookmarks": {"issues": {"partitions": 5}}},
        {"bookmarks": {"issues": {"partitions": [{"context": 1}]}}},
        {
            "bookmarks": {
                "issues": {
                    "partitions": [
                        {
                            "context": {"group_id": 10},
                            "replication_key": "updated_at",
                            "replication_key_value": "soon",
                        }
                    ]
                }
            }
        },
        {"bookmarks": []},
    ],
)
def test_a_damaged_state_ends_with_2(site, state):
    outcome = site.read("issues", state=state)
    assert outcome.status == 2, outcome.log
    assert "state" in outcome.log
    assert "Traceback" not in outcome.log


def test_a_host_that_nobody_is_at_ends_with_5(site):
    outcome = site.run(api_url="http://127.0.0.1:9")
    assert outcome.status == 5
    assert "127.0.0.1:9" in outcome.log
    assert "Traceback" not in outcome.log


def test_the_calls_of_a_run_are_told(site):
    outcome = site.read("issues", "branches")
    told = [line for line in outcome.log.splitlines() if "API calls: " in line]
    assert len(told) == 1
    calls = int(told[0].split("API calls: ")[1].split()[0])
    assert calls == len(site.requests("GET", "/"))

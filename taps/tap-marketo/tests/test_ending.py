"""Runs that end before their end: signals, a killed process, a reader that goes."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

LEADS = 718


@pytest.fixture
def slow(hard):
    """Give an instance whose jobs take a while, and what reads it."""
    hard.catalog = hard.select("leads", "activities_click_link", "program_members")
    hard.set(status_step_s=0.4)
    hard.settings["max_export_days"] = 3
    return hard


def start(instance):
    """Start the tap; it writes to files, as a pipe nobody reads would stop it."""
    command = instance.command(catalog=instance.catalog)
    output, log = instance.directory / "out", instance.directory / "log"
    with output.open("wb") as out, log.open("wb") as err:
        return subprocess.Popen(command, stdout=out, stderr=err)


def finish(instance, process):
    """Wait for the end; give the output and the log."""
    process.wait(timeout=60)
    return [
        (instance.directory / name).read_text(encoding="utf-8")
        for name in ("out", "log")
    ]


def wait_for(instance, process, part, count):
    """Wait until the tap has made so many calls of a kind."""
    for _ in range(600):
        if instance.calls("", part) >= count:
            return
        assert process.poll() is None, finish(instance, process)
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"no {count} calls of {part} within a minute")


def read_lines(output):
    lines = []
    for line in output.splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return lines


def records(messages, stream):
    return {
        (row := message["record"]).get("id", row.get("marketoGUID")): row
        for message in messages
        if message["type"] == "RECORD" and message["stream"] == stream
    }


def last_state(messages):
    states = [m["value"] for m in messages if m["type"] == "STATE"]
    return states[-1] if states else None


def covered(messages):
    """Give the messages up to the last STATE: what a target has for certain."""
    last = max((i for i, m in enumerate(messages) if m["type"] == "STATE"), default=-1)
    return messages[: last + 1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize(("part", "count"), [("create.json", 1), ("file.json", 3)])
def test_a_run_that_is_stopped_loses_nothing(slow, number, part, count):
    process = start(slow)
    wait_for(slow, process, part, count)
    process.send_signal(number)
    output, log = finish(slow, process)
    expected = -9 if number is signal.SIGKILL else 128 + number
    assert process.returncode == expected, log
    assert "Traceback" not in log
    kept = covered(read_lines(output))
    slow.set(status_step_s=0.01)
    second = slow.run(catalog=slow.catalog, state=last_state(kept))
    assert second.status == 0, second.log
    clicks = records(kept, "activities_click_link")
    leads = records(kept, "leads")
    assert len({**leads, **second.table("leads", "id")}) == LEADS
    again = second.table("activities_click_link", "marketoGUID")
    assert len({**clicks, **again}) == 740
    members = second.table("program_members", "programId", "leadId")
    assert len(members) == 370


def test_waiting_jobs_are_cancelled_and_finished_ones_used_again(slow):
    slow.set(status_step_s=1.0)
    process = start(slow)
    wait_for(slow, process, "file.json", 2)
    process.send_signal(signal.SIGTERM)
    output, log = finish(slow, process)
    assert process.returncode == 143, log
    assert slow.calls("POST", "cancel.json") >= 1
    made = slow.calls("POST", "create.json")
    slow.set(status_step_s=0.01)
    slow.control("DELETE", "/requests")
    state = last_state(read_lines(output))
    second = slow.run(catalog=slow.catalog, state=state)
    assert second.status == 0, second.log
    assert "using export" in second.log
    total = 2 * 11 + 3
    assert slow.calls("POST", "create.json") < total
    assert made >= 2


def test_an_export_of_another_user_is_made_anew(hard):
    catalog = hard.select("leads")
    hard.arm(
        {
            "fault": "status",
            "status": 503,
            "match": {"path": "*/file.json"},
            "count": None,
        }
    )
    first = hard.run(catalog=catalog)
    assert first.status == 5, first.log
    assert first.state["bookmarks"]["leads"]["export"]["id"]
    hard.calm()
    other = {"client_id": "other-client-id", "client_secret": "other-client-secret"}
    second = hard.run(catalog=catalog, state=first.state, **other)
    assert second.status == 0, second.log
    assert "not known" in second.log
    assert len(second.table("leads", "id")) == LEADS


def test_an_export_whose_file_has_expired_is_made_anew(hard):
    catalog = hard.select("leads", "activities_click_link")
    fault = {"fault": "status", "status": 503, "match": {"path": "*/file.json"}}
    hard.arm({**fault, "count": None})
    first = hard.run(catalog=catalog)
    assert first.status == 5
    assert first.state["bookmarks"]["_activity_exports"]
    hard.calm()
    hard.let_pass(8 * 86_400)
    second = hard.run(catalog=catalog, state=first.state)
    assert second.status == 0, second.log
    assert len(second.table("leads", "id")) == LEADS
    assert len(second.table("activities_click_link", "marketoGUID")) == 740


def test_finished_exports_are_not_repeated_after_an_interruption(hard):
    catalog = hard.select("leads", "activities_click_link")
    fault = {"fault": "status", "status": 503, "match": {"path": "*/file.json"}}
    hard.arm({**fault, "count": None})
    first = hard.run(catalog=catalog)
    made = hard.calls("POST", "create.json")
    hard.calm()
    hard.control("DELETE", "/requests")
    second = hard.run(catalog=catalog, state=first.state)
    assert second.status == 0, second.log
    assert made == 4
    assert hard.calls("POST", "create.json") == 0
    assert len(second.table("leads", "id")) == LEADS


def test_every_state_covers_only_rows_written_before_it(hard):
    outcome = hard.run(catalog=hard.select("leads"), max_export_days=3)
    newest = ""
    seen = set()
    for message in outcome.messages:
        if message["type"] == "RECORD":
            seen.add(message["record"]["id"])
        elif message["type"] == "STATE":
            entry = message["value"]["bookmarks"]["leads"]
            newest = entry.get("replication_key_value", newest)
            created = {
                row["id"]
                for row in outcome.records("leads")
                if newest
                and row["createdAt"] < newest.replace(".000", "")
                and row["updatedAt"] == row["createdAt"]
                and row["leadScore"] != 50
            }
            assert created <= seen


def test_a_reader_that_goes_ends_the_run_without_a_traceback(hard):
    command = hard.command(catalog=hard.select("leads", "lists"))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.stdout.close()
    log = process.stderr.read()
    assert process.wait(timeout=60) == 1, log
    assert "the reader of the output is gone" in log
    assert "Traceback" not in log

"""Input that cannot work, signals, kills: exit statuses, words, and true states."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from reading_kit.testing.processes import Outcome

STREAM = "InvoiceItem"
SECRET = "sandbox-zuora-client-secret"
KEYS = {
    "client_id": None,
    "client_secret": None,
    "username": "integration@acme.example",
    "password": "sandbox-zuora-password",
}
REJECTED = {
    "a wrong client": {"client_id": "wrong-client"},
    "a wrong secret": {"client_secret": "wrong-secret"},
    "a wrong password": {**KEYS, "password": "wrong-password"},
}
BAD_INPUT = {
    "no start date": ({"start_date": None}, "start_date"),
    "a wrong date": ({"start_date": "soon"}, "start_date"),
    "a wrong number": ({"page_rows": "many"}, "page_rows"),
    "too many queries a job": ({"max_queries_per_job": 51}, "max_queries_per_job"),
    "plain http": ({"base_url": "http://rest.zuora.com"}, "https"),
    "an unknown data centre": (
        {"tenant_endpoint": "Moon Production"},
        "tenant_endpoint: must be one of US Production",
    ),
    "nobody to sign in": ({"client_secret": None}, "client_id and client_secret"),
    "a password only": ({**KEYS, "username": None}, "username and password"),
}


@pytest.mark.parametrize("changes", REJECTED.values(), ids=REJECTED.keys())
def test_rejected_credentials_end_with_2_clear_words_and_no_secret(zuora, changes):
    outcome = zuora.run(**changes)
    assert outcome.status == 2
    assert "does not accept the" in outcome.log
    assert "127.0.0.1" in outcome.log
    assert outcome.lines == []
    for secret in (SECRET, "sandbox-zuora-password", "wrong-secret", "wrong-password"):
        assert secret not in outcome.log
    assert len(zuora.requests("", "")) == 1


@pytest.mark.parametrize("case", BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_ends_with_2_and_names_the_setting(zuora, case):
    changes, words = case
    outcome = zuora.run(**changes)
    assert outcome.status == 2
    assert words in outcome.log
    assert "Traceback" not in outcome.log
    assert not zuora.requests("", "")


@pytest.mark.parametrize("text", ["{", "[]", '{"bookmarks": {"Account": 5}}'])
def test_a_damaged_state_ends_with_2(zuora, tmp_path, text):
    path = tmp_path / "state.json"
    path.write_text(text)
    outcome = zuora.run("--state", str(path))
    assert outcome.status == 2
    assert "state" in outcome.log
    assert "Traceback" not in outcome.log
    assert outcome.lines == []


def test_a_bookmark_that_is_no_instant_ends_with_2(zuora):
    state = {"bookmarks": {"Account": {"UpdatedDate": "soon"}}}
    outcome = zuora.run(catalog=zuora.select("Account"), state=state)
    assert outcome.status == 2
    assert "bookmark of Account" in outcome.log


def test_a_partner_the_tenant_does_not_know_is_told(zuora):
    outcome = zuora.run(
        catalog=zuora.select("Account"), partner_id="stranger", aqua_stateful=True
    )
    assert outcome.status == 2
    assert "partner_id is not enabled in this tenant; leave it out" in outcome.log


def start(zuora, state=None, **changes):
    catalog = zuora.select(STREAM)
    command = zuora.command(catalog=catalog, state=state, **changes)
    # Into a file: a pipe nobody reads would make the tap wait.
    with (zuora.directory / "log").open("w") as log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)


def read_until(process, word):
    """Read lines up to the first that holds a word."""
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while lines[-1] and word not in lines[-1]:
        lines.append(process.stdout.readline())
    return lines


def finish(zuora, process, lines):
    """Wait for the end, and give all whole lines that came."""
    assert process.stdout is not None
    text = "".join(lines) + process.stdout.read()
    status = process.wait(timeout=60)
    log = (zuora.directory / "log").read_text()
    return Outcome.of(status, text[: text.rfind("\n") + 1], log)


SMALL = {"window_in_days": 60, "page_rows": 20}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_a_run_stopped_midway_loses_nothing(zuora, signum, api_type):
    slow = {"fault": "slow_body", "seconds": 0.2, "chunk_bytes": 2_000, "count": None}
    path = "/v1/files/*" if api_type == "AQUA" else "/data-files/*"
    zuora.arm({**slow, "match": {"path": path}, "after": 4})
    process = start(zuora, api_type=api_type, **SMALL)
    lines = read_until(process, '"replication_key_value":"2017')
    process.send_signal(signum)
    first = finish(zuora, process, lines)
    is_killed = signum == signal.SIGKILL
    assert first.status == (-signum if is_killed else 128 + signum), first.log
    zuora.calm()
    second = zuora.run(
        catalog=zuora.select(STREAM), state=first.state, api_type=api_type, **SMALL
    )
    assert second.status == 0, second.log
    expected = zuora.expected(STREAM)
    assert {**first.table(STREAM), **second.table(STREAM)} == expected
    assert len(second.table(STREAM)) < len(expected)


def test_a_signal_cancels_the_jobs_under_way(zuora):
    zuora.arm({"fault": "job_hang", "count": None})
    process = start(zuora, poll_interval_seconds=0.2)
    lines = read_until(process, '"in_progress"')
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    first = finish(zuora, process, lines)
    assert time.monotonic() - started < 20
    assert first.status == 143
    assert zuora.control("GET", "")["batch_jobs_running"]["stateless"] == 0
    # The cancelled job is not what the next run waits for.
    zuora.calm()
    second = zuora.run(catalog=zuora.select(STREAM), state=first.state)
    assert second.status == 0, second.log
    assert "not resumed" in second.log
    assert second.table(STREAM) == zuora.expected(STREAM)


def kill_while_waiting(zuora, **changes):
    """Kill a run that waits for its job, and give the state it left."""
    zuora.set(job_polls=30)
    process = start(zuora, poll_interval_seconds=0.2, **changes)
    lines = read_until(process, '"in_progress"')
    process.kill()
    state = finish(zuora, process, lines).state
    zuora.set(job_polls=1)
    zuora.forget()
    return state


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_the_next_run_goes_on_with_the_job_of_a_killed_one(zuora, api_type):
    state = kill_while_waiting(zuora, api_type=api_type)
    progress = state["bookmarks"][STREAM]["in_progress"]
    assert progress["job_id"]
    assert progress["hwm"] == "2018-01-31T23:59:59.000Z"
    second = zuora.run(catalog=zuora.select(STREAM), state=state, api_type=api_type)
    assert second.status == 0, second.log
    assert second.table(STREAM) == zuora.expected(STREAM)
    assert zuora.requests("GET", f"/jobs/{progress['job_id']}")
    # What changed since is asked for besides.
    assert len(zuora.jobs()) == 1
    assert "in_progress" not in second.state["bookmarks"][STREAM]


def test_a_job_is_not_gone_on_with_when_something_else_is_to_be_read(zuora):
    state = kill_while_waiting(zuora)
    second = zuora.run(
        catalog=zuora.select(STREAM), state=state, join_foreign_keys=False
    )
    assert second.status == 0, second.log
    job_id = state["bookmarks"][STREAM]["in_progress"]["job_id"]
    assert not zuora.requests("GET", f"/jobs/{job_id}")
    assert set(second.table(STREAM)) == set(zuora.expected(STREAM))


def test_a_job_of_days_ago_is_not_gone_on_with(zuora):
    zuora.move("2018-01-20")
    state = kill_while_waiting(zuora)
    zuora.move("2018-01-31")
    second = zuora.run(catalog=zuora.select(STREAM), state=state)
    assert second.status == 0, second.log
    job_id = state["bookmarks"][STREAM]["in_progress"]["job_id"]
    assert not zuora.requests("GET", f"/jobs/{job_id}")
    assert second.table(STREAM) == zuora.expected(STREAM)


@pytest.mark.parametrize("fault", ["job_vanished", "file_gone"])
def test_a_job_or_file_that_is_gone_does_not_keep_a_stream_from_going_on(zuora, fault):
    state = kill_while_waiting(zuora)
    if fault == "job_vanished":
        state["bookmarks"][STREAM]["in_progress"]["job_id"] = "0" * 32
    else:
        zuora.arm({"fault": "file_gone"})
    second = zuora.run(catalog=zuora.select(STREAM), state=state)
    assert second.status == 0, second.log
    assert second.table(STREAM) == zuora.expected(STREAM)
    assert "in_progress" not in second.state["bookmarks"][STREAM]


def test_bookmarks_of_streams_that_are_not_selected_are_kept(zuora):
    state = {"bookmarks": {"Usage": {"UpdatedDate": "2017-01-01T00:00:00Z"}}, "x": 1}
    outcome = zuora.run(catalog=zuora.select("Account"), state=state)
    assert outcome.state["bookmarks"]["Usage"] == state["bookmarks"]["Usage"]
    assert outcome.state["x"] == 1


def test_a_reader_that_goes_away_ends_the_tap_without_a_traceback(zuora):
    process = start(zuora)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    log = (zuora.directory / "log").read_text()
    assert "the reader of the output is gone" in log
    assert "Traceback" not in log


def test_nothing_is_left_on_disk(zuora, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    catalog = zuora.select(STREAM)
    zuora.arm({"fault": "rows_missing", "count": None})
    assert zuora.run(catalog=catalog).status == 1
    assert not list(tmp_path.glob("*tap-zuora*"))


@pytest.mark.parametrize("changes", [{}, KEYS], ids=["oauth", "basic"])
def test_no_secret_is_in_any_output_even_when_debugging(zuora, monkeypatch, changes):
    monkeypatch.setenv("TAP_ZUORA_LOGLEVEL", "DEBUG")
    catalog = zuora.select("Account")
    zuora.arm({"fault": "status", "status": 503, "count": 2})
    outcome = zuora.run(catalog=catalog, **changes)
    assert outcome.status == 0, outcome.log
    secrets = (SECRET, "sandbox-zuora-password", "Bearer", "access_token")
    for secret in (*secrets, "X-Amz-Signature"):
        assert secret not in outcome.log
        assert secret not in "\n".join(outcome.lines)


def test_settings_may_come_from_the_environment(zuora, monkeypatch):
    changes = {"late_objects_lookback_days": '{"Usage": 5}', "sandbox": "false"}
    for name, value in zuora.config(**changes).items():
        monkeypatch.setenv(f"TAP_ZUORA_{name.upper()}", str(value))
    outcome = zuora.run_with(["--config=ENV"])
    assert outcome.status == 0, outcome.log
    assert outcome.records("Product")

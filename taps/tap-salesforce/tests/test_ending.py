"""Input that cannot work, rejected logins, signals: exit statuses and words."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from reading_kit.testing.processes import Outcome

PAGES = "*/results*"
SECRETS = ("sandbox-client-secret", "sandbox-refresh-token", "sandbox-password")


REJECTED = {
    "a wrong refresh token": {"refresh_token": "wrong-token"},
    "a wrong client": {"client_id": "wrong-client"},
    "a wrong client secret": {"client_secret": "wrong-secret"},
    "a wrong password": {
        "client_id": None,
        "client_secret": None,
        "refresh_token": None,
        "username": "integration@acme.example",
        "password": "wrong-password",
    },
}


@pytest.mark.parametrize("changes", REJECTED.values(), ids=REJECTED.keys())
def test_rejected_credentials_end_with_2_clear_words_and_no_secret(hard_org, changes):
    outcome = hard_org.run(**changes)
    assert outcome.status == 2
    assert "login rejected at 127.0.0.1" in outcome.log
    assert outcome.lines == []
    for secret in (*SECRETS, *(v for v in changes.values() if v)):
        if secret != changes.get("username"):
            assert secret not in outcome.log
    assert len(hard_org.requests("POST", "/services/")) == 1


def test_a_grant_rejected_in_the_middle_stops_everything_at_once(hard_org):
    hard_org.arm(
        {"fault": "token_expired", "match": {"path": PAGES}, "after": 1},
        {"fault": "refresh_rejected", "after": 1, "count": None},
    )
    outcome = hard_org.run()
    assert outcome.status == 2
    assert "login rejected" in outcome.log
    assert len(hard_org.requests("POST", "oauth2/token")) <= 2


def test_a_session_that_is_never_accepted_is_not_renewed_for_ever(hard_org):
    hard_org.arm({"fault": "token_expired", "count": None})
    outcome = hard_org.run()
    assert outcome.status == 2
    assert "session rejected twice" in outcome.log


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_an_unreachable_login_host_ends_with_5(hard_org, url):
    outcome = hard_org.run(login_url=url)
    assert outcome.status == 5
    assert "127.0.0.1:1" in outcome.log
    assert "Traceback" not in outcome.log


def test_a_service_that_stays_down_ends_with_5(hard_org):
    hard_org.arm({"fault": "status", "status": 503, "body": "html", "count": None})
    outcome = hard_org.run()
    assert outcome.status == 5
    assert "after all tries" in outcome.log


BAD_INPUT = {
    "a wrong number": ({"max_workers": "many"}, "max_workers"),
    "a wrong date": ({"start_date": "soon"}, "start_date"),
    "plain http": ({"login_url": "http://login.example.com"}, "https"),
    "an unknown object": ({"streams_to_discover": ["Leed"]}, "near: Lead"),
    "no login": (
        {"client_id": None, "client_secret": None, "refresh_token": None},
        "no login settings",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT.values(), ids=BAD_INPUT.keys())
@pytest.mark.parametrize("verb", ["--discover", None])
def test_bad_input_ends_with_2_and_names_the_setting(hard_org, case, verb):
    changes, word = case
    outcome = hard_org.run(*([verb] if verb else []), **changes)
    assert outcome.status == 2
    assert word in outcome.log
    assert "Traceback" not in outcome.log


@pytest.mark.parametrize("text", ["{", "[]", '{"bookmarks": {"Lead": 5}}', "{}}"])
def test_a_damaged_state_ends_with_2(hard_org, tmp_path, text):
    path = tmp_path / "state.json"
    path.write_text(text)
    outcome = hard_org.run("--state", str(path))
    assert outcome.status == 2
    assert "state" in outcome.log
    assert "Traceback" not in outcome.log
    assert outcome.lines == []


def test_a_bookmark_that_is_no_instant_ends_with_2(hard_org):
    state = {"bookmarks": {"Lead": {"SystemModstamp": "soon"}}}
    outcome = hard_org.run(state=state)
    assert outcome.status == 2
    assert "bookmark of Lead" in outcome.log


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_damaged_config_ends_with_2(hard_org, tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_text(text)
    outcome = hard_org.run("--config", str(path))
    assert outcome.status == 2
    assert "broken.json" in outcome.log


def test_a_selected_object_that_is_gone_is_reported_at_the_end(hard_org):
    catalog = hard_org.discover()
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "User":
            entry["tap_stream_id"] = entry["stream"] = "Gone__c"
    outcome = hard_org.run(catalog=catalog)
    assert outcome.status == 1
    assert "Gone__c" in outcome.log
    assert len(outcome.table("Lead")) == 740


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_between_lines_and_the_next_run_completes(
    hard_org, whole, signum
):
    slow = {"fault": "slow_body", "seconds": 0.2, "chunk_bytes": 4000, "count": None}
    hard_org.arm({**slow, "match": {"path": PAGES, "object": "Lead"}})
    command = hard_org.command(max_workers=1, streams_to_discover=["Lead"])
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = []
    while not lines or '"STATE"' not in lines[-1]:
        lines.append(process.stdout.readline())
    process.send_signal(signum)
    started = time.monotonic()
    rest, log = process.communicate(timeout=60)
    assert time.monotonic() - started < 20
    assert process.returncode == 128 + signum, log
    first = Outcome.of(process.returncode, "".join(lines) + rest, log)
    assert first.states
    hard_org.calm()
    second = hard_org.run(streams_to_discover=["Lead"], state=first.state)
    assert second.status == 0
    assert {**first.table("Lead"), **second.table("Lead")} == whole


def test_a_reader_that_goes_away_ends_the_tap_without_a_traceback(hard_org):
    process = subprocess.Popen(
        hard_org.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    log = process.stderr.read().decode()
    assert process.wait(timeout=60) == 1
    assert "the reader of the output is gone" in log
    assert "Traceback" not in log


def test_no_page_is_left_on_disk(hard_org, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    hard_org.arm({"fault": "page_short", "match": {"object": "Lead"}, "count": None})
    hard_org.run()
    assert not list(tmp_path.glob("*tap-salesforce*"))


def test_no_secret_is_in_any_output_even_when_debugging(hard_org, monkeypatch):
    monkeypatch.setenv("TAP_SALESFORCE_LOGLEVEL", "DEBUG")
    hard_org.arm({"fault": "status", "status": 503, "count": 2})
    outcome = hard_org.run()
    assert outcome.status == 0
    token = hard_org.config()["refresh_token"]
    for secret in ("sandbox-client-secret", token, "Bearer", "access_token"):
        assert secret not in outcome.log
        assert secret not in "\n".join(outcome.lines)


def test_settings_may_come_from_the_environment(hard_org, monkeypatch):
    for name, value in hard_org.config(max_workers=2, start_date="").items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        monkeypatch.setenv(f"TAP_SALESFORCE_{name.upper()}", text)
    outcome = hard_org.run_with(["--config=ENV"])
    assert outcome.status == 0, outcome.log
    assert outcome.records("User")


def jobs(org, method):
    return {
        entry["path"].rsplit("/", 1)[-1]
        for entry in org.requests(method, "jobs/query/")
    }


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_aborts_the_jobs_that_run(hard_org, signum):
    hard_org.control("POST", "/settings", {"job_polls": 100_000})
    process = subprocess.Popen(
        hard_org.command(poll_interval_max=1),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(hard_org.requests("POST", "jobs/query")) < 2 or not hard_org.requests(
        "GET", "jobs/query/"
    ):
        time.sleep(0.05)
    process.send_signal(signum)
    started = time.monotonic()
    _, log = process.communicate(timeout=60)
    assert process.returncode == 128 + signum, log
    assert time.monotonic() - started < 20
    assert len(jobs(hard_org, "PATCH")) == 2
    assert "Traceback" not in log


def test_a_run_that_may_not_go_on_aborts_the_jobs_that_run(hard_org):
    hard_org.arm({"fault": "job_stuck", "match": {"object": "User"}, "count": None})
    outcome = hard_org.run(quota_percent_per_run=0.012, poll_interval_max=1)
    assert outcome.status == 2
    assert "quota_percent_per_run" in outcome.log
    # The first stream's job is done and can be resumed.
    assert len(jobs(hard_org, "PATCH")) == 1
    assert outcome.state["bookmarks"]["Lead"]


def test_nothing_is_asked_after_credentials_are_rejected(hard_org):
    hard_org.arm(
        {"fault": "token_expired", "match": {"path": PAGES}},
        {"fault": "refresh_rejected", "after": 1, "count": None},
    )
    outcome = hard_org.run()
    assert outcome.status == 2
    assert not jobs(hard_org, "PATCH")

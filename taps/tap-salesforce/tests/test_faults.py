"""Faults of the service: the tap recovers whole, or ends saying what is missing."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

PAGES = "*/results*"
SECRETS = ("sandbox-client-secret", "sandbox-refresh-token", "sandbox-password")


@pytest.fixture(autouse=True)
def _small_streams(hard_org):
    """Every test ends with all faults gone, whatever happened."""
    yield
    hard_org.calm()


@pytest.fixture
def whole(hard_org):
    """Give what an undisturbed run reads of the leads."""
    table = hard_org.run().table("Lead")
    assert len(table) == 740
    hard_org.control("DELETE", "/requests")
    return table


def highest(table):
    return max(row["SystemModstamp"] for row in table.values())


RECOVERABLE = {
    "the service is down for a moment": {"fault": "status", "status": 503, "count": 3},
    "an HTML error page": {"fault": "status", "status": 502, "body": "html"},
    "an empty 406": {"fault": "status", "status": 406, "body": "empty"},
    "too many requests": {"fault": "status", "status": 429, "retry_after": 1},
    "the connection is reset": {"fault": "reset", "count": 2},
    "a body is cut": {"fault": "cut", "after_bytes": 900, "match": {"path": PAGES}},
    "a body is shorter than it says": {
        "fault": "cut",
        "after_bytes": 900,
        "chunked": False,
        "match": {"path": PAGES},
    },
    "a slot is not free": {"fault": "concurrent_limit", "count": 2},
    "the session ends in the middle": {"fault": "token_expired", "after": 9},
    "the session ends at a page": {
        "fault": "token_expired",
        "match": {"path": PAGES},
        "after": 2,
    },
    "the session ends at the clean-up": {
        "fault": "token_expired",
        "match": {"method": "DELETE"},
    },
    "a page lacks a row once": {"fault": "page_short", "match": {"page": 2}},
    "a page comes twice": {
        "fault": "page_duplicated",
        "match": {"object": "Lead", "page": 3},
    },
    "pages without header": {"fault": "header_missing", "count": None},
    "a job fails once": {"fault": "job_failed", "match": {"object": "Lead"}},
    "a job fails unless it is short": {
        "fault": "job_failed",
        "match": {"object": "Lead"},
        "unless_days": 8,
        "count": None,
    },
    "a job is aborted": {"fault": "job_aborted", "match": {"object": "Lead"}},
    "a job is gone": {"fault": "job_vanished", "match": {"object": "Lead"}},
    "bulk does not take the object": {
        "fault": "bulk_unsupported",
        "match": {"object": "Lead"},
        "count": None,
    },
    "no bulk jobs are left": {"fault": "job_limit", "count": None},
    "jobs cannot be removed": {"fault": "delete_fails", "status": 400, "count": None},
    "the server's clock is late": {"fault": "clock_skew", "seconds": 300},
}


@pytest.mark.parametrize("fault", RECOVERABLE.values(), ids=RECOVERABLE.keys())
def test_the_tap_recovers_with_complete_data(hard_org, whole, fault):
    hard_org.arm(fault)
    outcome = hard_org.run(start_date="2018-01-01")
    assert outcome.status == 0, outcome.log
    assert outcome.table("Lead") == whole
    assert outcome.records("User")
    assert outcome.bookmark("Lead") == highest(whole)
    assert "bulk" not in outcome.state["bookmarks"]["Lead"]


def refusal(code, message="", *, path, **more):
    """Give a fault that refuses a request as Salesforce does."""
    return {
        "fault": "status",
        "status": 400,
        "error_code": code,
        "message": message,
        "match": {"path": path, "object": "Lead"},
        **more,
    }


def test_a_field_that_goes_between_describe_and_query_is_left_out(hard_org):
    message = "No such column 'City' on entity 'Lead'."
    hard_org.arm(refusal("INVALID_FIELD", message, path="*/jobs/query"))
    outcome = hard_org.run()
    assert outcome.status == 0, outcome.log
    assert "Lead.City is gone" in outcome.log
    assert len(outcome.table("Lead")) == 740
    assert "City" not in outcome.records("Lead")[0]


def test_a_rest_query_that_takes_too_long_is_read_in_halves(hard_org):
    whole = hard_org.run(api_type="REST").table("Lead")
    hard_org.arm(refusal("QUERY_TIMEOUT", path="*/queryAll", count=3))
    outcome = hard_org.run(api_type="REST", start_date="2018-01-01")
    assert outcome.status == 0, outcome.log
    assert outcome.table("Lead") == whole
    assert len(hard_org.requests("GET", "queryAll")) >= 5


def test_a_rest_query_that_always_takes_too_long_fails(hard_org):
    hard_org.arm(refusal("QUERY_TIMEOUT", path="*/queryAll", count=None))
    outcome = hard_org.run(api_type="REST")
    assert outcome.status == 1
    assert "QUERY_TIMEOUT" in outcome.log
    assert outcome.bookmark("User")


def test_an_expired_cursor_is_begun_again_where_it_was(hard_org):
    whole = hard_org.run(api_type="REST").table("Lead")
    hard_org.arm(
        {
            "fault": "status",
            "status": 400,
            "error_code": "INVALID_QUERY_LOCATOR",
            "match": {"path": "*/query/*"},
            "after": 3,
        }
    )
    outcome = hard_org.run(api_type="REST", streams_to_discover=["Lead"])
    assert outcome.status == 0, outcome.log
    assert outcome.table("Lead") == whole
    assert len(outcome.records("Lead")) < 760


def test_a_rest_read_that_breaks_off_goes_on_from_its_last_state(hard_org):
    whole = hard_org.run(api_type="REST").table("Lead")
    hard_org.arm(
        {
            "fault": "status",
            "status": 503,
            "match": {"path": "*/query/*"},
            "after": 4,
            "count": None,
        }
    )
    given = {"api_type": "REST", "streams_to_discover": ["Lead"]}
    first = hard_org.run(**given, state_message_threshold=100)
    assert first.status == 5
    assert first.bookmark("Lead") < highest(whole)
    hard_org.calm()
    second = hard_org.run(**given, state=first.state)
    assert {**first.table("Lead"), **second.table("Lead")} == whole
    assert len(second.records("Lead")) < 400


def test_a_full_table_read_that_is_resumed_keeps_its_version(hard_org):
    catalog = hard_org.discover(streams_to_discover=["Lead"])
    (entry,) = catalog["streams"]
    entry["replication_method"] = "FULL_TABLE"
    fault = {"fault": "status", "status": 503, "after": 3, "count": None}
    hard_org.arm({**fault, "match": {"path": PAGES}})
    first = hard_org.run(catalog=catalog, max_workers=1)
    assert first.status == 5
    assert not [m for m in first.messages if m["type"] == "ACTIVATE_VERSION"]
    hard_org.calm()
    second = hard_org.run(catalog=catalog, state=first.state)
    assert second.status == 0, second.log
    assert len({**first.table("Lead"), **second.table("Lead")}) == 740
    assert len(second.records("Lead")) < 740
    versions = {
        m["version"] for m in first.messages + second.messages if "version" in m
    }
    assert len(versions) == 1
    assert second.messages[-1]["type"] == "ACTIVATE_VERSION"


def test_bulk_jobs_that_run_short_are_known_before_the_first(hard_org):
    hard_org.control("POST", "/settings", {"daily_bulk_jobs": 1})
    outcome = hard_org.run()
    assert outcome.status == 0, outcome.log
    assert "bulk jobs are left" in outcome.log
    assert not hard_org.requests("POST", "jobs/query")
    assert len(outcome.table("Lead")) == 740


def test_an_org_that_hides_its_limits_is_read_all_the_same(hard_org):
    fault = {"fault": "status", "status": 403, "error_code": "API_DISABLED"}
    hard_org.arm({**fault, "match": {"path": "*/limits"}})
    assert hard_org.run().status == 0


@pytest.mark.parametrize("fault", ["page_short", "page_duplicated"])
def test_a_page_that_stays_wrong_fails_the_stream_but_not_the_others(hard_org, fault):
    hard_org.arm(
        {"fault": fault, "match": {"object": "Lead", "page": 3}, "count": None}
    )
    outcome = hard_org.run()
    assert outcome.status == 1
    assert "1 of the streams not complete: Lead" in outcome.log
    assert outcome.bookmark("User")
    assert "replication_key_value" not in outcome.state["bookmarks"]["Lead"]
    hard_org.calm()
    again = hard_org.run(state=outcome.state)
    assert again.status == 0
    assert len(again.table("Lead")) == 740


@pytest.mark.parametrize("fault", ["locator_missing", "locator_empty"])
def test_a_chain_of_pages_that_breaks_off_is_noticed(hard_org, fault):
    hard_org.arm({"fault": fault, "match": {"object": "Lead", "page": 2}})
    outcome = hard_org.run(api_version="57.0")
    assert outcome.status == 1
    assert "200 rows where 740 were announced" in outcome.log
    assert "replication_key_value" not in outcome.state["bookmarks"]["Lead"]


def test_an_interrupted_download_goes_on_with_the_same_job_and_page(hard_org, whole):
    hard_org.arm(
        {
            "fault": "status",
            "status": 503,
            "match": {"path": PAGES, "object": "Lead"},
            "after": 3,
            "count": None,
        }
    )
    first = hard_org.run(streams_to_discover=["Lead"], max_workers=1)
    assert first.status == 5
    progress = first.state["bookmarks"]["Lead"]["bulk"]
    assert progress["rows"] == len(first.table("Lead")) < 740
    assert "replication_key_value" not in first.state["bookmarks"]["Lead"]
    hard_org.calm()
    hard_org.control("DELETE", "/requests")
    second = hard_org.run(streams_to_discover=["Lead"], state=first.state)
    assert second.status == 0, second.log
    assert f"resuming job {progress['job_id']}" in second.log
    assert {**first.table("Lead"), **second.table("Lead")} == whole
    assert not set(first.table("Lead")) & set(list(second.table("Lead"))[:300])
    assert second.bookmark("Lead") == highest(whole)


def test_every_state_covers_only_rows_written_before_it(hard_org):
    seen = 0
    for message in hard_org.run(streams_to_discover=["Lead"]).messages:
        if message["type"] == "RECORD":
            seen += 1
        elif message["type"] == "STATE":
            progress = message["value"]["bookmarks"]["Lead"].get("bulk")
            assert (progress["rows"] if progress else 740) == seen


def test_a_job_of_another_api_version_is_not_resumed_but_made_anew(hard_org, whole):
    fault = {"fault": "status", "status": 503, "after": 3, "count": None}
    hard_org.arm({**fault, "match": {"path": PAGES}})
    first = hard_org.run(streams_to_discover=["Lead"], max_workers=1)
    hard_org.calm()
    second = hard_org.run(
        streams_to_discover=["Lead"], state=first.state, api_version="63.0"
    )
    assert second.status == 0, second.log
    assert "not resumed" in second.log
    assert second.table("Lead") == whole


def test_a_resumed_job_that_is_gone_is_started_anew(hard_org, whole):
    state = {
        "bookmarks": {
            "Lead": {
                "bulk": {
                    "job_id": "750000000000000AAA",
                    "query_sha256": "0" * 64,
                    "cutoff": "2018-01-31T23:59:59.000Z",
                    "pages": ["a", "b"],
                    "next_page": 1,
                }
            }
        }
    }
    outcome = hard_org.run(state=state)
    assert outcome.status == 0, outcome.log
    assert outcome.table("Lead") == whole


def test_a_job_that_cannot_succeed_is_explained_and_the_others_go_on(hard_org):
    hard_org.arm(
        {
            "fault": "job_failed",
            "match": {"object": "Lead"},
            "error_message": "InvalidBatch : something odd",
            "count": None,
        }
    )
    outcome = hard_org.run()
    assert outcome.status == 1
    assert "something odd" in outcome.log
    assert outcome.bookmark("User")


def test_a_stuck_job_is_given_up_after_its_time(hard_org):
    hard_org.arm({"fault": "job_stuck", "match": {"object": "Lead"}})
    outcome = hard_org.run(job_timeout=1, poll_interval_max=1)
    assert outcome.status == 1
    assert "job_timeout" in outcome.log
    assert hard_org.requests("PATCH", "jobs/query")


def test_the_daily_limit_stops_the_run(hard_org):
    hard_org.arm({"fault": "daily_limit", "after": 6, "count": None})
    outcome = hard_org.run()
    assert outcome.status == 2
    assert "daily API calls are used up" in outcome.log


def test_a_quota_stops_the_run_with_its_numbers_and_a_state_to_go_on_from(hard_org):
    hard_org.arm({"fault": "api_usage", "used": 90_000})
    outcome = hard_org.run()
    assert outcome.status == 2
    assert "quota_percent_total (80 %)" in outcome.log
    hard_org.calm()
    outcome = hard_org.run(
        streams_to_discover=["Lead"], quota_percent_per_run=0.01, max_workers=1
    )
    assert outcome.status == 2
    assert "quota_percent_per_run (0.01 %)" in outcome.log
    assert outcome.state["bookmarks"]["Lead"]["bulk"]["rows"] == len(outcome.records())
    again = hard_org.run(streams_to_discover=["Lead"], state=outcome.state)
    assert again.status == 0
    assert len({**outcome.table("Lead"), **again.table("Lead")}) == 740


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
    first = type(hard_org.run("--version")).of(
        process.returncode, "".join(lines) + rest, log
    )
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

"""Faults of the service: the tap recovers whole, or ends saying what is missing."""

from __future__ import annotations

import pytest

PAGES = "*/results*"


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

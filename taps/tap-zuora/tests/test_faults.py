"""Faults of the service: the tap recovers whole, or ends saying what is missing."""

from __future__ import annotations

import pytest

FILES = "*/v1/files/*"
DATA_FILES = "/data-files/*"
JOBS = "*/jobs/*"
SUBMIT = "*/batch-query*"
DATA_JOBS = "/query/jobs*"
STREAM = "InvoiceItem"
OTHER = "Account"

ANYWHERE = {
    "the service is down for a moment": {"fault": "status", "status": 503, "count": 3},
    "an internal error as text": {"fault": "status", "status": 500, "body": "text"},
    "an HTML error page": {"fault": "status", "status": 502, "body": "html"},
    "a failure with a good status": {"fault": "failure_200", "count": 2},
    "the connection is reset": {"fault": "reset", "count": 2},
    "an answer takes a while": {"fault": "slow", "seconds": 0.3},
    "the rate limit is reached": {"fault": "rate_limit", "reset_s": 1},
    "the rate limit is reached, no telling for how long": {
        "fault": "rate_limit",
        "reset_s": -1,
        "count": 2,
    },
    "too many requests at once": {"fault": "concurrency_limit", "count": 2},
    "the token ends early": {"fault": "token_expired", "after": 2},
    "a token lives a minute only": {"fault": "short_token", "seconds": 61},
    "the token host is down for a moment": {"fault": "login_refused", "status": 503},
    "the server's clock is late": {"fault": "clock_skew", "seconds": 300},
}
JOB_TROUBLES = {
    "a job meets an internal error": {"fault": "job_error"},
    "a job is cancelled by somebody": {"fault": "job_cancelled"},
    "a job is aborted": {"fault": "job_aborted"},
    "a job vanishes": {"fault": "job_vanished"},
    "no place for a job is free": {"fault": "job_refused", "count": 2},
    "a job meets an internal error at once": {
        "fault": "job_refused",
        "error_code": "90022",
        "count": 2,
    },
    "the service does not poll well": {
        "fault": "status",
        "status": 503,
        "count": 2,
        "match": {"path": JOBS},
    },
    "a failure with a good status at a poll": {
        "fault": "failure_200",
        "match": {"path": JOBS},
    },
    "the token ends at a poll": {"fault": "token_expired", "match": {"path": JOBS}},
    "one query takes too long": {"fault": "batch_failed", "match": {"object": STREAM}},
    "one query takes too long unless it is short": {
        "fault": "batch_failed",
        "match": {"object": STREAM},
        "unless_days": 200,
        "count": None,
    },
    "one query meets an internal error": {
        "fault": "batch_failed",
        "match": {"object": STREAM},
        "error_code": "90010",
        "message": "Internal Server Error.",
    },
    "a count is wrong": {"fault": "record_count_off", "match": {"object": STREAM}},
}
FILE_TROUBLES = {
    "a file is cut": {"fault": "cut", "after_bytes": 900},
    "a file is shorter than it says": {
        "fault": "cut",
        "after_bytes": 900,
        "chunked": False,
    },
    "a file comes slowly": {"fault": "slow_body", "chunk_bytes": 20_000},
    "a file is not to be had for a moment": {"fault": "status", "status": 503},
    "a failure in place of a file": {"fault": "failure_200"},
    "the token ends at a file": {"fault": "token_expired"},
    "a file was purged": {"fault": "file_gone", "match": {"object": STREAM}},
    "a file is too large": {"fault": "file_oversize", "match": {"object": STREAM}},
    "rows are missing": {"fault": "rows_missing", "match": {"object": STREAM}},
    "rows are missing again and again": {
        "fault": "rows_missing",
        "match": {"object": STREAM},
        "count": 3,
    },
    "rows come twice": {"fault": "rows_duplicated", "match": {"object": STREAM}},
    "a row is ragged": {"fault": "ragged_row", "match": {"object": STREAM}, "row": 3},
    "bytes are zero": {"fault": "nul_bytes", "count": None},
    "a file begins with a byte order mark": {"fault": "byte_order_mark", "count": None},
    "date-times have a space": {"fault": "spaced_datetimes", "count": None},
    "headers are in lower case": {"fault": "header_case", "count": None},
}


def at(path, troubles):
    """Aim faults that name nothing at a kind of request."""
    return {
        name: {"match": {"path": path}, **fault} for name, fault in troubles.items()
    }


RECOVERABLE = {**ANYWHERE, **JOB_TROUBLES, **at(FILES, FILE_TROUBLES)}


def assert_whole(zuora, outcome, *names):
    assert outcome.status == 0, outcome.log
    for name in names:
        assert outcome.table(name) == zuora.expected(name)
        assert outcome.bookmark(name) >= "2018-01-31T23:5"
        assert "in_progress" not in outcome.state["bookmarks"][name]


@pytest.mark.parametrize("fault", RECOVERABLE.values(), ids=RECOVERABLE.keys())
def test_the_tap_recovers_with_complete_data(zuora, fault):
    catalog = zuora.select(STREAM, OTHER)
    zuora.arm(fault)
    outcome = zuora.run(catalog=catalog)
    assert_whole(zuora, outcome, STREAM, OTHER)


BACKFILL = {
    name: RECOVERABLE[name]
    for name in (
        "the connection is reset",
        "the token ends early",
        "a job meets an internal error",
        "a job is aborted",
        "one query takes too long",
        "rows are missing again and again",
        "a file was purged",
        "a file is too large",
    )
}


@pytest.mark.parametrize("fault", BACKFILL.values(), ids=BACKFILL.keys())
def test_a_backfill_by_windows_and_pages_recovers_with_complete_data(zuora, fault):
    catalog = zuora.select(STREAM)
    zuora.arm({**fault, "after": max(fault.get("after", 0), 3)})
    outcome = zuora.run(catalog=catalog, window_in_days=240, page_rows=2_000)
    assert_whole(zuora, outcome, STREAM)


@pytest.mark.parametrize("fault", BACKFILL.values(), ids=BACKFILL.keys())
def test_a_full_table_read_recovers_with_complete_data(zuora, fault):
    catalog = zuora.select(STREAM, replication="FULL_TABLE")
    zuora.arm(fault)
    outcome = zuora.run(catalog=catalog, page_rows=2_000)
    assert outcome.status == 0, outcome.log
    assert outcome.table(STREAM) == zuora.expected(STREAM)
    assert len([m for m in outcome.messages if m["type"] == "ACTIVATE_VERSION"]) == 1


DATA_QUERY = {
    **{
        name: ANYWHERE[name]
        for name in (
            "the service is down for a moment",
            "a failure with a good status",
            "the connection is reset",
            "the rate limit is reached",
            "the token ends early",
        )
    },
    "a job vanishes": {
        "fault": "status",
        "status": 404,
        "code": 404,
        "message": "Query job not found",
        "match": {"path": "/query/jobs/*", "object": STREAM},
    },
    "a query fails": {"fault": "data_query_failed", "message": "Internal error"},
    "a query takes too long": {"fault": "data_query_failed"},
    "a query takes too long unless it is short": {
        "fault": "data_query_failed",
        "match": {"object": STREAM},
        "unless_days": 200,
        "count": None,
    },
    "too many queries wait": {"fault": "data_query_limit", "count": 2},
    "a link has expired": {"fault": "data_file_expired"},
    **at(
        DATA_FILES,
        {
            "a file is cut": {"fault": "cut", "after_bytes": 300},
            "a file is shorter than it says": {
                "fault": "cut",
                "after_bytes": 300,
                "chunked": False,
            },
            "a file is not to be had for a moment": {"fault": "status", "status": 503},
        },
    ),
}


@pytest.mark.parametrize("fault", DATA_QUERY.values(), ids=DATA_QUERY.keys())
def test_data_query_recovers_with_complete_data(zuora, fault):
    catalog = zuora.select(STREAM, OTHER)
    zuora.arm(fault)
    outcome = zuora.run(catalog=catalog, api_type="DATA_QUERY")
    assert_whole(zuora, outcome, STREAM, OTHER)


def test_data_query_splits_a_window_with_too_many_rows(zuora):
    zuora.set(output_rows=60)
    outcome = zuora.run(catalog=zuora.select(STREAM), api_type="DATA_QUERY")
    assert_whole(zuora, outcome, STREAM)
    assert len(zuora.jobs()) > 3


# What a stream does not survive


def fatal(fault, *, path=FILES, stream=STREAM, **more):
    return {
        "fault": fault,
        "count": None,
        "match": {"object": stream, **({"path": path} if path else {})},
        **more,
    }


LOSING = {
    "rows are always missing": (fatal("rows_missing"), "were announced"),
    "rows always come twice": (fatal("rows_duplicated"), "were announced"),
    "a row is always ragged": (fatal("ragged_row"), "values where"),
    "counts are always wrong": (fatal("record_count_off", path=None), "announced"),
    "files are always gone": (fatal("file_gone"), "is gone"),
    "queries always take too long": (
        fatal("batch_failed", path=None),
        "maximum processing time",
    ),
    "jobs always fail": (
        fatal("batch_failed", path=None, error_code="90010", message="Internal"),
        "Internal",
    ),
}


@pytest.mark.parametrize(("fault", "words"), LOSING.values(), ids=LOSING.keys())
def test_a_stream_that_is_not_whole_fails_and_the_others_go_on(zuora, fault, words):
    catalog = zuora.select(STREAM, OTHER, "Subscription")
    zuora.arm(fault)
    outcome = zuora.run(catalog=catalog, page_rows=2_000, start_date="2018-01-20")
    assert outcome.status == 1
    assert f"{STREAM} failed: " in outcome.log
    assert words in outcome.log
    assert "replication_key_value" not in outcome.state["bookmarks"].get(STREAM, {})
    for name in (OTHER, "Subscription"):
        assert outcome.bookmark(name) == "2018-01-31T23:59:59.000Z"
    zuora.calm()
    again = zuora.run(catalog=catalog, state=outcome.state, start_date="2018-01-20")
    assert again.status == 0, again.log
    expected = zuora.expected(STREAM)
    recent = {k: r for k, r in expected.items() if r["UpdatedDate"] >= "2018-01-20"}
    assert {**outcome.table(STREAM), **again.table(STREAM)} == recent


def test_a_hanging_job_is_cancelled_in_time_and_the_stream_fails(zuora):
    zuora.arm({"fault": "job_hang", "count": None})
    outcome = zuora.run(
        catalog=zuora.select(STREAM),
        job_timeout_minutes=0.01,
        poll_interval_seconds=0.05,
        start_date="2018-01-31T21:00:00Z",
        page_rows=1_500,
    )
    assert outcome.status == 1
    assert "no end of job" in outcome.log
    assert len(zuora.requests("DELETE", "/jobs/")) >= 3


@pytest.mark.parametrize("status", [400, 500])
def test_a_job_that_hangs_once_is_read_in_smaller_parts(zuora, status):
    catalog = zuora.select(STREAM, OTHER)
    # Nor can it be cancelled.
    refusal = {"fault": "delete_fails", "status": status, "count": None}
    zuora.arm({"fault": "job_hang"}, refusal)
    outcome = zuora.run(
        catalog=catalog,
        job_timeout_minutes=0.01,
        poll_interval_seconds=0.05,
    )
    assert_whole(zuora, outcome, STREAM, OTHER)


def test_a_service_that_stays_down_ends_the_run_with_its_own_status(zuora):
    catalog = zuora.select(STREAM)
    zuora.arm(
        {"fault": "status", "status": 503, "count": None, "match": {"path": JOBS}}
    )
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 5
    assert "HTTP 503" in outcome.log


def test_a_host_that_is_not_there_ends_the_run(zuora):
    outcome = zuora.run(base_url="http://127.0.0.1:9")
    assert outcome.status == 5
    assert "no connection" in outcome.log


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            {"fault": "forbidden", "match": {"path": SUBMIT}, "count": None},
            "data-source export",
        ),
        (
            {"fault": "file_forbidden", "count": None},
            "Enable DataSource Exports Reporting",
        ),
        (
            {"fault": "token_expired", "count": None, "match": {"path": "/v1/*"}},
            "does not accept the credentials",
        ),
        ({"fault": "login_refused", "count": None}, "check client_id"),
        ({"fault": "login_refused", "status": 400, "count": None}, "check client_id"),
    ],
)
def test_what_the_user_may_not_do_ends_the_run_with_clear_words(zuora, fault, words):
    catalog = zuora.select(STREAM, OTHER)
    zuora.arm(fault)
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 2
    assert words in outcome.log
    assert "Traceback" not in outcome.log
    assert "sandbox-zuora-client-secret" not in outcome.log
    for entry in outcome.states[-1:]:
        assert "replication_key_value" not in str(entry)


# Objects and fields that are not there


@pytest.mark.parametrize("how", ["vanish", "error"])
@pytest.mark.parametrize("replication", [None, "FULL_TABLE"])
def test_an_object_without_permission_is_skipped(zuora, how, replication):
    catalog = zuora.select(STREAM, OTHER, replication=replication)
    zuora.set(forbidden_batches=how)
    zuora.arm({"fault": "object_forbidden", "object": STREAM})
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert f"{STREAM} cannot be queried, skipped" in outcome.log
    assert not outcome.records(STREAM)
    assert outcome.table(OTHER) == zuora.expected(OTHER)
    versions = [
        m["stream"] for m in outcome.messages if m["type"] == "ACTIVATE_VERSION"
    ]
    assert STREAM not in versions
    assert "replication_key_value" not in outcome.state["bookmarks"].get(STREAM, {})
    assert zuora.run(catalog=catalog, strict=True).status == 1


def test_an_object_that_is_gone_is_left_out(zuora):
    catalog = zuora.select(STREAM, OTHER)
    zuora.arm({"fault": "object_removed", "object": STREAM})
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert f"{STREAM} cannot be described, left out" in outcome.log
    assert outcome.table(OTHER) == zuora.expected(OTHER)
    strict = zuora.run(catalog=catalog, strict=True)
    assert strict.status == 1
    assert strict.table(OTHER) == zuora.expected(OTHER)


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_a_field_that_goes_between_describe_and_query_is_left_out(zuora, api_type):
    # Describe is asked once for each object, and before any job.
    catalog = zuora.select(STREAM, OTHER)
    zuora.set(job_polls=2)
    zuora.arm({"fault": "field_removed", "object": STREAM, "field": "SKU"})
    outcome = zuora.run(catalog=catalog, api_type=api_type)
    assert outcome.status == 0, outcome.log
    assert "InvoiceItem: fields are gone: SKU" in outcome.log
    expected = zuora.expected(STREAM)
    for row in expected.values():
        del row["SKU"]
    assert outcome.table(STREAM) == expected
    assert outcome.table(OTHER) == zuora.expected(OTHER)


def test_a_new_field_is_told_and_comes_with_the_next_discovery(zuora):
    catalog = zuora.select(OTHER)
    zuora.arm(
        {"fault": "field_added", "object": OTHER, "field": "Tier__c", "value": "gold"}
    )
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "fields are new: Tier__c" in outcome.log
    assert outcome.table(OTHER) == zuora.expected(OTHER)
    rediscovered = zuora.run(start_date="2018-01-01")
    assert {row["Tier__c"] for row in rediscovered.records(OTHER)} == {"gold"}


def test_a_field_that_may_not_be_exported_any_more_is_left_out(zuora):
    catalog = zuora.select(OTHER)
    zuora.arm({"fault": "field_unexportable", "object": OTHER, "field": "Region__c"})
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "Region__c" not in outcome.records(OTHER)[0]
    assert len(outcome.table(OTHER)) == len(zuora.expected(OTHER))


@pytest.mark.parametrize(("kind", "wanted"), [("text", str), ("decimal", object)])
def test_a_field_of_another_type_is_read_as_what_it_is_now(zuora, kind, wanted):
    catalog = zuora.select("RatePlanCharge")
    zuora.arm(
        {
            "fault": "field_retyped",
            "object": "RatePlanCharge",
            "field": "Version",
            "type": kind,
        }
    )
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    values = {row["Version"] for row in outcome.records("RatePlanCharge")}
    assert all(isinstance(value, wanted) for value in values)
    shown = outcome.schema("RatePlanCharge")["properties"]["Version"]["type"]
    assert ("string" if kind == "text" else "number") in shown


def test_deletions_that_a_tenant_refuses_are_done_without(zuora):
    zuora.set(forced_deletes="refused")
    catalog = zuora.select("Invoice", OTHER)
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "deleted rows cannot be read" in outcome.log
    living = {k: r for k, r in zuora.expected("Invoice").items() if not r["Deleted"]}
    assert set(outcome.table("Invoice")) == set(living)
    assert "without_deleted" not in outcome.state["bookmarks"]["Invoice"]


def test_a_text_with_quotes_and_line_breaks_stays_whole(zuora):
    catalog = zuora.select("Contact", "Account")
    zuora.arm({"fault": "tricky_cell", "count": None})
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    texts = {row["Name"] for row in outcome.records("Account")}
    assert 'He said "yes, please",\nand left; done' in texts
    assert len(outcome.table("Account")) == len(zuora.expected("Account"))


def test_fractions_of_a_second_are_kept(zuora):
    catalog = zuora.select(OTHER)
    zuora.arm({"fault": "fractional_seconds", "count": None})
    outcome = zuora.run(catalog=catalog)
    assert all(row["UpdatedDate"].endswith(".123Z") for row in outcome.records(OTHER))


def test_rows_committed_late_are_found_within_the_lookback(zuora):
    zuora.move("2018-01-30")
    catalog = zuora.select(OTHER)
    last = max(
        zuora.expected(OTHER, "2018-01-30").values(), key=lambda r: r["UpdatedDate"]
    )
    zuora.arm({"fault": "rows_hidden", "object": OTHER, "ids": [last["Id"]]})
    first = zuora.run(catalog=catalog)
    assert last["Id"] not in first.table(OTHER)
    zuora.calm()
    second = zuora.run(catalog=catalog, state=first.state, lookback_days=30)
    assert last["Id"] in second.table(OTHER)

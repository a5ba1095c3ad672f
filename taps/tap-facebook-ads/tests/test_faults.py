"""Faults of the service: the tap recovers whole, or ends saying what is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

REPORT = "adsinsights_default"
ACCOUNT = "415200177340981"
REPORT_KEY = ("date_start", "account_id", "ad_id")
SINCE = "2018-01-10"
#: A stream of each kind: its key, and what its requests are about.
KINDS = {
    "objects": ("campaigns", ("id",), "campaigns"),
    "reports": (REPORT, REPORT_KEY, "insights"),
    "leads": ("leads", ("id",), "leads"),
}
STREAMS = [stream for stream, _, _ in KINDS.values()]
#: Reports of three weeks, leads of eight months.
DAYS = {"start_date": "2017-06-01", "end_date": "2017-06-21"}


def tables_of(outcome):
    return {
        kind: outcome.table(stream, *key) for kind, (stream, key, _) in KINDS.items()
    }


@pytest.fixture(scope="module")
def _tables():
    return {}


@pytest.fixture
def whole(facebook, _tables):
    """Give what an undisturbed run reads of each kind of stream, by key."""
    if not _tables:
        outcome = facebook.read(*STREAMS, **DAYS)
        assert outcome.status == 0, outcome.log
        _tables.update(tables_of(outcome))
        assert all(_tables.values())
        facebook.control("DELETE", "/requests")
    return _tables


PASSING = {
    "the service is down for a moment": {"fault": "status", "status": 503, "count": 3},
    "an HTML error page": {"fault": "status", "status": 502, "body": "html"},
    "an empty 500": {"fault": "status", "status": 500, "body": "empty"},
    "an empty 200": {"fault": "status", "status": 200, "body": "empty"},
    "an HTML 200": {"fault": "status", "status": 200, "body": "html"},
    "an error with status 200": {"fault": "status", "status": 200},
    "too many requests": {"fault": "status", "status": 429, "retry_after": 1},
    "an unknown error": {"fault": "transient", "code": 1, "count": 2},
    "an unexpected error": {"fault": "transient", "code": 2, "count": 2},
    "the connection is reset": {"fault": "reset", "count": 2},
    "a body is cut": {"fault": "cut", "after_bytes": 90},
    "a body is shorter than it says": {
        "fault": "cut",
        "after_bytes": 90,
        "chunked": False,
    },
    "an answer is slow": {"fault": "slow", "seconds": 0.3},
    "a body is slow": {"fault": "slow_body", "seconds": 0.02, "chunk_bytes": 2000},
    "the app's limit": {"fault": "throttled", "code": 4},
    "the user's limit": {"fault": "throttled", "code": 17, "count": 2},
    "the page's limit": {"fault": "throttled", "code": 32},
    "another limit of the app": {"fault": "throttled", "code": 341},
    "a custom limit": {"fault": "throttled", "code": 613},
    "the limit of reports": {"fault": "throttled", "code": 80000, "minutes": 2},
    "the limit of ads": {"fault": "throttled", "code": 80004},
    "the limit of leads": {"fault": "throttled", "code": 80005},
    "too much data for a page": {"fault": "reduce", "count": 3},
    "an empty page": {"fault": "page_empty"},
    "a row comes twice": {"fault": "page_duplicated", "match": {"page": 2}},
    "a page lacks a row": {"fault": "page_truncated", "match": {"page": 2}},
    "a cursor is not good any more": {"fault": "cursor_expired", "match": {"page": 2}},
}


def fault_of(kind, fault):
    """Give a fault as it strikes the requests of a kind of stream."""
    match = {"object": KINDS[kind][2], **fault.get("match", {})}
    if kind == "reports" and fault["fault"].startswith(("page", "cursor")):
        match["method"] = "GET"
    if kind == "reports" and fault["fault"] == "page_truncated":
        # Only a page that others follow is seen to lack a row.
        match["page"] = 1
    return {**fault, "match": match}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_the_tap_recovers_with_complete_data_of_every_kind(facebook, whole, fault):
    facebook.set(page_rows=7)
    facebook.arm(*(fault_of(kind, fault) for kind in KINDS))
    outcome = facebook.read(*STREAMS, **DAYS)
    assert outcome.status == 0, outcome.log
    assert tables_of(outcome) == whole
    assert all(armed["used"] for armed in facebook.control("GET", "/faults"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_stays_down_ends_with_5_and_no_progress(facebook, kind):
    stream, _, about = KINDS[kind]
    fault = {"fault": "status", "status": 503, "body": "html", "count": None}
    facebook.arm({**fault, "match": {"object": about}})
    outcome = facebook.read(stream, "adaccounts", start_date=SINCE)
    assert outcome.status == 5, outcome.log
    assert "after all tries" in outcome.log
    assert stream in outcome.log
    assert not outcome.records(stream)
    assert outcome.records("adaccounts")
    bookmarks = outcome.state["bookmarks"] if outcome.states else {}
    for entry in bookmarks.get(stream, {}).get("partitions", []):
        assert "replication_key_value" not in entry


def test_a_limit_that_stays_used_up_for_two_hours_ends_with_2(facebook):
    facebook.arm({"fault": "throttled", "code": 17, "minutes": 30, "count": None})
    outcome = facebook.read("campaigns")
    assert outcome.status == 2
    assert "two hours" in outcome.log


def test_pages_that_are_empty_for_ever_are_no_success(facebook):
    match = {"object": "campaigns"}
    facebook.arm({"fault": "page_empty", "match": match, "count": None})
    outcome = facebook.read("campaigns", "adaccounts")
    assert outcome.status == 1
    assert "3 empty pages in a row" in outcome.log
    assert not outcome.records("campaigns")


def test_objects_too_heavy_one_by_one_fail_with_the_service_s_words(facebook):
    match = {"object": "campaigns"}
    facebook.arm({"fault": "reduce", "match": match, "count": None})
    outcome = facebook.read("campaigns", "adaccounts", account_ids=[ACCOUNT])
    assert outcome.status == 1
    assert "reduce the amount of data" in outcome.log
    limits = [
        entry["query"].split("limit=")[1].split("&")[0]
        for entry in facebook.requests("GET", "/campaigns")
    ]
    assert limits[:5] == ["100", "50", "25", "10", "1"]


def test_a_smaller_page_is_for_one_request_only(facebook):
    facebook.set(page_rows=5)
    facebook.arm({"fault": "reduce", "match": {"object": "ads", "path": "*"}})
    outcome = facebook.read("ads", include_deleted=False, account_ids=[ACCOUNT])
    assert outcome.status == 0, outcome.log
    requests = [entry["query"] for entry in facebook.requests("GET", "/ads")]
    assert "limit=100" in requests[0]
    assert "limit=50" in requests[1]
    assert all("limit=100" in query for query in requests[2:])
    assert len(requests) > 3


def test_a_dead_token_ends_the_run_at_once_with_what_to_do(facebook):
    match = {"object": "campaigns"}
    facebook.arm({"fault": "token_expired", "subcode": 463, "match": match})
    outcome = facebook.read("adaccounts", "ads", "campaigns", "creatives")
    assert outcome.status == 2
    assert "access_token: it has expired; make a new one" in outcome.log
    assert outcome.records("ads")
    assert not outcome.records("creatives")
    assert "campaigns" not in outcome.state["bookmarks"]
    facebook.calm()
    again = facebook.read("ads", "campaigns", state=outcome.state)
    assert again.status == 0
    assert again.records("campaigns")


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize(
    ("subcode", "words"),
    [
        (458, "removed the app"),
        (460, "the password was changed"),
        (467, "it was made invalid"),
        (999, "it is not valid"),
    ],
)
def test_every_reason_of_a_dead_token_has_its_words(facebook, subcode, words, status):
    facebook.set(token_error_status=status)
    facebook.arm({"fault": "token_expired", "subcode": subcode})
    outcome = facebook.read("campaigns")
    assert outcome.status == 2
    assert words in outcome.log
    assert outcome.lines == []


def test_a_token_that_dies_in_a_report_leaves_a_true_state(facebook, whole):
    match = {"object": "report_run"}
    facebook.arm({"fault": "token_expired", "match": match, "after": 40})
    settings = {**DAYS, "insights_days_per_job": 2}
    first = facebook.read(REPORT, **settings, max_concurrent_jobs=2)
    facebook.calm()
    assert first.status == 2
    assert 0 < len(tables_of(first)["reports"]) < len(whole["reports"])
    second = facebook.read(REPORT, **settings, state=first.state)
    both = {**tables_of(first)["reports"], **tables_of(second)["reports"]}
    assert both == whole["reports"]


def test_a_permission_missing_for_one_stream_fails_it_and_names_the_scope(facebook):
    match = {"object": "campaigns"}
    for code in (200, 10):
        fault = {"fault": "permission", "code": code, "match": match, "count": None}
        facebook.arm(fault)
        outcome = facebook.read("campaigns", "ads")
        facebook.calm()
        assert outcome.status == 1
        assert "needs the permission ads_read" in outcome.log
        assert outcome.records("ads")


def test_an_account_without_permission_ends_with_2_and_names_it(facebook):
    facebook.arm({"fault": "permission", "match": {"object": "AdAccount"}})
    outcome = facebook.read("campaigns")
    assert outcome.status == 2
    assert "account 415200177340981" in outcome.log
    assert "ads_read" in outcome.log


def test_an_account_that_is_not_there_ends_with_2_and_names_it(facebook):
    outcome = facebook.read("campaigns", account_ids=["415200177340981", "123"])
    assert outcome.status == 2
    assert "no ad account 123" in outcome.log


@pytest.mark.parametrize("stream", ["leads", "leadgen_forms"])
def test_lead_forms_without_permission_are_left_out_with_a_warning(facebook, stream):
    about = stream if stream == "leadgen_forms" else "leads"
    facebook.arm({"fault": "permission", "match": {"object": about}, "count": None})
    outcome = facebook.read(stream, "campaigns", start_date=SINCE)
    assert outcome.status == 0, outcome.log
    assert "left out" in outcome.log
    assert not outcome.records(stream)
    assert outcome.records("campaigns")
    # Forms that could not be read are not taken for deleted.
    activated = [m for m in outcome.messages if m["type"] == "ACTIVATE_VERSION"]
    assert stream not in {message["stream"] for message in activated}


def test_a_lead_form_that_is_gone_is_left_out_and_the_others_are_read(facebook):
    facebook.arm({"fault": "object_missing", "match": {"object": "leads"}})
    outcome = facebook.read("leads", start_date="2016-02-01")
    assert outcome.status == 0, outcome.log
    assert "left out" in outcome.log
    assert outcome.records("leads")


def test_leads_of_pages_that_want_their_own_token_are_read_with_it(facebook, whole):
    facebook.set(requires_page_token=True, requires_appsecret_proof=True)
    secret = facebook.ready["env"]["FACEBOOK_APP_SECRET"]
    outcome = facebook.read(*STREAMS, **DAYS, app_secret=secret)
    assert outcome.status == 0, outcome.log
    assert tables_of(outcome) == whole


@pytest.mark.parametrize("version", ["v23.0", "v99.0"])
def test_a_version_that_is_dead_or_not_there_yet_is_told(facebook, version):
    outcome = facebook.read("campaigns", api_version=version)
    assert outcome.status == 2
    assert "set api_version" in outcome.log
    assert version in outcome.log


def test_a_version_near_its_end_is_warned_of_once(facebook):
    outcome = facebook.read("campaigns", "ads", api_version="24")
    assert outcome.status == 0, outcome.log
    assert outcome.log.count("api_version v24.0: This version") == 1


def test_high_usage_slows_the_run_down_and_is_told(facebook, whole):
    facebook.arm({"fault": "usage_high", "pct": 96})
    outcome = facebook.read(REPORT, **DAYS)
    assert outcome.status == 0, outcome.log
    assert "96 % of a limit is used: waiting" in outcome.log
    assert "at most 96 % of a limit used" in outcome.log
    assert tables_of(outcome)["reports"] == whole["reports"]


REMOVED = {
    "campaigns": ("Campaign", "bid_strategy"),
    REPORT: ("Insights", "purchase_roas"),
    "adaccounts": ("AdAccount", "business"),
}


@pytest.mark.parametrize("stream", REMOVED)
@pytest.mark.parametrize("wording", ["nonexisting", "not_valid"])
def test_a_field_the_service_does_not_have_is_left_out(facebook, stream, wording):
    kind, name = REMOVED[stream]
    facebook.set(unknown_insight_field=wording)
    facebook.arm({"fault": "field_removed", "object": kind, "field": name})
    outcome = facebook.read(stream, start_date=SINCE)
    assert outcome.status == 0, outcome.log
    assert f"{stream}.{name}: the service does not have it" in outcome.log
    assert {record[name] for record in outcome.records(stream)} == {None}


def test_a_key_the_service_does_not_have_fails_the_stream(facebook):
    facebook.arm({"fault": "field_removed", "object": "Insights", "field": "ad_id"})
    outcome = facebook.read(REPORT, "campaigns", start_date=SINCE)
    assert outcome.status == 1
    assert "ad_id" in outcome.log
    assert outcome.records("campaigns")


@pytest.mark.parametrize("to", ["number", "list", "object"])
def test_text_of_another_type_is_kept_as_text(facebook, to):
    fault = {"fault": "field_retyped", "object": "Campaign", "field": "name", "to": to}
    facebook.arm(fault)
    outcome = facebook.read("campaigns")
    assert outcome.status == 0, outcome.log
    assert all(isinstance(r["name"], str) for r in outcome.records("campaigns"))


def test_numbers_are_taken_as_text_and_as_numbers(facebook, whole):
    field = "impressions"
    facebook.arm(
        {"fault": "field_retyped", "object": "Insights", "field": field, "to": "number"}
    )
    outcome = facebook.read(REPORT, **DAYS)
    assert tables_of(outcome)["reports"] == whole["reports"]


@pytest.mark.parametrize("to", ["list", "object"])
def test_a_number_that_is_none_any_more_fails_the_stream_by_name(facebook, to):
    facebook.arm(
        {"fault": "field_retyped", "object": "Insights", "field": "spend", "to": to}
    )
    outcome = facebook.read(REPORT, "campaigns", start_date=SINCE)
    assert outcome.status == 1
    assert f"{REPORT}.spend: a value that is no number" in outcome.log
    assert not outcome.records(REPORT)


def test_new_fields_and_hidden_objects_change_nothing_else(facebook):
    before = facebook.read("campaigns").table("campaigns", "id")
    gone = next(iter(before))
    facebook.arm(
        {"fault": "field_added", "object": "Campaign", "field": "mood"},
        {"fault": "rows_hidden", "ids": [gone]},
    )
    outcome = facebook.read("campaigns")
    del before[gone]
    assert outcome.table("campaigns", "id") == before


BREAKDOWNS = {
    "ads_insights_hourly_advertiser": (
        "hourly_stats_aggregated_by_advertiser_time_zone",
        "00:00:00 - 00:59:59",
    ),
    "ads_insights_region": ("region", "unknown"),
    "ads_insights_age_and_gender": ("gender", "unknown"),
}


@pytest.mark.parametrize("stream", BREAKDOWNS)
def test_a_row_without_its_breakdown_has_a_key_all_the_same(facebook, stream):
    name, value = BREAKDOWNS[stream]
    facebook.arm({"fault": "breakdown_missing", "breakdown": name})
    outcome = facebook.read(stream, start_date="2018-01-25")
    assert outcome.status == 0, outcome.log
    assert value in {record[name] for record in outcome.records(stream)}


def test_actions_that_are_missing_at_a_level_leave_the_figures(facebook):
    facebook.arm({"fault": "actions_missing", "level": "ad"})
    outcome = facebook.read(REPORT, start_date=SINCE)
    assert outcome.status == 0
    assert {record["actions"] is None for record in outcome.records(REPORT)} == {True}
    assert sum(record["spend"] for record in outcome.records(REPORT)) > Decimal(0)

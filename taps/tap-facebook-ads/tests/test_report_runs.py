"""Report runs that fail, hang, are lost: the split ladder and the state it leaves."""

from __future__ import annotations

import signal

import pytest

REPORT = "adsinsights_default"
KEY = ("date_start", "account_id", "ad_id")
ACCOUNT, OTHER = "415200177340981", "280314905512967"
SINCE = "2018-01-10"
RUNS_OF_ACCOUNT = {"path": f"/v25.0/act_{ACCOUNT}/insights", "method": "POST"}


@pytest.fixture(scope="module")
def _tables():
    return {}


@pytest.fixture
def whole(facebook, _tables):
    """Give what an undisturbed run reads, by key."""
    if not _tables:
        outcome = facebook.read(REPORT, start_date=SINCE)
        assert outcome.status == 0, outcome.log
        _tables.update(outcome.table(REPORT, *KEY))
        facebook.control("DELETE", "/requests")
    assert _tables
    return dict(_tables)


def entry_of(outcome, account):
    entries = outcome.state["bookmarks"][REPORT]["partitions"]
    return next(e for e in entries if e["context"]["account_id"] == account)


def runs_started(facebook):
    posts = facebook.requests("POST", "/insights")
    return [post for post in posts if "method=GET" not in post["body"]]


RECOVERED = {
    "a run fails once": {"fault": "run_failed", "error_code": 2, "error_subcode": 0},
    "a run fails twice": {
        "fault": "run_failed",
        "error_code": 2,
        "error_subcode": 0,
        "error_message": "something",
        "count": 2,
    },
    "a run is too heavy once": {"fault": "run_failed"},
    "runs of more than two days are too heavy": {
        "fault": "run_failed",
        "unless_days": 2,
        "count": None,
    },
    "a run is skipped": {"fault": "run_skipped", "count": 3},
    "runs are slow": {"fault": "run_slow", "polls": 6, "count": 3},
    "a run is not found just after it was made": {
        "fault": "run_missing",
        "polls": 3,
        "count": 2,
    },
    "a run is never found": {"fault": "run_missing", "polls": 50},
    "a complete run cannot be read at first": {
        "fault": "run_unreadable",
        "reads": 3,
        "count": 2,
    },
    "a complete run can never be read": {"fault": "run_unreadable", "reads": 50},
    "looks time out in a batch": {"fault": "batch_timeout", "count": 4},
    "looks have no answer in a batch": {"fault": "batch_null", "count": 7},
    "looking is refused by a limit": {
        "fault": "throttled",
        "code": 80000,
        "match": {"object": "report_run"},
    },
    "looking is refused for a moment": {
        "fault": "transient",
        "match": {"object": "report_run"},
        "count": 3,
    },
    "a run's list of rows loses its cursor": {
        "fault": "cursor_expired",
        "match": {"method": "GET", "object": "insights", "page": 2},
    },
}


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED.keys())
def test_reports_are_whole_in_the_end(facebook, whole, fault):
    facebook.set(page_rows=7)
    facebook.arm(fault)
    outcome = facebook.read(REPORT, start_date=SINCE)
    assert outcome.status == 0, outcome.log
    assert outcome.table(REPORT, *KEY) == whole
    entry = entry_of(outcome, ACCOUNT)
    assert entry["replication_key_value"] == "2018-01-31"
    assert "pending_runs" not in entry
    assert "completed_slices" not in entry


@pytest.mark.parametrize("percent", [0, 99])
def test_runs_that_hang_are_replaced_and_then_split(facebook, whole, percent):
    facebook.arm(
        {"fault": "run_stuck", "percent": percent, "match": RUNS_OF_ACCOUNT, "count": 2}
    )
    outcome = facebook.read(
        REPORT, start_date=SINCE, insights_job_timeout=0.005, max_concurrent_jobs=1
    )
    assert outcome.status == 0, outcome.log
    assert outcome.table(REPORT, *KEY) == whole
    words = "does not start; another one" if percent == 0 else "insights_job_timeout"
    assert words in outcome.log


def test_a_day_too_heavy_for_the_account_is_read_campaign_by_campaign(facebook, whole):
    facebook.arm({"fault": "run_failed", "unless_below_account": True, "count": None})
    outcome = facebook.read(REPORT, start_date=SINCE, end_date="2018-01-16")
    assert outcome.status == 0, outcome.log
    days = {key: row for key, row in whole.items() if key[0] <= "2018-01-16"}
    assert outcome.table(REPORT, *KEY) == days
    # Each account's days, then its campaigns: never an ad set.
    campaigns = facebook.read("campaigns").table("campaigns", "id")
    scopes = {post["path"].split("/")[2] for post in runs_started(facebook)}
    assert scopes - {f"act_{ACCOUNT}", f"act_{OTHER}"} <= set(campaigns)
    assert len(scopes) > 3


def test_a_report_that_is_too_much_at_once_goes_down_to_single_ads(facebook, whole):
    facebook.set(async_budget=60)
    outcome = facebook.read(
        REPORT, start_date="2018-01-30", account_ids=[ACCOUNT], max_concurrent_jobs=20
    )
    assert outcome.status == 0, outcome.log
    days = {
        key: row
        for key, row in whole.items()
        if key[0] >= "2018-01-30" and key[1] == ACCOUNT
    }
    assert outcome.table(REPORT, *KEY) == days
    adsets = facebook.read("adsets").table("adsets", "id")
    scopes = {post["path"].split("/")[2] for post in runs_started(facebook)}
    assert scopes & set(adsets) or len(scopes) > 2


def test_reading_at_once_is_split_when_it_is_too_much(facebook, whole):
    facebook.set(sync_budget=900)
    outcome = facebook.read(REPORT, start_date=SINCE, insights_mode="sync")
    assert outcome.status == 0, outcome.log
    assert "smaller parts" in outcome.log
    assert outcome.table(REPORT, *KEY) == whole


def test_days_that_cannot_be_had_fail_the_report_and_are_read_by_the_next_run(
    facebook, whole
):
    facebook.arm({"fault": "run_failed", "count": None, "match": {"method": "POST"}})
    never = facebook.read(REPORT, "campaigns", start_date=SINCE)
    assert never.status == 1
    assert f"account {ACCOUNT}" in never.log
    assert "the next run reads them again" in never.log
    assert "fields account_id" in never.log
    assert not never.records(REPORT)
    assert never.records("campaigns")
    facebook.calm()
    again = facebook.read(REPORT, start_date=SINCE, state=never.state)
    assert again.status == 0
    assert again.table(REPORT, *KEY) == whole


def test_slices_after_a_gap_are_kept_and_only_the_gap_is_read_again(facebook):
    since = "2017-10-01"
    rows = facebook.read(REPORT, start_date=since, account_ids=[ACCOUNT])
    table = rows.table(REPORT, *KEY)
    settings = {"start_date": since, "account_ids": [ACCOUNT]}
    # One run at a time: the first slice and all its parts fail, down to single ads.
    facebook.arm({"fault": "run_failed", "match": {"method": "POST"}, "count": 45})
    first = facebook.read(
        REPORT, **settings, max_concurrent_jobs=1, insights_days_per_job=1
    )
    assert first.status == 1
    entry = entry_of(first, ACCOUNT)
    assert entry.get("replication_key_value", "") < "2017-10-20"
    assert entry["completed_slices"]
    facebook.calm()
    facebook.control("DELETE", "/requests")
    second = facebook.read(
        REPORT, **settings, insights_days_per_job=1, state=first.state
    )
    assert second.status == 0, second.log
    both = {**first.table(REPORT, *KEY), **second.table(REPORT, *KEY)}
    assert both == table
    assert len(second.records(REPORT)) < len(table) / 2
    assert entry_of(second, ACCOUNT)["replication_key_value"] == "2018-01-31"
    assert "completed_slices" not in entry_of(second, ACCOUNT)


def test_a_run_made_before_an_interruption_is_taken_up_and_not_made_again(
    facebook, whole
):
    facebook.arm({"fault": "run_slow", "polls": 30, "count": None})
    tap = facebook.start(REPORT, start_date=SINCE, poll_interval_max=30)
    state = tap.first_state(holding="pending_runs")
    assert not tap.end(signal.SIGKILL).records(REPORT)
    facebook.calm()
    pending = {
        run["report_run_id"]
        for entry in state["bookmarks"][REPORT]["partitions"]
        for run in entry["pending_runs"].values()
    }
    assert len(pending) >= 6
    facebook.control("DELETE", "/requests")
    outcome = facebook.read(REPORT, start_date=SINCE, state=state)
    assert outcome.status == 0, outcome.log
    assert outcome.log.count("taking report run") == len(pending)
    assert not runs_started(facebook)
    assert outcome.table(REPORT, *KEY) == whole


def state_with_a_run(*, created):
    """Give the state of a run that ended while a report run was at work."""
    run = {"report_run_id": "99999", "created": created}
    pending = {"2018-01-10/2018-01-16": run}
    entry = {"context": {"account_id": ACCOUNT}, "pending_runs": pending}
    return {"bookmarks": {REPORT: {"partitions": [entry]}}}


def test_a_run_that_is_gone_when_it_is_taken_up_is_made_again(facebook, whole):
    state = state_with_a_run(created="2018-01-31T20:00:00.000Z")
    outcome = facebook.read(REPORT, start_date=SINCE, state=state)
    assert outcome.status == 0, outcome.log
    assert "taking report run 99999 up again" in outcome.log
    assert outcome.table(REPORT, *KEY) == whole


def test_runs_older_than_a_day_are_not_taken_up(facebook, whole):
    state = state_with_a_run(created="2018-01-30T20:00:00.000Z")
    outcome = facebook.read(REPORT, start_date=SINCE, state=state)
    assert outcome.status == 0
    assert "taking report run" not in outcome.log
    assert outcome.table(REPORT, *KEY) == whole


def test_a_report_defined_otherwise_is_read_from_the_start_again(facebook):
    report = {"name": "own", "level": "campaign", "lookback_window": 1}
    settings = {"insight_reports_list": [report], "start_date": SINCE}
    catalog = facebook.discover(**settings)
    for entry in catalog["streams"]:
        root = next(m for m in entry["metadata"] if not m["breadcrumb"])
        root["metadata"]["selected"] = entry["tap_stream_id"] == "adsinsights_own"
    first = facebook.run(**settings, catalog=catalog)
    assert first.status == 0, first.log
    same = facebook.run(**settings, catalog=catalog, state=first.state)
    assert min(r["date_start"] for r in same.records()) == "2018-01-30"
    report["action_report_time"] = "impression"
    other = facebook.run(**settings, catalog=catalog, state=first.state)
    assert other.status == 0, other.log
    assert "defined otherwise than before" in other.log
    assert min(r["date_start"] for r in other.records()) == SINCE


@pytest.mark.parametrize("code", [3018, 100])
def test_days_the_service_has_forgotten_are_left_out(facebook, code):
    """The server's clock seems to be three days slow: its history begins later."""
    facebook.set(old_range_code=code)
    facebook.arm({"fault": "clock_skew", "seconds": -3 * 86400})
    outcome = facebook.read(
        REPORT, start_date="2014-01-01", end_date="2016-03-01", max_concurrent_jobs=20
    )
    assert outcome.status == 0, outcome.log
    assert "is too long ago" in outcome.log
    assert min(r["date_start"] for r in outcome.records(REPORT)) < "2016-02-10"


def test_a_start_before_the_service_s_history_is_moved_up(facebook):
    outcome = facebook.read(
        REPORT, start_date="2001-01-01", end_date="2015-01-20", account_ids=[ACCOUNT]
    )
    assert outcome.status == 0, outcome.log
    body = runs_started(facebook)[0]["body"]
    assert "2015-01-01" in body
    assert entry_of(outcome, ACCOUNT)["replication_key_value"] == "2015-01-20"

"""Report runs: made, polled, read, failing and split."""

from __future__ import annotations

import pytest

DAILY = {
    "level": "ad",
    "time_increment": "1",
    "fields": "ad_id,spend,actions",
    "time_range": {"since": "2018-01-01", "until": "2018-01-31"},
}
WHOLE = {"since": "2016-02-01", "until": "2018-01-31"}


def by_key(rows):
    return sorted(rows, key=lambda row: (row["ad_id"], row["date_start"]))


def test_a_run_gives_the_rows_of_a_call(facebook):
    path = facebook.accounts[0]
    at_once = facebook.rows(f"{path}/insights", limit=500, **DAILY)
    assert by_key(facebook.report(path, **DAILY)) == by_key(at_once)


def test_a_run_steps_on_and_is_full_before_it_is_complete(facebook):
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    assert run_id.isdigit()
    seen = [facebook.ok(run_id) for _ in range(4)]
    states = [(r["async_status"], r["async_percent_completion"]) for r in seen]
    assert states == [
        ("Job Not Started", 0),
        ("Job Started", 50),
        ("Job Running", 100),
        ("Job Completed", 100),
    ]
    assert [r["is_running"] for r in seen] == [True, True, True, False]
    assert (seen[0]["date_start"], seen[0]["date_stop"]) == ("2018-01-01", "2018-01-31")
    assert "time_completed" in seen[-1]
    assert "time_completed" not in seen[0]


def test_a_run_has_the_apis_fields(facebook, api_spec):
    run = facebook.finish_run(facebook.start_run(facebook.accounts[0], **DAILY))
    assert run.keys() <= api_spec("AdReportRun").keys()
    assert facebook.ok(run["id"], fields="async_status") == {
        "id": run["id"],
        "async_status": "Job Completed",
    }


def test_reading_a_running_run_is_2601(facebook):
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    error = facebook.error(f"{run_id}/insights")
    assert (error["code"], error["error_subcode"]) == (2601, 1815107)
    assert error["is_transient"] is True
    assert error["message"] == "Error accessing adreport job."


def test_polls_may_be_batched_or_asked_by_ids(facebook):
    runs = [facebook.start_run(facebook.accounts[0], **DAILY) for _ in range(3)]
    batched = facebook.batch(*({"method": "GET", "relative_url": r} for r in runs))
    assert ["Job Not Started" in element["body"] for element in batched] == [True] * 3
    by_ids = facebook.ok("", ids=",".join(runs))
    assert {r["async_status"] for r in by_ids.values()} == {"Job Started"}


def test_a_run_without_rows_completes_with_an_empty_page(facebook):
    shape = {**DAILY, "time_range": {"since": "2015-06-01", "until": "2015-06-30"}}
    run_id = facebook.start_run(facebook.accounts[0], **shape)
    assert facebook.finish_run(run_id)["async_status"] == "Job Completed"
    assert facebook.ok(f"{run_id}/insights") == {"data": []}


def test_a_run_keeps_the_rows_of_its_moment(facebook):
    facebook.move("2018-01-20")
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    facebook.finish_run(run_id)
    rows = facebook.rows(f"{run_id}/insights", limit=500)
    facebook.move("2018-01-31")
    assert facebook.rows(f"{run_id}/insights", limit=500) == rows
    assert max(row["date_start"] for row in rows) == "2018-01-20"


def test_a_run_is_forgotten_after_a_month(facebook):
    facebook.move("2017-12-01")
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    facebook.move("2018-01-31")
    assert facebook.error(run_id)["error_subcode"] == 33


def test_a_bad_report_is_refused_when_it_is_made(facebook, refusal):
    answer = facebook.post(f"{facebook.accounts[0]}/insights", level="keyword")
    assert refusal(answer)["code"] == 100


def test_too_heavy_a_report_fails_and_splits_down_to_one_ad(facebook):
    """The ladder: fewer days, one day, then campaigns, ad sets, ads."""
    us = facebook.accounts[0]
    shape = {**DAILY, "breakdowns": "age,gender", "time_range": WHOLE}
    facebook.set(async_budget=8_000)
    run = facebook.finish_run(facebook.start_run(us, **shape))
    assert (run["async_status"], run["error_code"], run["error_subcode"]) == (
        "Job Failed",
        100,
        1487534,
    )
    assert "reduce the amount of data" in run["error_message"]
    day = {"since": "2018-01-10", "until": "2018-01-10"}
    whole = facebook.report(us, **{**shape, "time_range": day})
    facebook.set(async_budget=200)
    heavy = facebook.finish_run(facebook.start_run(us, **{**shape, "time_range": day}))
    assert heavy["async_status"] == "Job Failed"
    campaigns = facebook.report(
        us, level="campaign", fields="campaign_id", time_range=day
    )
    rows = [
        row
        for campaign in campaigns
        for adset in facebook.report(
            campaign["campaign_id"], level="adset", fields="adset_id", time_range=day
        )
        for row in facebook.report(adset["adset_id"], **{**shape, "time_range": day})
    ]
    assert by_key(rows) == by_key(whole)


def test_an_old_version_does_not_say_why_a_run_failed(facebook):
    facebook.arm({"fault": "run_failed"})
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    for _ in range(3):
        facebook.ok(run_id)
    old = facebook.client.get(f"{facebook.base_url}/v24.0/{run_id}").json()
    assert old["async_status"] == "Job Failed"
    assert "error_code" not in old
    assert facebook.ok(run_id)["error_code"] == 100


def test_a_run_fails_unless_its_days_are_few(facebook):
    facebook.arm({"fault": "run_failed", "unless_days": 7, "count": None})
    us = facebook.accounts[0]
    run = facebook.finish_run(facebook.start_run(us, **DAILY))
    assert run["async_status"] == "Job Failed"
    week = {"since": "2018-01-01", "until": "2018-01-07"}
    assert facebook.report(us, **{**DAILY, "time_range": week})


def test_a_run_fails_unless_it_is_about_less_than_an_account(facebook):
    facebook.arm({"fault": "run_failed", "unless_below_account": True, "count": None})
    us = facebook.accounts[0]
    run = facebook.finish_run(facebook.start_run(us, **DAILY))
    assert run["async_status"] == "Job Failed"
    campaign = facebook.ok(f"{us}/campaigns", limit=1)["data"][0]["id"]
    assert facebook.report(campaign, **DAILY)


def test_a_skipped_run(facebook):
    facebook.arm({"fault": "run_skipped"})
    run = facebook.finish_run(facebook.start_run(facebook.accounts[0], **DAILY))
    assert run["async_status"] == "Job Skipped"


@pytest.mark.parametrize(
    ("percent", "status"), [(0, "Job Not Started"), (99, "Job Running")]
)
def test_a_stuck_run(facebook, percent, status):
    facebook.arm({"fault": "run_stuck", "percent": percent})
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    seen = [facebook.ok(run_id) for _ in range(8)]
    assert {(r["async_status"], r["async_percent_completion"]) for r in seen} == {
        (status, percent)
    }


def test_a_slow_run(facebook):
    facebook.arm({"fault": "run_slow", "polls": 4})
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    running = [facebook.ok(run_id)["is_running"] for _ in range(8)]
    assert running == [True] * 7 + [False]


def test_a_run_is_not_found_just_after_its_creation(facebook):
    facebook.arm({"fault": "run_missing", "polls": 2})
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    for _ in range(2):
        assert facebook.error(run_id)["error_subcode"] == 33
    assert facebook.finish_run(run_id)["async_status"] == "Job Completed"


def test_a_complete_run_cannot_be_read_at_first(facebook):
    facebook.arm({"fault": "run_unreadable", "reads": 2})
    run_id = facebook.start_run(facebook.accounts[0], **DAILY)
    facebook.finish_run(run_id)
    for _ in range(2):
        assert facebook.error(f"{run_id}/insights")["code"] == 2601
    assert facebook.rows(f"{run_id}/insights", limit=500)

"""Misfortunes on command: counted, repeatable, in batches too."""

from __future__ import annotations

import json

import pytest
import requests

EDGE = "campaigns"


def path_of(facebook):
    return f"{facebook.accounts[0]}/{EDGE}"


@pytest.mark.parametrize(
    ("code", "header"),
    [
        (4, "X-App-Usage"),
        (17, "X-Ad-Account-Usage"),
        (613, "X-Ad-Account-Usage"),
        (32, "X-App-Usage"),
        (80000, "X-Business-Use-Case-Usage"),
        (80004, "X-Business-Use-Case-Usage"),
        (80005, "X-Business-Use-Case-Usage"),
    ],
)
def test_limits_come_with_their_header_and_pass(facebook, refusal, code, header):
    facebook.arm({"fault": "throttled", "code": code, "minutes": 7, "count": 2})
    for _ in range(2):
        answer = facebook.get(path_of(facebook))
        error = refusal(answer)
        assert error["code"] == code
        assert f"(#{code})" in error["message"]
        assert "100" in answer.headers[header]
        if code >= 80000:
            (entries,) = json.loads(answer.headers[header]).values()
            assert entries[0]["estimated_time_to_regain_access"] == 7
    assert facebook.get(path_of(facebook)).ok
    journal = facebook.control("GET", "/requests").json()
    assert [entry["fault"] for entry in journal] == ["throttled", "throttled", None]


@pytest.mark.parametrize("code", [1, 2])
def test_transient_errors_say_so(facebook, code):
    facebook.arm({"fault": "transient", "code": code})
    error = facebook.error("me")
    assert (error["code"], error["status"], error["is_transient"]) == (code, 500, True)
    assert facebook.ok("me")


def test_a_page_of_html_an_empty_body_and_a_wait(facebook):
    facebook.arm(
        {"fault": "status", "status": 500, "body": "html"},
        {"fault": "status", "status": 200, "body": "empty"},
        {"fault": "status", "status": 503, "retry_after": 3},
        {"fault": "status", "status": 429},
    )
    html, empty, waiting, plain = (facebook.get("me") for _ in range(4))
    assert html.status_code == 500
    assert "<html" in html.text
    assert (empty.status_code, empty.content) == (200, b"")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "3")
    assert waiting.json()["error"]["code"] == 2
    assert plain.status_code == 429
    assert "Retry-After" not in plain.headers
    journal = facebook.control("GET", "/requests").json()
    assert [entry["fault"] for entry in journal] == ["status"] * 4


def test_reset_and_cut_connections(facebook):
    facebook.arm({"fault": "reset"}, {"fault": "cut", "after_bytes": 20})
    with pytest.raises(requests.ConnectionError):
        facebook.get("me")
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    ):
        facebook.get(path_of(facebook), limit=50, fields="id,name")
    assert facebook.get("me").ok


def test_slow_answers_are_whole(facebook):
    facebook.arm(
        {"fault": "slow", "seconds": 0.05},
        {"fault": "slow_body", "seconds": 0.01, "chunk_bytes": 200},
    )
    slow = facebook.ok(path_of(facebook), fields="id,name", limit=5)
    slower = facebook.ok(path_of(facebook), fields="id,name", limit=5)
    assert slow == slower == facebook.ok(path_of(facebook), fields="id,name", limit=5)


def test_a_permission_is_missing_for_one_stream(facebook):
    facebook.arm(
        {"fault": "permission", "match": {"object": "leads"}, "count": None},
        {"fault": "permission", "code": 10, "match": {"object": "adlabels"}},
    )
    form = _a_form(facebook)
    error = facebook.error(f"{form}/leads")
    assert (error["code"], error["status"]) == (200, 403)
    assert facebook.error(f"{facebook.accounts[0]}/adlabels")["code"] == 10
    assert facebook.ok(path_of(facebook))
    assert facebook.error(f"{form}/leads")["code"] == 200


def _a_form(facebook):
    page = facebook.rows("me/accounts")[0]["id"]
    return facebook.ok(f"{page}/leadgen_forms")["data"][0]["id"]


def test_an_object_vanishes_for_a_call(facebook):
    facebook.arm({"fault": "object_missing", "match": {"object": "insights"}})
    error = facebook.error(f"{facebook.accounts[0]}/insights")
    assert (error["code"], error["error_subcode"]) == (100, 33)


def test_reduce_the_amount_on_command(facebook):
    facebook.arm({"fault": "reduce", "match": {"object": "adcreatives"}})
    error = facebook.error(f"{facebook.accounts[0]}/adcreatives")
    assert (error["code"], error["status"]) == (1, 500)


def test_faults_strike_inside_a_batch(facebook):
    facebook.arm(
        {"fault": "batch_timeout", "after": 1},
        {"fault": "batch_null", "match": {"path": "*/act_*"}},
        {"fault": "throttled", "code": 80000, "match": {"object": EDGE}},
    )
    me = {"method": "GET", "relative_url": "v25.0/me"}
    account = {"method": "GET", "relative_url": f"v25.0/{facebook.accounts[0]}"}
    limited = {"method": "GET", "relative_url": f"v25.0/{path_of(facebook)}"}
    first, timed_out, third = facebook.batch(me, me, me)
    assert (first["code"], third["code"]) == (200, 200)
    assert json.loads(timed_out["body"])["error"]["code"] == 960
    # The account's list is struck by the null first, as its path says.
    null, other = facebook.batch(account, limited)
    assert null is None
    assert json.loads(other["body"])["error"]["code"] == 80000
    assert any(h["name"] == "X-Business-Use-Case-Usage" for h in other["headers"])


def test_an_empty_page_goes_on_where_it_stood(facebook):
    whole = facebook.rows(path_of(facebook), limit=3)
    facebook.arm({"fault": "page_empty", "count": 2, "match": {"page": 2}})
    facebook.control("DELETE", "/requests")
    assert facebook.rows(path_of(facebook), limit=3) == whole
    asked = facebook.control("GET", "/requests").json()
    cursors = [e["query"] for e in asked if "after" in e["query"]]
    assert len(cursors) == len(set(cursors))


def test_a_report_may_never_end(facebook):
    """As reported of runs without rows: a next with a new cursor for ever."""
    facebook.arm(
        {"fault": "page_empty", "count": None, "match": {"object": "insights"}}
    )
    run_id = facebook.start_run(facebook.accounts[0], level="ad")
    facebook.finish_run(run_id)
    seen, after = set(), {}
    for _ in range(10):
        page = facebook.ok(f"{run_id}/insights", **after)
        assert page["data"] == []
        assert "next" in page["paging"]
        after = {"after": page["paging"]["cursors"]["after"]}
        assert after["after"] not in seen
        seen.add(after["after"])


def test_rows_twice_and_rows_missing(facebook):
    whole = facebook.rows(path_of(facebook), limit=4)
    facebook.arm({"fault": "page_duplicated", "match": {"page": 2}})
    doubled = facebook.rows(path_of(facebook), limit=4)
    assert len(doubled) == len(whole) + 1
    assert doubled[3] == doubled[4]
    facebook.arm({"fault": "page_truncated", "match": {"page": 1}})
    short = facebook.rows(path_of(facebook), limit=4)
    assert short == whole[:3] + whole[4:]


def test_a_cursor_expires(facebook):
    facebook.arm({"fault": "cursor_expired", "match": {"page": 2}})
    page = facebook.ok(path_of(facebook), limit=2)
    after = page["paging"]["cursors"]["after"]
    error = facebook.error(path_of(facebook), limit=2, after=after)
    assert error["code"] == 100
    assert "cursor" in error["message"]
    assert facebook.ok(path_of(facebook), limit=2, after=after)["data"]


def test_usage_may_be_high_in_one_header(facebook):
    facebook.arm({"fault": "usage_high", "pct": 97, "header": "insights"})
    answer = facebook.get(f"{facebook.accounts[0]}/insights")
    throttle = json.loads(answer.headers["X-FB-Ads-Insights-Throttle"])
    assert throttle["acc_id_util_pct"] == 97
    assert json.loads(answer.headers["X-App-Usage"])["call_count"] == 0
    facebook.arm({"fault": "usage_high"})
    answer = facebook.get(path_of(facebook))
    assert json.loads(answer.headers["X-App-Usage"])["call_count"] == 96
    assert json.loads(answer.headers["X-Ad-Account-Usage"])["acc_id_util_pct"] == 96


def test_a_version_warning(facebook):
    facebook.arm({"fault": "version_warning"})
    assert "X-Ad-Api-Version-Warning" in facebook.get("me").headers


def test_fields_come_go_and_change_their_type(facebook):
    facebook.arm(
        {"fault": "field_removed", "object": "Campaign", "field": "objective"},
        {
            "fault": "field_added",
            "object": "Campaign",
            "field": "mood",
            "value": "good",
        },
        {
            "fault": "field_retyped",
            "object": "campaigns",
            "field": "name",
            "to": "list",
        },
    )
    path = path_of(facebook)
    assert "objective" in facebook.error(path, fields="id,objective")["message"]
    row = facebook.ok(path, fields="id,name,mood", limit=1)["data"][0]
    assert row["mood"] == "good"
    assert isinstance(row["name"], list)


def test_fields_of_reports_go_and_change_too(facebook):
    facebook.arm(
        {"fault": "field_removed", "object": "Insights", "field": "cpp"},
        {
            "fault": "field_retyped",
            "object": "Insights",
            "field": "impressions",
            "to": "number",
        },
    )
    path = f"{facebook.accounts[0]}/insights"
    assert "cpp" in facebook.error(path, fields="spend,cpp")["message"]
    row = facebook.ok(path, fields="spend,impressions")["data"][0]
    assert isinstance(row["impressions"], int)


def test_rows_may_be_hidden(facebook):
    rows = facebook.rows(path_of(facebook))
    facebook.arm({"fault": "rows_hidden", "ids": [rows[0]["id"]]})
    assert facebook.rows(path_of(facebook)) == rows[1:]
    assert facebook.error(rows[0]["id"])["error_subcode"] == 33


def test_actions_may_be_missing_at_a_level(facebook):
    facebook.arm({"fault": "actions_missing", "level": "campaign"})
    shape = {"fields": "spend,actions", "date_preset": "last_30d"}
    path = f"{facebook.accounts[0]}/insights"
    campaign = facebook.rows(path, level="campaign", **shape)
    assert not any("actions" in row for row in campaign)
    assert any("actions" in row for row in facebook.rows(path, level="ad", **shape))


def test_a_breakdown_may_be_missing_in_a_row(facebook):
    hourly = "hourly_stats_aggregated_by_advertiser_time_zone"
    facebook.arm({"fault": "breakdown_missing", "breakdown": hourly})
    rows = facebook.rows(
        f"{facebook.accounts[0]}/insights", breakdowns=hourly, limit=50
    )
    assert len([row for row in rows if hourly not in row]) == 1

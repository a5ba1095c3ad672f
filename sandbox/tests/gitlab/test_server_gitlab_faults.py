from __future__ import annotations

import json
import time

import pytest
import requests

from bizops_sandbox.servers.gitlab.fault_kinds import FAULT_KINDS

GROUP = "/groups/brightloom/merge_requests"
CORE = "/projects/brightloom%2Fcore"


@pytest.mark.parametrize("retry_after", [7, -1])
def test_too_many_requests_in_plain_text(gitlab, retry_after):
    gitlab.arm({"fault": "rate_limited", "retry_after": retry_after})
    answer = gitlab.get(GROUP)
    assert (answer.status_code, answer.text) == (429, "Retry later\n")
    assert answer.headers.get("Retry-After") == ("7" if retry_after == 7 else None)
    assert gitlab.get(GROUP).status_code == 200


def test_too_many_requests_of_one_endpoint_as_json(gitlab):
    gitlab.arm({"fault": "endpoint_limited", "match": {"object": "projects"}})
    assert gitlab.get(GROUP).status_code == 200
    assert gitlab.get("/projects").status_code == 429


@pytest.mark.parametrize("status", [500, 502, 503, 524])
def test_a_gateway_answers_with_a_page(gitlab, status):
    gitlab.arm({"fault": "status", "status": status, "retry_after": 3, "count": 2})
    for _ in range(2):
        answer = gitlab.get(GROUP)
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, "3")
        assert answer.headers["Content-Type"].startswith("text/html")
    assert gitlab.get(GROUP).status_code == 200


@pytest.mark.parametrize(
    ("body", "start"), [("json", '{"message"'), ("text", "odd"), ("empty", "")]
)
def test_a_status_with_other_bodies(gitlab, body, start):
    gitlab.arm({"fault": "status", "body": body, "message": "odd"})
    assert gitlab.get(GROUP).text.startswith(start)


def test_the_firewall_blocks(gitlab):
    gitlab.arm({"fault": "blocked", "count": None})
    answer = gitlab.get("/version")
    assert answer.status_code == 403
    assert "Cloudflare" in answer.text


def test_the_connection_is_reset_or_cut(gitlab):
    gitlab.arm({"fault": "reset"})
    with pytest.raises(requests.ConnectionError):
        gitlab.get(GROUP)
    gitlab.arm({"fault": "cut", "after_bytes": 50}, {"fault": "cut", "chunked": False})
    for _ in range(2):
        with pytest.raises(requests.RequestException):
            gitlab.get(GROUP)
    faults = [entry["fault"] for entry in gitlab.journal()[-3:]]
    assert faults == ["reset", "cut", "cut"]
    assert gitlab.get(GROUP).status_code == 200


def test_json_ends_too_early(gitlab):
    gitlab.arm({"fault": "truncated", "after_bytes": 40})
    answer = gitlab.get(GROUP)
    assert (answer.status_code, len(answer.content)) == (200, 40)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_slow_answers_are_whole(gitlab):
    gitlab.arm({"fault": "slow", "seconds": 0.2})
    started = time.monotonic()
    assert gitlab.get("/version").status_code == 200
    assert time.monotonic() - started >= 0.2
    gitlab.arm({"fault": "slow_body", "seconds": 0.02, "chunk_bytes": 10})
    assert gitlab.get("/version").json()["version"]


def test_the_clock_is_skewed_until_cleared(gitlab):
    gitlab.arm({"fault": "clock_skew", "seconds": -300})
    assert "23:54:59" in gitlab.get("/version").headers["Date"]
    gitlab.control("DELETE", "/faults")
    assert "23:59:59" in gitlab.get("/version").headers["Date"]


def test_few_requests_are_left_by_the_headers(gitlab):
    gitlab.arm({"fault": "budget_left", "remaining": 40, "reset_after": 2})
    headers = gitlab.get("/version").headers
    assert headers["RateLimit-Remaining"] == "40"
    assert headers["RateLimit-Observed"] == "1960"


def test_large_pages_fail_and_small_ones_pass(gitlab):
    gitlab.arm({"fault": "heavy_page", "above": 50})
    assert gitlab.get(GROUP, params={"per_page": 100}).status_code == 500
    assert gitlab.get(GROUP, params={"per_page": 50}).status_code == 200


def test_statistics_of_commits_may_be_too_much(gitlab):
    gitlab.arm({"fault": "heavy_stats", "status": 502})
    path = f"{CORE}/repository/commits"
    assert gitlab.get(path, params={"with_stats": "true"}).status_code == 502
    assert gitlab.get(path).status_code == 200


def test_an_old_version_refuses_a_filter_it_does_not_know(gitlab):
    gitlab.arm({"fault": "filter_unknown", "parameter": "updated_after"})
    answer = gitlab.get(GROUP, params={"updated_after": "2018-01-01T00:00:00Z"})
    assert answer.json() == {"error": "updated_after is invalid"}
    assert gitlab.get(GROUP).status_code == 200


def test_links_name_another_host(gitlab):
    gitlab.arm({"fault": "link_host", "host": "gitlab.brightloom.example"})
    url = gitlab.get(GROUP).links["next"]["url"]
    assert url.startswith("http://gitlab.brightloom.example/api/v4/groups/")


def _ids(answer):
    return [row["id"] for row in answer.json()]


def test_a_page_lacks_a_row_but_has_a_next_page(gitlab):
    whole = _ids(gitlab.get(GROUP, params={"per_page": 5}))
    gitlab.arm({"fault": "page_short", "match": {"page": 1}})
    short = gitlab.get(GROUP, params={"per_page": 5})
    assert _ids(short) == whole[:-1]
    assert "next" in short.links


def test_an_empty_page_with_a_next_one(gitlab):
    gitlab.arm({"fault": "page_empty", "match": {"object": "merge_requests"}})
    empty = gitlab.get(GROUP)
    assert empty.json() == []
    assert empty.links["next"]["url"]


def test_a_row_on_two_pages_and_a_page_given_twice(gitlab):
    first, second = (
        _ids(gitlab.get(GROUP, params={"per_page": 5, "page": n})) for n in (1, 2)
    )
    gitlab.arm(
        {"fault": "row_repeated", "match": {"page": 2}},
        {"fault": "page_duplicated", "match": {"page": 2}},
    )
    again = gitlab.get(GROUP, params={"per_page": 5, "page": 2})
    assert _ids(again) == [first[-1], *second]
    assert _ids(gitlab.get(GROUP, params={"per_page": 5, "page": 2})) == first
    assert _ids(gitlab.get(GROUP, params={"per_page": 5, "page": 2})) == second


def test_a_next_link_that_leads_nowhere_new(gitlab):
    gitlab.arm({"fault": "link_loops", "match": {"page": 2}})
    url = f"{gitlab.api}{GROUP}?page=2&per_page=5"
    assert "page=2" in gitlab.get(url).links["next"]["url"]
    assert gitlab.journal()[-1]["fault"] == "link_loops"


def test_rows_updated_while_paging_shift_the_pages(gitlab):
    wanted = {"order_by": "updated_at", "sort": "asc", "per_page": 10}
    first = _ids(gitlab.get(GROUP, params=wanted))
    second = _ids(gitlab.get(GROUP, params=wanted | {"page": 2}))
    gitlab.arm({"fault": "rows_updated", "object": "merge_requests", "rows": 3})
    shifted = _ids(gitlab.get(GROUP, params=wanted | {"page": 2}))
    assert shifted[:7] == second[3:]
    rows = gitlab.rows(GROUP, params=wanted | {"per_page": 100})
    assert {row["id"] for row in rows[-3:]} == set(first[:3])
    assert rows[-1]["updated_at"] == "2018-01-31T23:59:59.000Z"


def test_many_rows_share_one_instant(gitlab):
    gitlab.arm({"fault": "one_instant", "object": "issues"})
    rows = gitlab.rows("/groups/brightloom/issues", params={"per_page": 100})
    assert {row["updated_at"] for row in rows} == {"2018-01-31T23:59:59.000Z"}


def test_fields_come_go_and_change_between_runs(gitlab):
    gitlab.arm(
        {"fault": "field_removed", "object": "issues", "field": "weight"},
        {"fault": "field_added", "object": "issues", "field": "mood", "value": "good"},
        {"fault": "field_retyped", "object": "issues", "field": "iid"},
        {"fault": "field_null", "object": "issues", "field": "author"},
    )
    row = gitlab.get("/groups/brightloom/issues").json()[0]
    assert "weight" not in row
    assert row["mood"] == "good"
    assert isinstance(row["iid"], str)
    assert row["author"] is None
    assert gitlab.get(GROUP).json()[0]["author"]["id"]


def test_rows_that_no_list_shows(gitlab):
    ids = _ids(gitlab.get(GROUP, params={"per_page": 3}))
    gitlab.arm({"fault": "rows_hidden", "object": "merge_requests", "ids": ids})
    assert not set(ids) & set(_ids(gitlab.get(GROUP, params={"per_page": 100})))


@pytest.mark.parametrize("status", [403, 404])
def test_a_feature_that_is_missing(gitlab, status):
    gitlab.arm({"fault": "feature_off", "object": "deployments", "status": status})
    assert gitlab.get(f"{CORE}/deployments").status_code == status
    assert gitlab.get(f"{CORE}/pipelines").status_code == 200


def test_a_project_deleted_in_the_middle(gitlab):
    assert gitlab.get(f"{CORE}/pipelines").status_code == 200
    gitlab.arm({"fault": "project_deleted", "project": "brightloom/core"})
    for path in (CORE, f"{CORE}/pipelines"):
        assert gitlab.get(path).json() == {"message": "404 Project Not Found"}


def test_a_project_moved_in_the_middle(gitlab):
    gitlab.arm({"fault": "project_moved", "project": "brightloom/core"})
    answer = gitlab.get(f"{CORE}/pipelines")
    assert [hop.status_code for hop in answer.history] == [301]
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"fault": "flood"}, "unknown fault"),
        ({"fault": "status", "colour": 1}, "no key 'colour'"),
        ({"fault": "clock_skew"}, "needs 'seconds'"),
    ],
)
def test_a_fault_that_is_not_understood_is_refused(gitlab, document, problem):
    answer = gitlab.control("POST", "/faults", json=document)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"pages": 1}, "unknown setting 'pages'"),
        ({"tier": "gold"}, "tier cannot be 'gold'"),
        ({"offset_limit": 0}, "offset_limit cannot be 0"),
        ({"usage_flags": 1}, "usage_flags cannot be 1"),
        ([], "must be a JSON object"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused(gitlab, wanted, problem):
    answer = gitlab.control("POST", "/settings", json=wanted)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


@pytest.mark.parametrize("body", [{}, {"as_of": "soon"}, {"as_of": "1999-01-01"}, []])
def test_a_day_that_is_none_of_the_companys_is_refused(gitlab, body):
    assert gitlab.control("POST", "/as-of", json=body).status_code == 400
    assert gitlab.control("GET").json()["as_of"] == "2018-01-31"


def test_the_journal_holds_every_request_without_tokens(gitlab):
    gitlab.get(GROUP, params={"private_token": "glpat-sandbox-read"})
    gitlab.get("/version", token=None, headers={"Authorization": "Bearer secret-one"})
    text = json.dumps(gitlab.journal())
    assert "merge_requests" in text
    assert "glpat-sandbox-read" not in text
    assert "secret-one" not in text


def test_each_fault_has_a_name_of_its_own_and_a_meaning():
    names = [kind.name for kind in FAULT_KINDS]
    assert len(names) == len(set(names))
    assert all(kind.meaning for kind in FAULT_KINDS if kind.name != "reset")

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from bizops_sandbox.servers.faults import Facts, FaultBoard, FaultError
from bizops_sandbox.servers.salesforce.fault_kinds import ALL_FAULTS

LEADS = "SELECT Id, LastName FROM Lead"
README = Path(__file__).parents[1] / "README.md"


def _first_page(server):
    return server.page(server.complete_job(LEADS))


def _strikes(server) -> list[int]:
    return [fault["used"] for fault in server.control("GET", "/faults").json()]


@pytest.mark.parametrize("status", [429, 503, 500, 406, 420])
def test_status_with_the_time_to_wait(server, status):
    server.arm({"fault": "status", "status": status, "retry_after": 7})
    answer = server.get("/limits")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert server.get("/limits").status_code == 200


def test_status_without_the_time_to_wait_and_with_an_html_page(server):
    server.arm({"fault": "status", "body": "html", "count": 2})
    for _ in range(2):
        answer = server.get("/limits")
        assert answer.status_code == 503
        assert "Retry-After" not in answer.headers
        assert answer.text.startswith("<html>")
    assert server.get("/limits").status_code == 200


def test_status_with_an_empty_body(server):
    server.arm({"fault": "status", "status": 406, "body": "empty"})
    assert server.get("/limits").content == b""


def test_status_inside_a_batch_strikes_one_of_its_requests(server):
    server.arm({"fault": "status", "match": {"path": "*/User/describe"}})
    urls = [f"v64.0/sobjects/{name}/describe" for name in ("User", "Lead")]
    requests = [{"method": "GET", "url": url} for url in urls]
    answer = server.client.post(
        f"{server.api}/composite/batch", json={"batchRequests": requests}
    )
    codes = [result["statusCode"] for result in answer.json()["results"]]
    assert codes == [503, 200]


def test_reset_breaks_the_connection_before_an_answer(server):
    server.arm({"fault": "reset"})
    with pytest.raises(requests.ConnectionError):
        server.get("/limits")
    assert server.get("/limits").status_code == 200
    statuses = [
        entry["status"]
        for entry in server.control("GET", "/requests").json()
        if entry["path"].endswith("/limits")
    ]
    assert statuses == [None, 200]


@pytest.mark.parametrize("chunked", [True, False])
def test_cut_ends_the_body_early(server, chunked):
    job_id = server.complete_job(LEADS)
    server.arm({"fault": "cut", "after_bytes": 50, "chunked": chunked})
    with pytest.raises(requests.RequestException):
        server.page(job_id)
    last = server.control("GET", "/requests").json()[-1]
    assert (last["answer_bytes"], last["fault"]) == (50, "cut")
    assert server.page(job_id).status_code == 200


def test_slow_waits_before_the_first_byte(server):
    server.arm({"fault": "slow", "seconds": 0.3})
    start = time.monotonic()
    server.get("/limits")
    assert time.monotonic() - start >= 0.3


def test_slow_body_still_brings_the_whole_body(server):
    job_id = server.complete_job("SELECT Id FROM User")
    whole = server.page(job_id).content
    server.arm({"fault": "slow_body", "seconds": 0.05, "chunk_bytes": 10})
    start = time.monotonic()
    assert server.page(job_id).content == whole
    assert time.monotonic() - start >= 0.05 * (len(whole) // 10)


def test_slow_can_outlast_a_clients_patience(server):
    server.arm({"fault": "slow", "seconds": 1})
    with pytest.raises(requests.ReadTimeout):
        server.get("/limits", timeout=0.2)


@pytest.mark.parametrize(
    ("fault", "part"),
    [("daily_limit", "TotalRequests"), ("concurrent_limit", "ConcurrentRequests")],
)
def test_a_limit_is_refused_with_403(server, fault, part):
    server.arm({"fault": fault})
    answer = server.get("/limits")
    assert answer.status_code == 403
    assert answer.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert part in answer.json()[0]["message"]


def test_api_usage_is_told_and_enforced(server):
    server.arm({"fault": "api_usage", "used": 81_000})
    answer = server.get("/limits")
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=81000/100000"
    assert answer.json()["DailyApiRequests"]["Remaining"] == 19_000
    server.control("DELETE", "/faults")
    server.arm({"fault": "api_usage", "used": 100_000})
    assert server.get("/limits").status_code == 403


def test_token_expired_after_n_requests_ends_the_session(server):
    server.arm({"fault": "token_expired", "after": 2})
    codes = [server.get("/limits").status_code for _ in range(4)]
    assert codes == [200, 200, 401, 401]
    server.log_in()
    assert server.get("/limits").status_code == 200


def test_refresh_rejected(server):
    server.arm({"fault": "refresh_rejected"})
    answer = server.token()
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "expired access/refresh token"
    assert server.token().status_code == 200


def test_login_refused_with_a_chosen_error(server):
    server.arm({"fault": "login_refused", "error_description": "user is inactive"})
    assert server.token().json()["error_description"] == "user is inactive"


def test_rotate_gives_a_new_refresh_token_once(server):
    server.arm({"fault": "rotate"})
    rotated = server.token().json()["refresh_token"]
    assert server.token().status_code == 400
    server.env["SALESFORCE_REFRESH_TOKEN"] = rotated
    assert "refresh_token" not in server.token().json()


def test_clock_skew_shifts_the_date_until_cleared(server):
    def told():
        return server.get("/limits").headers["date"]

    server.arm({"fault": "clock_skew", "seconds": -300})
    assert told() == told() == "Wed, 31 Jan 2018 23:54:59 GMT"
    server.control("DELETE", "/faults")
    assert told() == "Wed, 31 Jan 2018 23:59:59 GMT"


def test_a_failed_job_says_why(server):
    server.arm({"fault": "job_failed", "match": {"object": "Lead"}})
    job_id = server.post_job(LEADS).json()["id"]
    states = [server.poll(job_id)["state"] for _ in range(2)]
    assert states == ["InProgress", "Failed"]
    assert server.poll(job_id)["errorMessage"].startswith("QUERY_TIMEOUT")
    assert server.page(job_id).status_code == 400
    server.complete_job(LEADS)


def test_a_failed_job_succeeds_on_a_short_range(server):
    server.arm({"fault": "job_failed", "unless_days": 8, "count": None})
    ranges = {
        "2018-01-01T00:00:00Z": "Failed",
        "2018-01-25T00:00:00Z": "JobComplete",
    }
    for start, state in ranges.items():
        job_id = server.post_job(
            f"{LEADS} WHERE SystemModstamp >= {start} AND "
            "SystemModstamp < 2018-02-01T00:00:00Z"
        ).json()["id"]
        server.poll(job_id)
        assert server.poll(job_id)["state"] == state
    job_id = server.post_job(LEADS).json()["id"]
    server.poll(job_id)
    assert server.poll(job_id)["state"] == "Failed"


def test_a_stuck_job_stays_in_progress_and_can_be_aborted(server):
    server.arm({"fault": "job_stuck"})
    job_id = server.post_job(LEADS).json()["id"]
    assert {server.poll(job_id)["state"] for _ in range(10)} == {"InProgress"}
    url = f"{server.api}/jobs/query/{job_id}"
    assert server.client.patch(url, json={"state": "Aborted"}).status_code == 200


def test_a_job_aborted_by_an_administrator(server):
    server.arm({"fault": "job_aborted"})
    job_id = server.post_job(LEADS).json()["id"]
    assert [server.poll(job_id)["state"] for _ in range(2)] == ["InProgress", "Aborted"]


def test_a_job_that_vanished(server):
    server.arm({"fault": "job_vanished", "after_polls": 2})
    job_id = server.post_job(LEADS).json()["id"]
    codes = [server.get(f"/jobs/query/{job_id}").status_code for _ in range(3)]
    assert codes == [200, 404, 404]
    assert server.page(job_id).status_code == 404


def test_an_object_bulk_does_not_support(server):
    server.arm({"fault": "bulk_unsupported", "match": {"object": "User"}})
    assert server.post_job(LEADS).status_code == 200
    answer = server.post_job("SELECT Id FROM User")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALIDENTITY"
    assert "is not supported by the Bulk API" in answer.json()[0]["message"]


def test_the_days_limit_of_jobs(server):
    server.arm({"fault": "job_limit"})
    answer = server.post_job(LEADS)
    assert answer.status_code == 400
    assert "Max bulk v2 query jobs (10000) per 24 hrs" in answer.json()[0]["message"]


def test_a_delete_that_fails(server):
    job_id = server.complete_job(LEADS)
    server.arm({"fault": "delete_fails", "status": 500})
    url = f"{server.api}/jobs/query/{job_id}"
    assert server.client.delete(url).status_code == 500
    assert server.client.delete(url).status_code == 204


def test_a_page_with_a_row_fewer_than_it_says(server, parse_page):
    job_id = server.complete_job(LEADS)
    server.arm({"fault": "page_short", "match": {"page": 1}})
    answer = server.page(job_id)
    assert answer.headers["Sforce-NumberOfRecords"] == "1000"
    assert len(parse_page(answer.content)) == 999
    assert len(parse_page(server.page(job_id).content)) == 1_000


def test_a_page_given_twice(server):
    job_id = server.complete_job(LEADS)
    first = server.page(job_id)
    second = server.page(job_id, first.headers["Sforce-Locator"])
    server.arm({"fault": "page_duplicated", "match": {"page": 2}})
    repeated = server.page(job_id, first.headers["Sforce-Locator"])
    assert repeated.text == first.text
    assert repeated.headers["Sforce-Locator"] == second.headers["Sforce-Locator"]


def test_a_page_without_its_header_row(server):
    job_id = server.complete_job(LEADS)
    server.arm({"fault": "header_missing", "match": {"page": 2}})
    first = server.page(job_id)
    assert first.text.startswith('"Id","LastName"\n')
    second = server.page(job_id, first.headers["Sforce-Locator"])
    assert second.text.startswith('"00Q')


def test_a_last_page_without_a_locator_or_with_an_empty_one(server):
    server.arm({"fault": "locator_missing"}, {"fault": "locator_empty"})
    assert "Sforce-Locator" not in _first_page(server).headers
    assert _first_page(server).headers["Sforce-Locator"] == ""
    assert _first_page(server).headers["Sforce-Locator"] != ""


def test_a_field_removed_between_discovery_and_sync(server):
    server.arm({"fault": "field_removed", "object": "Lead", "field": "LastName"})
    described = server.get("/sobjects/Lead/describe").json()
    assert "LastName" not in {field["name"] for field in described["fields"]}
    for answer in (server.post_job(LEADS), server.query(LEADS)):
        assert answer.status_code == 400
        assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    server.control("DELETE", "/faults")
    assert server.post_job(LEADS).status_code == 200


def test_rows_committed_late_are_not_seen_before(server):
    records = server.query("SELECT Id FROM Lead LIMIT 2").json()["records"]
    ids = [record["Id"] for record in records]
    server.arm({"fault": "rows_hidden", "object": "Lead", "ids": ids})
    assert len(server.rows(server.complete_job(LEADS))) == 2_343
    server.control("DELETE", "/faults")
    assert len(server.rows(server.complete_job(LEADS))) == 2_345


def test_a_fault_strikes_only_what_it_matches_and_only_as_often_as_armed(server):
    server.arm(
        {
            "fault": "status",
            "match": {"host": "instance", "method": "GET", "path": "*/jobs/query/*"},
            "after": 1,
            "count": 1,
        }
    )
    assert server.token().status_code == 200
    assert server.get("/limits").status_code == 200
    job_id = server.post_job(LEADS).json()["id"]
    codes = [server.get(f"/jobs/query/{job_id}").status_code for _ in range(3)]
    assert codes == [200, 503, 200]
    assert _strikes(server) == [1]


def test_a_fault_of_an_object_strikes_its_job_its_results_and_its_queries(server):
    job_id = server.complete_job(LEADS)
    server.arm({"fault": "status", "match": {"object": "lead"}, "count": None})
    answers = [
        server.page(job_id),
        server.post_job(LEADS),
        server.query(LEADS),
        server.get("/sobjects/Lead/describe"),
    ]
    assert [answer.status_code for answer in answers] == [503] * 4
    assert server.query("SELECT Id FROM User").status_code == 200


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, '"fault"'),
        (["status"], '"fault"'),
        ({"fault": "flood"}, "unknown fault 'flood'"),
        ({"fault": "status", "colour": 1}, "no key 'colour'"),
        ({"fault": "status", "status": "503"}, "'status' of status must be a int"),
        ({"fault": "status", "match": {"colour": 1}}, "cannot match on 'colour'"),
        ({"fault": "status", "match": []}, '"match" is an object'),
        ({"fault": "status", "count": -1}, "whole numbers"),
        ({"fault": "status", "after": True}, "whole numbers"),
        ({"fault": "clock_skew"}, "needs 'seconds'"),
    ],
)
def test_a_fault_that_is_not_understood_is_refused_and_nothing_is_armed(
    server, document, problem
):
    armed = {"fault": "reset"}
    listed = document if isinstance(document, list) else [document]
    answer = server.control("POST", "/faults", json=[armed, *listed])
    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    assert server.control("GET", "/faults").json() == []
    with pytest.raises(FaultError):
        FaultBoard(ALL_FAULTS).arm([armed, *listed])


def test_the_first_due_fault_strikes():
    board = FaultBoard(ALL_FAULTS)
    board.arm([{"fault": "slow", "after": 1}, {"fault": "cut"}])
    facts = Facts("instance", "GET", "/")
    taken = [board.take({"slow", "cut"}, facts) for _ in range(3)]
    assert [None if f is None else f.kind.name for f in taken] == ["cut", "slow", None]


def test_every_fault_is_told_of_in_the_readme():
    told = README.read_text(encoding="utf-8")
    missing = [
        name
        for kind in ALL_FAULTS
        for name in (kind.name, *kind.parameters)
        if f"`{name}`" not in told
    ]
    assert missing == []

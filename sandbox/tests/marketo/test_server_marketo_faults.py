"""Every fault strikes as often as it is told, and what it does."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
import requests

from bizops_sandbox.servers import marketo as marketo_package
from bizops_sandbox.servers.marketo.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.marketo.settings import Settings

README = Path(marketo_package.__file__).parent / "README.md"
USAGE = "/rest/v1/stats/usage.json"
JANUARY = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
LEADS = {"fields": ["id", "email"], "filter": {"updatedAt": JANUARY}}


@pytest.mark.parametrize("status", [502, 503, 429])
def test_a_status_with_and_without_the_time_to_wait(marketo, status):
    marketo.arm(
        {"fault": "status", "status": status, "retry_after": 7},
        {"fault": "status", "status": status, "body": "empty"},
    )
    first, second, third = (marketo.get(USAGE) for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (status, "7")
    assert first.text.startswith("<html>")
    assert (second.status_code, second.content) == (status, b"")
    assert "Retry-After" not in second.headers
    assert third.status_code == 200


@pytest.mark.parametrize(
    "code",
    ["601", "602", "603", "604", "606", "607", "608", "610", "611", "615", "713"],
)
def test_an_error_within_a_200_at_call_n(marketo, error_code, code):
    marketo.arm({"fault": "error", "code": code, "after": 1, "count": 2})
    assert marketo.read(USAGE)
    assert [error_code(marketo.get(USAGE)) for _ in range(2)] == [code, code]
    assert marketo.read(USAGE)


def test_an_error_on_one_endpoint_only(marketo):
    marketo.arm(
        {"fault": "error", "code": "603", "match": {"object": "leads"}, "count": None}
    )
    assert marketo.code("/rest/v1/leads/describe.json") == "603"
    assert marketo.read(USAGE)


def test_a_missing_result_and_broken_json(marketo):
    marketo.arm({"fault": "result_missing"})
    document = marketo.read(USAGE)
    assert "result" not in document
    marketo.arm({"fault": "invalid_json"})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        marketo.get(USAGE).json()


def test_all_tokens_expire_at_once(marketo, error_code):
    marketo.arm({"fault": "token_expired", "after": 1})
    assert marketo.read(USAGE)
    assert error_code(marketo.get(USAGE)) == "602"
    assert error_code(marketo.get(USAGE)) == "602"
    marketo.log_in()
    assert marketo.read(USAGE)


def test_a_token_expires_between_two_ranges(marketo):
    job_id = marketo.complete("leads", **LEADS)
    match = {"path": "*/file.json"}
    marketo.arm({"fault": "token_expired", "after": 1, "match": match})
    assert marketo.file("leads", job_id, Range="bytes=0-9").status_code == 206
    answer = marketo.file("leads", job_id, Range="bytes=10-19")
    assert answer.json()["errors"][0]["code"] == "602"
    marketo.log_in()
    assert marketo.file("leads", job_id, Range="bytes=10-19").status_code == 206


def test_reset_and_a_body_cut_with_and_without_its_length(marketo):
    marketo.arm({"fault": "reset"})
    with pytest.raises(requests.ConnectionError):
        marketo.get(USAGE)
    job_id = marketo.complete("leads", **LEADS)
    for chunked in (True, False):
        marketo.arm({"fault": "cut", "after_bytes": 30, "chunked": chunked})
        with pytest.raises(requests.RequestException):
            marketo.file("leads", job_id)
        last = marketo.control("GET", "/requests").json()[-1]
        assert (last["answer_bytes"], last["fault"]) == (30, "cut")
    assert marketo.file("leads", job_id).status_code == 200


def test_slow_answers_and_slow_bodies(marketo):
    marketo.arm({"fault": "slow", "seconds": 0.3})
    start = time.monotonic()
    assert marketo.read(USAGE)
    assert time.monotonic() - start >= 0.3
    whole = marketo.get("/rest/v1/activities/types.json").json()["result"]
    marketo.arm({"fault": "slow_body", "seconds": 0.02, "chunk_bytes": 500})
    assert marketo.get("/rest/v1/activities/types.json").json()["result"] == whole


def test_the_clock_may_be_wrong(marketo):
    marketo.arm({"fault": "clock_skew", "seconds": 86_400})
    assert marketo.get(USAGE).headers["Date"] == "Thu, 01 Feb 2018 23:59:59 GMT"


def test_calls_that_others_used_up(marketo, error_code):
    marketo.arm({"fault": "calls_used", "used": 49_999})
    assert marketo.read(USAGE)["result"][0]["total"] == 49_999
    marketo.control("DELETE", "/faults")
    marketo.arm({"fault": "calls_used", "used": 50_000})
    assert error_code(marketo.get(USAGE)) == "607"


def test_more_than_100_calls_in_20_seconds_are_606(marketo, error_code):
    marketo.set(rate_calls=3)
    assert all(marketo.get(USAGE).json()["success"] for _ in range(3))
    assert error_code(marketo.get(USAGE)) == "606"
    marketo.pass_time(21)
    assert marketo.read(USAGE)


def test_more_calls_at_once_than_allowed_are_615(marketo, error_code):
    marketo.set(concurrent_calls=2)
    marketo.arm({"fault": "slow", "seconds": 5.0, "count": 2})
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(marketo.get, USAGE) for _ in range(2)]
        deadline = time.monotonic() + 20
        while len(marketo.control("GET", "/requests").json()) < 2:
            assert time.monotonic() < deadline
        assert error_code(marketo.get(USAGE)) == "615"
        assert all(each.result().json()["success"] for each in slow)
    assert marketo.read(USAGE)


def _end(marketo, fault, **parameters):
    marketo.arm({"fault": fault, **parameters})
    job_id = marketo.queue("leads", **LEADS)
    marketo.pass_time(300)
    return job_id, marketo.status("leads", job_id)


def test_a_job_fails_with_a_reason(marketo):
    _, told = _end(marketo, "job_failed", error_message="out of luck")
    assert (told["status"], told["errorMsg"]) == ("Failed", "out of luck")
    _, told = _end(marketo, "job_cancelled")
    assert told["status"] == "Cancelled"
    assert marketo.complete("leads", **LEADS)


def test_a_stuck_job_keeps_its_slot_until_it_is_cancelled(marketo):
    job_id, told = _end(marketo, "job_stuck")
    assert told["status"] == "Processing"
    other = marketo.complete("leads", **LEADS)
    assert marketo.status("leads", other)["status"] == "Completed"
    assert marketo.control("GET").json()["jobs_queued"] == 1
    assert marketo.job("leads", "cancel", job_id).json()["success"] is True
    assert marketo.control("GET").json()["jobs_queued"] == 0


def test_a_completed_job_without_its_file(marketo):
    job_id, told = _end(marketo, "job_without_file")
    assert told["status"] == "Completed"
    assert marketo.file("leads", job_id).status_code == 404


def test_a_wrong_checksum(marketo):
    job_id, told = _end(marketo, "checksum_wrong")
    digest = hashlib.sha256(marketo.file("leads", job_id).content).hexdigest()
    assert told["fileChecksum"] != f"sha256:{digest}"


def test_rows_that_come_twice(marketo, parse_csv):
    job_id, _ = _end(marketo, "rows_duplicated", rows=2)
    rows = parse_csv(marketo.file("leads", job_id).content)
    assert rows[-2:] == rows[-4:-2]


def test_creating_answers_failed(marketo):
    marketo.arm({"fault": "create_failed"})
    told = marketo.create("leads", **LEADS).json()["result"][0]
    assert told["status"] == "Failed"


def test_the_queue_is_full_and_the_quota_spent_at_will(marketo, error_code):
    marketo.arm({"fault": "quota_at_create"})
    refused = marketo.create("leads", **LEADS)
    assert error_code(refused) == "1029"
    job_id = marketo.create("leads", **LEADS).json()["result"][0]["exportId"]
    for fault, word in (("queue_full", "queue"), ("quota_at_enqueue", "quota")):
        marketo.arm({"fault": fault})
        refused = marketo.job("leads", "enqueue", job_id)
        assert error_code(refused) == "1029"
        assert word in refused.json()["errors"][0]["message"]
    assert marketo.job("leads", "enqueue", job_id).json()["success"] is True


def test_a_range_is_ignored_and_json_comes_instead_of_csv(marketo):
    job_id = marketo.complete("leads", **LEADS)
    whole = marketo.file("leads", job_id).content
    marketo.arm({"fault": "range_ignored"})
    answer = marketo.file("leads", job_id, Range="bytes=0-9")
    assert (answer.status_code, answer.content) == (200, whole)
    marketo.arm({"fault": "json_instead_of_csv", "code": "611"})
    answer = marketo.file("leads", job_id, Range="bytes=0-9")
    assert answer.json()["errors"][0]["code"] == "611"


def test_pages_come_twice_empty_or_not_at_all(marketo, error_code):
    path = "/rest/v1/lists.json"
    first = marketo.read(path, batchSize=1)
    token = first["nextPageToken"]
    marketo.arm({"fault": "page_duplicated", "match": {"page": 2}})
    again = marketo.read(path, batchSize=1, nextPageToken=token)
    assert again["result"] == first["result"]
    assert again["nextPageToken"] != token
    marketo.arm({"fault": "page_token_expired"})
    assert marketo.code(path, batchSize=1, nextPageToken=token) == "1003"
    since = marketo.read(
        "/rest/v1/activities/pagingtoken.json", sinceDatetime="2018-01-01"
    )["nextPageToken"]
    marketo.arm({"fault": "page_empty"})
    wanted = {"activityTypeIds": "12", "nextPageToken": since}
    empty = marketo.read("/rest/v1/activities.json", **wanted)
    assert (empty["result"], empty["moreResult"]) == ([], True)
    wanted["nextPageToken"] = empty["nextPageToken"]
    assert marketo.read("/rest/v1/activities.json", **wanted)["result"]


def test_asset_pages_shift_while_paging(marketo):
    path = "/rest/asset/v1/emails.json"
    first = marketo.read(path, maxReturn=5)["result"]
    marketo.arm({"fault": "rows_shifted", "rows": 1, "match": {"page": 2}})
    second = marketo.read(path, maxReturn=5, offset=5)["result"]
    assert second[0] == first[-1]


def test_fields_come_go_and_change_their_type(marketo, error_code, parse_csv):
    marketo.arm(
        {"fault": "field_added", "field": "region", "value": "north"},
        {"fault": "field_removed", "object": "leads", "field": "industry"},
        {"fault": "field_retyped", "field": "leadScore", "data_type": "string"},
        {"fault": "field_removed", "object": "members", "field": "statusName"},
    )
    fields = {
        field["rest"]["name"]: field["dataType"]
        for field in marketo.read("/rest/v1/leads/describe.json")["result"]
        if "rest" in field
    }
    assert fields["region"] == "string"
    assert fields["leadScore"] == "string"
    assert "industry" not in fields
    gone = {**LEADS, "fields": ["id", "industry"]}
    assert error_code(marketo.create("leads", **gone)) == "1003"
    rows = marketo.rows("leads", **{**LEADS, "fields": ["id", "region"]})
    assert {row["region"] for row in rows} == {"north"}
    (members,) = marketo.read("/rest/v1/programs/members/describe.json")["result"]
    assert "statusName" not in {field["name"] for field in members["fields"]}
    marketo.control("DELETE", "/faults")
    assert marketo.create("leads", **gone).json()["success"] is True


def test_an_attribute_that_describe_does_not_know(marketo):
    marketo.arm({"fault": "attribute_added", "type_id": 12, "name": "Brand New"})
    body = {"filter": {"createdAt": JANUARY, "activityTypeIds": [12, 13]}}
    rows = marketo.rows("activities", **body)
    for row in rows:
        is_new = "Brand New" in json.loads(row["attributes"])
        assert is_new is (row["activityTypeId"] == "12")


def test_rows_visible_late_and_leads_changed_behind_the_stamp(marketo):
    rows = marketo.rows("leads", **LEADS)
    hidden = int(rows[0]["id"])
    marketo.arm({"fault": "rows_hidden", "object": "leads", "ids": [hidden]})
    assert rows[0] not in marketo.rows("leads", **LEADS)
    found = marketo.read("/rest/v1/leads.json", filterType="id", filterValues=hidden)
    assert found["result"] == []
    marketo.control("DELETE", "/faults")
    known = {row["id"] for row in rows}
    assert "100001" not in known
    marketo.arm({"fault": "leads_changed", "ids": [100_001]})
    assert {row["id"] for row in marketo.rows("leads", **LEADS)} == known | {"100001"}


def test_a_request_may_bring_its_own_fault(marketo):
    header = {"X-Sim-Fault": json.dumps({"fault": "status", "status": 502})}
    assert marketo.get(USAGE, headers=header).status_code == 502
    assert marketo.get(USAGE).status_code == 200
    job_id = marketo.complete("leads", **LEADS)
    header = {"X-Sim-Fault": '{"fault": "range_ignored"}', "Range": "bytes=0-9"}
    assert marketo.file("leads", job_id, **header).status_code == 200
    assert marketo.file("leads", job_id, Range="bytes=0-9").status_code == 206
    for wrong in ('{"fault": "x"}', "[", '{"fault": "clock_skew", "seconds": 1}'):
        answer = marketo.get(USAGE, headers={"X-Sim-Fault": wrong})
        assert answer.status_code == 400
        assert "x-sim-fault" in answer.json()["error"]


def test_an_unknown_fault_is_refused_with_the_known_ones(marketo):
    answer = marketo.control("POST", "/faults", json={"fault": "nonsense"})
    assert answer.status_code == 400
    assert "job_stuck" in answer.json()["error"]


def test_every_kind_of_fault_is_tested_and_described():
    others = Path(__file__).parent.glob("test_server_marketo_*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in others)
    for kind in FAULT_KINDS:
        assert f'"{kind.name}"' in text
        assert f"| `{kind.name}` |" in README.read_text(encoding="utf-8")


def test_every_setting_is_described():
    text = README.read_text(encoding="utf-8")
    for name in fields(Settings):
        assert f"`{name.name}`" in text

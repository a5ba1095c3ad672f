"""What can go wrong at the Zuora server, and how it looks."""

from __future__ import annotations

import csv
import io
import re
import time

import pytest
import requests

ACCOUNTS = "select Id, Name, UpdatedDate from Account"
DESCRIBE = "/v1/describe"


def file_of(zuora, query=ACCOUNTS):
    """Run a query and return the path of its file."""
    return f"/v1/files/{zuora.run(query)['batches'][0]['fileId']}"


def lines_of(answer):
    text = io.StringIO(answer.content.decode("utf-8"), newline="")
    return list(csv.reader(text))


def test_a_fault_strikes_as_often_as_it_says_and_is_journaled(zuora):
    zuora.arm({"fault": "status", "status": 502, "body": "html", "count": 2})
    statuses = [zuora.get(DESCRIBE).status_code for _ in range(3)]
    assert statuses == [502, 502, 200]
    entries = zuora.control("GET", "/requests").json()
    assert [entry["fault"] for entry in entries[-3:]] == ["status", "status", None]
    assert [entry["status"] for entry in entries[-3:]] == statuses


@pytest.mark.parametrize(
    ("fault", "status", "media_type", "text"),
    [
        ({"status": 500, "body": "text"}, 500, "text/plain", "something went wrong"),
        ({"status": 502, "body": "html", "message": "Bad"}, 502, "text/html", "Bad"),
        ({"status": 503}, 503, "application/json", '"success":false'),
        ({"status": 504, "body": "empty"}, 504, "", ""),
    ],
)
def test_errors_come_in_every_form_the_service_has(
    zuora, fault, status, media_type, text
):
    zuora.arm({"fault": "status", "retry_after": 7, **fault})
    answer = zuora.get(DESCRIBE)
    assert answer.status_code == status
    assert answer.headers.get("Content-Type", "").startswith(media_type)
    assert text in answer.text
    assert answer.headers["Retry-After"] == "7"


def test_a_reset_connection_has_no_answer(zuora):
    zuora.arm({"fault": "reset"})
    with pytest.raises(requests.ConnectionError):
        zuora.get(DESCRIBE)
    assert zuora.get(DESCRIBE).status_code == 200


def test_a_failure_may_come_with_http_200(zuora):
    zuora.arm({"fault": "failure_200", "message": "SystemError"})
    answer = zuora.get(DESCRIBE)
    assert answer.status_code == 200
    assert answer.json()["success"] is False


def test_the_rate_limit_tells_when_it_resets_or_does_not(zuora):
    zuora.arm(
        {"fault": "rate_limit", "reset_s": 3}, {"fault": "rate_limit", "reset_s": -1}
    )
    told, untold = zuora.get(DESCRIBE), zuora.get(DESCRIBE)
    assert told.status_code == untold.status_code == 429
    assert told.headers["ratelimit-remaining"] == "0"
    assert told.headers["ratelimit-reset"] == "3"
    assert "ratelimit-reset" not in untold.headers
    assert told.json()["reasons"][0]["code"] == 50000070


def test_requests_over_the_limit_of_a_minute_are_refused(zuora):
    zuora.set(requests_per_minute=1)
    answers = [zuora.get(DESCRIBE) for _ in range(3)]
    assert [answer.status_code for answer in answers][1:] == [429, 429]
    assert 0 < int(answers[-1].headers["ratelimit-reset"]) <= 60
    assert answers[-1].headers["ratelimit-limit"].startswith("2250000, 1;w=60,")


def test_used_up_requests_are_told(zuora):
    zuora.arm({"fault": "requests_used", "used": 2_249_000})
    remaining = int(zuora.get(DESCRIBE).headers["ratelimit-remaining"])
    assert 0 < remaining <= 1_000


def test_the_concurrency_limit_has_its_own_headers(zuora):
    answer = zuora.get(DESCRIBE)
    assert answer.headers["Concurrency-Limit-Limit"] == "40"
    assert answer.headers["Concurrency-Limit-Remaining"] == "39"
    zuora.arm({"fault": "concurrency_limit"})
    answer = zuora.get(DESCRIBE)
    assert answer.status_code == 429
    assert answer.headers["Concurrency-Limit-Remaining"] == "0"
    zuora.set(concurrent_requests=0)
    assert zuora.get(DESCRIBE).status_code == 429


def test_the_clock_is_the_days_end_and_can_be_skewed(zuora):
    date = "Wed, 31 Jan 2018 23:59:59 GMT"
    assert zuora.get(DESCRIBE).headers["Date"] == date
    zuora.arm({"fault": "clock_skew", "seconds": -3_600})
    assert zuora.get(DESCRIBE).headers["Date"] == "Wed, 31 Jan 2018 22:59:59 GMT"


def test_a_role_without_access_is_forbidden(zuora):
    zuora.arm({"fault": "forbidden", "match": {"path": "/v1/batch-query*"}})
    answer = zuora.post("/v1/batch-query/", {})
    assert answer.status_code == 403
    assert zuora.get(DESCRIBE).status_code == 200


def test_slow_answers_are_slow(zuora):
    zuora.arm({"fault": "slow", "seconds": 0.3})
    started_s = time.monotonic()
    assert zuora.get(DESCRIBE).status_code == 200
    assert time.monotonic() - started_s >= 0.3


@pytest.mark.parametrize("code", ["90028", "90010", "90022", "90008", "90006"])
def test_a_job_can_be_refused_with_any_code(zuora, code):
    zuora.arm({"fault": "job_refused", "error_code": code})
    answer = zuora.submit(ACCOUNTS)
    assert answer["errorCode"] == code
    assert "id" not in answer
    assert "id" in zuora.submit(ACCOUNTS)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("job_error", "error"),
        ("job_aborted", "aborted"),
        ("job_cancelled", "cancelled"),
    ],
)
def test_a_job_can_end_badly(zuora, fault, status):
    zuora.arm({"fault": fault})
    job = zuora.run(ACCOUNTS)
    assert job["status"] == status
    assert "fileId" not in job["batches"][0]
    assert job["batches"][0]["message"]


def test_a_job_can_hang_or_vanish(zuora):
    zuora.arm({"fault": "job_hang"})
    job = zuora.submit(ACCOUNTS)
    assert {zuora.poll(job["id"])["status"] for _ in range(5)} == {"executing"}
    zuora.arm({"fault": "job_vanished", "after_polls": 1})
    job = zuora.submit(ACCOUNTS)
    url = f"/v1/batch-query/jobs/{job['id']}"
    assert [zuora.get(url).status_code for _ in range(2)] == [200, 404]


def test_one_batch_can_fail_while_the_others_complete(zuora):
    zuora.arm({"fault": "batch_failed", "match": {"object": "Invoice"}})
    job = zuora.run(ACCOUNTS, "select Id from Invoice", "select Id from Payment")
    statuses = [batch["status"] for batch in job["batches"]]
    assert statuses == ["completed", "aborted", "completed"]
    assert job["batches"][1]["errorCode"] == "90027"
    assert zuora.download(job["batches"][2]["fileId"])


def test_a_batch_can_fail_for_long_spans_only(zuora):
    zuora.arm({"fault": "batch_failed", "unless_days": 90, "count": None})
    window = "{} where UpdatedDate >= '{}T00:00:00Z' and UpdatedDate < '{}T00:00:00Z'"
    long = window.format(ACCOUNTS, "2017-01-01", "2018-01-01")
    short = window.format(ACCOUNTS, "2017-01-01", "2017-02-01")
    assert zuora.run(long)["status"] == "error"
    assert zuora.run(short)["status"] == "completed"


def test_a_batch_can_be_missing_or_count_wrongly(zuora):
    zuora.arm(
        {"fault": "batch_missing", "match": {"object": "Invoice"}},
        {"fault": "record_count_off", "by": 2, "match": {"object": "Account"}},
    )
    job = zuora.run(ACCOUNTS, "select Id from Invoice")
    assert len(job["batches"]) == 1
    assert job["batches"][0]["recordCount"] == zuora.count("Account") + 2


def test_a_download_cut_in_the_middle_is_short(zuora):
    zuora.set(compresses=False)
    path = file_of(zuora)
    whole = zuora.get(path).content
    for chunked in (True, False):
        zuora.arm({"fault": "cut", "after_bytes": 500, "chunked": chunked})
        with pytest.raises(
            (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)
        ):
            zuora.get(path)
    assert zuora.get(path).content == whole


def test_every_second_download_has_no_content_length(zuora):
    zuora.set(compresses=False)
    path = file_of(zuora)
    lengths = ["Content-Length" in zuora.get(path).headers for _ in range(4)]
    assert sorted(lengths) == [False, False, True, True]


def test_files_are_purged_after_three_days(zuora):
    zuora.move("2018-01-20")
    path = file_of(zuora)
    zuora.move("2018-01-23")
    assert zuora.get(path).status_code == 200
    zuora.move("2018-01-24")
    assert zuora.get(path).status_code == 404


def test_refused_downloads_tell_why(zuora):
    path = file_of(zuora)
    zuora.arm({"fault": "file_gone"})
    assert zuora.get(path).status_code == 404
    zuora.arm({"fault": "file_oversize"})
    answer = zuora.get(path)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert "max-object-size" in answer.text
    zuora.arm({"fault": "file_forbidden"})
    answer = zuora.get(path)
    assert answer.status_code == 403
    assert "DataSource Exports Reporting" in answer.json()["reasons"][0]["message"]
    assert zuora.get(path).status_code == 200


def test_rows_can_be_missing_double_or_ragged(zuora):
    path = file_of(zuora)
    whole = lines_of(zuora.get(path))
    zuora.arm({"fault": "rows_missing", "rows": 2})
    assert lines_of(zuora.get(path)) == whole[:-2]
    zuora.arm({"fault": "rows_duplicated", "rows": 2})
    assert lines_of(zuora.get(path)) == [*whole[:3], *whole[1:]]
    zuora.arm({"fault": "ragged_row", "row": 3})
    ragged = lines_of(zuora.get(path))
    assert [len(line) for line in ragged[:5]] == [3, 3, 3, 2, 3]
    assert lines_of(zuora.get(path)) == whole


def test_cells_can_be_tricky(zuora):
    path = file_of(zuora)
    whole = lines_of(zuora.get(path))
    zuora.arm({"fault": "tricky_cell"})
    tricky = lines_of(zuora.get(path))
    assert tricky[1][1] == 'He said "yes, please",\nand left; done'
    assert tricky[2:] == whole[2:]
    zuora.arm({"fault": "nul_bytes"})
    assert b"\0" in zuora.get(path).content
    zuora.arm({"fault": "byte_order_mark"})
    assert zuora.get(path).content.startswith(b"\xef\xbb\xbfAccount.Id")
    zuora.arm({"fault": "header_case"})
    assert lines_of(zuora.get(path))[0] == [cell.lower() for cell in whole[0]]


@pytest.mark.parametrize(
    ("fault", "form"),
    [
        ("fractional_seconds", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123\+0000"),
        ("spaced_datetimes", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000"),
    ],
)
def test_date_times_can_be_written_otherwise(zuora, fault, form):
    path = file_of(zuora)
    zuora.arm({"fault": fault})
    rows = lines_of(zuora.get(path))[1:]
    assert rows
    assert all(re.fullmatch(form, row[2]) for row in rows)


def test_rows_not_committed_yet_appear_later_with_their_old_stamp(zuora):
    late = zuora.rows(f"{ACCOUNTS} order by Id limit 1")[0]
    zuora.arm(
        {"fault": "rows_hidden", "object": "Account", "ids": [late["Account.Id"]]}
    )
    assert late not in zuora.rows(ACCOUNTS)
    zuora.control("DELETE", "/faults")
    assert late in zuora.rows(ACCOUNTS)


def test_an_object_can_be_taken_away(zuora):
    zuora.arm({"fault": "object_removed", "object": "Refund"})
    assert "<name>Refund</name>" not in zuora.get(DESCRIBE).text
    assert zuora.submit("select Id from Refund")["errorCode"] == "90005"


def test_cancelling_can_fail(zuora):
    zuora.set(job_polls=1)
    job = zuora.submit(ACCOUNTS)
    zuora.arm({"fault": "delete_fails"})
    url = f"{zuora.base_url}/v1/batch-query/jobs/{job['id']}"
    assert zuora.client.delete(url).status_code == 500
    assert zuora.client.delete(url).json()["status"] == "cancelled"

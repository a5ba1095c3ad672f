"""Batch queries (AQuA) of the Zuora server: jobs, what is refused, what is read."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from datetime import datetime

import pytest

ACCOUNTS = "select Id, Name, UpdatedDate from Account"


def query(text, name="q", **more):
    return {"name": name, "query": text, "type": "zoqlexport", **more}


def test_an_accepted_job_looks_as_recorded(zuora):
    job = zuora.submit("SELECT Id FROM Subscription WHERE id='123'", name="testJob")
    assert {"encrypted", "batches", "status", "name", "id", "version", "format"} <= set(
        job
    )
    assert (job["status"], job["format"], job["version"]) == (
        "submitted",
        "CSV",
        "1.0",
    )
    assert job["useLastCompletedJobQueries"] is False
    (batch,) = job["batches"]
    recorded = {
        "localizedStatus": "pending",
        "recordCount": 0,
        "batchType": "zoqlexport",
        "apiVersion": "91.0",
        "full": True,
        "status": "pending",
        "name": "q0",
        "query": "SELECT Id FROM Subscription WHERE id='123'",
    }
    assert {key: batch[key] for key in recorded} == recorded
    assert len(batch["batchId"]) == len(job["id"]) == 32


def test_a_job_passes_through_its_statuses(zuora):
    zuora.set(job_polls=1)
    job = zuora.submit(ACCOUNTS)
    seen = [zuora.poll(job["id"])["status"] for _ in range(4)]
    assert seen == ["pending", "executing", "completed", "completed"]


def test_a_filter_without_an_index_takes_longer(zuora):
    zuora.set(job_polls=1, slow_filter_factor=3)
    job = zuora.submit("select Id from Account where Balance > 0")
    seen = [zuora.poll(job["id"])["status"] for _ in range(5)]
    assert seen == ["pending", *["executing"] * 3, "completed"]


def test_a_completed_batch_names_its_file_and_counts_its_rows(zuora):
    (batch,) = zuora.run(ACCOUNTS)["batches"]
    assert batch["status"] == "completed"
    rows = zuora.download(batch["fileId"])
    assert len(rows) == batch["recordCount"] == zuora.count("Account")
    assert list(rows[0]) == ["Account.Id", "Account.Name", "Account.UpdatedDate"]
    datetime.strptime(rows[0]["Account.UpdatedDate"], "%Y-%m-%dT%H:%M:%S%z")


def test_rows_come_in_no_order_unless_one_is_asked_for(zuora):
    ids = [row["Account.Id"] for row in zuora.rows(ACCOUNTS)]
    assert ids != sorted(ids)
    ordered = zuora.rows(f"{ACCOUNTS} order by Id")
    assert [row["Account.Id"] for row in ordered] == sorted(ids)
    downward = zuora.rows(f"{ACCOUNTS} order by UpdatedDate desc limit 5")
    stamps = [row["Account.UpdatedDate"] for row in downward]
    assert stamps == sorted(stamps, reverse=True)
    assert len(stamps) == 5


def test_paging_by_id_reads_everything_once(zuora):
    seen, last = [], ""
    while True:
        rows = zuora.rows(
            f"select Id from RatePlanCharge where Id > '{last}' order by Id limit 50"
        )
        seen += [row["RatePlanCharge.Id"] for row in rows]
        if len(rows) < 50:
            break
        last = seen[-1]
    assert len(seen) == len(set(seen)) == zuora.count("RatePlanCharge")


def test_windows_are_inclusive_low_and_exclusive_high(zuora):
    stamps = [row["Account.UpdatedDate"] for row in zuora.rows(ACCOUNTS)]
    middle = sorted(stamps)[len(stamps) // 2][:19] + "+00:00"
    low = zuora.rows(f"{ACCOUNTS} where UpdatedDate < '{middle}'")
    high = zuora.rows(f"{ACCOUNTS} where UpdatedDate >= '{middle}'")
    assert len(low) + len(high) == len(stamps)
    assert low
    assert middle[:19] in {row["Account.UpdatedDate"][:19] for row in high}


def test_offsets_of_literals_are_heeded(zuora):
    utc = zuora.rows(f"{ACCOUNTS} where UpdatedDate >= '2017-06-30T12:00:00Z'")
    same = zuora.rows(f"{ACCOUNTS} where UpdatedDate >= '2017-06-30T22:00:00+10:00'")
    assert sorted(map(str, utc)) == sorted(map(str, same))


def test_a_literal_without_offset_is_read_in_the_tenants_zone(zuora):
    naked = f"{ACCOUNTS} where UpdatedDate >= '2017-06-30T12:00:00'"
    pacific = f"{ACCOUNTS} where UpdatedDate >= '2017-06-30T12:00:00-07:00'"
    utc = f"{ACCOUNTS} where UpdatedDate >= '2017-06-30T12:00:00Z'"
    assert len(zuora.rows(naked)) == len(zuora.rows(pacific))
    zuora.set(naked_literals="utc")
    assert len(zuora.rows(naked)) == len(zuora.rows(utc))


def test_a_literal_with_a_space_drops_its_condition_without_a_word(zuora):
    spaced = f"{ACCOUNTS} where UpdatedDate >= '2018-01-31 00:00:00'"
    assert len(zuora.rows(spaced)) == zuora.count("Account")
    zuora.set(spaced_literals="tenant")
    assert len(zuora.rows(spaced)) < zuora.count("Account")
    zuora.set(spaced_literals="refused")
    assert zuora.submit(spaced)["errorCode"] == "90005"


def test_related_objects_are_reached_by_their_name(zuora):
    rows = zuora.rows("select Id, Account.Id, Account.Name from Subscription")
    header = {"Subscription.Id", "Account.Id", "Account.Name"}
    assert set(rows[0]) == header
    names = {
        row["Account.Id"]: row["Account.Name"]
        for row in zuora.rows("select Id, Name from Account")
    }
    assert all(names[row["Account.Id"]] == row["Account.Name"] for row in rows)


def test_without_query_labels_headers_are_for_people(zuora):
    job = zuora.run("select AccountNumber from Account", useQueryLabels="false")
    (row, *_) = zuora.download(job["batches"][0]["fileId"])
    assert list(row) == ["Account: Account Number"]


def test_names_are_understood_in_any_case_and_headers_are_the_tenants(zuora):
    (row, *_) = zuora.rows("SELECT id, ACCOUNT.id FROM subscription LIMIT 1")
    assert list(row) == ["Subscription.Id", "Account.Id"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select Id, Nothing from Account", "There is no field named Nothing"),
        ("select Id from Unicorn", "data source could not be found: Unicorn"),
        ("select Unicorn.Id from Account", "could not be found: Unicorn"),
        ("select PasswordExpires from Account", "no field named PasswordExpires"),
        ("select Id from Account where", "unexpected token"),
        ("select Id from Account group by Id", "unexpected token"),
        ("select count(*) from Account", "unexpected token"),
        ("select Id from Account where Balance > 'x'", "no valid value"),
        ("select Id from Account where UpdatedDate > 'soon'", "no valid value"),
        ("delete from Account", "unexpected token"),
        ("", "unexpected token"),
        ("select SubscriptionStatusHistory.Id from Subscription", "not be found"),
        (
            "select Id from Account where UpdatedDate > TIMESTAMP '2018-01-01'",
            "unexpected token",
        ),
    ],
)
def test_a_wrong_query_is_refused_with_http_200_and_no_id(zuora, text, problem):
    answer = zuora.submit(text)
    assert "id" not in answer
    assert answer["status"] == "error"
    assert answer["errorCode"] == "90005"
    assert "There is a syntax error in one of the queries" in answer["message"]
    assert problem in answer["message"]
    assert answer["batches"][0]["query"] == text


def test_one_wrong_query_refuses_the_whole_job(zuora):
    answer = zuora.submit(ACCOUNTS, "select Nothing from Account")
    assert answer["errorCode"] == "90005"
    assert len(answer["batches"]) == 2


def test_at_most_fifty_queries_and_at_least_one(zuora):
    assert "id" in zuora.submit(*[ACCOUNTS] * 50)
    assert zuora.submit(*[ACCOUNTS] * 51)["errorCode"] == "90004"
    assert zuora.submit()["errorCode"] == "90016"


def test_a_long_name_and_a_foreign_format_are_refused(zuora):
    url = "/v1/batch-query/"
    queries = [query(ACCOUNTS)]
    answer = zuora.post(url, {"name": "n" * 33, "queries": queries})
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    answer = zuora.post(url, {"format": "json", "queries": queries})
    assert answer.json()["code"] == 50000090
    assert zuora.post(url, [1]).json()["success"] is False


def test_deleted_rows_need_to_be_forced_in_stateless_jobs(zuora, deleted_column):
    plain = {"column": "Deleted", "format": "Boolean"}
    assert zuora.submit(query(ACCOUNTS, deleted=plain))["errorCode"] == "90012"
    rows = zuora.rows(ACCOUNTS, deleted=deleted_column)
    assert list(rows[0])[-1] == "Deleted"
    assert {row["Deleted"] for row in rows} == {"false"}
    zuora.set(forced_deletes="refused")
    refused = zuora.submit(query(ACCOUNTS, deleted=deleted_column))
    assert refused["errorCode"] == "90012"


def test_deleted_rows_come_marked_and_only_when_asked_for(zuora, deleted_column):
    gone = zuora.rows(f"{ACCOUNTS} order by Id limit 1")[0]["Account.Id"]
    zuora.arm({"fault": "rows_deleted", "object": "Account", "ids": [gone]})
    assert gone not in {row["Account.Id"] for row in zuora.rows(ACCOUNTS)}
    rows = zuora.rows(ACCOUNTS, deleted=deleted_column)
    marked = [row for row in rows if row["Deleted"] == "true"]
    assert [row["Account.Id"] for row in marked] == [gone]
    assert marked[0]["Account.UpdatedDate"].startswith("2018-01-31T23:59:59")
    numeric = {**deleted_column, "format": "Numeric", "column": "IsGone"}
    rows = zuora.rows(ACCOUNTS, deleted=numeric)
    assert {row["IsGone"] for row in rows} == {"0", "1"}


@pytest.mark.parametrize("name", ["AccountingCode", "AccountingPeriod"])
def test_some_objects_refuse_the_deleted_section(zuora, deleted_column, name):
    asked = query(f"select Id from {name}", deleted=deleted_column)
    assert zuora.submit(asked)["errorCode"] == "90017"
    assert zuora.rows(f"select Id from {name}")


def test_a_job_reads_one_snapshot(zuora):
    job = zuora.submit(ACCOUNTS, "select Id from Subscription")
    counts = [zuora.count("Account"), zuora.count("Subscription")]
    zuora.move("2017-03-31")
    batches = zuora.finish(job["id"])["batches"]
    assert [batch["recordCount"] for batch in batches] == counts


def test_a_cancelled_job_stays_cancelled_and_an_ended_one_cannot_be(zuora):
    zuora.set(job_polls=1)
    job = zuora.submit(ACCOUNTS)
    url = f"{zuora.base_url}/v1/batch-query/jobs/{job['id']}"
    assert zuora.client.delete(url).json()["status"] == "cancelled"
    assert zuora.poll(job["id"])["status"] == "cancelled"
    assert zuora.client.delete(url).json()["errorCode"] == "90003"
    missing = zuora.get("/v1/batch-query/jobs/none")
    assert missing.status_code == 404
    assert missing.json()["errorCode"] == "90002"


def test_double_slashes_in_a_path_are_one(zuora):
    job = zuora.run(ACCOUNTS)
    answer = zuora.get(f"/v1/batch-query//jobs/{job['id']}")
    assert answer.json()["status"] == "completed"


def test_too_many_unfinished_jobs_are_refused_until_one_ends(zuora):
    running = zuora.control("GET").json()["batch_jobs_running"]["stateless"]
    zuora.set(job_polls=1, batch_jobs=running + 2)
    first = zuora.submit(ACCOUNTS)
    second = zuora.submit(ACCOUNTS)
    assert zuora.submit(ACCOUNTS)["errorCode"] == "90028"
    zuora.finish(first["id"])
    zuora.finish(second["id"])
    assert "id" in zuora.submit(ACCOUNTS)


def test_gzip_and_zip_files_hold_the_same_text(zuora):
    text = zuora.rows(f"{ACCOUNTS} order by Id")
    for packing in ("gzip", "zip"):
        job = zuora.run(f"{ACCOUNTS} order by Id", format=packing)
        body = zuora.get(f"/v1/file/{job['batches'][0]['fileId']}").content
        if packing == "gzip":
            content = gzip.decompress(body)
        else:
            content = zipfile.ZipFile(io.BytesIO(body)).read("result.csv")
        read = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        assert read == text


def test_long_answers_are_compressed_for_who_accepts_it(zuora):
    path = f"/v1/files/{zuora.run(ACCOUNTS)['batches'][0]['fileId']}"
    plain = zuora.get(path, headers={"Accept-Encoding": "identity"})
    packed = zuora.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    zuora.set(compresses=False)
    again = zuora.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in again.headers


def test_null_cells_are_empty_or_what_was_asked_for(zuora):
    text = "select Id, PurchaseOrderNumber from Account"
    assert {row["Account.PurchaseOrderNumber"] for row in zuora.rows(text)} == {""}
    job = zuora.run(text, nullReplacement="NULL")
    rows = zuora.download(job["batches"][0]["fileId"])
    assert {row["Account.PurchaseOrderNumber"] for row in rows} == {"NULL"}


def test_date_times_are_in_the_tenants_zone_unless_utc_is_asked_for(zuora):
    job = zuora.run(f"{ACCOUNTS} order by Id", dateTimeUtc="false")
    local = zuora.download(job["batches"][0]["fileId"])
    utc = zuora.rows(f"{ACCOUNTS} order by Id")
    for here, there in zip(local, utc, strict=True):
        cells = here["Account.UpdatedDate"], there["Account.UpdatedDate"]
        assert cells[0][-5:] in {"-0700", "-0800"}
        assert cells[1].endswith("+0000")
        read = [datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S%z") for cell in cells]
        assert read[0] == read[1]


@pytest.mark.parametrize(
    ("paths", "answering"), [("v1", "/v1"), ("apps", "/v1/apps/api")]
)
def test_some_data_centres_have_one_of_the_two_paths(zuora, paths, answering):
    zuora.set(batch_paths=paths)
    document = {"queries": [query(ACCOUNTS)]}
    statuses = {
        prefix: zuora.post(f"{prefix}/batch-query/", document).status_code
        for prefix in ("/v1", "/v1/apps/api")
    }
    assert statuses[answering] == 200
    assert sorted(statuses.values()) == [200, 404]


def test_an_object_without_permission_vanishes_from_the_job_or_fails(zuora):
    zuora.arm({"fault": "object_forbidden", "object": "Invoice"})
    queries = [query(ACCOUNTS, "a"), query("select Id from Invoice", "i")]
    job = zuora.run(*queries)
    assert job["status"] == "completed"
    assert [batch["name"] for batch in job["batches"]] == ["a"]
    zuora.set(forbidden_batches="error")
    job = zuora.run(*queries)
    by_name = {batch["name"]: batch for batch in job["batches"]}
    assert by_name["i"]["errorCode"] == "90018"
    assert by_name["a"]["status"] == "completed"

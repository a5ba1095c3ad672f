"""`action/query` and Data Query of the Zuora server."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

import pytest

ZOQL = "select Id, Name, AccountId, CancelledDate, UpdatedDate from Subscription"


def ask(zuora, text, **conf):
    document = {"queryString": text}
    if conf:
        document["conf"] = conf
    return zuora.post("/v1/action/query", document)


def test_records_have_no_empty_fields_and_always_an_id(zuora):
    document = ask(zuora, "select Name, CancelledDate from Subscription").json()
    assert document["done"] is True
    assert document["size"] == len(document["records"]) == zuora.count("Subscription")
    for record in document["records"]:
        assert None not in record.values()
        assert record["Id"]
    assert any("CancelledDate" in record for record in document["records"])
    assert any("CancelledDate" not in record for record in document["records"])


def test_a_long_answer_is_read_page_by_page(zuora):
    page = ask(zuora, ZOQL, batchSize=50).json()
    total, ids = page["size"], [record["Id"] for record in page["records"]]
    assert page["done"] is False
    assert page["queryLocator"].endswith("-50")
    while not page["done"]:
        locator = {"queryLocator": page["queryLocator"]}
        page = zuora.post("/v1/action/queryMore", locator).json()
        ids += [record["Id"] for record in page["records"]]
        assert page["size"] == total
    assert "queryLocator" not in page
    assert len(ids) == len(set(ids)) == total == zuora.count("Subscription")


def test_a_page_is_never_larger_than_the_service_allows(zuora):
    zuora.set(query_rows=20)
    assert len(ask(zuora, ZOQL, batchSize=1_000).json()["records"]) == 20


def test_a_locator_dies_after_fifteen_minutes(zuora):
    zuora.move("2018-01-30")
    locator = {"queryLocator": ask(zuora, ZOQL, batchSize=5).json()["queryLocator"]}
    assert zuora.post("/v1/action/queryMore", locator).status_code == 200
    zuora.move("2018-01-31")
    answer = zuora.post("/v1/action/queryMore", locator)
    assert answer.status_code == 400
    assert answer.json()["FaultCode"] == "INVALID_QUERY_LOCATOR"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select Id, Nothing from Account", "INVALID_FIELD"),
        ("select Account.Id from Subscription", "INVALID_FIELD"),
        ("select Id from Unicorn", "INVALID_TYPE"),
        ("SELECT Id FROM Account", "MALFORMED_QUERY"),
        ("select * from Account", "MALFORMED_QUERY"),
        ("select Id from Account order by Id", "MALFORMED_QUERY"),
        ("select Id from Account limit 1", "MALFORMED_QUERY"),
        ("select Id from Account where Balance > 'much'", "INVALID_VALUE"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_what_zoql_does_not_have_is_a_fault(zuora, text, code):
    answer = ask(zuora, text)
    assert answer.status_code == 400
    document = answer.json()
    assert document["FaultCode"] == code
    assert document["FaultMessage"]


def test_an_unknown_field_is_named_as_recorded(zuora):
    message = ask(zuora, "select accountid1 from Invoice").json()["FaultMessage"]
    assert message == "invalid field for query: Invoice.accountid1"


def test_conditions_combine(zuora):
    cancelled = ask(zuora, "select Id from Subscription where Status = 'Cancelled'")
    expired = ask(zuora, "select Id from Subscription where Status = 'Expired'")
    both = ask(
        zuora,
        "select Id from Subscription where Status = 'Cancelled' or Status = 'Expired'",
    )
    neither = ask(
        zuora,
        "select Id from Subscription where Status != 'Cancelled' and "
        "Status != 'Expired'",
    )
    sizes = [answer.json()["size"] for answer in (cancelled, expired, both, neither)]
    assert sizes[0]
    assert sizes[0] + sizes[1] == sizes[2]
    assert sizes[2] + sizes[3] == zuora.count("Subscription")


def test_fields_out_of_the_export_context_can_be_asked_for(zuora):
    assert ask(zuora, "select Id, PasswordExpires from Account").status_code == 200


def test_a_data_query_goes_through_its_statuses(zuora):
    zuora.set(job_polls=1)
    document = {
        "query": "select id from account",
        "outputFormat": "CSV",
        "compression": "NONE",
        "output": {"target": "S3"},
    }
    job = zuora.post("/query/jobs", document).json()["data"]
    documented = {
        "id",
        "query",
        "useIndexJoin",
        "sourceData",
        "queryStatus",
        "remainingRetries",
        "retries",
        "updatedOn",
        "createdOn",
        "createdBy",
        "createdByUserEmail",
    }
    assert set(job) == documented
    path = f"/query/jobs/{job['id']}"
    seen = [zuora.get(path).json()["data"]["queryStatus"] for _ in range(3)]
    assert [job["queryStatus"], *seen] == [
        "accepted",
        "accepted",
        "in_progress",
        "completed",
    ]
    listed = zuora.get("/query/jobs", params={"queryStatus": "completed"}).json()
    assert listed["data"][0]["id"] == job["id"]


def test_both_query_languages_read_the_same_rows(zuora):
    sql = zuora.data_rows(
        "select id, accountid, status, at_timezone(updateddate, 'UTC') as updateddate "
        "from subscription order by id"
    )
    zoql = zuora.rows(
        "select Id, Account.Id, Status, UpdatedDate from Subscription order by Id"
    )
    assert len(sql) == len(zoql)
    for ours, theirs in zip(sql, zoql, strict=True):
        assert ours["id"] == theirs["Subscription.Id"]
        assert ours["accountid"] == theirs["Account.Id"]
        assert ours["status"] == theirs["Subscription.Status"]
        assert datetime.fromisoformat(ours["updateddate"]) == datetime.strptime(
            theirs["Subscription.UpdatedDate"], "%Y-%m-%dT%H:%M:%S%z"
        )


def test_timestamps_are_in_the_tenants_zone(zuora):
    rows = zuora.data_rows("select updateddate from account")
    assert all(row["updateddate"][-6:] in {"-07:00", "-08:00"} for row in rows)


def test_typed_literals_filter(zuora):
    text = "select id from account where updateddate {} TIMESTAMP '{}'"
    low = zuora.data_rows(text.format("<", "2017-06-30 12:00:00.000 +00:00"))
    high = zuora.data_rows(text.format(">=", "2017-06-30 05:00:00.000"))
    assert low
    assert high
    assert len(low) + len(high) == zuora.count("Account")


def test_tables_and_columns_can_be_listed(zuora):
    tables = {row["Table"] for row in zuora.data_rows("SHOW TABLES")}
    assert {"account", "orders", "rateplancharge"} <= tables
    assert "order" not in tables
    columns = {
        row["Column"]: row["Type"] for row in zuora.data_rows("DESCRIBE subscription")
    }
    assert columns["updateddate"] == "timestamp with time zone"
    assert columns["deleted"] == "boolean"
    assert columns["accountid"] == "varchar"
    assert zuora.data_rows("select count(*) from orders")[0]["_col0"] == str(
        zuora.count("Order")
    )


def test_deleted_rows_are_read_by_flag_or_by_column(zuora):
    gone = zuora.data_rows("select id from account order by id limit 1")[0]["id"]
    zuora.arm({"fault": "rows_deleted", "object": "Account", "ids": [gone]})
    total = zuora.count("Account")
    assert len(zuora.data_rows("select id from account")) == total - 1
    only = zuora.data_rows("select id from account", readDeleted=True)
    assert [row["id"] for row in only] == [gone]
    both = zuora.data_rows("select id, deleted from account")
    assert len(both) == total
    assert [row["id"] for row in both if row["deleted"] == "true"] == [gone]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select nothing from account", "Column 'nothing' cannot be resolved"),
        ("select id from unicorn", "does not exist"),
        ("selekt id from account", "unexpected token"),
        ("select id from account where updateddate > TIMESTAMP 'soon'", "no valid"),
    ],
)
def test_a_wrong_data_query_fails_as_a_job(zuora, text, problem):
    job = zuora.data_query(text)
    assert job["queryStatus"] == "failed"
    assert problem in job["errorMessage"]
    assert "dataFile" not in job


def test_results_lie_at_an_address_that_wants_no_token(zuora):
    job = zuora.data_query("select id from account", compression="GZIP")
    signed = zuora.client.get(job["dataFile"])
    assert signed.status_code == 400
    assert "InvalidArgument" in signed.text
    answer = zuora.anonymous.get(job["dataFile"])
    assert gzip.decompress(answer.content).startswith(b"id\n")
    again = zuora.get(f"/query/jobs/{job['id']}").json()["data"]
    assert again["dataFile"] != job["dataFile"]


def test_a_link_expires_and_the_job_gives_a_fresh_one(zuora):
    zuora.set(data_file_s=0)
    job = zuora.data_query("select id from account")
    stale = zuora.anonymous.get(job["dataFile"])
    assert stale.status_code == 403
    assert "expired" in stale.text
    zuora.set(data_file_s=3_600)
    fresh = zuora.get(f"/query/jobs/{job['id']}").json()["data"]["dataFile"]
    assert zuora.anonymous.get(fresh).status_code == 200


def test_rows_can_come_as_json_lines_and_tabs(zuora):
    job = zuora.data_query("select id, balance from account", outputFormat="JSON")
    lines = zuora.anonymous.get(job["dataFile"]).text.splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) == zuora.count("Account")
    assert isinstance(records[0]["balance"], (int, float))
    job = zuora.data_query("select id, balance from account", outputFormat="TSV")
    text = zuora.anonymous.get(job["dataFile"]).text
    assert text.startswith("id\tbalance\n")


def test_a_live_query_has_a_limit_of_rows_a_warehouse_query_none(zuora):
    zuora.set(output_rows=10)
    job = zuora.data_query("select id from account")
    assert job["queryStatus"] == "failed"
    assert "maximum number of output rows" in job["errorMessage"]
    assert zuora.data_rows("select id from account", sourceData="WAREHOUSE")


def test_a_data_query_needs_json_and_its_parameters(zuora):
    url = f"{zuora.base_url}/query/jobs"
    assert zuora.client.post(url, data="{}").status_code == 415
    answer = zuora.post("/query/jobs", {"query": "select id from account"})
    assert answer.status_code == 400
    assert "outputFormat" in answer.json()["message"]
    assert zuora.get("/query/jobs/none").status_code == 404


def test_data_queries_fail_hang_and_queue_by_fault(zuora):
    zuora.arm({"fault": "data_query_failed", "unless_days": 30, "count": 2})
    window = (
        "select id from account where updateddate >= TIMESTAMP '{}' "
        "and updateddate < TIMESTAMP '{}'"
    )
    long = zuora.data_query(window.format("2017-01-01 00:00:00", "2018-01-01 00:00:00"))
    assert long["queryStatus"] == "failed"
    short = window.format("2017-01-01 00:00:00", "2017-01-08 00:00:00")
    assert zuora.data_query(short)["queryStatus"] == "completed"
    zuora.arm({"fault": "data_query_limit"})
    document = {
        "query": "select id from account",
        "outputFormat": "CSV",
        "compression": "NONE",
        "output": {"target": "S3"},
    }
    assert zuora.post("/query/jobs", document).status_code == 429
    zuora.arm({"fault": "data_query_hang"})
    job = zuora.post("/query/jobs", document).json()["data"]
    path = f"/query/jobs/{job['id']}"
    seen = {zuora.get(path).json()["data"]["queryStatus"] for _ in range(4)}
    assert seen == {"in_progress"}
    cancelled = zuora.client.delete(f"{zuora.base_url}{path}").json()["data"]
    assert cancelled["queryStatus"] == "cancelled"

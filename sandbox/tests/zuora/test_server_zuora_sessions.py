"""Stateful batch queries of the Zuora server: sessions that remember their last run."""

from __future__ import annotations

PARTNER = {"partner": "sandbox-partner", "project": "test", "version": "1.1"}
INVOICES = {
    "name": "Invoice",
    "query": "select Id, UpdatedDate from Invoice",
    "type": "zoqlexport",
}


def session(project):
    return {**PARTNER, "project": project}


def test_the_first_run_is_full_and_the_next_brings_what_changed(zuora):
    zuora.move("2017-10-31")
    first = zuora.run(INVOICES, **session("one"))["batches"][0]
    assert first["full"] is True
    assert first["recordCount"] == zuora.count("Invoice")
    zuora.move("2017-11-30")
    second = zuora.run(INVOICES, **session("one"))["batches"][0]
    assert second["full"] is False
    rows = zuora.download(second["fileId"])
    assert 0 < len(rows) < zuora.count("Invoice")
    assert min(row["Invoice.UpdatedDate"] for row in rows) >= "2017-10-31T23:59:59"


def test_sessions_are_apart_by_project(zuora):
    zuora.run(INVOICES, **session("two"))
    other = zuora.run(INVOICES, **session("three"))["batches"][0]
    assert other["full"] is True


def test_a_failed_run_does_not_move_the_session(zuora):
    zuora.arm({"fault": "batch_failed", "match": {"object": "Invoice"}})
    assert zuora.run(INVOICES, **session("four"))["status"] == "error"
    assert zuora.run(INVOICES, **session("four"))["batches"][0]["full"] is True


def test_incremental_time_is_read_in_the_data_centres_zone(zuora):
    given = {**session("five"), "incrementalTime": "2018-01-01 00:00:00"}
    batch = zuora.run(INVOICES, **given)["batches"][0]
    assert batch["full"] is False
    rows = zuora.download(batch["fileId"])
    expected = zuora.rows(
        f"{INVOICES['query']} where UpdatedDate >= '2018-01-01T08:00:00Z'"
    )
    assert len(rows) == len(expected)
    wrong = zuora.submit(INVOICES, **{**given, "incrementalTime": "yesterday"})
    assert wrong["errorCode"] == "90015"


def test_deleted_rows_come_with_increments_without_force(zuora):
    asked = {**INVOICES, "deleted": {"column": "Deleted", "format": "Boolean"}}
    zuora.move("2018-01-30")
    zuora.run(asked, **session("six"))
    zuora.move("2018-01-31")
    gone = zuora.rows("select Id from Invoice order by Id limit 1")[0]["Invoice.Id"]
    zuora.arm({"fault": "rows_deleted", "object": "Invoice", "ids": [gone]})
    batch = zuora.run(asked, **session("six"))["batches"][0]
    rows = zuora.download(batch["fileId"])
    assert [row["Invoice.Id"] for row in rows if row["Deleted"] == "true"] == [gone]


def test_a_full_load_brings_no_deleted_rows(zuora):
    gone = zuora.rows("select Id from Invoice order by Id limit 1")[0]["Invoice.Id"]
    zuora.arm({"fault": "rows_deleted", "object": "Invoice", "ids": [gone]})
    asked = {**INVOICES, "deleted": {"column": "Deleted", "format": "Boolean"}}
    batch = zuora.run(asked, **session("seven"))["batches"][0]
    assert batch["recordCount"] == zuora.count("Invoice") - 1


def test_a_large_full_load_comes_in_segments(zuora):
    zuora.set(segment_rows=50)
    batch = zuora.run(INVOICES, **session("eight"))["batches"][0]
    assert "fileId" not in batch
    parts = [zuora.download(file_id) for file_id in batch["segments"]]
    assert [len(part) for part in parts[:-1]] == [50] * (len(parts) - 1)
    rows = [row["Invoice.Id"] for part in parts for row in part]
    assert len(set(rows)) == batch["recordCount"] == zuora.count("Invoice")


def test_an_unknown_partner_is_refused_and_version_one_is_stateless(zuora):
    unknown = {**PARTNER, "partner": "nobody"}
    assert zuora.submit(INVOICES, **unknown)["errorCode"] == "90019"
    stateless = {**unknown, "version": "1.0"}
    for _ in range(2):
        assert zuora.run(INVOICES, **stateless)["batches"][0]["full"] is True

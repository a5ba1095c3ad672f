"""What is offered, what is chosen, and catalogs and states of other taps."""

from __future__ import annotations

import gzip
import json
import subprocess
import time

import pytest

from reading_kit.testing.processes import Outcome
from tap_zuora.config_schema import CONFIG_SCHEMA
from tap_zuora.objects import DEFAULT_STREAMS, PERSONAL_FIELDS


def metadata(entry, *breadcrumb):
    return next(
        item["metadata"]
        for item in entry["metadata"]
        if item["breadcrumb"] == list(breadcrumb)
    )


def by_name(catalog):
    return {entry["tap_stream_id"]: entry for entry in catalog["streams"]}


def test_discovery_offers_every_object_by_one_call_each(zuora):
    entries = by_name(zuora.discover())
    objects = zuora.control("GET", "")["objects"]
    # One object has no Id that can be exported.
    assert set(entries) == set(objects) - {"BillingPreviewRun"}
    calls = zuora.requests("", "")
    assert len(calls) == len(objects) + 2
    assert not zuora.jobs()


def test_discovery_tells_what_is_needed_and_what_is_on_by_default(zuora):
    entries = by_name(zuora.discover())
    on = {n for n, e in entries.items() if metadata(e)["selected-by-default"]}
    assert on == set(DEFAULT_STREAMS) & set(entries)
    invoice = entries["Invoice"]
    assert invoice["key_properties"] == ["Id"]
    assert invoice["replication_key"] == "UpdatedDate"
    for name in ("Id", "UpdatedDate", "Deleted", "_sdc_deleted_at"):
        assert metadata(invoice, "properties", name)["inclusion"] == "automatic"
    whole = entries["ContactSnapshot"]
    assert whole["replication_method"] == "FULL_TABLE"
    assert "Deleted" not in whole["schema"]["properties"]
    assert entries["PaymentTransactionLog"]["replication_key"] == "TransactionDate"
    custom = entries["Subscription"]["schema"]["properties"]
    assert {"OpportunityId__c", "QuoteNumber__QT", "AccountId"} <= set(custom)
    assert "SubscriptionStatusHistoryId" not in custom
    assert "StrayField" not in entries["Account"]["schema"]["properties"]


def test_what_reaches_a_person_is_off_by_default(zuora):
    contact = by_name(zuora.discover())["Contact"]
    for name in PERSONAL_FIELDS["Contact"]:
        assert metadata(contact, "properties", name)["selected-by-default"] is False
    assert metadata(contact, "properties", "Country")["selected-by-default"] is True


def test_only_selected_fields_are_asked_for(zuora):
    catalog = zuora.select("Account")
    account = by_name(catalog)["Account"]
    for item in account["metadata"]:
        if item["breadcrumb"] and item["metadata"]["inclusion"] == "available":
            item["metadata"]["selected"] = item["breadcrumb"][-1] == "Name"
    outcome = zuora.run(catalog=catalog)
    names = {"Id", "Name", "UpdatedDate", "Deleted", "_sdc_deleted_at"}
    assert set(outcome.records("Account")[0]) == names
    assert set(outcome.schema("Account")["properties"]) == names
    assert "select Id, UpdatedDate, Name from Account" in zuora.jobs()[0]["body"]


def test_a_sync_describes_the_selected_objects_only(zuora):
    catalog = zuora.select("Account", "Invoice")
    zuora.run(catalog=catalog)
    described = [entry["path"] for entry in zuora.requests("GET", "/describe")]
    assert sorted(described) == ["/v1/describe/Account", "/v1/describe/Invoice"]


def test_ids_of_related_objects_may_be_left_out(zuora):
    outcome = zuora.run(catalog=zuora.select("Invoice"), join_foreign_keys=False)
    assert "AccountId" not in outcome.records("Invoice")[0]


def test_relations_to_many_are_never_joined(zuora):
    zuora.set(lists_to_many=True)
    outcome = zuora.run(start_date="2018-01-01")
    assert outcome.status == 0, outcome.log
    assert "RatePlanChargeId" not in outcome.schema("RatePlan")["properties"]


def old_catalog(stream, *names):
    """A catalog as the singer-io tap writes it: dates are date-times."""
    properties = {name: {"type": ["null", "string"]} for name in names}
    for name in names:
        if name.endswith("Date"):
            properties[name]["format"] = "date-time"
    properties["Id"] = {"type": "string"}
    own = {
        "selected": True,
        "table-key-properties": ["Id"],
        "forced-replication-method": "INCREMENTAL",
        "valid-replication-keys": ["UpdatedDate"],
        "replication-key": "UpdatedDate",
    }
    return {
        "streams": [
            {
                "tap_stream_id": stream,
                "stream": stream,
                "key_properties": ["Id"],
                "replication_key": "UpdatedDate",
                "replication_method": "INCREMENTAL",
                "schema": {"type": "object", "properties": properties},
                "metadata": [
                    {"breadcrumb": [], "metadata": own},
                    *(
                        {
                            "breadcrumb": ["properties", name],
                            "metadata": {"inclusion": "available", "selected": True},
                        }
                        for name in properties
                    ),
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    "bookmark",
    [
        {"UpdatedDate": "2018-01-05T00:00:00.000000Z"},
        {"UpdatedDate": "2018-01-05T00:00:00Z", "version": 3, "file_ids": ["a"]},
        {"UpdatedDate": "2018-01-04 16:00:00 -0800"},
        {"UpdatedDate": "2018-01-04T16:00:00-0800"},
        {
            "replication_key": "UpdatedDate",
            "replication_key_value": "2018-01-05T00:00:00+00:00",
        },
    ],
)
def test_catalogs_and_states_of_the_public_tap_go_on_where_they_were(zuora, bookmark):
    names = ("Id", "AccountId", "InvoiceDate", "DueDate", "Amount", "UpdatedDate")
    outcome = zuora.run(
        catalog=old_catalog("Invoice", *names),
        state={"bookmarks": {"Invoice": bookmark}, "current_stream": None},
        lookback_days=0,
    )
    assert outcome.status == 0, outcome.log
    expected = {
        key: {name: row[name] for name in (*names,)}
        for key, row in zuora.expected("Invoice").items()
        if row["UpdatedDate"] >= "2018-01-05"
    }
    rows = {
        key: {name: row[name] for name in names}
        for key, row in outcome.table("Invoice").items()
    }
    assert rows == expected
    assert outcome.schema("Invoice")["properties"]["Amount"]["type"] == [
        "number",
        "null",
    ]
    after = outcome.state["bookmarks"]["Invoice"]
    assert after == {
        "replication_key": "UpdatedDate",
        "replication_key_value": "2018-01-31T23:59:59.000Z",
    }


def test_about_lists_every_setting_and_hides_no_secret_flag(zuora):
    outcome = zuora.run_with(["--about", "--format=json"])
    assert outcome.status == 0, outcome.log
    about = json.loads("\n".join(outcome.lines))
    settings = about["settings"]["properties"]
    assert set(CONFIG_SCHEMA["properties"]) <= set(settings)
    assert {n for n, s in settings.items() if s.get("secret")} == {
        "client_secret",
        "password",
    }


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_the_connection_test_reads_a_row_of_each_stream(zuora, api_type):
    outcome = zuora.run("--test", api_type=api_type)
    assert outcome.status == 0, outcome.log
    if api_type == "AQUA":
        assert len(zuora.jobs()) == 1
        assert "limit 1" in zuora.jobs()[0]["body"]


def test_batch_files_hold_the_same_records(zuora, tmp_path):
    root = tmp_path / "batches"
    root.mkdir()
    outcome = zuora.run(
        catalog=zuora.select("Account"),
        batch_config={
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": f"file://{root}"},
        },
    )
    assert outcome.status == 0, outcome.log
    lines = [
        json.loads(line)
        for path in root.iterdir()
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    expected = zuora.expected("Account")
    assert {row["Id"] for row in lines} == set(expected)
    batches = [i for i, m in enumerate(outcome.messages) if m["type"] == "BATCH"]
    last_state = max(i for i, m in enumerate(outcome.messages) if m["type"] == "STATE")
    assert batches
    assert max(batches) < last_state


def run_and_change(zuora, catalog, change):
    """Run the tap, and change the tenant between its describe and its job."""
    path = "*/batch-query*"
    zuora.arm({"fault": "slow", "seconds": 1.5, "match": {"path": path}})
    with (zuora.directory / "log").open("w") as log:
        process = subprocess.Popen(
            zuora.command(catalog=catalog),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    ends_s = time.monotonic() + 30
    while not zuora.jobs() and time.monotonic() < ends_s:
        time.sleep(0.05)
    zuora.arm(change)
    output, _ = process.communicate(timeout=60)
    log_text = (zuora.directory / "log").read_text()
    return Outcome.of(process.returncode, output, log_text)


def test_a_field_that_goes_between_describe_and_job_is_dropped(zuora):
    catalog = zuora.select("Account", "Invoice", "Product")
    change = {"fault": "field_removed", "object": "Invoice", "field": "Comments"}
    outcome = run_and_change(zuora, catalog, change)
    assert outcome.status == 0, outcome.log
    assert "Invoice.Comments is not there; reading without it" in outcome.log
    assert set(outcome.table("Invoice")) == set(zuora.expected("Invoice"))
    assert "Comments" not in outcome.records("Invoice")[0]
    assert outcome.table("Account") == zuora.expected("Account")
    assert len(zuora.jobs()) == 2


def test_an_object_that_goes_between_describe_and_job_is_skipped(zuora):
    catalog = zuora.select("Account", "Invoice", "Product")
    change = {"fault": "object_removed", "object": "Invoice"}
    outcome = run_and_change(zuora, catalog, change)
    assert outcome.status == 0, outcome.log
    assert "Invoice cannot be queried, skipped" in outcome.log
    assert not outcome.records("Invoice")
    assert outcome.table("Account") == zuora.expected("Account")


def test_an_object_that_turns_out_to_know_no_deletion_is_remembered(zuora):
    catalog = zuora.select("Invoice")
    zuora.arm({"fault": "job_refused", "error_code": "90017"})
    outcome = zuora.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert outcome.state["bookmarks"]["Invoice"]["without_deleted"] is True
    zuora.forget()
    again = zuora.run(catalog=catalog, state=outcome.state)
    assert again.status == 0, again.log
    assert "forceExport" not in zuora.jobs()[0]["body"]
    assert again.state["bookmarks"]["Invoice"]["without_deleted"] is True

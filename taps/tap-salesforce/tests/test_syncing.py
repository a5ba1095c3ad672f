"""Whole processes: discovery, full and incremental reads, every way to log in."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from reading_kit.testing.beside import load_beside


@pytest.fixture(scope="module")
def hard():
    return load_beside(__file__, "hard_org")


def expected_leads(hard, day: date) -> dict[str, dict]:
    """Give the leads of a day as records, by Id."""
    end = hard.end_of_day(day)
    leads = [hard.make_lead(number, end) for number in range(hard.LEADS)]
    return {lead["Id"]: to_record(lead) for lead in leads if lead}


def to_record(lead: dict) -> dict:
    def write(value):
        if hasattr(value, "hour"):
            return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
        return value.isoformat() if hasattr(value, "isoformat") else value

    return {name: write(value) for name, value in lead.items()}


@pytest.mark.parametrize("api_type", ["BULK2", "REST"])
def test_a_full_read_gives_every_row_exactly(hard_org, hard, api_type):
    outcome = hard_org.run(api_type=api_type)
    assert outcome.status == 0, outcome.log
    table = outcome.table("Lead")
    for record in table.values():
        record.pop("Address", None)
    assert table == expected_leads(hard, hard.LAST_DAY)
    assert len(outcome.records("Lead")) == len(table)


def test_bulk_and_rest_write_the_same_records(hard_org):
    bulk = hard_org.run(api_type="BULK2").table("Lead")
    rest = hard_org.run(api_type="REST").table("Lead")
    address = {record["Id"]: record.pop("Address") for record in rest.values()}
    assert rest == bulk
    assert {type(value) for value in address.values()} == {dict, type(None)}


def test_api_versions_without_page_lists_follow_the_locators(hard_org, hard):
    outcome = hard_org.run(api_version="57.0")
    assert outcome.status == 0, outcome.log
    assert outcome.table("Lead") == expected_leads(hard, hard.LAST_DAY)
    assert not hard_org.requests("GET", "resultPages")


def test_records_are_valid_by_the_schema_written_before_them(hard_org):
    outcome = hard_org.run(api_type="REST", streams_to_discover=[])
    validators = {}
    for message in outcome.messages:
        if message["type"] == "SCHEMA":
            validators[message["stream"]] = Draft202012Validator(message["schema"])
        elif message["type"] == "RECORD":
            validators[message["stream"]].validate(message["record"])
    assert "Lead" in validators


def test_records_are_stamped_with_the_servers_clock(hard_org):
    stamps = {
        message["time_extracted"]
        for message in hard_org.run().messages
        if message["type"] == "RECORD"
    }
    assert stamps == {"2018-01-31T23:59:59.000Z"}


def test_one_job_is_made_for_each_stream_and_removed_afterwards(hard_org):
    assert hard_org.run().status == 0
    created = hard_org.requests("POST", "jobs/query")
    assert len(created) == 2
    assert len(hard_org.requests("DELETE", "jobs/query")) == 2


def test_jobs_of_later_streams_are_submitted_before_the_first_page_is_read(hard_org):
    # A job that takes a while gives the other submission time to arrive.
    hard_org.control("POST", "/settings", {"job_polls": 2})
    hard_org.run(poll_interval_max=1)
    methods = [
        (entry["method"], entry["path"].rpartition("/")[2])
        for entry in hard_org.requests("", "jobs/query")
    ]
    pages = methods.index(("GET", "resultPages"))
    assert methods[:pages].count(("POST", "query")) == 2


def test_each_page_is_loaded_once_though_first_ones_come_ahead(hard_org):
    assert hard_org.run().status == 0
    pages = [
        (request["path"], request["query"])
        for request in hard_org.requests("GET", "/results")
    ]
    assert len(pages) == len(set(pages)) > 2


def test_an_incremental_read_gives_only_what_changed_and_the_lookback(hard_org, hard):
    hard_org.move("2018-01-20")
    first = hard_org.run()
    assert first.table("Lead") == expected_leads(hard, date(2018, 1, 20))
    assert first.bookmark("Lead") == "2018-01-20T23:00:00.000Z"
    hard_org.move("2018-01-22")
    second = hard_org.run(state=first.state)
    stamps = [record["SystemModstamp"] for record in second.records("Lead")]
    assert min(stamps) >= "2018-01-20T22:50:00.000Z"
    merged = {**first.table("Lead"), **second.table("Lead")}
    assert merged == expected_leads(hard, date(2018, 1, 22))
    assert len(stamps) < 70


def test_deletions_arrive_as_rows_that_are_marked(hard_org, hard):
    hard_org.move("2018-01-08")
    first = hard_org.run(emit_sdc_deleted_at=True)
    hard_org.move("2018-01-09")
    second = hard_org.run(state=first.state, emit_sdc_deleted_at=True)
    gone = [row for row in second.records("Lead") if row["IsDeleted"]]
    assert gone
    assert all(row["_sdc_deleted_at"] == row["SystemModstamp"] for row in gone)
    before = first.table("Lead")
    assert all(not before[row["Id"]]["IsDeleted"] for row in gone)


def test_deleted_rows_can_be_left_out(hard_org):
    records = hard_org.run(include_deleted=False).records("Lead")
    assert not [row for row in records if row["IsDeleted"]]


def test_a_stream_with_nothing_new_keeps_its_bookmark(hard_org):
    first = hard_org.run(lookback_window=0)
    second = hard_org.run(state=first.state, lookback_window=0)
    assert [r["SystemModstamp"] for r in second.records("Lead")] == [
        first.bookmark("Lead")
    ]
    assert second.state["bookmarks"] == first.state["bookmarks"]


def test_an_empty_object_is_a_stream_without_rows(hard_org):
    catalog = hard_org.discover(streams_to_discover=["Empty__c"])
    select(catalog, "Empty__c")
    outcome = hard_org.run(catalog=catalog, start_date="2018-01-01")
    assert outcome.status == 0, outcome.log
    assert outcome.records() == []
    assert outcome.bookmark("Empty__c") == "2018-01-01T00:00:00.000Z"


def select(catalog: dict, *streams: str) -> None:
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = entry["tap_stream_id"] in streams


def test_the_start_date_bounds_the_first_read_and_is_logged(hard_org):
    outcome = hard_org.run(start_date="2018-01-25")
    stamps = [row["SystemModstamp"] for row in outcome.records("Lead")]
    assert min(stamps) == "2018-01-25T00:00:00.000Z"
    assert "start_date 2018-01-25" in outcome.log


def test_states_of_other_taps_are_taken_over_and_foreign_bookmarks_kept(hard_org):
    foreign = {"Account": {"SystemModstamp": "2017-01-01T00:00:00.000Z"}}
    state = {
        "bookmarks": {
            **foreign,
            "Lead": {"SystemModstamp": "2018-01-30T00:00:00.000000Z", "version": 1},
        },
        "current_stream": None,
    }
    outcome = hard_org.run(state=state)
    stamps = [row["SystemModstamp"] for row in outcome.records("Lead")]
    assert min(stamps) >= "2018-01-29T23:50:00.000Z"
    assert outcome.state["bookmarks"]["Account"] == foreign["Account"]
    assert "SystemModstamp" not in outcome.state["bookmarks"]["Lead"]
    assert "current_stream" in outcome.state


def test_rows_committed_late_arrive_with_the_next_run(hard_org, hard):
    hard_org.move("2018-01-20")
    number = 479
    late = hard.make_lead(number, hard.end_of_day(date(2018, 1, 20)))["Id"]
    fault = {"fault": "rows_hidden", "object": "Lead", "ids": [late]}
    hard_org.arm(fault)
    first = hard_org.run(lookback_window=3600)
    assert late not in first.table("Lead")
    hard_org.calm()
    second = hard_org.run(state=first.state, lookback_window=7200)
    assert late in second.table("Lead")


def test_formula_fields_are_warned_about_and_can_be_left_out(hard_org):
    assert "1 formula fields of Lead" in hard_org.run().log
    outcome = hard_org.run(formula_fields="exclude")
    assert "Age_Days__c" not in outcome.records("Lead")[0]


def test_a_table_without_key_is_read_whole_and_ends_with_its_version(hard_org):
    catalog = hard_org.discover(streams_to_discover=["TaskStatus"])
    select(catalog, "TaskStatus")
    outcome = hard_org.run(catalog=catalog)
    kinds = [m["type"] for m in outcome.messages if m["type"] != "STATE"]
    assert kinds == ["SCHEMA", "RECORD", "RECORD", "ACTIVATE_VERSION"]
    versions = {m["version"] for m in outcome.messages if "version" in m}
    assert len(versions) == 1
    assert not hard_org.requests("POST", "jobs/query")


def test_a_query_too_long_for_a_url_goes_as_part_of_a_batch(hard_org):
    catalog = hard_org.discover(streams_to_discover=["Wide__c"])
    select(catalog, "Wide__c")
    outcome = hard_org.run(catalog=catalog, api_type="REST")
    assert outcome.status == 0, outcome.log
    (record,) = outcome.records("Wide__c")
    assert sum(name.startswith("A_rather_long") for name in record) == 300
    assert not hard_org.requests("GET", "queryAll")


def test_links_of_documents_are_read_by_the_ids_of_the_documents(hard_org):
    catalog = hard_org.discover(streams_to_discover=["ContentDocumentLink"])
    select(catalog, "ContentDocumentLink")
    outcome = hard_org.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("ContentDocumentLink")) == 450
    assert outcome.bookmark("ContentDocumentLink") == "2018-01-01T00:00:00.000Z"


def test_hard_deletions_have_a_stream_of_their_own(hard_org):
    hard_org.move("2018-01-20")
    first = hard_org.run(detect_hard_deletes=True)
    assert first.status == 0, first.log
    gone = first.records("DeletedRecord")
    assert {row["sobject_type"] for row in gone} == {"Lead"}
    leads = first.table("Lead")
    assert {row["id"] for row in gone} == {
        key for key, row in leads.items() if row["IsDeleted"]
    }
    hard_org.move("2018-01-21")
    second = hard_org.run(state=first.state, detect_hard_deletes=True)
    later = second.records("DeletedRecord")
    assert later
    assert all(row["deleted_date"] >= "2018-01-20T23:59" for row in later)


def test_stream_maps_and_flattening_see_exact_records(hard_org):
    outcome = hard_org.run(
        api_type="REST",
        streams_to_discover=["Lead"],
        flattening_enabled=True,
        flattening_max_depth=1,
        stream_maps={"Lead": {"Shout": "LastName.upper()"}},
    )
    assert outcome.status == 0, outcome.log
    record = next(r for r in outcome.records("Lead") if r["LastName"] == "Lead 101")
    assert record["Shout"] == "LEAD 101"
    assert record["Address__city"] == "Utrecht"
    assert record["AnnualRevenue"] == Decimal("1246912.67")


def test_batch_files_hold_every_row(hard_org, tmp_path):
    import gzip

    outcome = hard_org.run(
        streams_to_discover=["Lead"],
        batch_config={
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": tmp_path.as_uri()},
        },
    )
    assert outcome.status == 0, outcome.log
    paths = [
        path.removeprefix("file://")
        for message in outcome.messages
        if message["type"] == "BATCH"
        for path in message["manifest"]
    ]
    rows = [
        json.loads(line)
        for path in paths
        for line in gzip.open(path, "rt", encoding="utf-8")  # noqa: SIM115
    ]
    assert len({row["Id"] for row in rows}) == 740
    kinds = [message["type"] for message in outcome.messages]
    assert kinds == ["SCHEMA", "BATCH", "STATE"]
    assert outcome.bookmark("Lead") == max(row["SystemModstamp"] for row in rows)


def test_a_connection_test_reads_one_row_of_each_stream(hard_org):
    outcome = hard_org.run("--test")
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("Lead")) == len(outcome.records("User")) == 1
    assert not hard_org.requests("POST", "jobs/query")

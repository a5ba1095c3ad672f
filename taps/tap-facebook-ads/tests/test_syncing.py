"""Full and incremental syncs give the sample company, row for row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from reading_kit.testing.beside import load_beside

expected = load_beside(__file__, "expected_business")

FIRST_DAY = "2017-06-30"
LATER_DAYS = ("2017-07-15", "2017-08-31", "2017-09-30", "2017-12-31", "2018-01-31")
REPORT = "adsinsights_default"
REPORT_KEY = ("date_start", "account_id", "ad_id")


def bookmarks_of(outcome, stream):
    """Give the bookmark of each account of a stream."""
    entries = outcome.state["bookmarks"].get(stream, {}).get("partitions", [])
    return {
        next(iter(entry["context"].values())): entry.get("replication_key_value")
        for entry in entries
    }


class Warehouse:
    """What a target holds: rows by key, versions activated."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Any, tuple[dict[str, Any], int | None]]] = {}

    def load(self, outcome) -> None:
        for message in outcome.messages:
            table = self.tables.setdefault(message.get("stream", ""), {})
            if message["type"] == "RECORD":
                record = message["record"]
                names = REPORT_KEY if message["stream"] == REPORT else ("id",)
                key = tuple(record[name] for name in names)
                table[key] = record, message.get("version")
            elif message["type"] == "ACTIVATE_VERSION":
                for key, (_, version) in list(table.items()):
                    if version != message["version"]:
                        del table[key]

    def rows(self, stream: str) -> dict[Any, dict[str, Any]]:
        return {key: record for key, (record, _) in self.tables[stream].items()}


def assert_whole(warehouse, day, *, since="2016-02-01"):
    for stream in expected.KINDS:
        found = {key[0]: row for key, row in warehouse.rows(stream).items()}
        assert found == expected.expected_objects(stream, day), stream
    found = {
        key: expected.figures_of(row) for key, row in warehouse.rows(REPORT).items()
    }
    assert found == expected.expected_days(day, since=since)


@pytest.mark.slow
def test_a_full_and_five_incremental_syncs_give_the_company_row_for_row(facebook):
    """Spend is restated, leads come late, ads are archived and deleted meanwhile."""
    warehouse, state = Warehouse(), None
    streams = [*expected.KINDS, REPORT]
    for day in (FIRST_DAY, *LATER_DAYS):
        facebook.move(day)
        outcome = facebook.read(*streams, state=state, start_date="2016-02-01")
        assert outcome.status == 0, outcome.log
        warehouse.load(outcome)
        assert_whole(warehouse, day)
        state = outcome.state
    deleted = [
        row for row in warehouse.rows("ads").values() if row["status"] == "DELETED"
    ]
    assert deleted, "the sample company deletes ads"


def test_an_incremental_sync_reads_28_days_again_and_only_changed_objects(facebook):
    facebook.move("2017-12-31")
    first = facebook.read(REPORT, "ads", start_date="2017-09-01")
    assert first.status == 0, first.log
    facebook.move("2018-01-10")
    second = facebook.read(REPORT, "ads", start_date="2017-09-01", state=first.state)
    days = {record["date_start"] for record in second.records(REPORT)}
    assert min(days) == "2017-12-03"
    assert max(days) in {"2018-01-10", "2018-01-11"}
    got = {record["id"] for record in second.records("ads")}
    assert got == ids_of_ads_touched_since(facebook_day="2018-01-10", first=first)
    assert len(got) < len(first.records("ads"))


def ids_of_ads_touched_since(*, facebook_day, first):
    """Give the ads that changed since the bookmark, or whose ad set or campaign did."""
    business = expected.business(facebook_day)
    since = {
        account: datetime.fromisoformat(value)
        for account, value in bookmarks_of(first, "ads").items()
    }
    return {
        ad.id
        for ad in business.nodes
        if ad.kind == "Ad"
        for name in ("ad", "adset", "campaign")
        if business.by_id[ad.parents[name]].updated_at >= since[ad.account_id]
    }


def test_time_extracted_and_bookmarks_are_of_the_servers_time(facebook):
    facebook.move("2017-12-31")
    outcome = facebook.read(REPORT, "campaigns")
    stamps = {m["time_extracted"] for m in outcome.messages if m["type"] == "RECORD"}
    assert stamps == {"2017-12-31T23:59:59.000Z"}
    entries = outcome.state["bookmarks"][REPORT]["partitions"]
    found = {e["context"]["account_id"]: e["replication_key_value"] for e in entries}
    # The server's day ends at midnight UTC, when it is the next day in Berlin.
    assert found == {
        "415200177340981": "2017-12-31",
        "280314905512967": "2018-01-01",
    }


def test_the_order_of_days_is_the_order_of_rows_and_states_never_run_ahead(facebook):
    outcome = facebook.read(REPORT, start_date="2017-09-01")
    seen: dict[str, str] = {}
    for message in outcome.messages:
        if message["type"] == "RECORD":
            record = message["record"]
            seen[record["account_id"]] = record["date_start"]
        elif message["type"] == "STATE":
            entries = message["value"]["bookmarks"].get(REPORT, {})
            for entry in entries.get("partitions", []):
                account = entry["context"]["account_id"]
                bookmark = entry.get("replication_key_value")
                if bookmark and account in seen:
                    assert seen[account] <= bookmark
    assert len(outcome.states) > 20


def test_accounts_are_read_from_the_first_day_wanted(facebook):
    outcome = facebook.read(REPORT, start_date="2018-01-10", end_date="2018-01-12")
    days = {record["date_start"] for record in outcome.records(REPORT)}
    assert days == {"2018-01-10", "2018-01-11", "2018-01-12"}


def test_without_include_deleted_archived_and_deleted_ads_are_left_out(facebook):
    every = facebook.read("ads", REPORT, start_date="2017-08-01")
    live = facebook.read(
        "ads", REPORT, start_date="2017-08-01", include_deleted="false"
    )
    statuses = {record["status"] for record in live.records("ads")}
    assert not statuses & {"ARCHIVED", "DELETED"}
    assert len(live.records("ads")) < len(every.records("ads"))
    assert len(live.records(REPORT)) < len(every.records(REPORT))


@pytest.mark.parametrize("mode", ["sync", "auto"])
def test_every_way_of_reading_reports_gives_the_same_rows(facebook, mode):
    whole = facebook.read(REPORT).table(REPORT, *REPORT_KEY)
    facebook.control("DELETE", "/requests")
    found = facebook.read(REPORT, insights_mode=mode, insights_days_per_job=3)
    assert found.status == 0, found.log
    assert found.table(REPORT, *REPORT_KEY) == whole
    posts = facebook.requests("POST", "insights")
    # A long request is sent as a form, and is no report run for that.
    runs = [post for post in posts if "method=GET" not in post["body"]]
    assert bool(runs) == (mode == "auto")


def test_leads_are_read_from_the_start_date_and_then_from_the_newest(facebook):
    facebook.move("2017-12-31")
    first = facebook.read("leads", start_date="2017-10-01")
    times = [record["created_time"] for record in first.records("leads")]
    assert times
    assert min(times) >= "2017-10-01"
    facebook.move("2018-01-31")
    second = facebook.read("leads", start_date="2017-10-01", state=first.state)
    wanted = {
        key
        for key, row in expected.expected_objects("leads", "2018-01-31").items()
        if row["created_time"] >= "2017-10-01"
    }
    got = first.table("leads", "id").keys() | second.table("leads", "id").keys()
    assert got == wanted
    assert len(second.records("leads")) < len(first.records("leads"))


def test_pages_and_forms_can_be_chosen(facebook):
    everything = facebook.read("leadgen_forms", "leads", start_date="2016-02-01")
    form = everything.records("leads")[0]["form_id"]
    chosen = facebook.read(
        "leads", "leadgen_forms", form_ids=[form], start_date="2016-02-01"
    )
    assert {record["form_id"] for record in chosen.records("leads")} == {form}
    assert [record["id"] for record in chosen.records("leadgen_forms")] == [form]
    page = everything.records("leadgen_forms")[0]["page_id"]
    of_page = facebook.read("leadgen_forms", page_ids=[page])
    assert {record["page_id"] for record in of_page.records("leadgen_forms")} == {page}

"""Whole processes: full and incremental reads give the tenant's rows, row for row."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tap_zuora.objects import DEFAULT_STREAMS, PERSONAL_FIELDS, SETTLEMENT_STREAMS

STREAMS = tuple(name for name in DEFAULT_STREAMS if name not in SETTLEMENT_STREAMS)
OTHERS = ("Order", "OrderAction", "PaymentMethod", "AccountingCode", "AccountingPeriod")
LAST = "2018-01-31"
#: Invoice items stamped on the first day are committed by the second.
LATE_RUN = ("2018-01-08", "2018-01-12")


def without(rows, *names):
    return {
        key: {name: value for name, value in row.items() if name not in names}
        for key, row in rows.items()
    }


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_a_full_read_gives_every_row_of_every_object_exactly(zuora, api_type):
    catalog = zuora.select(*STREAMS, *OTHERS)
    outcome = zuora.run(catalog=catalog, api_type=api_type)
    assert outcome.status == 0, outcome.log
    for name in (*STREAMS, *OTHERS):
        assert outcome.table(name) == zuora.expected(name), name
        assert len(outcome.records(name)) == len(outcome.table(name)), name
    assert sum(len(outcome.table(name)) for name in STREAMS) > 1_000


def test_a_backfill_in_small_windows_and_pages_gives_the_same_rows(zuora):
    names = ("InvoiceItem", "RatePlanCharge", "Account")
    outcome = zuora.run(catalog=zuora.select(*names), window_in_days=90, page_rows=10)
    assert outcome.status == 0, outcome.log
    for name in names:
        assert outcome.table(name) == zuora.expected(name), name
        assert len(outcome.records(name)) == len(outcome.table(name)), name
    pages = [text for entry in zuora.jobs() for text in [entry["body"]]]
    assert any("Id > " in text for text in pages)


def test_without_a_catalog_the_streams_that_are_on_by_default_are_read(zuora):
    outcome = zuora.run()
    assert outcome.status == 0, outcome.log
    schemas = [m["stream"] for m in outcome.messages if m["type"] == "SCHEMA"]
    assert sorted(schemas) == sorted(STREAMS)
    for name in STREAMS:
        hidden = PERSONAL_FIELDS.get(name, ())
        assert outcome.table(name) == without(zuora.expected(name), *hidden), name
    assert len(zuora.requests("GET", "/v1/describe/")) == len(STREAMS)


def test_a_tenant_with_invoice_settlement_has_its_streams(zuora):
    zuora.set(has_invoice_settlement=True)
    outcome = zuora.run()
    assert outcome.status == 0, outcome.log
    schemas = {m["stream"] for m in outcome.messages if m["type"] == "SCHEMA"}
    assert schemas == set(DEFAULT_STREAMS)
    for name in SETTLEMENT_STREAMS:
        expected = zuora.expected(name, settlement=True)
        assert outcome.table(name) == expected, name
    assert outcome.table("CreditMemo")
    assert outcome.table("PaymentApplication")


def test_records_are_valid_by_the_schema_written_before_them(zuora):
    outcome = zuora.run()
    validators = {}
    for message in outcome.messages:
        if message["type"] == "SCHEMA":
            validators[message["stream"]] = Draft202012Validator(message["schema"])
            assert message["key_properties"] == ["Id"]
        elif message["type"] == "RECORD":
            validators[message["stream"]].validate(message["record"])


def test_records_are_stamped_with_the_servers_clock(zuora):
    stamps = {
        message["time_extracted"]
        for message in zuora.run(catalog=zuora.select("Account")).messages
        if message["type"] == "RECORD"
    }
    assert stamps == {"2018-01-31T23:59:59.000Z"}


def test_all_streams_that_look_for_changes_share_one_job(zuora):
    catalog = zuora.select(*STREAMS)
    state = zuora.run(catalog=catalog).state
    zuora.forget()
    again = zuora.run(catalog=catalog, state=state)
    assert again.status == 0, again.log
    assert len(zuora.jobs()) == 1


def test_the_time_of_a_run_is_the_bookmark_even_of_an_idle_object(zuora):
    outcome = zuora.run(
        catalog=zuora.select("TaxationItem", "Product"), safety_lag_minutes=120
    )
    assert outcome.bookmark("TaxationItem") == "2018-01-31T21:59:59.000Z"
    assert outcome.bookmark("Product") == "2018-01-31T21:59:59.000Z"


def test_rows_within_the_safety_lag_are_left_to_the_next_run(zuora):
    lag_minutes = 10 * 24 * 60
    first = zuora.run(
        catalog=zuora.select("Subscription"), safety_lag_minutes=lag_minutes
    )
    expected = zuora.expected("Subscription")
    early = {
        k: r for k, r in expected.items() if r["UpdatedDate"] < "2018-01-21T23:59:59"
    }
    assert first.table("Subscription") == early
    second = zuora.run(catalog=zuora.select("Subscription"), state=first.state)
    assert {**early, **second.table("Subscription")} == expected
    assert set(expected) - set(early) <= set(second.table("Subscription"))


def follow(zuora, days, catalog, names, **changes):
    """Run the tap on each day and keep what a target would have; check every day."""
    state = None
    held = {name: {} for name in names}
    for day in days:
        zuora.move(day)
        outcome = zuora.run(catalog=catalog, state=state, **changes)
        assert outcome.status == 0, outcome.log
        state = outcome.state
        for name in names:
            held[name] |= outcome.table(name)
        yield day, outcome, held


def assert_holds(zuora, day, held):
    """The target has the day's rows; besides only rows it was told are deleted."""
    for name, rows in held.items():
        expected = zuora.expected(name, day)
        # An account's Mrr is computed when it is asked for: no change, no stamp.
        ours = without({key: rows.get(key, {}) for key in expected}, "Mrr")
        assert ours == without(expected, "Mrr"), (day, name)
        purged = [rows[key] for key in set(rows) - set(expected)]
        assert all(row["Deleted"] for row in purged), (day, name)


WEEKS = ("2017-12-10", "2017-12-18", "2017-12-27", "2018-01-05", "2018-01-15", LAST)


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_five_incremental_syncs_give_the_tenant_row_for_row(zuora, api_type):
    catalog = zuora.select(*STREAMS)
    counts = []
    for day, outcome, held in follow(zuora, WEEKS, catalog, STREAMS, api_type=api_type):
        assert_holds(zuora, day, held)
        counts.append(len(outcome.records()))
    assert max(counts[1:]) < counts[0]
    assert held["Refund"]
    assert held["RefundInvoicePayment"]
    assert any(row["Deleted"] for row in held["Invoice"].values())


def late_items(zuora, first, last):
    """Invoice items that become visible a day or more after their stamp."""
    before = zuora.expected("InvoiceItem", first)
    after = zuora.expected("InvoiceItem", last)
    return {
        key
        for key in set(after) - set(before)
        if after[key]["UpdatedDate"] < f"{first}T23:59:59"
    }


def test_rows_of_a_late_billing_run_are_found_by_the_longer_lookback(zuora):
    day, later = LATE_RUN
    late = late_items(zuora, day, later)
    assert late
    zuora.move(day)
    catalog = zuora.select("InvoiceItem")
    first = zuora.run(catalog=catalog)
    assert not late & set(first.table("InvoiceItem"))
    zuora.move(later)
    # Within the week, the usual lookback only: the rows are stamped before it.
    soon = zuora.run(catalog=catalog, state=first.state, lookback_days=0)
    assert not late & set(soon.table("InvoiceItem"))
    due = zuora.run(
        catalog=catalog, state=soon.state, lookback_days=0, late_resync_interval_days=4
    )
    assert late <= set(due.table("InvoiceItem"))
    stamp = due.state["bookmarks"]["InvoiceItem"]["late_resynced_at"]
    assert stamp == f"{later}T23:59:59.000Z"


def test_deleted_rows_arrive_marked_with_the_time_of_their_deletion(zuora):
    zuora.move("2018-01-30")
    catalog = zuora.select("Account")
    first = zuora.run(catalog=catalog)
    gone = min(first.table("Account"))
    zuora.arm({"fault": "rows_deleted", "object": "Account", "ids": [gone]})
    zuora.move(LAST)
    # The deletion's stamp is the very present, which belongs to the next window.
    assert gone not in zuora.run(catalog=catalog, state=first.state).table("Account")
    full = zuora.run(catalog=zuora.select("Account", replication="FULL_TABLE"))
    row = full.table("Account")[gone]
    assert row["Deleted"] is True
    assert row["_sdc_deleted_at"] == row["UpdatedDate"] == "2018-01-31T23:59:59.000Z"


def test_deleted_rows_are_not_read_where_they_are_not_wanted(zuora):
    outcome = zuora.run(catalog=zuora.select("Invoice"), include_deleted=False)
    expected = {k: r for k, r in zuora.expected("Invoice").items() if not r["Deleted"]}
    assert len(expected) < len(zuora.expected("Invoice"))
    assert outcome.table("Invoice") == without(expected, "Deleted", "_sdc_deleted_at")


def test_a_full_table_read_activates_its_version_at_the_end(zuora):
    catalog = zuora.select("Account", replication="FULL_TABLE")
    outcome = zuora.run(catalog=catalog, page_rows=20)
    assert outcome.status == 0, outcome.log
    assert outcome.table("Account") == zuora.expected("Account")
    versions = {m.get("version") for m in outcome.messages if m["type"] == "RECORD"}
    ends = [m["version"] for m in outcome.messages if m["type"] == "ACTIVATE_VERSION"]
    assert versions == set(ends)
    assert len(ends) == 1
    assert len(zuora.jobs()) == 1 + len(outcome.table("Account")) // 20


def test_stateful_jobs_in_segments_give_the_same_rows_and_later_the_deletions(zuora):
    zuora.set(segment_rows=7)
    names = ("Account", "Invoice", "InvoiceItem")
    settings = {"partner_id": "sandbox-partner", "aqua_stateful": True}
    catalog = zuora.select(*names)
    for day, _, held in follow(
        zuora, ("2017-12-27", "2018-01-15", LAST), catalog, names, **settings
    ):
        for name in names:
            expected = zuora.expected(name, day)
            living = {k: r for k, r in expected.items() if not r["Deleted"]}
            ours = {k: held[name].get(k) for k in living}
            assert without(ours, "Mrr") == without(living, "Mrr"), (day, name)
    assert '"version":"1.1"' in zuora.jobs()[0]["body"].replace(" ", "")
    assert any(row["Deleted"] for row in held["Invoice"].values())


def test_other_zones_and_paths_of_a_tenant_change_nothing(zuora):
    zuora.set(tenant_zone="Asia/Tokyo", batch_paths="apps")
    for api_type in ("AQUA", "DATA_QUERY"):
        outcome = zuora.run(catalog=zuora.select("Subscription"), api_type=api_type)
        assert outcome.status == 0, outcome.log
        assert outcome.table("Subscription") == zuora.expected("Subscription")


def test_stream_maps_see_records_with_exact_numbers(zuora):
    outcome = zuora.run(
        catalog=zuora.select("RatePlanCharge"),
        stream_maps={"RatePlanCharge": {"Source": "'zuora'"}},
    )
    assert outcome.status == 0, outcome.log
    rows = outcome.table("RatePlanCharge")
    assert {row.pop("Source") for row in rows.values()} == {"zuora"}
    assert rows == zuora.expected("RatePlanCharge")


def test_the_api_calls_of_a_run_are_told(zuora):
    outcome = zuora.run(catalog=zuora.select("Account"))
    seen = len(zuora.requests("", ""))
    assert f"API calls: {seen} by this run" in outcome.log


@pytest.mark.parametrize(
    ("data_query", "source"), [("Live", "LIVE"), ("Unlimited", "WAREHOUSE")]
)
def test_data_query_reads_live_data_or_the_warehouse(zuora, data_query, source):
    outcome = zuora.run(
        catalog=zuora.select("Product"), api_type="DATA_QUERY", data_query=data_query
    )
    assert outcome.status == 0, outcome.log
    assert f'"sourceData":"{source}"' in zuora.jobs()[0]["body"]
    assert outcome.table("Product") == zuora.expected("Product")


def test_a_backfill_may_end_in_the_past(zuora):
    outcome = zuora.run(
        catalog=zuora.select("Subscription"),
        start_date="2017-06-01",
        end_date="2017-09-01",
    )
    assert outcome.status == 0, outcome.log
    within = {
        key: row
        for key, row in zuora.expected("Subscription").items()
        if "2017-06-01" <= row["UpdatedDate"] < "2017-09-01"
    }
    assert outcome.table("Subscription") == within
    assert outcome.bookmark("Subscription") == "2017-09-01T00:00:00.000Z"

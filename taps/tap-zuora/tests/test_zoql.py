"""Queries say exactly what is wanted, wherever the tenant is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bizops_sandbox.servers.zuora.query_text import DATA_QUERY, EXPORT_ZOQL, parse
from tap_zuora.describing import FieldSpec
from tap_zuora.windows import Part, Window
from tap_zuora.zoql import fingerprint, write_sql, write_zoql

KEY = FieldSpec("UpdatedDate", "datetime", "UpdatedDate")
DAY_KEY = FieldSpec("TransactionDate", "date", "TransactionDate")
FIELDS = (
    FieldSpec("Id", "string", "Id"),
    KEY,
    FieldSpec("AccountId", "string", "Account.Id"),
)
WINDOW = Window(
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 12, 30, tzinfo=UTC)
)


def test_a_window_is_asked_for_with_the_offset_of_its_literals():
    text = write_zoql("Invoice", FIELDS, Part(WINDOW), key=KEY)
    assert text == (
        "select Id, UpdatedDate, Account.Id from Invoice"
        " where UpdatedDate >= '2026-01-01T00:00:00+00:00'"
        " and UpdatedDate < '2026-02-01T12:30:00+00:00'"
    )


def test_a_page_goes_on_after_the_last_id_in_the_order_of_ids():
    text = write_zoql("Invoice", FIELDS, Part(WINDOW, 500, "8ad0"), key=KEY)
    assert text.endswith(" and Id > '8ad0' order by Id limit 500")
    whole = write_zoql("Invoice", FIELDS, Part(None, 500), key=None)
    assert (
        whole == "select Id, UpdatedDate, Account.Id from Invoice order by Id limit 500"
    )


def test_a_key_of_days_is_asked_for_by_whole_days():
    fields = (FIELDS[0], DAY_KEY)
    text = write_zoql("Log", fields, Part(WINDOW), key=DAY_KEY)
    assert "TransactionDate >= '2026-01-01' and TransactionDate < '2026-02-02'" in text
    sql = write_sql("Log", fields, Part(WINDOW), key=DAY_KEY, has_deleted=False)
    assert "transactiondate < DATE '2026-02-02'" in sql


def test_sql_asks_for_instants_in_utc_and_names_the_columns_in_lower_case():
    text = write_sql("Order", FIELDS, Part(WINDOW, 10), key=KEY, has_deleted=True)
    assert text == (
        "select id, at_timezone(updateddate, 'UTC') as updateddate, accountid, deleted"
        " from orders"
        " where updateddate >= TIMESTAMP '2026-01-01 00:00:00.000 +00:00'"
        " and updateddate < TIMESTAMP '2026-02-01 12:30:00.000 +00:00'"
        " order by id limit 10"
    )


instants = st.integers(-(10**8), 10**9).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
windows = st.none() | st.builds(Window, instants, instants)
parts = st.builds(
    Part, windows, st.none() | st.integers(1, 10**6), st.text("0123456789abcdef")
)


@given(part=parts)
def test_every_part_is_a_query_of_both_languages(part):
    key = KEY if part.window else None
    zoql = write_zoql("Invoice", FIELDS, part, key=key)
    sql = write_sql("Invoice", FIELDS, part, key=key, has_deleted=True)
    for statement in (parse(zoql, EXPORT_ZOQL), parse(sql, DATA_QUERY)):
        assert statement.object_name.lower() == "invoice"
        assert statement.limit == part.limit_rows


def test_a_fingerprint_changes_with_the_columns_and_not_with_the_window():
    whole = fingerprint(api="AQUA", fields=FIELDS, has_deleted=True)
    assert whole == fingerprint(api="AQUA", fields=FIELDS, has_deleted=True)
    assert whole != fingerprint(api="AQUA", fields=FIELDS[:2], has_deleted=True)
    assert whole != fingerprint(api="AQUA", fields=FIELDS, has_deleted=False)
    assert whole != fingerprint(api="DATA_QUERY", fields=FIELDS, has_deleted=True)

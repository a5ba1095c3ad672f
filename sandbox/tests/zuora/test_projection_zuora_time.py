"""The Zuora tenant over time: earlier days, late bill runs, deletions, settlement."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bizops_sandbox.projections.zuora import project_zuora, zuora_noise
from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.world.moments import day_end

DAYS = [date(2016, 12, 31), date(2017, 6, 30), date(2017, 12, 31), date(2018, 1, 31)]


def stamped(row):
    return row.get("UpdatedDate")


def test_nothing_is_stamped_after_the_day(company):
    events, params = company()
    for day in DAYS:
        tenant = project_zuora(events, params, day)
        for table in tenant.objects.values():
            for row in table.rows:
                assert stamped(row) is None or stamped(row) <= day_end(day)


def test_a_change_between_two_days_moves_the_stamp(company):
    events, params = company()
    before = project_zuora(events, params, DAYS[1])
    after = project_zuora(events, params, DAYS[2])
    changes = 0
    for name, table in before.objects.items():
        later = {row["Id"]: row for row in after.objects[name].rows}
        for row in table.rows:
            new = {**later[row["Id"]]}
            old = {**row}
            # An account's Mrr is computed at the asking: it has no stamp.
            new.pop("Mrr", None)
            old.pop("Mrr", None)
            if new != old:
                changes += 1
                assert new["UpdatedDate"] > old["UpdatedDate"], (name, old, new)
    assert changes > 50


def test_incremental_reading_of_each_day_finds_what_the_last_day_shows(company):
    events, params = company()
    copies = {}
    low = None
    for day in DAYS:
        tenant = project_zuora(events, params, day)
        for name, table in tenant.objects.items():
            copy = copies.setdefault(name, {})
            for row in table.rows:
                is_new = low is None or stamped(row) is None or stamped(row) >= low
                if is_new:
                    copy[row["Id"]] = {**row}
        # A day's late bill run needs a look back.
        low = day_end(day) - timedelta(days=4)
    for name, table in tenant.objects.items():
        for row in table.rows:
            copy = {**copies[name][row["Id"]]}
            assert {**copy, "Mrr": 0} == {**row, "Mrr": 0}


def test_items_of_a_late_bill_run_appear_after_the_day_they_are_stamped_with(
    company,
):
    events, params = company(noise={"bill_run_late": 1})
    final = project_zuora(events, params, params.as_of)
    invoice = min(final.objects["Invoice"].rows, key=lambda row: row["CreatedDate"])
    own = [
        item
        for item in final.objects["InvoiceItem"].rows
        if item["Invoice.Id"] == invoice["Id"]
    ]
    day = invoice["CreatedDate"].date()
    seen = []
    for later in range(5):
        tenant = project_zuora(events, params, day + timedelta(days=later))
        items = {row["Id"] for row in tenant.objects["InvoiceItem"].rows}
        seen.append({item["Id"] for item in own} <= items)
    assert seen[0] is False
    assert seen[4] is True
    assert {item["CreatedDate"] for item in own} == {invoice["CreatedDate"]}
    assert {item["UpdatedDate"] for item in own} == {invoice["CreatedDate"]}


def test_a_draft_made_twice_is_deleted_and_gone_after_thirty_days(company):
    events, params = company(noise={"duplicate_invoice": 1})
    ledger = zuora_noise(events, params, date(2017, 6, 30))
    drafts = [row for row in ledger if row.code == "duplicate_invoice"]
    assert drafts
    draft = drafts[0]

    def on(day):
        tenant = project_zuora(events, params, day)
        found = [
            r for r in tenant.objects["Invoice"].rows if r["Id"] == draft.source_id
        ]
        return found[0] if found else None

    deleted = on(draft.at.date() + timedelta(days=8))
    deleted_at = deleted[DELETED_AT]
    assert deleted["UpdatedDate"] == deleted_at
    assert deleted["Status"] == "Draft"
    living = on(deleted_at.date() - timedelta(days=1))
    assert living is None or living[DELETED_AT] is None
    assert on(deleted_at.date() + timedelta(days=29)) == deleted
    assert on(deleted_at.date() + timedelta(days=31)) is None


def test_deleted_drafts_do_not_count_in_what_an_account_owes(company):
    events, params = company(noise={"duplicate_invoice": 1})
    plain = project_zuora(*company(noise={"duplicate_invoice": 0}), params.as_of)
    noisy = project_zuora(events, params, params.as_of)
    balances = [
        {row["Id"]: row["Balance"] for row in tenant.objects["Account"].rows}
        for tenant in (plain, noisy)
    ]
    assert balances[0] == balances[1]


def test_with_invoice_settlement_credits_are_memos_and_balances_the_same(company):
    events, params = company()
    classic = project_zuora(events, params, params.as_of)
    settled = project_zuora(events, params, params.as_of, has_invoice_settlement=True)
    assert "CreditMemo" not in classic.objects
    memos = settled.objects["CreditMemo"].rows
    adjustments = classic.objects["InvoiceItemAdjustment"].rows
    assert memos
    assert sum(m["Amount"] for m in memos) == sum(a["Amount"] for a in adjustments)
    assert not settled.objects["InvoiceItemAdjustment"].rows
    assert not settled.objects["InvoicePayment"].rows
    payments = classic.objects["InvoicePayment"].rows
    assert len(settled.objects["PaymentApplication"].rows) == len(payments)
    balances = [
        {row["Id"]: row["Balance"] for row in tenant.objects["Invoice"].rows}
        for tenant in (classic, settled)
    ]
    assert balances[0] == balances[1]


@pytest.mark.parametrize("day", DAYS)
def test_the_same_day_is_the_same_tenant(company, day):
    events, params = company()
    assert project_zuora(events, params, day) == project_zuora(events, params, day)

"""Recurring revenue from Zuora's charges is what the contracts of the log are worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .test_truth import assert_metrics_equal_truth

PATTERNS = {"product_patterns": {"^Founders Bundle": "EES"}}


@pytest.fixture(scope="module")
def built(billed, bench):
    bench.load(billed.tables)
    bench.build(variables=PATTERNS)
    return bench


def test_every_metric_with_billing_equals_its_truth(billed, built):
    assert len({key[0] for key in built.metrics()}) == 63
    assert_metrics_equal_truth(billed, built)


def test_each_organizations_arr_by_month_equals_the_truth(billed, built):
    truth = {
        (row["organization_key"], row["month"]): (
            row["movement"],
            Decimal(row["arr_before"]),
            Decimal(row["arr_after"]),
        )
        for row in billed.truth_rows("arr.csv")
    }
    found = sorted(
        (str(month), movement, round(before, 2), round(after, 2))
        for month, movement, before, after in built.query(
            "select month_start, movement, arr_before, arr_after"
            " from marts.fct_arr_movements"
        )
    )
    told = sorted(
        (month, movement, round(before, 2), round(after, 2))
        for (_, month), (movement, before, after) in truth.items()
    )

    assert len(found) > 100
    assert found == told


def test_what_moved_each_organizations_arr_equals_the_truth(billed, built):
    effects = ("seat_effect", "price_effect", "tier_effect")
    told = sorted(
        (
            row["month"],
            row["product_from"],
            row["product_to"],
            *(round(Decimal(row[effect]), 2) for effect in effects),
        )
        for row in billed.truth_rows("arr.csv")
    )
    found = sorted(
        (str(month), before or "", after or "", *(round(each, 2) for each in amounts))
        for month, before, after, *amounts in built.query(
            f"select month_start, product_from, product_to, {', '.join(effects)}"
            " from marts.fct_arr_movements"
        )
    )

    assert found == told
    assert {row[1] for row in told} >= {"", "EES", "EEP"}


def test_arr_by_product_is_the_arr_the_metric_tells_at_the_end_of_each_month(built):
    told = built.query(
        "select dimension_id, period_start, round(value, 2)"
        " from marts.mtr_metric_values where metric_code = 'arr'"
        " and period_type = 'month' and dimension_type = 'product' and value > 0"
        " order by 1, 2"
    )
    found = built.query(
        "select product_code, month_start, round(sum(arr), 2)"
        " from marts.fct_arr_monthly group by 1, 2 order by 1, 2"
    )

    assert {row[0] for row in told} >= {"EES", "EEP"}
    assert found == told


def test_an_invoice_is_paid_when_the_payments_that_took_it_make_up_its_amount(built):
    ((invoices, wrong),) = built.query(
        "select count(*), count(case when (paid_date is not null)"
        " <> (coalesce(paid.amount, 0) >= invoices.amount) then 1 end)"
        " from marts.fct_invoices as invoices left join ("
        " select invoice_id, sum(links.amount) as amount"
        " from marts.bdg_payment_invoice as links"
        " join marts.fct_payments using (payment_id)"
        " where payment_status in ('processed', 'posted') group by 1"
        ") as paid using (invoice_id)"
    )

    assert invoices > 100
    assert wrong == 0


def test_a_rate_plan_nobody_knows_keeps_its_revenue_and_is_named(billed, bench):
    bench.load(billed.tables)
    statuses = bench.build()
    totals = bench.query(
        "select dimension_type, sum(value) from marts.mtr_metric_values"
        " where metric_code = 'arr' and period_type = 'all' group by 1"
    )

    assert statuses["warn_unmapped_names"] == "warn"
    assert len({round(value, 2) for _, value in totals}) == 1
    assert bench.query(
        "select distinct rate_plan_name from marts.fct_charges"
        " where product_code = 'UNMAPPED'"
    ) == [("Founders Bundle (grandfathered)",)]


def test_without_the_crm_arr_stays_and_belongs_to_who_is_billed(billed, bench):
    tables = {name: t for name, t in billed.tables.items() if name.startswith("zuora.")}
    bench.load(tables)
    bench.build(variables=PATTERNS)

    anchors = bench.query(
        "select distinct anchor_system, has_crm, has_billing from marts.fct_charges"
        " inner join marts.dim_organizations using (organization_id)"
    )
    total = bench.query(
        "select value from marts.mtr_metric_values where metric_code = 'arr'"
        " and period_type = 'all' and dimension_type = 'total'"
    )
    assert anchors == [("zuora", False, True)]
    assert total[0][0] > 100_000

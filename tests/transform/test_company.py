"""What all sources and the company's own files say together is what its log says."""

from __future__ import annotations

from decimal import Decimal

from .conftest import WHOLE_VARS
from .test_truth import assert_metrics_equal_truth


def test_every_metric_of_the_whole_tiny_company_equals_its_truth(whole_tiny, bench):
    bench.load(whole_tiny.tables)
    bench.build_metrics(variables=WHOLE_VARS)

    assert_metrics_equal_truth(whole_tiny, bench)


def test_every_metric_of_the_whole_small_company_equals_its_truth(whole, built_whole):
    assert_metrics_equal_truth(whole, built_whole)


def test_what_each_customer_cost_and_ordered_first_equals_the_truth(whole, built_whole):
    amounts = ("first_order_iacv", "direct_cac", "loaded_cac", "growth_cost")
    found = {
        account: (str(acquired or ""), str(touches), costs)
        for account, acquired, touches, *costs in built_whole.query(
            "select o.anchor_id, e.acquired_date, e.touches, e.first_order_iacv,"
            " e.direct_cac, e.loaded_cac, e.growth_cost"
            " from marts.mart_organization_economics e"
            " join marts.dim_organizations o using (organization_id)"
        )
    }
    truth = whole.truth_rows("organization_costs.csv")

    assert len(truth) > 200
    for row in truth:
        acquired, touches, costs = found[row["account_id"]]
        assert (acquired, touches) == (row["first_won_on"], row["touches"])
        for name, cost in zip(amounts, costs, strict=True):
            told = Decimal(row[name] or 0)
            assert abs((cost or 0) - told) <= Decimal("0.01"), (row, name)


def test_the_economics_of_all_customers_add_up_to_the_metrics(built_whole):
    metrics = {
        key[0]: row
        for key, row in built_whole.metrics().items()
        if key[1] == "all" and key[3] == "total"
    }
    ((customers, iacv, arr, ltv),) = built_whole.query(
        "select count(acquired_date), sum(iacv), sum(arr), sum(ltv)"
        " from marts.mart_organization_economics"
    )

    assert round(iacv, 2) == round(metrics["iacv"]["value"], 2)
    assert round(arr, 2) == round(metrics["arr"]["value"], 2)
    assert customers == metrics["ltv"]["denominator"]
    assert round(ltv, 2) == round(metrics["ltv"]["numerator"], 2)


def test_the_open_pipeline_before_a_quarter_is_what_coverage_is_reckoned_with(
    built_whole,
):
    told = built_whole.query(
        "select period_start, numerator from marts.mtr_metric_values"
        " where metric_code = 'pipeline_coverage' and period_type = 'fiscal_quarter'"
        " and dimension_type = 'total' and numerator > 0"
    )
    found = dict(
        built_whole.query(
            "select pipeline_date + 1, sum(amount_due_next_quarter)"
            " from marts.mart_pipeline_daily group by 1"
        )
    )

    assert len(told) > 4
    assert {day: found[day] for day, _ in told} == dict(told)


def test_what_few_people_said_or_did_is_told_nowhere(built_whole):
    ((few,),) = built_whole.query(
        "select count(*) from marts.fct_people_monthly where headcount < 5"
    )

    assert few > 0
    assert (
        built_whole.query(
            "select * from marts.fct_people_monthly"
            " where headcount < 5 and terminations is not null"
            " or applications < 5 and interviews is not null"
        )
        == []
    )
    assert (
        built_whole.query(
            "select * from marts.fct_survey_results_monthly"
            " where answers < 5 and (promoters is not null or detractors is not null)"
        )
        == []
    )

"""What the models say of the sample company is what its event log says."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

MONEY = Decimal("0.01")
RATIO = Decimal("0.000001")
MEDIANS = {
    "adoption_step_time",
    "merge_request_cycle_time",
    "merge_request_review_time",
    "time_to_close",
    "time_to_close_from_acceptance",
    "time_to_loss",
    "time_in_stage",
    "conversion_time",
    "conversion_time_weighted",
    "days_to_cash_median",
    "order_to_cash_median",
}
RATES = {
    "license_utilization",
    "feature_usage",
    "ping_coverage",
    "adoption_step_rate",
    "adoption_largest_drop",
    "retention_net",
    "retention_gross",
    "renewal_rate_net",
    "renewal_rate_gross",
    "renewal_rate_logo",
    "days_to_cash_weighted",
    "order_to_cash_weighted",
    "win_rate",
    "win_rate_by_value",
    "stage_win_rate",
    "stage_conversion",
    "lead_to_mql_rate",
    "mql_to_sql_rate",
    "sql_to_won_rate",
    "unallocated_spend_share",
    "collateral_influence_rate",
    "collateral_win_rate_with",
    "collateral_win_rate_without",
    "collateral_unused_share",
}
RULES = {
    "first_touch",
    "last_touch",
    "linear",
    "position",
    "w_shaped",
    "time_decay",
    "last_non_direct",
    "full_path",
}
KEY = ("metric_code", "period_type", "period_start", "dimension_type", "dimension_id")


def tolerances(metric_code: str) -> dict[str, Decimal]:
    if metric_code in MEDIANS:
        return dict.fromkeys(("numerator", "denominator", "value"), Decimal(0))
    value = RATIO if metric_code in RATES else MONEY
    return {"numerator": MONEY, "denominator": MONEY, "value": value}


def differences(truth: dict[str, str], found: dict[str, Any]) -> list[str]:
    wrong = []
    for name, tolerance in tolerances(truth["metric_code"]).items():
        expected = Decimal(truth[name]) if truth[name] else None
        actual = found[name]
        if expected is None or actual is None:
            is_equal = expected is actual
        else:
            is_equal = abs(expected - actual) <= tolerance
        if not is_equal:
            wrong.append(f"{name} {expected} but {actual}")
    for name in ("as_of_date", "is_mature", "quality_note", "sources"):
        actual = found[name]
        text = str(actual).lower() if isinstance(actual, bool) else str(actual or "")
        if truth[name] != text:
            wrong.append(f"{name} {truth[name]!r} but {text!r}")
    return wrong


def assert_metrics_equal_truth(company: Any, bench: Any) -> None:
    """Compare both ways; the truth may know metrics that no model makes yet."""
    found = bench.metrics()
    codes = {key[0] for key in found}
    truth = {
        tuple(row[name] for name in KEY): row
        for row in company.truth_rows("metrics.csv")
        if row["metric_code"] in codes
    }
    assert codes == {key[0] for key in truth}
    missing = sorted(set(truth) - set(found))
    assert not missing, f"{len(missing)} rows of the truth are missing: {missing[:20]}"
    more = sorted(set(found) - set(truth))
    assert not more, f"{len(more)} rows that the truth does not have: {more[:20]}"
    wrong = {key: differences(row, found[key]) for key, row in truth.items()}
    told = [f"{key}: {what}" for key, what in sorted(wrong.items()) if what]
    assert not told, f"{len(told)} rows differ:\n" + "\n".join(told[:40])


def test_in_the_middle_of_a_month_and_with_other_fiscal_years_too(tiny_in_june, bench):
    bench.load(tiny_in_june.tables)
    bench.build(variables={"fiscal_year_start_month": 1})

    assert {str(r["as_of_date"]) for r in bench.metrics().values()} == {"2017-06-15"}
    assert_metrics_equal_truth(tiny_in_june, bench)


def test_every_metric_of_the_small_company_equals_its_truth(small, built_small):
    found = built_small.metrics()
    assert len(found) > 15_000
    assert len({key[0] for key in found}) == 40
    assert_metrics_equal_truth(small, built_small)


def test_the_records_of_one_person_and_no_others_are_one_person(small, built_small):
    known = {
        (row["object"].lower(), row["source_id"]): row["known_person"]
        for row in small.truth_rows("identities.csv")
        if row["object"] in ("Lead", "Contact") and row["known_person"]
    }
    found = {
        (record_type, record_id): person_key
        for record_type, record_id, person_key in built_small.query(
            "select record_type, record_id, person_key"
            " from intermediate.int_people__clusters"
        )
    }

    assert found.keys() == known.keys()
    assert groups(found) == groups(known)
    assert len(set(known.values())) < len(known), "nobody has two records"


def groups(membership: dict[tuple[str, str], str]) -> set[frozenset[tuple[str, str]]]:
    members = defaultdict(set)
    for record, group in membership.items():
        members[group].add(record)
    return {frozenset(records) for records in members.values()}


def test_touches_their_repeats_and_first_touches_equal_the_truth(small, built_small):
    truth = {
        row["source_id"]: (
            row["channel"],
            row["touched_date"],
            row["is_repeat"],
            row["is_first_touch"],
        )
        for row in small.truth_rows("touches.csv")
    }
    found = {
        source_id: (channel, str(day), str(repeated).lower(), str(first).lower())
        for source_id, channel, day, repeated, first in built_small.query(
            "select source_id, channel, touched_date, is_repeated, is_first_touch"
            " from marts.fct_touchpoints"
        )
    }

    assert found == truth


def test_each_touch_gets_its_share_of_each_order_by_each_model(small, built_small):
    truth = {
        (row["opportunity_id"], row["model"], row["source_id"]): (
            Decimal(row["weight"]),
            Decimal(row["iacv"]),
        )
        for row in small.truth_rows("attribution.csv")
        if row["model"] in RULES
    }
    found = {
        (order, model, touch or ""): (weight, iacv)
        for order, model, touch, weight, iacv in built_small.query(
            "select opportunity_id, model_code, source_id, weight, iacv_attributed"
            " from marts.fct_attribution left join marts.fct_touchpoints"
            " using (touchpoint_id)"
        )
    }

    assert found.keys() == truth.keys()
    for key, (weight, iacv) in truth.items():
        assert abs(found[key][0] - weight) <= RATIO, key
        assert abs(found[key][1] - iacv) <= MONEY, key


@pytest.mark.parametrize(
    ("code", "table", "column"),
    [
        ("lead_dup", "int_people__clusters", "record_id"),
        ("merge", "int_people__clusters", "record_id"),
        ("opportunity_duplicate", "int_opportunities__enriched", "opportunity_id"),
    ],
)
def test_noise_of_the_ledger_is_in_the_tables_the_tests_compare(
    small, built_small, code, table, column
):
    noisy = {row["source_id"] for row in small.truth_rows("noise.csv")}
    coded = {
        row["source_id"] for row in small.truth_rows("noise.csv") if row["code"] == code
    }
    read = {
        row[0]
        for row in built_small.query(f"select {column} from intermediate.{table}")
    }

    assert noisy
    assert coded & read

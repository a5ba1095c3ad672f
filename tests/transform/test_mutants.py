"""Wrong variants of key lines of SQL do not get past the tests.

Each variant is run in the built warehouse, and must fail a data test or give a figure
that is not the truth's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from .conftest import metric_key
from .replay import Replay
from .test_truth import KEY, differences


@dataclass(frozen=True, slots=True)
class Mutant:
    """A line of a model, and what it could wrongly be."""

    what: str
    model: str
    line: str
    wrong: str


MUTANTS = [
    Mutant(
        "lost deals are censored at their loss",
        "int_metrics__conversion_times",
        r"else as_of\.as_of_date end",
        "else coalesce(cohorts.close_date, as_of.as_of_date) end",
    ),
    Mutant(
        "the first half of all instead of half of those who will convert",
        "int_metrics__conversion_times",
        r"share_converted >= plateau / 2 - 1e-9",
        "share_converted >= 0.5 - 1e-9",
    ),
    Mutant(
        "those at risk are counted from the wrong end",
        "int_metrics__conversion_times",
        r"order by duration_days desc\s*\) as at_risk",
        "order by duration_days) as at_risk",
    ),
    Mutant(
        "a charge counts on the day after its last",
        "int_subscriptions__terms",
        r"< charges\.end_date",
        "<= charges.end_date",
    ),
    Mutant(
        "a fall to nothing is contraction",
        "int_arr__months",
        r"when arr_after = 0 then 'churn'",
        "when arr_after = 0 then 'contraction'",
    ),
    Mutant(
        "customers without a touch are left out of CAC",
        "int_metrics__marketing",
        r"from customers\s*\)",
        "from customers where campaign_id is not null)",
    ),
    Mutant(
        "all leads instead of those that were touched",
        "int_metrics__marketing",
        r"where first_touch_id is not null",
        "",
    ),
    Mutant(
        "spend ends the day before the campaign does",
        "int_campaigns__spend_by_day",
        r"cast\(spans\.last_day as timestamp\)",
        "cast(spans.last_day - 1 as timestamp)",
    ),
    Mutant(
        "repeated touches count",
        "int_leads__first_touches",
        r"touches\.touched_date\s+between cast\(.*?as date\) and leads\.created_date",
        "touches.touched_date <= leads.created_date + 30",
    ),
    Mutant(
        "touches of one campaign within a day stay several",
        "int_touchpoints__deduplicated",
        r"<= 1,\s*false",
        "< 0, false",
    ),
    Mutant(
        "accounts are not rolled up to the parent",
        "int_accounts__resolved",
        r"families\.ultimate_parent_account_id as customer_account_id",
        "merged.surviving_account_id as customer_account_id",
    ),
    Mutant(
        "duplicates and unqualified deals count",
        "int_opportunities__enriched",
        r"coalesce\(stages\.is_excluded, false\) or",
        "",
    ),
    Mutant(
        "refunds add value",
        "int_opportunities__enriched",
        r"coalesce\(\s*incremental_acv,",
        "coalesce(abs(incremental_acv),",
    ),
    Mutant(
        "the amount of today instead of that at acceptance",
        "int_opportunities__accepted",
        r"coalesce\(ranked\.amount, accepted\.amount, 0\)",
        "coalesce(accepted.amount, 0)",
    ),
    Mutant(
        "the first and the last touch get half each",
        "int_attribution__weights",
        r"then 0\.4 else 0\.2 /",
        "then 0.5 else 0.0001 /",
    ),
    Mutant(
        "weights of an order do not sum to 1",
        "int_attribution__weights",
        r"score / sum\(score\) over",
        "score / count(*) over",
    ),
    Mutant(
        "attribution decays with the wrong half-life",
        "int_attribution__weights",
        r"-days_before_close / 7\.0",
        "-days_before_close / 14.0",
    ),
    Mutant(
        "runway is the burn of one month",
        "int_metrics__finance",
        r"rows between 2 preceding and current row",
        "rows between current row and current row",
    ),
    Mutant(
        "the magic number takes the expense of the same quarter",
        "int_metrics__finance",
        r"quarter_before\.sm_expense",
        "quarters.sm_expense",
    ),
    Mutant(
        "figures about few people are told",
        "int_metrics__people",
        r"denominator < 5",
        "denominator < 0",
    ),
    Mutant(
        "former members count",
        "int_people__headcounts",
        r"and months\.month_end < coalesce\(.*?\)",
        "",
    ),
    Mutant(
        "passive answers count as promoters",
        "int_metrics__people",
        r"when score >= 9 then 100",
        "when score >= 7 then 100",
    ),
    Mutant(
        "the pipeline of the end of the first day of a quarter",
        "int_metrics__plan",
        r"quarters\.quarter_start > cast\(histories",
        "quarters.quarter_start >= cast(histories",
    ),
    Mutant(
        "the required pipeline is the gap by the share that is lost",
        "int_metrics__plan",
        r"win_rates\.win_rate_by_value as denominator",
        "1 - win_rates.win_rate_by_value as denominator",
    ),
    Mutant(
        "lifetime value without margin",
        "int_metrics__value",
        r"assumptions\.gross_margin \* assumptions\.lifetime_years as worth",
        "assumptions.lifetime_years as worth",
    ),
    Mutant(
        "what an order credited by half earned counts whole in ROI",
        "int_metrics__attribution",
        r"sum\(weights\.weight \* orders\.iacv\)",
        "sum(orders.iacv)",
    ),
    Mutant(
        "re-tweets of all counts are added up",
        "int_metrics__experiments",
        r"where recency = 1",
        "",
    ),
    Mutant(
        "the posterior has no prior",
        "int_metrics__experiments",
        r"outcomes \+ 1 as numerator",
        "outcomes as numerator",
    ),
]


@pytest.fixture(scope="module")
def replay(built_whole):
    return Replay(built_whole.url, built_whole.manifest)


@pytest.fixture(scope="module")
def truth(whole):
    return {
        tuple(row[name] for name in KEY): row for row in whole.truth_rows("metrics.csv")
    }


def differs(metrics, truth):
    """Say whether any row is not the truth's."""
    found = {metric_key(row): row for row in metrics}
    codes = {key[0] for key in found}
    known = {key: row for key, row in truth.items() if key[0] in codes}
    return found.keys() != known.keys() or any(
        differences(row, found[key]) for key, row in known.items()
    )


def test_the_models_as_they_are_pass(replay, truth):
    outcome = replay.run()

    assert outcome.failed_tests == []
    assert not differs(outcome.metrics, truth)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_a_wrong_line_is_found(replay, truth, mutant):
    changed, count = re.subn(
        mutant.line, mutant.wrong, replay.sql_of(mutant.model), flags=re.DOTALL
    )
    assert count, f"{mutant.model} has no such line any more"

    outcome = replay.run(changed={mutant.model: lambda _: changed})

    assert outcome.failed_tests or differs(outcome.metrics, truth)

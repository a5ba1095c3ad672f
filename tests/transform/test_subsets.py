"""With any of its sources missing the company has all the metrics the others give."""

from __future__ import annotations

from itertools import combinations

import pytest

from .conftest import LOADERS, WHOLE_VARS, metric_key

SUBSETS = [
    missing
    for count in range(len(LOADERS) + 1)
    for missing in combinations(sorted(LOADERS), count)
]


def needs(row):
    return set(row["sources"].split(","))


def figures(metrics, missing):
    """Give the rows of the metrics that need none of what is missing.

    What is split by campaign is split by those of Salesforce.
    """
    gone = {"campaign"} if "salesforce" in missing else set()
    return {
        key: (row["numerator"], row["denominator"], row["value"], row["quality_note"])
        for key, row in metrics.items()
        if not needs(row) & set(missing) and row["dimension_type"] not in gone
    }


@pytest.fixture(scope="module")
def whole(replayed_whole_tiny):
    return {metric_key(row): row for row in replayed_whole_tiny.run().metrics}


@pytest.mark.parametrize(
    "missing", SUBSETS, ids=lambda names: "-".join(names) or "none"
)
def test_a_missing_source_takes_its_metrics_away_and_changes_no_other(
    replayed_whole_tiny, whole, missing
):
    outcome = replayed_whole_tiny.run(without=missing)

    left = {metric_key(row): row for row in outcome.metrics}
    assert outcome.failed_tests == []
    assert figures(left, missing) == figures(whole, missing)
    # Metrics of Salesforce stay, to say that they have no data.
    gone = set(missing) - {"salesforce"}
    assert not {row["metric_code"] for row in left.values() if needs(row) & gone}


@pytest.mark.parametrize(
    "present",
    [("csv",), ("marketo", "facebook", "gitlab"), ("salesforce", "zuora", "csv")],
    ids="-".join,
)
def test_dbt_builds_what_the_replay_of_the_subset_says(
    whole_tiny, whole, bench, present
):
    tables = {
        name: table
        for name, table in whole_tiny.tables.items()
        if table.schema.removeprefix("raw_") in present
    }
    bench.load(tables)

    bench.build(variables=WHOLE_VARS)

    missing = set(LOADERS) - set(present)
    assert len(tables) < len(whole_tiny.tables)
    assert figures(bench.metrics(), missing) == figures(whole, missing)
    assert bench.query(
        "select distinct source_name from marts.rpt_source_status where is_configured"
        " order by 1"
    ) == [(name,) for name in sorted(present)]

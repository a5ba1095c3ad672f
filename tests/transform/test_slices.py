"""The company loaded in five slices, built after each, against one full refresh."""

from __future__ import annotations

from dataclasses import replace

from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

from .raw_salesforce import salesforce_tables
from .test_truth import assert_metrics_equal_truth

ALL_ROWS = "select found::text from marts.{} as found order by 1"


def told(row):
    """Give what the source tells of a row, without what the target adds."""
    return {name: cell for name, cell in row.items() if not name.startswith("_")}


def merged(before, now):
    """Give a table after the target has merged the rows that are new or changed."""
    known = {row["Id"]: row for row in before.rows}
    rows = [
        known[row["Id"]]
        if row["Id"] in known and told(known[row["Id"]]) == told(row)
        else row
        for row in now.rows
    ]
    gone = known.keys() - {row["Id"] for row in now.rows}
    (seen_at,) = {row["_sdc_extracted_at"] for row in now.rows}
    rows += [known[key] | {"_sdc_deleted_at": seen_at} for key in sorted(gone)]
    return replace(now, rows=tuple(rows))


def slices():
    """Give the raw tables of Salesforce after each load of the tiny company."""
    parameters = load_parameters(scale="tiny")
    events = simulate(parameters)
    tables = {}
    for day in parameters.slices:
        now = salesforce_tables(events, parameters, day)
        tables = {
            name: merged(tables[name], table) if name in tables else table
            for name, table in now.items()
        }
        yield tables


def marts(bench):
    """Give all rows of all marts, each as one text."""
    names = bench.query(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    )
    return {name: bench.query(ALL_ROWS.format(name)) for (name,) in sorted(names)}


def test_five_loads_with_a_build_after_each_give_what_one_full_refresh_gives(
    tiny, bench
):
    *earlier, last = slices()
    bench.empty()
    for tables in earlier:
        bench.reload(tables)
        bench.build("--exclude-resource-type=test")
    salt = bench.query("select salt from intermediate.int_people__email_salt")
    bench.reload(last)
    bench.build()
    by_slices = marts(bench)

    assert_metrics_equal_truth(tiny, bench)
    bench.build("--full-refresh", "--exclude-resource-type=test")

    refreshed = marts(bench)
    assert [n for n in by_slices if refreshed[n] != by_slices[n]] == []
    assert len(by_slices["mtr_metric_values"]) > 1000
    assert len(salt) == 1
    assert bench.query("select salt from intermediate.int_people__email_salt") == salt

"""Raw tables as other targets, other spellings and other companies leave them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from .conftest import metric_key

METRIC_COUNT = 40
# Numbers without the zeros at their end, which other types do not keep.
ROWS = """
    select string_agg(
        each.key || '=' || case
            when jsonb_typeof(each.value) = 'number'
                then trim_scale(cast(each.value as numeric))::text
            else each.value::text
        end,
        ', ' order by each.key
    )
    from staging.{} as found
    cross join jsonb_each(to_jsonb(found)) as each
    group by found.ctid
"""


def staged(bench, tables):
    """Give the rows of each staging table of Salesforce, made of these raw tables.

    No other model reads a raw table: where these rows are the same, all metrics are.
    """
    bench.load(tables)
    return staged_again(bench)


def staged_again(bench):
    bench.build("--select=staging.salesforce", "--exclude-resource-type=test")
    names = bench.query(
        "select table_name from information_schema.tables"
        " where table_schema = 'staging' order by table_name"
    )
    return {
        name: sorted(text for (text,) in bench.query(ROWS.format(name)))
        for (name,) in names
    }


@pytest.fixture(scope="module")
def usual(tiny, bench):
    found = staged(bench, tiny.tables)
    assert len(found) == len(tiny.tables)
    assert all(found.values())
    return found


def assert_every_metric_says_no_data(bench):
    metrics = bench.metrics()
    sums = {
        code
        for (code,) in bench.query(
            "select metric_code from seeds.metric_definitions where kind = 'sum'"
        )
    }
    assert len(metrics) == METRIC_COUNT
    for row in metrics.values():
        assert (row["period_type"], row["dimension_type"]) == ("all", "total")
        assert row["quality_note"] == "no_data"
        assert row["value"] == (0 if row["metric_code"] in sums else None)
        assert not row["is_mature"]


def test_without_any_raw_table_everything_builds_and_says_no_data(bench):
    bench.empty()

    statuses = bench.build()

    assert set(statuses.values()) == {"success", "pass"}
    assert_every_metric_says_no_data(bench)
    assert {row["as_of_date"] for row in bench.metrics().values()} == {None}
    assert set(
        bench.query(
            "select is_configured, freshness_state from marts.rpt_source_status"
        )
    ) == {(False, "empty")}
    assert bench.query("select organization_id from marts.dim_organizations") == [
        ("unknown",)
    ]


def test_with_empty_raw_tables_everything_builds_and_says_no_data(tiny, bench):
    bench.load({name: replace(t, rows=()) for name, t in tiny.tables.items()})

    bench.build_metrics()

    assert_every_metric_says_no_data(bench)


def test_tables_with_hardly_any_column_build(tiny, bench):
    kept = {
        "Id",
        "StageName",
        "CloseDate",
        "IsWon",
        "IsClosed",
        "Amount",
        "MasterLabel",
    }
    bench.load(
        {
            name: table.without(*(set(table.columns) - kept))
            for name, table in tiny.tables.items()
        }
    )

    bench.build("--exclude-resource-type=test")

    won = sum(
        row["IsWon"] and not row["StageName"].startswith(("8", "9"))
        for row in tiny.tables["Opportunity"].rows
    )
    total = ("all", "1970-01-01", "total", "all")
    assert bench.figures()["win_rate", *total][0] == won


def test_a_company_without_custom_fields_still_gets_its_win_rate(tiny, bench):
    bench.load(
        {
            name: table.without(*(c for c in table.columns if c.endswith("__c")))
            for name, table in tiny.tables.items()
        }
    )
    bench.build_metrics()

    total = ("all", "1970-01-01", "total", "all")
    (rate,) = (
        Decimal(row["value"])
        for row in tiny.truth_rows("metrics.csv")
        if metric_key(row) == ("win_rate", *total)
    )
    assert abs(bench.figures()["win_rate", *total][2] - rate) < Decimal("1e-6")
    assert bench.figures()["iacv", *total] == (0, 1, 0)


def as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return None if value is None else str(value)


def test_columns_that_are_all_text_give_the_same_rows(tiny, bench, usual):
    found = staged(
        bench,
        {
            name: replace(
                table.with_rows(lambda row: {k: as_text(v) for k, v in row.items()}),
                columns=dict.fromkeys(table.columns, "text"),
            )
            for name, table in tiny.tables.items()
        },
    )

    assert found == usual


def test_other_types_for_the_same_values_give_the_same_rows(tiny, bench, usual):
    types = {
        "text": "varchar(255)",
        "boolean": "smallint",
        "numeric": "jsonb",
        "bigint": "double precision",
        "date": "timestamptz",
        "timestamptz": "timestamp",
    }

    def changed(value):
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, Decimal):
            return json.dumps(float(value))
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value

    found = staged(
        bench,
        {
            name: replace(
                table.with_rows(lambda row: {k: changed(v) for k, v in row.items()}),
                columns={k: types[kind] for k, kind in table.columns.items()},
            )
            for name, table in tiny.tables.items()
        },
    )

    assert found == usual


def test_lower_and_snake_case_names_give_the_same_rows(tiny, bench, usual):
    snake = {
        "Opportunity": "opportunity",
        "OpportunityHistory": "opportunity_history",
        "CampaignMember": "campaignmember",
        "Lead": "lead",
    }
    renamed = {
        "StageName": "stage_name",
        "CloseDate": "close_date",
        "IsWon": "iswon",
        "Incremental_ACV__c": "incremental_acv__c",
        "FirstRespondedDate": "first_responded_date",
        "ConvertedContactId": "convertedcontactid",
        "MasterRecordId": "master_record_id",
    }

    def spelled(name):
        return renamed.get(name, name.lower())

    tables = {}
    for name, table in tiny.tables.items():
        if name in snake:
            other = replace(
                table.with_rows(lambda row: {spelled(k): v for k, v in row.items()}),
                name=snake[name],
                columns={spelled(k): kind for k, kind in table.columns.items()},
            )
            tables[name] = other
        else:
            tables[name] = table
    found = staged(bench, tables)

    assert found == usual


def test_older_versions_left_by_an_appending_target_change_nothing(tiny, bench, usual):
    deals = tiny.tables["Opportunity"]
    older = tuple(
        row
        | {
            "Incremental_ACV__c": Decimal("1000000"),
            "IsWon": True,
            "SystemModstamp": row["SystemModstamp"] - timedelta(days=1),
        }
        for row in deals.rows
    )
    found = staged(
        bench, tiny.tables | {"Opportunity": replace(deals, rows=older + deals.rows)}
    )

    assert found == usual


def test_rows_the_target_marks_as_deleted_are_deleted(tiny, bench):
    deals = tiny.tables["Opportunity"]
    gone = {row["Id"] for row in deals.rows[::3]}
    assert any(row["IsWon"] for row in deals.rows if row["Id"] in gone)

    def build(mark):
        return staged(
            bench,
            tiny.tables
            | {
                "Opportunity": deals.with_rows(
                    lambda row: row | mark if row["Id"] in gone else row
                )
            },
        )

    by_source = build({"IsDeleted": True})
    by_target = build({"_sdc_deleted_at": datetime(2018, 1, 31, tzinfo=UTC)})

    assert by_target == by_source


def test_a_column_a_target_split_by_type_is_read_whole(tiny, bench, usual):
    deals = tiny.tables["Opportunity"]

    def split(row):
        amount = row.pop("Amount")
        half = int(row["_sdc_sequence"]) % 2
        return row | {
            "Amount": None if half else amount,
            "Amount__s": str(amount) if half and amount is not None else None,
        }

    found = staged(
        bench,
        tiny.tables
        | {
            "Opportunity": replace(
                deals.with_rows(split), columns=deals.columns | {"Amount__s": "text"}
            )
        },
    )

    assert found == usual


def test_names_that_would_break_out_of_sql_stay_names(tiny, bench):
    accounts = tiny.tables["Account"]
    column = 'x" from pg_class; create table public.pwned (i int); --'
    staged(
        bench,
        tiny.tables
        | {
            "Account": replace(
                accounts.with_rows(
                    lambda row: row | {column: "v", "Segment__c": "it's; drop"}
                ),
                columns=accounts.columns | {column: "text"},
            )
        },
    )

    assert bench.query("select to_regclass('public.pwned')") == [(None,)]
    assert bench.query(
        "select distinct segment from staging.stg_salesforce__accounts"
    ) == [("it's; drop",)]


def test_the_target_can_widen_a_column_under_a_built_warehouse(tiny, bench, usual):
    staged(bench, tiny.tables)

    bench.execute(
        'alter table raw_salesforce."Opportunity" alter column "Amount" type text'
    )
    bench.execute('drop table raw_salesforce."User"')
    found = staged_again(bench)

    users = "stg_salesforce__users"
    assert found == usual | {users: []}
    assert usual[users]

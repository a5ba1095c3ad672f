"""`metrics`: figures are shown, checked, and their changes explained. Real dbt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

MACROS = Path(__file__).parents[2] / "transform" / "macros"
RAW = """
create schema raw_salesforce;
create table raw_salesforce."Opportunity" ("Id" text primary key, "Amount" numeric,
    "CloseDate" date, "CreatedDate" timestamptz, "_sdc_extracted_at" timestamptz);
insert into raw_salesforce."Opportunity" values
    ('a', 100, '2017-12-10', '2017-12-05T09:00Z', '2018-01-20T03:00Z'),
    ('b', 50, '2018-01-05', '2018-01-03T09:00Z', '2018-01-20T03:00Z');
"""
SINCE = """
insert into raw_salesforce."Opportunity" values
    ('new', 30, '2018-01-26', '2018-01-25T09:00Z', '2018-01-31T03:00Z'),
    ('late', 7, '2017-12-30', '2018-01-22T09:00Z', '2018-01-31T03:00Z');
update raw_salesforce."Opportunity"
    set "Amount" = 40, "_sdc_extracted_at" = '2018-01-31T03:00Z' where "Id" = 'b';
"""
STAGED = """{{ staged('salesforce', 'Opportunity', key='id', columns=[
    ('Id', 'text', 'id'), ('Amount', 'numeric', 'amount'),
    ('CloseDate', 'date', 'close_date')]) }}"""
VALUES = """
with day as (
    select max({% if var('as_of_date') %} date '{{ var("as_of_date") }}'
    {% else %} cast(loaded_at at time zone 'UTC' as date) {% endif %}) as as_of_date
    from {{ ref('deals') }}
),
facts as (
    select 'iacv' as metric_code, close_date, amount as numerator
    from {{ ref('deals') }}
    union all
    select 'deal_age', close_date, as_of_date - close_date
    from {{ ref('deals') }} cross join day
),
parts as (
    select metric_code, 'month' as period_type, numerator,
        date_trunc('month', close_date)::date as period_start from facts
    union all
    select metric_code, 'all', numerator, date '1970-01-01' from facts
)
select metric_code, period_type, period_start, 'total' as dimension_type,
    'all' as dimension_id, 'all' as dimension_name, sum(numerator) as numerator,
    1::numeric as denominator, sum(numerator) as value, as_of_date,
    period_type = 'month' and period_start + 31 <= as_of_date as is_mature,
    null::text as quality_note, 'salesforce' as sources
from parts cross join day group by 1, 2, 3, as_of_date
"""
STATUS = """select 'salesforce' as source_name, count(*) as row_count,
    max(loaded_at) as last_loaded_at from {{ ref('deals') }}"""
FILES = {
    "dbt_project.yml": f"""\
name: toy
profile: bizops
macro-paths: [{MACROS}]
vars: {{as_of_date: null, more_schemas: {{}}}}
models: {{toy: {{+schema: marts, +materialized: table}}}}
seeds: {{toy: {{+schema: seeds, +full_refresh: true}}}}
""",
    "models/sources.yml": "sources: [{name: salesforce, schema: raw_salesforce, "
    "tables: [{name: Opportunity}]}]\n"
    "models: [{name: deals, columns: [{name: amount, data_tests: [not_null]}]}]\n",
    "models/deals.sql": STAGED,
    "models/mtr_metric_values.sql": VALUES,
    "models/rpt_source_status.sql": STATUS,
    "seeds/metric_definitions.csv": "metric_code,name,department,formula,unit,"
    "direction,kind\niacv,Incremental ACV,sales,Sum of amounts,USD,up,sum\n",
    "seeds/metric_thresholds.csv": "metric_code,op,limit_value,origin\niacv,>,90,x\n",
}


@pytest.fixture
def measured(toy: Toy) -> Toy:
    """Give a project with two deals and metrics of them, built by a run `first`."""
    for name, text in FILES.items():
        file = toy.directory / "dbt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.tap("tap-salesforce")
    toy.execute(RAW)
    build(toy, "first")
    return toy


def build(toy: Toy, run_id: str) -> None:
    done = toy.run("elt", "run", "--only", "t", "--run-id", run_id)
    assert done.returncode == 0, done.stderr


def explain(toy: Toy, *words: str) -> dict[str, Any]:
    done = toy.run("metrics", "explain", *words, "--json")
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def parts(toy: Toy, *words: str) -> dict[str, dict[str, float]]:
    """Give the parts of a change that are not zero, by the period's first day."""
    names = ("change", "new", "late", "restated", "code", "time")
    splits = explain(toy, *words)["change"]["splits"]
    return {
        split["key"]["period_start"]: {
            name: float(split[name]) for name in names if float(split[name])
        }
        for split in splits
    }


def test_a_change_is_split_into_what_made_it(measured: Toy) -> None:
    measured.execute(SINCE)
    build(measured, "second")

    assert parts(measured, "iacv", "--since", "first", "--period", "any") == {
        "1970-01-01": {"change": 27, "new": 30, "late": 7, "restated": -10},
        "2017-12-01": {"change": 7, "late": 7},
        "2018-01-01": {"change": 20, "new": 30, "restated": -10},
    }
    aged = parts(measured, "deal_age", "--since", "fir")["1970-01-01"]
    assert aged == {"change": 59, "new": 5, "late": 32, "time": 22}

    # As if the first run had been a day earlier.
    measured.execute(
        "update bizops.metric_readings set read_at = read_at - interval '1 day'"
        " where run_id = 'first'"
    )
    days = [
        day.isoformat()
        for (day,) in measured.query(
            "select (read_at at time zone 'UTC')::date from bizops.metric_readings"
            " order by number"
        )
    ]
    show = ("metrics", "show", "iacv", "--json", "--as-known-on")
    values = [json.loads(measured.run(*show, day).stdout)[0]["value"] for day in days]
    assert values[1] - values[0] == 27
    too_early = measured.run(*show, "2018-01-01")
    assert too_early.returncode == 2
    assert f"The first one that did was on {days[0]}" in too_early.stderr

    model = measured.directory / "dbt/models/mtr_metric_values.sql"
    model.write_text(VALUES.replace("amount as numerator", "amount + 1 as numerator"))
    build(measured, "third")
    found = parts(measured, "iacv", "--since", "first", "--period", "month")
    assert found == {
        "2017-12-01": {"change": 9, "late": 8, "code": 1},
        "2018-01-01": {"change": 22, "new": 31, "restated": -10, "code": 1},
    }
    left = "select nspname from pg_namespace where nspname like 'bizops_explain%'"
    assert measured.query(left) == []
    ((rows,),) = measured.query("select count(*) from bizops.metric_history")
    assert rows == 6 + 6 + 3  # only what changed is kept


def test_without_the_models_of_then_code_is_told_with_what_was_restated(
    measured: Toy,
) -> None:
    measured.execute(SINCE)
    model = measured.directory / "dbt/models/mtr_metric_values.sql"
    model.write_text(VALUES.replace("amount as numerator", "amount + 1 as numerator"))
    build(measured, "second")
    measured.execute("delete from bizops.model_code")

    shown = measured.run("metrics", "explain", "iacv", "--since", "first").stdout

    assert "iacv: Incremental ACV" in shown
    assert "Wanted > 90: met." in shown
    assert "Since first (" in shown
    figures = "31.00 USD 8.00 USD -8.00 USD 0.00 USD 0.00 USD"
    assert figures in " ".join(shown.split())
    assert "The models of that run are not kept" in shown


def test_what_cannot_be_explained_is_said(measured: Toy) -> None:
    for words, message in [
        (["iacf"], "Did you mean iacv?"),
        (["iacv", "--period", "2017-11"], "Did you mean '2017-12'?"),
        (["iacv", "--dimension", "segmnt"], "There is: total."),
        (["iacv", "--since", "frist"], "Did you mean 'first'?"),
    ]:
        done = measured.run("metrics", "explain", *words)
        assert done.returncode == 2, done.stderr
        assert message in done.stderr


def test_a_project_that_would_build_over_the_real_metrics_is_not_built(
    measured: Toy,
) -> None:
    project = measured.directory / "dbt" / "dbt_project.yml"
    own = measured.directory / "dbt" / "macros"
    own.mkdir()
    (own / "names.sql").write_text(
        "{% macro generate_schema_name(name, node) %}{{ name }}{% endmacro %}"
        "{% macro staged(a, b, columns, key) %}"
        'select "Id" as id, "Amount" as amount, "CloseDate" as close_date,'
        ' "_sdc_extracted_at" as loaded_at from raw_salesforce."Opportunity"'
        "{% endmacro %}"
    )
    project.write_text(FILES["dbt_project.yml"].replace(str(MACROS), "macros"))
    build(measured, "second")
    done = measured.run("metrics", "explain", "iacv", "--since", "first")
    assert done.returncode == 2
    assert "cannot build its metrics beside the real ones" in done.stderr
    ((date,),) = measured.query(
        "select distinct as_of_date::text from marts.mtr_metric_values"
    )
    assert date == "2018-01-20"


def test_what_metrics_rest_on_is_checked(measured: Toy) -> None:
    def check(*words: str) -> tuple[int, dict[tuple[str, str], str]]:
        done = measured.run("metrics", "check", "--json", *words)
        found = json.loads(done.stdout)
        return done.returncode, {(f["subject"], f["name"]): f["verdict"] for f in found}

    measured.tap("tap-salesforce", rows=3)
    load = measured.run("elt", "run", "tap-salesforce", "--only", "el")
    assert load.returncode == 0, load.stderr
    status, found = check()
    (test,) = [name for subject, name in found if subject == "tests"]
    assert (status, found) == (
        7,
        {
            ("limits", "iacv"): "met",
            ("sources", "toy"): "stale",
            ("sources", "salesforce"): "ok",
            ("tests", test): "ok",
        },
    )
    measured.execute("update seeds.metric_thresholds set limit_value = 100")
    assert check("--only", "limits") == (7, {("limits", "iacv"): "missed"})
    measured.execute('insert into raw_salesforce."Opportunity" ("Id") values (9)')
    assert measured.run("elt", "run", "--only", "t").returncode == 7
    assert check("--only", "tests") == (7, {("tests", test): "failed"})
    measured.execute("update bizops.runs set finished_at = now() - interval '3 days'")
    assert check("--only", "sources")[1][("sources", "salesforce")] == "stale"
    assert check("--only", "sources", "--max-age", "99")[0] == 7


def test_a_type_of_period_or_dimension_that_is_not_there_is_said(measured: Toy) -> None:
    done = measured.run("metrics", "show", "--period", "mnth")
    assert done.returncode == 2
    assert "Did you mean 'month'?" in done.stderr
    done = measured.run("metrics", "show", "iacv", "--period", "any", "--json")
    assert {row["period_type"] for row in json.loads(done.stdout)} == {"all", "month"}

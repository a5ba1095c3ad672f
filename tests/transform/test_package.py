"""The models as a dbt package in somebody's own dbt project."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import yaml
from dbt.cli.main import dbtRunner

from bizops_cli.dbt.schemas import schemas_of

from .conftest import PROJECT, WHOLE_VARS, metric_key
from .test_truth import differences

if TYPE_CHECKING:
    from pathlib import Path

OWN_FIELD = "Net_New_Annual_Value__c"
OWN_STAGE = "Doublette"
SECOND_ORG = "raw_salesforce_eu"
SCHEMAS = {"staging", "intermediate", "marts", "seeds"}
OWN_PROJECT = {
    "name": "acme",
    "version": "1.0.0",
    "config-version": 2,
    "profile": "acme",
    "models": {"acme": {"+schema": "own"}},
    "seeds": {"acme": {"+schema": "own"}, "bizops": {"stage_map": {"+enabled": False}}},
    "vars": {
        "bizops": {
            **WHOLE_VARS,
            "fiscal_year_start_month": 2,
            "schema_prefix": "acme_",
            "salesforce_fields": {"incremental_acv": OWN_FIELD},
            "more_schemas": {"salesforce": [SECOND_ORG]},
            "bizops_sources": ["salesforce", "zuora", "gitlab", "marketo", "csv"],
        }
    },
}
OWN_MODEL = """
select
    segment,
    {{ bizops.month_start('closed_date') }} as month,
    sum(iacv) as iacv
from {{ ref('bizops', 'fct_opportunities') }}
where is_won and not is_excluded
group by 1, 2
"""
OWN_TESTS = {
    "models": [
        {
            "name": "iacv_by_segment",
            "data_tests": [
                {"bizops.is_key": {"arguments": {"columns": ["segment", "month"]}}}
            ],
        }
    ]
}


@dataclass(frozen=True, slots=True)
class OwnProject:
    """A folder with a dbt project of a company's own that has bizops as a package."""

    folder: Path

    def dbt(self, *arguments):
        """Run a command of dbt in the folder; give its result."""
        return dbtRunner().invoke(
            [
                *arguments,
                f"--project-dir={self.folder}",
                f"--profiles-dir={self.folder}",
                f"--log-path={self.folder / 'logs'}",
                "--quiet",
            ]
        )


def own_stage_map():
    """Give the seed of bizops with the company's word for a duplicate."""
    path = PROJECT / "seeds" / "stage_map.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return [
        header,
        *([OWN_STAGE, *r[1:]] if r[0] == "9-Duplicate" else r for r in rows),
    ]


def write_project(folder):
    for name in ("models", "seeds"):
        (folder / name).mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(OWN_PROJECT))
    (folder / "packages.yml").write_text(
        yaml.safe_dump({"packages": [{"local": str(PROJECT)}]})
    )
    (folder / "models" / "iacv_by_segment.sql").write_text(OWN_MODEL)
    (folder / "models" / "own.yml").write_text(json.dumps(OWN_TESTS))
    with (folder / "seeds" / "stage_map.csv").open("w", newline="") as file:
        csv.writer(file).writerows(own_stage_map())


def as_the_company_names_it(tables):
    """Give the raw tables of a company with names of its own and without Facebook."""

    def renamed(row):
        return row | {
            OWN_FIELD: row["Incremental_ACV__c"],
            "StageName": row["StageName"].replace("9-Duplicate", OWN_STAGE),
        }

    deals = tables["Opportunity"].with_rows(renamed)
    deals = replace(deals, columns=deals.columns | {OWN_FIELD: "numeric"})
    histories = tables["OpportunityHistory"].with_rows(
        lambda row: (
            row | {"StageName": row["StageName"].replace("9-Duplicate", OWN_STAGE)}
        )
    )
    assert any(row["StageName"] == OWN_STAGE for row in deals.rows)
    named = {name: t for name, t in tables.items() if t.schema != "raw_facebook"} | {
        "Opportunity": deals.without("Incremental_ACV__c"),
        "OpportunityHistory": histories,
    }
    return named | dict(in_two_orgs(named))


def in_two_orgs(tables):
    """Give the tables of Salesforce as two accounts of it have them, half of each."""
    for name, table in tables.items():
        if table.schema == "raw_salesforce":
            yield name, replace(table, rows=table.rows[::2])
            second = replace(table, schema=SECOND_ORG, rows=table.rows[1::2])
            yield f"second.{name}", second.without("Description", "Phone")


@pytest.fixture(scope="module")
def built(whole_tiny, bench, tmp_path_factory):
    """Give the bench after the own project was built on it; what it made goes again."""
    folder = tmp_path_factory.mktemp("acme")
    write_project(folder)
    bench.load(as_the_company_names_it(whole_tiny.tables))
    bench.write_profile("acme", folder)
    project = OwnProject(folder)
    assert project.dbt("deps").success
    result = project.dbt(
        "build",
        "--select=+iacv_by_segment",
        "+mtr_metric_values",
        # Those of the package are run by its own tests.
        "--exclude=package:bizops,resource_type:test",
        "package:bizops,resource_type:unit_test",
    )
    assert result.success, [
        (r.node.name, r.message) for r in result.result.results if r.status == "error"
    ]
    try:
        statuses = {r.node.unique_id: r.status for r in result.result.results}
        yield bench, statuses, folder
    finally:
        own = (*(f"acme_{name}" for name in SCHEMAS), "analytics_own", SECOND_ORG)
        for schema in own:
            bench.execute(f"drop schema if exists {schema} cascade")


def test_a_model_on_top_of_the_marts_says_what_the_truth_says(whole_tiny, built):
    bench, statuses, _ = built
    truth = {
        row["dimension_id"]: Decimal(row["value"])
        for row in whole_tiny.truth_rows("metrics.csv")
        if row["metric_code"] == "iacv"
        and row["period_type"] == "all"
        and row["dimension_type"] == "segment"
    }

    found = bench.query(
        "select segment, sum(iacv) from analytics_own.iacv_by_segment group by 1"
    )

    assert truth
    assert {segment: round(value, 2) for segment, value in found} == truth
    assert [status for key, status in statuses.items() if "is_key" in key] == ["pass"]


def test_every_metric_equals_the_truth_with_own_names_and_two_orgs_of_salesforce(
    whole_tiny, built
):
    bench, *_ = built
    truth = {
        metric_key(row): row
        for row in whole_tiny.truth_rows("metrics.csv")
        if "facebook" not in row["sources"].split(",")
    }

    found = bench.metrics("acme_marts")

    assert len({key[0] for key in truth}) > 100
    assert not any("facebook" in row["sources"] for row in found.values())
    assert {
        key: w for key, row in truth.items() if (w := differences(row, found[key]))
    } == {}
    assert found.keys() == truth.keys()


def test_the_models_lie_in_schemas_of_the_prefix_and_the_own_seed_is_used(built):
    bench, statuses, folder = built

    made = {
        schema
        for (schema,) in bench.query(
            "select nspname from pg_namespace where nspname !~ '^(pg_|raw_|inf|public)'"
        )
    }

    assert made == {f"acme_{name}" for name in SCHEMAS} | {"analytics_own"}
    # Where `bizops pii erase` looks.
    assert made <= set(schemas_of(folder))
    assert not SCHEMAS & set(schemas_of(folder))
    assert statuses["seed.acme.stage_map"] == "success"
    assert "seed.bizops.stage_map" not in statuses

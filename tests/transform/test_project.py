"""The dbt project as a product: its own tests, contracts, words and privacy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2] / "transform"


def described_models():
    for path in sorted(PROJECT.glob("models/**/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            yield path.parent, model


def test_the_worked_examples_hold(built_small):
    result = built_small.dbt("test", "--select=test_type:unit")

    assert result.success, [r.message for r in result.result.results]
    assert len(result.result.results) >= 50


def test_every_model_is_described_and_no_description_is_left_over():
    described = {model["name"]: model for _, model in described_models()}

    assert {path.stem for path in PROJECT.glob("models/**/*.sql")} == set(described)
    assert all(model["description"] for model in described.values())
    for folder, model in described_models():
        if "intermediate" not in folder.parts:
            assert model["columns"]
            assert all(column["description"] for column in model["columns"])


def test_only_staging_reads_raw_tables(built_small):
    nodes = json.loads(built_small.manifest.read_text("utf-8"))["nodes"].values()
    readers = {
        Path(node["original_file_path"])
        for node in nodes
        for parent in node.get("depends_on", {}).get("nodes", ())
        if parent.startswith("source.")
    }

    assert {file.parts[:2] for file in readers} == {("models", "staging")}


def test_tables_and_columns_carry_their_descriptions_in_the_warehouse(built_small):
    marts = {
        model["name"]: model
        for folder, model in described_models()
        if "marts" in folder.parts
    }
    comments = built_small.query(
        "select c.relname, a.attname, coalesce(a.attnum, 0),"
        " col_description(c.oid, a.attnum), obj_description(c.oid)"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r'"
    )

    found = {(table, column): text for table, column, _, text, _ in comments}
    assert found == {
        (name, column["name"]): column["description"].strip()
        for name, model in marts.items()
        for column in model["columns"]
    }
    assert {table: text for table, _, _, _, text in comments} == {
        name: model["description"].strip() for name, model in marts.items()
    }


def test_the_planner_knows_every_table_a_build_has_made(built_small):
    unknown = built_small.query(
        "select c.oid::regclass from pg_class c"
        " where relnamespace in ('staging'::regnamespace,"
        " 'intermediate'::regnamespace, 'marts'::regnamespace)"
        " and relkind = 'r' and reltuples < 0"
    )

    assert unknown == []


def test_every_mart_but_reports_has_a_primary_key_the_database_enforces(built_small):
    without_key = built_small.query(
        "select relname from pg_class c"
        " where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        " and not exists (select from pg_constraint"
        " where conrelid = c.oid and contype = 'p')"
    )

    assert without_key == []


@pytest.mark.parametrize("schema", ["marts", "seeds"])
def test_no_address_of_a_person_reaches_the_marts(small, built_small, schema):
    addresses = {
        row["Email"].strip().lower()
        for name in ("Lead", "Contact")
        for row in small.tables[name].rows
        if row["Email"]
    }
    assert len(addresses) > 1000
    columns = built_small.query(
        "select table_name, column_name from information_schema.columns"
        f" where table_schema = '{schema}' and data_type = 'text'"
    )
    assert columns
    for table, column in columns:
        values = built_small.query(
            f'select distinct lower("{column}") from {schema}."{table}"'
        )
        assert not {value for (value,) in values} & addresses, (table, column)
        assert not [v for (v,) in values if v and "@" in v], (table, column)


def test_a_hash_of_an_address_needs_the_salt_of_the_warehouse(small, built_small):
    import hashlib

    ((salt,),) = built_small.query(
        "select salt from intermediate.int_people__email_salt"
    )
    address = next(r["Email"] for r in small.tables["Contact"].rows if r["Email"])
    normal = address.strip().lower()
    hashes = {
        value
        for (value,) in built_small.query("select email_hash from marts.dim_people")
    }

    assert hashlib.sha256(f"{salt}{normal}".encode()).hexdigest() in hashes
    assert hashlib.sha256(normal.encode()).hexdigest() not in hashes
    assert len(salt) >= 64


def test_given_an_as_of_date_all_rows_are_as_of_it(tiny, bench):
    bench.load(tiny.tables)

    bench.build(
        variables={
            "as_of_date": "2017-07-31",
            "customer_level": "account",
            "bizops_sources": ["tap-salesforce"],
        }
    )

    assert {str(row["as_of_date"]) for row in bench.metrics().values()} == {
        "2017-07-31"
    }
    assert bench.query(
        "select max(spend_date) <= date '2017-07-31' from marts.fct_spend_daily"
        " where campaign_id in (select campaign_id from marts.dim_campaigns"
        " where start_date <= date '2017-07-31')"
    ) == [(True,)]
    assert bench.query(
        "select distinct source_name from marts.rpt_source_status where is_configured"
    ) == [("salesforce",)]


@pytest.mark.parametrize(
    ("variable", "given", "named"),
    [
        ("salesforce_fields", {"avc": "ACV__c"}, '"avc"'),
        ("more_schemas", {"marketo": ["raw_marketo_eu"]}, '"marketo"'),
    ],
)
def test_a_wrong_name_in_a_variable_is_an_error_that_names_it(
    bench, variable, given, named
):
    result = bench.dbt("parse", variables={variable: given})

    assert not result.success
    assert named in str(result.exception)

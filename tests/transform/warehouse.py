"""A warehouse under test: raw tables as target-postgres makes them, and real dbt."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extras import execute_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bizops_sandbox.projections.salesforce_org import ObjectTable, SalesforceOrg
    from dbt.cli.main import dbtRunnerResult

PROJECT = Path(__file__).parents[2] / "transform"
SCHEMA = "raw_salesforce"
SAMPLE_VARS = {"fiscal_year_start_month": 2}
_COLUMN_TYPES = {
    "boolean": "boolean",
    "int": "bigint",
    "double": "numeric",
    "currency": "numeric",
    "percent": "numeric",
    "date": "date",
    "datetime": "timestamptz",
}
_METADATA = {
    "_sdc_extracted_at": "timestamptz",
    "_sdc_received_at": "timestamptz",
    "_sdc_batched_at": "timestamptz",
    "_sdc_deleted_at": "timestamptz",
    "_sdc_sequence": "bigint",
    "_sdc_table_version": "bigint",
    "_bizops_run_id": "text",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table to load: its columns with their types, and its rows."""

    name: str
    columns: dict[str, str]
    rows: tuple[Row, ...]


def raw_tables(org: SalesforceOrg) -> dict[str, RawTable]:
    """Give the org's objects as target-postgres lays them down."""
    return {
        name: _raw_table(table, extracted_at=org.as_of)
        for name, table in org.objects.items()
    }


def _raw_table(table: ObjectTable, *, extracted_at: datetime) -> RawTable:
    columns = {
        spec.name: _COLUMN_TYPES.get(spec.type, "text")
        for spec in table.fields
        if spec.type != "address"
    }
    metadata = {name: None for name in _METADATA} | {
        "_sdc_extracted_at": extracted_at,
        "_sdc_received_at": extracted_at,
        "_sdc_batched_at": extracted_at,
        "_bizops_run_id": "test",
    }
    rows = tuple(
        {name: row.get(name) for name in columns} | metadata | {"_sdc_sequence": number}
        for number, row in enumerate(table.rows)
    )
    return RawTable(table.name, columns | _METADATA, rows)


@contextmanager
def connected(url: str) -> Iterator[psycopg2.extensions.connection]:
    """Open a connection in autocommit, and close it."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def load(url: str, tables: Mapping[str, RawTable], *, schema: str = SCHEMA) -> None:
    """Make the raw tables anew with their rows."""
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("drop schema if exists {0} cascade; create schema {0}").format(
                sql.Identifier(schema)
            )
        )
        for table in tables.values():
            _create(cursor, schema, table)
            _fill(cursor, schema, table)


def _create(cursor: Any, schema: str, table: RawTable) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in table.columns.items()
    )
    cursor.execute(
        sql.SQL("create table {} ({})").format(
            sql.Identifier(schema, table.name), columns
        )
    )


def _fill(cursor: Any, schema: str, table: RawTable) -> None:
    statement = sql.SQL("insert into {} ({}) values %s").format(
        sql.Identifier(schema, table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
    )
    rows = [[row[name] for name in table.columns] for row in table.rows]
    execute_values(cursor, statement.as_string(cursor), rows, page_size=1000)


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Give the rows of a query."""
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Dbt:
    """dbt on one database, with everything it writes in one folder."""

    url: str
    folder: Path

    def invoke(
        self, *arguments: str, variables: Mapping[str, object] | None = None
    ) -> dbtRunnerResult:
        """Run a command of dbt in this process."""
        from dbt.cli.main import dbtRunner

        self._write_profile()
        return dbtRunner().invoke(
            [
                *arguments,
                f"--project-dir={PROJECT}",
                f"--profiles-dir={self.folder}",
                f"--target-path={self.folder / 'target'}",
                f"--log-path={self.folder / 'logs'}",
                "--quiet",
                f"--vars={json.dumps(SAMPLE_VARS | dict(variables or {}))}",
            ]
        )

    def build(
        self, *arguments: str, variables: Mapping[str, object] | None = None
    ) -> None:
        """Build models, seeds and data tests; unit tests apart. All must succeed."""
        result = self.invoke(
            "build",
            "--exclude-resource-type=unit_test",
            *arguments,
            variables=variables,
        )
        assert_succeeded(result)

    def _write_profile(self) -> None:
        address = urlsplit(self.url)
        output = {
            "type": "postgres",
            "host": address.hostname,
            "port": address.port,
            "user": unquote(address.username or ""),
            "password": unquote(address.password or ""),
            "dbname": address.path.lstrip("/"),
            "schema": "analytics",
            "threads": 4,
        }
        profile = {"bizops": {"target": "test", "outputs": {"test": output}}}
        (self.folder / "profiles.yml").write_text(json.dumps(profile))


def assert_succeeded(result: dbtRunnerResult) -> None:
    """Fail with dbt's own words when something failed, or when nothing ran."""
    if result.exception:
        raise result.exception
    assert result.result.results, "dbt found nothing to run"
    failures = [
        f"{node.node.unique_id}: {node.status}: {node.message}"
        for node in result.result.results
        if node.status not in ("success", "pass")
    ]
    assert not failures, "\n".join(failures)


def project_rows(tables: Mapping[str, RawTable], name: str) -> Sequence[Row]:
    """Give the rows of one raw table."""
    return tables[name].rows


def midnight(day: date) -> datetime:
    """Give the first instant of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

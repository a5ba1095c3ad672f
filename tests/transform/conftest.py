"""The sample company as raw tables of a real PostgreSQL, and real dbt on them."""

from __future__ import annotations

import csv
import json
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2 import sql

from .raw_company import LOADERS
from .raw_tables import write_table
from .replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dbt.cli.main import dbtRunnerResult

    from .raw_tables import RawTable

PROJECT = Path(__file__).parents[2] / "transform"
SAMPLE_VARS = {"fiscal_year_start_month": 2}
# What the sample company tells of itself when all its sources are there.
WHOLE_VARS = {"product_patterns": {"^Founders Bundle": "EES"}}
SCHEMAS = (
    *(f"raw_{source}" for source in LOADERS),
    "staging",
    "intermediate",
    "marts",
    "seeds",
    "snapshots",
    "analytics",
)


@dataclass(frozen=True, slots=True)
class Company:
    """The sample company at one scale: its raw tables and the folder of its truth.

    `tables` are those of the sources the truth knows, those of Salesforce by their
    name, those of other sources by `source.name`.
    """

    tables: dict[str, RawTable]
    truth: Path

    def truth_rows(self, name: str) -> list[dict[str, str]]:
        """Give the rows of one file of the truth."""
        with (self.truth / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def _make_company(
    scale: str,
    folder: Path,
    *,
    as_of: date | None = None,
    sources: tuple[str, ...] = ("salesforce",),
    **overrides: object,
) -> Company:
    from bizops_sandbox.truth.write import write_truth
    from bizops_sandbox.world.parameters import load_parameters
    from bizops_sandbox.world.simulate import simulate

    parameters = load_parameters(scale=scale, overrides=overrides)
    events = simulate(parameters)
    day = as_of or parameters.as_of
    write_truth(events, parameters, day, folder, sources=sources, with_catalogue=True)
    tables: dict[str, RawTable] = {}
    for source in sources:
        tables |= LOADERS[source](events, parameters, day)
    return Company(tables, folder)


@dataclass(frozen=True, slots=True)
class Workbench:
    """A database with raw tables, and dbt on it."""

    url: str
    folder: Path

    @property
    def manifest(self) -> Path:
        """What dbt has made of the project in the last whole build."""
        return self.folder / "built_manifest.json"

    def empty(self) -> None:
        """Drop everything that loads and builds have made."""
        with self._cursor() as cursor:
            for schema in SCHEMAS:
                cursor.execute(
                    sql.SQL("drop schema if exists {} cascade").format(
                        sql.Identifier(schema)
                    )
                )

    def load(self, tables: Mapping[str, RawTable]) -> None:
        """Start from nothing but these raw tables."""
        self.empty()
        self.reload(tables)

    def reload(self, tables: Mapping[str, RawTable]) -> None:
        """Put these raw tables in the place of those there are; what is built stays."""
        with self._cursor() as cursor:
            for schema in {"raw_salesforce"} | {t.schema for t in tables.values()}:
                name = sql.Identifier(schema)
                cursor.execute(sql.SQL("drop schema if exists {} cascade").format(name))
                cursor.execute(sql.SQL("create schema {}").format(name))
            for table in tables.values():
                write_table(cursor, table)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        with self._cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def execute(self, statement: str) -> None:
        """Run a statement that gives no rows."""
        with self._cursor() as cursor:
            cursor.execute(statement)

    def metrics(self, schema: str = "marts") -> dict[tuple[str, ...], dict[str, Any]]:
        """Give the rows of mtr_metric_values by metric, period and dimension."""
        with self._cursor() as cursor:
            cursor.execute(
                sql.SQL("select * from {}").format(
                    sql.Identifier(schema, "mtr_metric_values")
                )
            )
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {metric_key(row): row for row in rows}

    def figures(self) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """Give numerator, denominator and value of each row of the metrics."""
        return {
            key: (row["numerator"], row["denominator"], row["value"])
            for key, row in self.metrics().items()
        }

    def dbt(
        self, *arguments: str, variables: Mapping[str, object] | None = None
    ) -> dbtRunnerResult:
        """Run a command of dbt in this process."""
        from dbt.cli.main import dbtRunner

        self.write_profile("bizops", self.folder)
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
    ) -> dict[str, str]:
        """Build models, seeds and data tests as a user does; none may fail.

        Gives the status of each node by its name.
        """
        result = self.dbt(
            "build",
            "--exclude-resource-type=unit_test",
            *arguments,
            variables=variables,
        )
        statuses = _statuses(result)
        if not arguments:
            compiled = self.folder / "target" / "manifest.json"
            shutil.copyfile(compiled, self.manifest)
        return statuses

    def build_metrics(self, variables: Mapping[str, object] | None = None) -> None:
        """Build what the metrics need, without the data tests."""
        statuses = _statuses(
            self.dbt(
                "build",
                "--select=+mtr_metric_values",
                "--exclude-resource-types",
                "unit_test",
                "test",
                variables=variables,
            )
        )
        assert "mtr_metric_values" in statuses

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        connection = psycopg2.connect(self.url)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def write_profile(self, name: str, folder: Path) -> None:
        """Write the profiles.yml of a project that works on this database."""
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
        profile = {name: {"target": "test", "outputs": {"test": output}}}
        (folder / "profiles.yml").write_text(json.dumps(profile))


def metric_key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["metric_code"],
        row["period_type"],
        str(row["period_start"]),
        row["dimension_type"],
        row["dimension_id"],
    )


def _statuses(result: dbtRunnerResult) -> dict[str, str]:
    if result.exception:
        raise result.exception
    nodes = list(result.result.results)
    assert nodes, "dbt found nothing to run"
    failures = [
        f"{node.node.unique_id}: {node.status}: {node.message}"
        for node in nodes
        if node.status not in ("success", "pass", "warn")
    ]
    assert not failures, "\n".join(failures)
    return {node.node.name: str(node.status) for node in nodes}


@contextmanager
def _new_database(postgres_url: str) -> Iterator[str]:
    name = f"transform_{uuid.uuid4().hex[:12]}"
    server = Workbench(postgres_url, Path())
    server.execute(f'create database "{name}"')
    try:
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    finally:
        server.execute(f'drop database "{name}" with (force)')


@contextmanager
def _built(
    postgres_url: str,
    folder: Path,
    company: Company,
    variables: Mapping[str, object] | None = None,
) -> Iterator[Workbench]:
    """Give a company in a database of its own, loaded and built."""
    with _new_database(postgres_url) as url:
        workbench = Workbench(url, folder)
        workbench.load(company.tables)
        workbench.build(variables=variables)
        yield workbench


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the sample company with five organizations."""
    return _make_company("tiny", tmp_path_factory.mktemp("truth_tiny"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the sample company with three hundred organizations."""
    return _make_company("small", tmp_path_factory.mktemp("truth_small"))


@pytest.fixture(scope="session")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the small company with what Zuora has of it, too."""
    folder = tmp_path_factory.mktemp("truth_billed")
    return _make_company("small", folder, sources=("salesforce", "zuora"))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the small company with all that its sources and the files have of it."""
    folder = tmp_path_factory.mktemp("truth_whole")
    return _make_company("small", folder, sources=tuple(LOADERS))


@pytest.fixture(scope="session")
def whole_tiny(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the company of five organizations with all sources and the CSV inputs."""
    folder = tmp_path_factory.mktemp("truth_whole_tiny")
    return _make_company("tiny", folder, sources=tuple(LOADERS))


@pytest.fixture(scope="session")
def tiny_in_june(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Give the tiny company in mid-June 2017, its fiscal years being calendar years."""
    folder = tmp_path_factory.mktemp("truth_june")
    day = date.fromisoformat("2017-06-15")
    return _make_company("tiny", folder, as_of=day, fiscal_year_start_month=1)


@pytest.fixture(scope="session")
def bench(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workbench]:
    """Give a database that tests empty, load and build as they like, one at a time.

    It is one database for all of them, so that dbt parses the project once.
    """
    with _new_database(postgres_url) as url:
        yield Workbench(url, tmp_path_factory.mktemp("dbt_bench"))


@pytest.fixture(scope="session")
def replayed_whole_tiny(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory, whole_tiny: Company
) -> Iterator[Replay]:
    """Give the whole tiny company, loaded and built, to run its models again on."""
    folder = tmp_path_factory.mktemp("dbt_whole_tiny")
    with _built(postgres_url, folder, whole_tiny, WHOLE_VARS) as workbench:
        yield Replay(workbench.url, workbench.manifest)


@pytest.fixture(scope="session")
def built_small(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory, small: Company
) -> Iterator[Workbench]:
    """Give the small company, loaded and built, to be read only."""
    with _built(postgres_url, tmp_path_factory.mktemp("dbt_small"), small) as workbench:
        yield workbench


@pytest.fixture(scope="session")
def built_whole(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory, whole: Company
) -> Iterator[Workbench]:
    """Give the whole small company, loaded and built, to be read only."""
    folder = tmp_path_factory.mktemp("dbt_whole")
    with _built(postgres_url, folder, whole, WHOLE_VARS) as workbench:
        yield workbench

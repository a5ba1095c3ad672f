"""What metrics rest on: limits, how fresh their sources are, data tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.warehouse.columns import has_columns
from bizops_cli.warehouse.metrics import exact
from bizops_cli.warehouse.readings import STATUS_TABLE
from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import PluginSettings, Project

_STATUS_COLUMNS = frozenset({"source_name", "row_count", "last_loaded_at"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a metric; `op` is >, >=, < or <=."""

    metric_code: str
    op: str
    limit_value: Decimal


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How fresh a source is.

    Attributes:
        source: dbt's name of it.
        rows: In all raw tables that models read; None if no model tells.
        latest_at: When its latest row was extracted; None likewise.
        loaded_at: When a run last loaded it to its end; None for never.
        age_hours: How long that is ago.
    """

    source: str
    rows: int | None
    latest_at: datetime | None
    loaded_at: datetime | None
    age_hours: float | None


@dataclass(frozen=True, slots=True)
class TestStanding:
    """How a data test ended in the latest run that did it."""

    run_id: str
    name: str
    status: str
    message: str


def read_limits(connection: Connection) -> list[Limit]:
    """Return the limits metrics are held against."""
    if not has_table(connection, "seeds.metric_thresholds"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select metric_code, op, limit_value from seeds.metric_thresholds"
            " order by 1, 2"
        )
        return [
            Limit(code, op, value)
            for code, op, limit in cursor.fetchall()
            if (value := exact(limit)) is not None
        ]


def read_sources(
    connection: Connection, project: Project, taps: Sequence[PluginSettings]
) -> list[SourceStanding]:
    """Return how fresh the sources of taps are, in the taps' order."""
    rows: dict[str, tuple[int, datetime | None]] = {}
    schema, _, table = STATUS_TABLE.partition(".")
    with connection.cursor() as cursor:
        if has_columns(connection, schema, table, _STATUS_COLUMNS):
            cursor.execute(
                "select source_name, sum(row_count)::bigint, max(last_loaded_at)"
                " from marts.rpt_source_status group by 1"
            )
            rows = {name: (count, latest) for name, count, latest in cursor.fetchall()}
        cursor.execute(
            "select tap.tap, max(run.finished_at),"
            " extract(epoch from now() - max(run.finished_at)) / 3600"
            " from bizops.run_taps as tap join bizops.runs as run using (run_id)"
            " where run.project = %s and run.environment = %s"
            " and tap.status = 'succeeded' group by 1",
            (project.name, project.environment),
        )
        loads = {tap: (at, float(age)) for tap, at, age in cursor.fetchall()}
    none: tuple[None, None] = (None, None)
    # The models may call a source by its schema: raw_facebook of tap-facebook-ads.
    by_schema = {f"raw_{name}": figures for name, figures in rows.items()}
    return [
        SourceStanding(
            tap.source_name,
            *rows.get(tap.source_name, by_schema.get(tap.raw_schema, none)),
            *loads.get(tap.name, none),
        )
        for tap in taps
    ]


def read_tests(connection: Connection, project: Project) -> list[TestStanding]:
    """Return how each data test ended last, since all models were built."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with tested as (select run.run_id, run.started_at, run.build"
            " from bizops.runs as run"
            " where run.project = %s and run.environment = %s and exists ("
            " select from bizops.run_models as model where model.run_id = run.run_id"
            " and model.resource_type = 'test'))"
            " select distinct on (model.unique_id) model.run_id, model.unique_id,"
            " model.status, model.message"
            " from bizops.run_models as model join tested using (run_id)"
            " where model.resource_type = 'test' and tested.started_at >= coalesce("
            " (select max(started_at) from tested where build is distinct from"
            " 'loaded'), '-infinity')"
            " order by model.unique_id, tested.started_at desc, tested.run_id desc",
            (project.name, project.environment),
        )
        return [
            TestStanding(run_id, unique_id.split(".")[2], status, message)
            for run_id, unique_id, status, message in cursor.fetchall()
        ]

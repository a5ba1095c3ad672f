"""The raw tables of the sample company in a database, and the day that came last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from psycopg2 import sql

from bizops_sandbox.world.parameters import (  # type: ignore[import-untyped]
    load_parameters,
)
from bizops_sandbox.world.simulate import simulate  # type: ignore[import-untyped]
from tests.bench.database import make_schema, settle
from tests.bench.report import note
from tests.transform.raw_company import LOADERS
from tests.transform.raw_tables import write_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg2.extensions import connection as Connection  # noqa: N812

# What tells when a source made a row, or which day the row is of.
_INSTANTS = (
    "CreatedDate",
    "createdAt",
    "activityDate",
    "created_time",
    "date_start",
    "created_at",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class LoadedCompany:
    """What has been loaded.

    Attributes:
        rows: Of all raw tables.
        schemas: The raw schema of each source.
        last_day: The day the company is looked at.
    """

    rows: int
    schemas: Mapping[str, str]
    last_day: date


def load_company(connection: Connection, scale: str) -> LoadedCompany:
    """Load all sources of the sample company, as its taps and the target would."""
    note(f"loading the sample company at scale {scale}")
    parameters = load_parameters(scale=scale)
    events = simulate(parameters)
    rows, schemas = 0, {source: f"raw_{source}" for source in LOADERS}
    for source, tables_of in LOADERS.items():
        make_schema(connection, schemas[source])
        for table in tables_of(events, parameters, parameters.as_of).values():
            with connection.cursor() as cursor:
                write_table(cursor, table)
            rows += len(table.rows)
    settle(connection)
    return LoadedCompany(rows, schemas, parameters.as_of)


def load_last_day_again(connection: Connection, company: LoadedCompany) -> int:
    """Stamp the rows of the last day as a run on the next day does that loads them.

    Returns:
        How many rows that are.
    """
    since = datetime.combine(company.last_day, time(), UTC)
    loaded_at = since + timedelta(days=1)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name, min(column_name)"
            " from information_schema.columns"
            " where table_schema = any(%s) and column_name = any(%s)"
            " group by table_schema, table_name",
            (list(company.schemas.values()), list(_INSTANTS)),
        )
        for schema, table, column in cursor.fetchall():
            cursor.execute(
                sql.SQL(
                    "update {} set _sdc_extracted_at = %s, _sdc_received_at = %s,"
                    " _sdc_batched_at = %s where cast({} as timestamptz) >= %s"
                ).format(sql.Identifier(schema, table), sql.Identifier(column)),
                (loaded_at, loaded_at, loaded_at, since),
            )
            rows += cursor.rowcount
    return rows

"""The metrics as they were at the end of each run: kept where they changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.warehouse.columns import has_columns
from bizops_cli.warehouse.metrics import VALUES_TABLE, exact, read_values
from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import RunRecord
    from bizops_cli.warehouse.metrics import MetricSelection, MetricValue

STATUS_TABLE = "marts.rpt_source_status"
_KEY = "metric_code, period_type, period_start, dimension_type, dimension_id"
_PARTS = "numerator, denominator, value"
_NEEDED = frozenset(f"{_KEY}, {_PARTS}, as_of_date".split(", "))
_LATEST = (
    f"select distinct on ({_KEY}) {_KEY}, {_PARTS}, is_gone"  # noqa: S608
    f" from bizops.metric_history where number <= %(number)s"
    f" order by {_KEY}, number desc"
)
_KEEP = f"""
with latest as ({_LATEST}),
present as (
    select distinct on ({_KEY}) {_KEY},
        numerator::numeric as numerator, denominator::numeric as denominator,
        value::numeric as value
    from marts.mtr_metric_values order by {_KEY}
)
insert into bizops.metric_history (number, {_KEY}, {_PARTS}, is_gone)
select %(number)s, {_KEY}, present.numerator, present.denominator, present.value,
    present.metric_code is null
from present full join (select *, true as is_kept from latest) as latest
    using ({_KEY})
where (present.numerator, present.denominator, present.value)
        is distinct from (latest.numerator, latest.denominator, latest.value)
    or coalesce(latest.is_gone, true) <> (present.metric_code is null)
"""  # noqa: S608 (names of our own)

# Names of campaigns and the like are those of today.
_AT = f"""(
    select {_KEY}, coalesce(named.dimension_name, dimension_id) as dimension_name,
        {_PARTS}, %(as_of_date)s::date as as_of_date, null::boolean as is_mature,
        null::text as quality_note, coalesce(named.sources, '') as sources
    from ({_LATEST}) as latest
    left join (
        select distinct on ({_KEY}) {_KEY}, dimension_name, sources
        from marts.mtr_metric_values order by {_KEY}
    ) as named using ({_KEY})
    where not is_gone
)"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Key:
    """Which figure of a metric."""

    period_type: str
    period_start: date
    dimension_type: str
    dimension_id: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it is made of."""

    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None


Figures = dict[Key, Figure]
"""All figures of one metric."""


@dataclass(frozen=True, slots=True)
class Reading:
    """When, by which run and by which code metrics were read.

    Attributes:
        number: In order.
        run_id: The run.
        read_at: When.
        as_of_date: Last day of the data.
        fingerprint: Of the models' code.
        variables: Those the models were built with.
        known_at: Source to the last instant it had been read.
    """

    number: int
    run_id: str
    read_at: datetime
    as_of_date: date
    fingerprint: str
    variables: Mapping[str, object] = field(default_factory=dict)
    known_at: Mapping[str, str] = field(default_factory=dict)


def can_keep(connection: Connection) -> bool:
    """Tell whether there are metrics of the form we know."""
    schema, _, table = VALUES_TABLE.partition(".")
    return has_columns(connection, schema, table, _NEEDED)


def keep_reading(
    connection: Connection,
    record: RunRecord,
    *,
    fingerprint: str,
    variables: Mapping[str, object],
    archive: bytes | None,
) -> None:
    """Keep the metrics as they are now, as those of a run, and the code they are by.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        record: The run.
        fingerprint: Of the models' code.
        variables: Those the models were built with.
        archive: The code itself; None when it is too large.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into bizops.metric_readings"
            " (run_id, read_at, as_of_date, fingerprint, variables, known_at)"
            " select %s, now(), max(as_of_date), %s, %s, %s"
            " from marts.mtr_metric_values returning number",
            (
                record.run_id,
                fingerprint,
                json.dumps(dict(variables), default=str),
                json.dumps(_known_at(connection)),
            ),
        )
        (number,) = cursor.fetchone() or (0,)
        if archive is not None:
            cursor.execute(
                "insert into bizops.model_code (fingerprint, archive) values (%s, %s)"
                " on conflict do nothing",
                (fingerprint, archive),
            )
        cursor.execute(_KEEP, {"number": number})


def list_readings(connection: Connection) -> list[Reading]:
    """Return all readings with metrics in them, the latest first."""
    if not has_table(connection, "bizops.metric_readings"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, run_id, read_at, as_of_date, fingerprint, variables,"
            " known_at from bizops.metric_readings where as_of_date is not null"
            " order by number desc"
        )
        return [Reading(*row) for row in cursor.fetchall()]


def read_figures_at(connection: Connection, code: str, *, number: int) -> Figures:
    """Return the figures of a metric as a reading found them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select period_type, period_start, dimension_type, dimension_id,"  # noqa: S608
            f" {_PARTS} from ({_LATEST}) as latest"
            " where metric_code = %(code)s and not is_gone",
            {"number": number, "code": code},
        )
        return {Key(*row[:4]): _figure(row[4:]) for row in cursor.fetchall()}


def read_values_at(
    connection: Connection, selection: MetricSelection, reading: Reading
) -> list[MetricValue]:
    """Return the selected figures as a reading found them, each with its name."""
    known = {"number": reading.number, "as_of_date": reading.as_of_date}
    return read_values(connection, selection, relation=_AT, parameters=known)


def read_figures(connection: Connection, code: str, *, prefix: str = "") -> Figures:
    """Return the figures of a metric as they are now.

    Args:
        connection: In autocommit mode.
        code: The metric.
        prefix: In front of the schema, for metrics that were built beside.
    """
    from psycopg2 import sql

    schema, _, table = VALUES_TABLE.partition(".")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select period_type, period_start, dimension_type, dimension_id,"
                " numerator, denominator, value from {} where metric_code = %s"
            ).format(sql.Identifier(prefix + schema, table)),
            (code,),
        )
        return {Key(*row[:4]): _figure(row[4:]) for row in cursor.fetchall()}


def read_archive(connection: Connection, fingerprint: str) -> bytes | None:
    """Return the models' code; None if it is not kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select archive from bizops.model_code where fingerprint = %s",
            (fingerprint,),
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def drop_schemas(connection: Connection, *, prefix: str) -> None:
    """Drop every schema whose name begins so, with all that is in it."""
    from psycopg2 import sql

    with connection.cursor() as cursor:
        cursor.execute(
            "select nspname from pg_catalog.pg_namespace"
            " where starts_with(nspname::text, %s)",
            (prefix,),
        )
        for (name,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("drop schema {} cascade").format(sql.Identifier(name))
            )


def _known_at(connection: Connection) -> dict[str, str]:
    schema, _, table = STATUS_TABLE.partition(".")
    needed = frozenset({"source_name", "last_loaded_at"})
    if not has_columns(connection, schema, table, needed):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select source_name, max(last_loaded_at) from marts.rpt_source_status"
            " where last_loaded_at is not null group by 1"
        )
        return {name: instant.isoformat() for name, instant in cursor.fetchall()}


def _figure(parts: tuple[object, ...]) -> Figure:
    numerator, denominator, value = map(exact, parts)
    return Figure(numerator, denominator, value)

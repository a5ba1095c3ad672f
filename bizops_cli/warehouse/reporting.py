"""What the report reads: the metrics, and the few facts no metric holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.warehouse.reconciliations import KeptComparison

_NO_MONTHS = ("campaign", "content", "feature", "usage_type", "release", "branch")
"""Dimensions with so many values that the report keeps no months of them."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A row of the seed metric_definitions, with its threshold if it has one."""

    code: str
    name: str
    department: str
    formula: str
    unit: str
    direction: str
    kind: str
    origin: str
    sources: str
    limit_op: str | None
    limit_value: Decimal | None
    limit_origin: str | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of mtr_metric_values."""

    code: str
    period_type: str
    period_start: date
    dimension_type: str
    dimension_id: str
    dimension_name: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    is_mature: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of rpt_source_status."""

    source: str
    object: str
    rows: int
    deleted: int
    is_configured: bool
    freshness: str
    last_loaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class DurationRow:
    """How many subjects waited so long: `member` is a channel or a segment.

    `days` until the event, or until the as-of date where there was none.
    """

    metric: str
    cohort_start: date
    member: str
    days: int
    is_event: bool
    count: int


@dataclass(frozen=True, slots=True)
class OpenDealsRow:
    """Open opportunities of a stage that are to close in a fiscal quarter.

    Without a quarter they should have been closed before the as-of date.
    """

    quarter_start: date | None
    stage: str
    deals: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReportRows:
    """All the report reads; empty parts where the warehouse lacks them.

    Attributes:
        catalogue: The metrics that are defined, by department and code.
        figures: What has been made of them.
        sources: The objects of the sources, loaded or not.
        durations: What survival curves are drawn from.
        open_deals: Open opportunities by stage and quarter.
        channels: Names of the channels by their code.
        reconciled: What `reconcile` last found of this project.
        as_of: The day all ages count to; None when nothing is loaded.
        fiscal_year_start_month: 1 to 12; None when there is no calendar.
    """

    catalogue: tuple[CatalogueRow, ...] = ()
    figures: tuple[FigureRow, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    durations: tuple[DurationRow, ...] = ()
    open_deals: tuple[OpenDealsRow, ...] = ()
    channels: tuple[tuple[str, str], ...] = ()
    reconciled: tuple[KeptComparison, ...] = ()
    as_of: date | None = None
    fiscal_year_start_month: int | None = None


_CATALOGUE = """
select metric_code, name, department, formula, unit, direction, kind, origin, sources,
    null, null, null
from seeds.metric_definitions order by department, metric_code
"""
_CATALOGUE_WITH_LIMITS = """
select definitions.metric_code, name, department, formula, unit, direction, kind,
    definitions.origin, sources, limits.op, limits.limit_value, limits.origin
from seeds.metric_definitions as definitions
left join seeds.metric_thresholds as limits
    on limits.metric_code = definitions.metric_code
order by department, definitions.metric_code
"""
_FIGURES = """
select metric_code, period_type, period_start, dimension_type, dimension_id,
    coalesce(dimension_name, dimension_id), numerator, denominator, value, is_mature,
    quality_note
from marts.mtr_metric_values
where period_type in ('all', 'fiscal_year', 'fiscal_quarter', 'month')
    and not (period_type = 'month' and dimension_type = any(%(no_months)s))
order by metric_code, dimension_type, dimension_id, period_start
"""
_SOURCES = """
select source_name, object_name, row_count, deleted_count, is_configured,
    freshness_state, last_loaded_at
from marts.rpt_source_status order by source_name, object_name
"""
_JOURNEYS = """
select 'conversion_time', dates.fiscal_year_start, journeys.channel, journeys.days,
    journeys.is_won, count(*)
from intermediate.int_journeys__started as journeys
inner join marts.dim_dates as dates on dates.date_day = journeys.touched_date
where journeys.days >= 0
group by 1, 2, 3, 4, 5 order by 2, 3, 4, 5
"""
_OPPORTUNITIES = """
select 'time_to_close', dates.fiscal_year_start, opportunities.segment,
    case when is_won then closed_date else %(as_of)s::date end - created_date as days,
    is_won, count(*)
from marts.fct_opportunities as opportunities
inner join marts.dim_dates as dates on dates.date_day = opportunities.created_date
where not is_excluded and not is_refund
    and case when is_won then closed_date else %(as_of)s::date end >= created_date
group by 1, 2, 3, 4, 5 order by 2, 3, 4, 5
"""
_OPEN_DEALS = """
select
    case when expected_close_date >= %(as_of)s::date
        then dates.fiscal_quarter_start end,
    stage_name, count(*), coalesce(sum(amount), 0)
from marts.fct_opportunities as opportunities
inner join marts.dim_dates as dates on dates.date_day = expected_close_date
where not is_closed and not is_excluded and not is_refund
group by 1, 2 order by 1 nulls first, 2
"""


def read_report_rows(connection: Connection) -> ReportRows:
    """Return what the report shows; what the warehouse lacks is empty."""
    reader = _Reader(connection)
    as_of = reader.one(
        "select max(as_of_date) from marts.mtr_metric_values", "marts.mtr_metric_values"
    )
    has_limits = has_table(connection, "seeds.metric_thresholds")
    catalogue = _CATALOGUE_WITH_LIMITS if has_limits else _CATALOGUE
    opportunities = ("marts.fct_opportunities", "marts.dim_dates")
    journeys = ("intermediate.int_journeys__started", "marts.dim_dates")
    parameters = {"as_of": as_of, "no_months": list(_NO_MONTHS)}
    durations = [
        *reader.rows(_JOURNEYS, *journeys),
        *reader.rows(_OPPORTUNITIES, *opportunities, parameters=parameters),
    ]
    return ReportRows(
        catalogue=tuple(
            CatalogueRow(*row)
            for row in reader.rows(catalogue, "seeds.metric_definitions")
        ),
        figures=tuple(
            FigureRow(*row)
            for row in reader.rows(
                _FIGURES, "marts.mtr_metric_values", parameters=parameters
            )
        ),
        sources=tuple(
            SourceRow(*row) for row in reader.rows(_SOURCES, "marts.rpt_source_status")
        ),
        durations=tuple(DurationRow(*row) for row in durations),
        open_deals=tuple(
            OpenDealsRow(*row)
            for row in reader.rows(_OPEN_DEALS, *opportunities, parameters=parameters)
        ),
        channels=tuple(
            (code, name)
            for code, name in reader.rows(
                "select channel, channel_name from marts.dim_channels order by 2",
                "marts.dim_channels",
            )
        ),
        as_of=as_of,
        fiscal_year_start_month=reader.one(
            "select extract(month from fiscal_year_start)::int"
            " from marts.dim_dates limit 1",
            "marts.dim_dates",
        ),
    )


class _Reader:
    """Reads from tables that may not be there yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(
        self,
        statement: str,
        *tables: str,
        parameters: dict[str, object] | None = None,
    ) -> Sequence[tuple[Any, ...]]:
        """Return a query's rows, none when one of its tables is missing."""
        if not all(has_table(self._connection, table) for table in tables):
            return []
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()

    def one(self, statement: str, table: str) -> Any:  # noqa: ANN401
        """Return the first value of a query's first row, None when there is none."""
        rows = self.rows(statement, table)
        return rows[0][0] if rows else None

"""The metrics as the transform left them in marts.mtr_metric_values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from psycopg2.extensions import connection as Connection  # noqa: N812

VALUES_TABLE = "marts.mtr_metric_values"
DEFINITIONS_TABLE = "seeds.metric_definitions"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What a metric is.

    Attributes:
        metric_code: Its name in SQL, e.g. `win_rate`.
        name: Its name for people.
        department: Whose metric it is.
        formula: How it is computed, in words.
        unit: A currency, `ratio`, `days`, or what is counted.
        direction: Where better is: up, down or none.
        kind: sum, ratio, median or stock.
    """

    metric_code: str
    name: str
    department: str
    formula: str
    unit: str
    direction: str
    kind: str


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One figure, with what it was made of.

    Attributes:
        metric_code: Which metric.
        name: Its name for people; the code if nobody has defined it.
        unit: A currency, `ratio`, `days`, or what is counted; None if not defined.
        period_type: month, fiscal_quarter, fiscal_year or all.
        period_start: First day of the period.
        dimension_type: total, or what it is split by, such as segment or channel.
        dimension_id: Which one of these; `all` for total.
        dimension_name: What people call it: a campaign's name.
        numerator: Upper part; of a median the events.
        denominator: Lower part; of a sum 1, of a median the subjects.
        value: The figure; None when there is none, see the note.
        as_of_date: Last day of the data it rests on.
        is_mature: Whether later data will not change it any more by much; None for a
            figure of the past.
        quality_note: Why the value is missing or to be read with care.
        sources: Where the figure comes from, e.g. `salesforce`.
    """

    metric_code: str
    name: str
    unit: str | None
    period_type: str
    period_start: date
    dimension_type: str
    dimension_id: str
    dimension_name: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    as_of_date: date
    is_mature: bool | None
    quality_note: str | None
    sources: str


@dataclass(frozen=True, slots=True)
class MetricSelection:
    """Which figures to read; empty codes mean all metrics, None means any."""

    codes: tuple[str, ...] = ()
    period_type: str | None = "all"
    dimension_type: str | None = "total"
    since: date | None = None


def has_metrics(connection: Connection) -> bool:
    """Tell whether a transform has ever made the metrics."""
    return has_table(connection, VALUES_TABLE)


def read_codes(connection: Connection) -> list[str]:
    """Return the codes of all metrics there are figures of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct metric_code from marts.mtr_metric_values order by 1"
        )
        return [code for (code,) in cursor.fetchall()]


def read_kinds(connection: Connection) -> tuple[list[str], list[str]]:
    """Return the types of period and of dimension there are figures of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct period_type, dimension_type from marts.mtr_metric_values"
        )
        rows = cursor.fetchall()
    return sorted({row[0] for row in rows}), sorted({row[1] for row in rows})


def read_definitions(connection: Connection) -> list[MetricDefinition]:
    """Return what the metrics are, in the order of the catalogue's departments."""
    if not has_table(connection, DEFINITIONS_TABLE):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select metric_code, name, department, formula, unit, direction, kind"
            " from seeds.metric_definitions order by department, metric_code"
        )
        return [MetricDefinition(*row) for row in cursor.fetchall()]


def read_values(
    connection: Connection,
    selection: MetricSelection,
    *,
    relation: str = VALUES_TABLE,
    parameters: Mapping[str, object] | None = None,
) -> list[MetricValue]:
    """Return the selected figures, by metric, period and dimension.

    Args:
        connection: To the warehouse.
        selection: Which ones.
        relation: SQL of a relation like `marts.mtr_metric_values`, of our own making.
        parameters: What it takes.
    """
    definitions = {item.metric_code: item for item in read_definitions(connection)}
    with connection.cursor() as cursor:
        cursor.execute(
            "select metric_code, period_type, period_start, dimension_type,"  # noqa: S608
            " dimension_id, dimension_name, numerator, denominator, value, as_of_date,"
            f" is_mature, quality_note, sources from {relation} as figures"
            " where (metric_code = any(%(codes)s::text[])"
            " or cardinality(%(codes)s::text[]) = 0)"
            " and (%(period_type)s::text is null or period_type = %(period_type)s)"
            " and (%(dimension_type)s::text is null"
            " or dimension_type = %(dimension_type)s)"
            " and (%(since)s::date is null or period_start >= %(since)s::date)"
            " order by metric_code, dimension_type, period_type, period_start,"
            " dimension_id",
            {
                "codes": list(selection.codes),
                "period_type": selection.period_type,
                "dimension_type": selection.dimension_type,
                "since": selection.since,
                **(parameters or {}),
            },
        )
        rows = cursor.fetchall()
    return [_value(row, definitions) for row in rows]


def _value(row: Sequence[Any], definitions: dict[str, MetricDefinition]) -> MetricValue:
    code, period_type, period_start, dimension_type, dimension_id, *rest = row
    dimension_name, numerator, denominator, value, *rest = rest
    as_of_date, is_mature, quality_note, sources = rest
    definition = definitions.get(code)
    return MetricValue(
        metric_code=code,
        name=definition.name if definition else code,
        unit=definition.unit if definition else None,
        period_type=period_type,
        period_start=period_start,
        dimension_type=dimension_type,
        dimension_id=dimension_id,
        dimension_name=dimension_name,
        numerator=exact(numerator),
        denominator=exact(denominator),
        value=exact(value),
        as_of_date=as_of_date,
        is_mature=is_mature,
        quality_note=quality_note,
        sources=sources,
    )


def exact(number: object) -> Decimal | None:
    """Return the number as it prints: a column may be numeric, integer or double."""
    return None if number is None else Decimal(str(number))

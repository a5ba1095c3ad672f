"""The metrics of the sample company, computed from its event log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.truth import costs, sales
from bizops_sandbox.truth.cells import MetricRow, median_rows, ratio_rows, sum_rows
from bizops_sandbox.truth.facts import Facts, collect_facts
from bizops_sandbox.truth.opportunities import counted_deals
from bizops_sandbox.truth.persons import find_persons
from bizops_sandbox.truth.touches import find_touches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bizops_sandbox.world.events import Event

METRIC_CODES = (
    "iacv",
    "iacv_net",
    "win_rate",
    "win_rate_by_value",
    "average_deal_size",
    "pipeline_created",
    "time_to_close",
    "time_to_close_from_acceptance",
    "time_to_loss",
    "cost_per_lead",
    "cost_per_lead_blended",
    "cac",
)


def compute_metrics(
    events: Iterable[Event], as_of: date, *, fiscal_year_start_month: int
) -> list[MetricRow]:
    """All metrics at the end of a day, ordered by code, period and dimension.

    Args:
        events: The log, in time order.
        as_of: The day; later events are not heeded.
        fiscal_year_start_month: 1 to 12.
    """
    facts = collect_facts(events, as_of)
    rows = _sales_rows(facts, fiscal_year_start_month)
    rows += _cost_rows(facts, fiscal_year_start_month)
    return sorted(rows, key=order_of_rows)


def order_of_rows(row: MetricRow) -> tuple[object, ...]:
    """What rows are sorted by: code, period, dimension."""
    return (row.metric_code, row.period.kind, row.period.start, *row.dimension)


def _sales_rows(facts: Facts, fiscal_start: int) -> list[MetricRow]:
    deals, as_of = counted_deals(facts), facts.as_of
    rows: list[MetricRow] = []
    for sum_of in (sales.iacv, sales.iacv_net, sales.pipeline_created):
        rows += sum_rows(sum_of.__name__, sum_of(deals), as_of, fiscal_start)
    for ratio in (sales.win_rate, sales.win_rate_by_value, sales.average_deal_size):
        rows += ratio_rows(ratio.__name__, ratio(deals), as_of, fiscal_start)
    for time in (
        sales.time_to_close,
        sales.time_to_close_from_acceptance,
        sales.time_to_loss,
    ):
        rows += median_rows(time.__name__, time(deals, as_of), as_of, fiscal_start)
    return rows


def _cost_rows(facts: Facts, fiscal_start: int) -> list[MetricRow]:
    persons = find_persons(facts)
    touches = find_touches(facts, persons)
    as_of = facts.as_of
    rows: list[MetricRow] = []
    for ratio in (costs.cost_per_lead, costs.cost_per_lead_blended):
        parts = ratio(facts, persons, touches)
        rows += ratio_rows(ratio.__name__, parts, as_of, fiscal_start)
    deals = counted_deals(facts)
    origins = costs.origins_of_customers(facts, persons, touches, deals)
    parts = costs.cac(facts, deals, origins)
    return rows + ratio_rows("cac", parts, as_of, fiscal_start)

"""The catalogue of metrics: what each needs and how its rows are made.

`definitions.md` beside this file says in words what each of them is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.truth import (
    catalogue_company,
    catalogue_earnings,
    catalogue_learned,
    catalogue_marketing,
    catalogue_revenue,
)

if TYPE_CHECKING:
    from bizops_sandbox.truth.cells import MetricRow
    from bizops_sandbox.truth.known import Known
    from bizops_sandbox.truth.metric import Metric

METRICS: tuple[Metric, ...] = (
    *catalogue_revenue.METRICS,
    *catalogue_marketing.METRICS,
    *catalogue_earnings.METRICS,
    *catalogue_company.METRICS,
    *catalogue_learned.METRICS,
)


def metric_rows(known: Known) -> list[MetricRow]:
    """The rows of all metrics that the sources allow, beside the first ones."""
    return [
        row
        for metric in METRICS
        if set(metric.needs) <= known.sources
        for row in metric.compute(known)
    ]

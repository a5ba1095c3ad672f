"""The metrics of what new customers, campaigns and channels earn."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.truth import actual_spend, attribution, costs, earnings, touch_costs
from bizops_sandbox.truth.cells import Part
from bizops_sandbox.truth.metric import Metric, upside_down
from bizops_sandbox.truth.value import MOST_YEARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bizops_sandbox.truth.cells import MetricRow
    from bizops_sandbox.truth.known import Known

    Ratio = Callable[[Iterable[Part], Iterable[Part]], Iterator[Part]]
    Cost = Callable[[Known], Iterable[Part]]

_WORTH = ("salesforce", "zuora", "csv")
_SPEND = ("salesforce", "facebook", "csv")
_WORTH_SPEND = ("salesforce", "zuora", "facebook", "csv")


def _crm_spend(known: Known) -> Iterator[Part]:
    return costs.crm_spend(known.facts)


def _actual_spend(known: Known) -> Iterator[Part]:
    return actual_spend.spend(known.facts, known.actual_spend)


def _loaded_cost(known: Known) -> Iterator[Part]:
    return touch_costs.cac_parts(known.costs, known.orders, known.origins, "loaded")


def _customers(known: Known) -> Iterator[Part]:
    for order in known.orders:
        dimensions = (*known.origins[order.customer], ("segment", order.segment))
        yield Part(order.day, dimensions, Fraction(1))


def _ltv(code: str, known: Known) -> list[MetricRow]:
    return earnings.earning_rows(
        code,
        known.ltv or (),
        known.as_of,
        known.fiscal_start,
        customers=_customers(known),
        is_bounded=known.retention_years == MOST_YEARS,
        without="no_denominator",
    )


def _worth_to_cost(
    code: str, known: Known, *, ratio: Ratio, cost: Cost
) -> list[MetricRow]:
    """Rows of what customers are worth to a cost; none while their worth is unknown."""
    return earnings.earning_rows(
        code,
        () if known.ltv is None else ratio(known.ltv, cost(known)),
        known.as_of,
        known.fiscal_start,
        customers=_customers(known),
        is_bounded=known.retention_years == MOST_YEARS,
    )


def _payback(code: str, known: Known) -> list[MetricRow]:
    margin = known.books.gross_margin()
    return earnings.earning_rows(
        code,
        ()
        if margin is None
        else earnings.spend_by_monthly_margin(
            known.orders, known.origins, margin, _crm_spend(known)
        ),
        known.as_of,
        known.fiscal_start,
        customers=_customers(known),
        without="no_denominator",
    )


def _roi(code: str, known: Known, *, model: str) -> list[MetricRow]:
    """Rows of the IACV that a rule gives a campaign or channel, to its spend."""
    earned = attribution.attributed_iacv(known.facts, known.credits(model))
    parts = [*earned, *upside_down(_actual_spend(known))]
    return earnings.earning_rows(code, parts, known.as_of, known.fiscal_start)


def _worth(code: str, needs: tuple[str, ...], ratio: Ratio, cost: Cost) -> Metric:
    return Metric(code, needs, partial(_worth_to_cost, ratio=ratio, cost=cost))


METRICS: tuple[Metric, ...] = (
    Metric("ltv", _WORTH, _ltv),
    _worth("ltv_to_cac", _WORTH, earnings.worth_by_spend, _crm_spend),
    _worth("net_roi", _WORTH, earnings.profit_by_spend, _crm_spend),
    Metric("payback_months", _WORTH, _payback),
    _worth("ltv_to_cac_actual", _WORTH_SPEND, earnings.worth_by_spend, _actual_spend),
    _worth("ltv_to_loaded_cac", _WORTH, earnings.worth_by_cost, _loaded_cost),
    *(
        Metric(f"roi_{model}", _SPEND, partial(_roi, model=model))
        for model in attribution.MODELS
    ),
)

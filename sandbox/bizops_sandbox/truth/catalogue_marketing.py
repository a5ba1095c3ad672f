"""The metrics of marketing."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.truth import (
    accounts,
    actual_spend,
    attribution,
    conversion,
    costs,
    funnel,
    path_models,
    sales,
)
from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.truth.metric import (
    Metric,
    expense,
    medians,
    ratios,
    stocks,
    sums,
    total_only,
    upside_down,
)
from bizops_sandbox.truth.periods import ALL
from bizops_sandbox.truth.stocks import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.truth.known import Known

_CRM, _CSV, _CRM_CSV = ("salesforce",), ("csv",), ("salesforce", "csv")
_CRM_MODELS = ("salesforce", "models")
_SPEND = ("salesforce", "facebook", "csv")


def _by_new_customers(known: Known, name: str) -> Iterator[Part]:
    yield from expense(name)(known)
    for day in costs.first_wins(known.deals).values():
        yield Part(day, (TOTAL,), Fraction(0), Fraction(1))


def _by_iacv(known: Known) -> Iterator[Part]:
    yield from expense("sm_expense")(known)
    yield from upside_down(total_only(sales.iacv(known.deals)))


def _by_mql(known: Known) -> Iterator[Part]:
    yield from expense("marketing_expense")(known)
    yield from upside_down(total_only(funnel.mql(known.lead_paths)))


def _weighted_median(known: Known) -> Iterator[Reading]:
    days = conversion.weighted_median_days(known.journeys, known.as_of)
    if days is not None:
        yield Reading(ALL, Fraction(days))


def _attributed(known: Known, model: str) -> Iterator[Part]:
    return attribution.attributed_iacv(known.facts, known.credits(model))


_FUNNEL = (
    Metric("leads", _CRM, sums(lambda k: funnel.leads(k.lead_paths))),
    Metric("mql", _CRM, sums(lambda k: funnel.mql(k.lead_paths))),
    Metric("sql", _CRM, sums(lambda k: funnel.sql(k.lead_paths))),
    Metric(
        "lead_to_mql_rate",
        _CRM,
        ratios(lambda k: funnel.lead_to_mql_rate(k.lead_paths)),
    ),
    Metric(
        "mql_to_sql_rate", _CRM, ratios(lambda k: funnel.mql_to_sql_rate(k.lead_paths))
    ),
    Metric(
        "sql_to_won_rate", _CRM, ratios(lambda k: funnel.sql_to_won_rate(k.lead_paths))
    ),
    Metric(
        "visitor_to_lead_rate",
        _CRM_CSV,
        stocks(
            lambda k: funnel.visitor_to_lead_rate(
                k.lead_paths, accounts.visitors(k.books)
            )
        ),
    ),
    Metric("visitors", _CSV, stocks(lambda k: accounts.visitors(k.books))),
    Metric("downloads", _CSV, sums(lambda k: accounts.downloads(k.books))),
    Metric("trials", _CSV, sums(lambda k: accounts.trials(k.books))),
)
_JOURNEYS = (
    Metric(
        "conversion_time",
        _CRM,
        medians(lambda k: conversion.conversion_time(k.journeys, k.as_of)),
    ),
    Metric("conversion_time_weighted", _CRM, stocks(_weighted_median, latest=None)),
    Metric(
        "iacv_at_median",
        _CRM,
        sums(lambda k: conversion.iacv_at_median(k.journeys, k.as_of)),
    ),
    Metric(
        "estimated_iacv_2x",
        _CRM,
        sums(lambda k: conversion.iacv_at_median(k.journeys, k.as_of, times=2)),
    ),
    Metric(
        "estimated_iacv_developed",
        _CRM,
        sums(lambda k: conversion.estimated_iacv_developed(k.journeys, k.as_of)),
    ),
    *(
        Metric(f"iacv_{model}", _CRM, sums(partial(_attributed, model=model)))
        for model in attribution.MODELS
    ),
    *(
        Metric(f"iacv_{model}", _CRM_MODELS, sums(partial(_attributed, model=model)))
        for model in path_models.PATH_MODELS
    ),
)
_COSTS = (
    Metric(
        "spend", _SPEND, sums(lambda k: actual_spend.spend(k.facts, k.actual_spend))
    ),
    Metric(
        "cost_per_lead_actual",
        _SPEND,
        ratios(
            lambda k: actual_spend.cost_per_lead_actual(
                k.facts, k.persons, k.touches, k.actual_spend
            )
        ),
    ),
    Metric(
        "cac_actual",
        _SPEND,
        ratios(
            lambda k: actual_spend.cac_actual(
                k.facts, k.actual_spend, k.deals, k.origins
            )
        ),
    ),
    Metric(
        "cac_program",
        _CRM_CSV,
        ratios(partial(_by_new_customers, name="program_spend")),
    ),
    Metric(
        "cac_blended", _CRM_CSV, ratios(partial(_by_new_customers, name="sm_expense"))
    ),
    Metric("cac_per_iacv", _CRM_CSV, ratios(_by_iacv)),
    Metric("cost_per_mql", _CRM_CSV, ratios(_by_mql)),
    Metric(
        "program_spend_ratio",
        _CSV,
        ratios(lambda k: accounts.program_spend_ratio(k.books)),
    ),
)
METRICS: tuple[Metric, ...] = (*_FUNNEL, *_JOURNEYS, *_COSTS)

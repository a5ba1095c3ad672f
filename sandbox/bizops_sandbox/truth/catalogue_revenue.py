"""The metrics of sales and finance."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.truth import accounts, revenue, sales, stages
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.truth.cells import Part, TimedSubject
    from bizops_sandbox.truth.known import Known
    from bizops_sandbox.truth.stocks import Reading

_CRM, _CSV, _BILLING = ("salesforce",), ("csv",), ("zuora",)
_CRM_CSV = ("salesforce", "csv")
_BILLING_CRM = ("zuora", "salesforce")


def _iacv(known: Known) -> Iterator[Part]:
    return total_only(sales.iacv(known.deals))


def _sales_efficiency(known: Known) -> Iterator[Part]:
    yield from _iacv(known)
    yield from upside_down(expense("sm_expense")(known))


def _tier_rises(known: Known) -> Iterator[Part]:
    for part in revenue.tier_rises(known.billing, known.ranks):
        yield replace(part, denominator=Fraction(0))


def _tier_rise_arr(known: Known) -> Iterator[Part]:
    for part in revenue.tier_rises(known.billing, known.ranks):
        yield replace(part, numerator=part.denominator, denominator=Fraction(0))


def _movement(known: Known, name: str) -> Iterator[Part]:
    return revenue.arr_movement(known.billing, known.first, name)


def _retention(known: Known, *, is_gross: bool) -> Iterator[Reading]:
    return revenue.retention(known.billing, known.first, is_gross=is_gross)


def _renewals(known: Known, kind: str) -> Iterator[Part]:
    return revenue.renewals(known.billing, kind)


def _days_to_cash(known: Known, *, from_order: bool) -> Iterator[Part]:
    return revenue.days_to_cash(known.billing, from_order=from_order)


def _cash_subjects(known: Known, *, from_order: bool) -> Iterator[TimedSubject]:
    return revenue.cash_subjects(known.billing, from_order=from_order)


_SALES = (
    Metric("tcv", _CRM, sums(lambda k: stages.tcv(k.deals))),
    Metric("deals_won", _CRM, sums(lambda k: stages.deals_won(k.deals))),
    Metric("stage_win_rate", _CRM, ratios(lambda k: stages.stage_win_rate(k.deals))),
    Metric(
        "stage_conversion", _CRM, ratios(lambda k: stages.stage_conversion(k.deals))
    ),
    Metric(
        "time_in_stage",
        _CRM,
        medians(lambda k: stages.time_in_stage(k.deals, k.as_of)),
    ),
    Metric(
        "pipeline_coverage",
        _CRM_CSV,
        stocks(
            lambda k: stages.pipeline_coverage(k.deals, k.books.targets),
            latest="fiscal_quarter",
        ),
    ),
    Metric(
        "target_attainment",
        _CRM_CSV,
        stocks(
            lambda k: stages.target_attainment(k.deals, k.books.targets),
            latest="fiscal_quarter",
        ),
    ),
    Metric(
        "pipeline_required",
        _CRM_CSV,
        stocks(
            lambda k: stages.pipeline_required(k.deals, k.books.targets),
            latest="fiscal_quarter",
        ),
    ),
    Metric("sales_efficiency", _CRM_CSV, ratios(_sales_efficiency)),
)
_REVENUE = (
    Metric(
        "arr",
        _BILLING_CRM,
        stocks(lambda k: revenue.arr(k.billing, k.first, k.fiscal_start), latest=None),
    ),
    *(
        Metric(f"arr_{name}", _BILLING_CRM, sums(partial(_movement, name=name)))
        for name in revenue.MOVEMENTS
    ),
    Metric(
        "retention_net",
        _BILLING_CRM,
        stocks(partial(_retention, is_gross=False), latest=None),
    ),
    Metric(
        "retention_gross",
        _BILLING_CRM,
        stocks(partial(_retention, is_gross=True), latest=None),
    ),
    *(
        Metric(
            f"renewal_rate_{kind}", _BILLING_CRM, ratios(partial(_renewals, kind=kind))
        )
        for kind in ("gross", "net", "logo")
    ),
    Metric("tier_rises", _BILLING_CRM, sums(_tier_rises)),
    Metric("tier_rise_arr", _BILLING_CRM, sums(_tier_rise_arr)),
)
_FINANCE = (
    Metric(
        "days_to_cash_weighted",
        _BILLING,
        ratios(partial(_days_to_cash, from_order=False)),
    ),
    Metric(
        "days_to_cash_median",
        _BILLING,
        medians(partial(_cash_subjects, from_order=False)),
    ),
    Metric(
        "order_to_cash_weighted",
        _BILLING,
        ratios(partial(_days_to_cash, from_order=True)),
    ),
    Metric(
        "order_to_cash_median",
        _BILLING,
        medians(partial(_cash_subjects, from_order=True)),
    ),
    Metric("revenue", _CSV, sums(expense("revenue"))),
    Metric("ebitda", _CSV, sums(expense("ebitda"))),
    Metric("gross_margin", _CSV, ratios(lambda k: accounts.gross_margin(k.books))),
    Metric("runway_months", _CSV, stocks(lambda k: accounts.runway_months(k.books))),
    Metric(
        "magic_number",
        _CSV,
        stocks(
            lambda k: accounts.magic_number(k.books, k.fiscal_start),
            latest="fiscal_quarter",
        ),
    ),
    Metric(
        "rule_of_40",
        _CSV,
        stocks(
            lambda k: accounts.rule_of_40(k.books, k.fiscal_start),
            latest="fiscal_quarter",
        ),
    ),
    Metric(
        "magic_number_bookings",
        _CRM_CSV,
        stocks(lambda k: accounts.magic_number_bookings(k.books, _iacv(k))),
    ),
)
METRICS: tuple[Metric, ...] = (*_SALES, *_REVENUE, *_FINANCE)

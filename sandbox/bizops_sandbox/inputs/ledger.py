"""Rows of the accounts' inputs: money, plans, rates, bills, orders."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.world import events as log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

Cells = tuple[object, ...]
_RATE_DIGITS = Decimal("0.000001")


def finance_monthly(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a closed month."""
    for event in events:
        if isinstance(event, log.BooksClosed):
            yield (
                event.month,
                event.revenue,
                event.cogs,
                event.sm_expense,
                event.marketing_expense,
                event.program_spend,
                event.rd_expense,
                event.ga_expense,
                event.ebitda,
                event.net_income,
                event.operating_cash_flow,
                event.financing_cash_flow,
                event.cash_end,
            )


def marketing_spend(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a bill."""
    names: dict[str, str] = {}
    for event in events:
        if isinstance(event, log.CampaignPlanned):
            names[event.campaign_key] = event.name
        elif isinstance(event, log.MarketingBilled):
            key = event.campaign_key
            yield (
                event.bill_key,
                event.day,
                event.vendor,
                event.category,
                event.channel,
                None if key is None else salesforce_id("Campaign", key),
                None if key is None else names[key],
                event.amount,
                "USD",
                event.is_program,
            )


def budget_targets(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a quarter, segment and metric."""
    for event in events:
        if isinstance(event, log.TargetSet):
            yield (
                "fiscal_quarter",
                event.period_start,
                event.segment,
                event.metric,
                event.value,
            )


def fx_rates(events: Iterable[Event], params: Parameters) -> Iterator[Cells]:
    """Plan rates, each day's rates, each begun month's average."""
    for currency in params.currencies:
        if currency.code != "USD":
            day = params.start_date
            yield (day, currency.code, "USD", currency.plan_rate, "plan")
    months: dict[tuple[date, str], list[Decimal]] = {}
    for event in events:
        if isinstance(event, log.FxRateFixed):
            yield (event.day, event.currency, "USD", event.usd_rate, "spot")
            key = (event.day.replace(day=1), event.currency)
            months.setdefault(key, []).append(event.usd_rate)
    for (month, code), rates in sorted(months.items()):
        average = sum(rates, Decimal(0)) / len(rates)
        rounded = average.quantize(_RATE_DIGITS, ROUND_HALF_UP)
        yield (month, code, "USD", rounded, "monthly_average")


def order_overrides(events: Iterable[Event]) -> Iterator[Cells]:
    """Add-ons that were won too late to change the subscription they are of."""
    types: dict[str, str] = {}
    billed: set[str] = set()
    won: dict[str, log.OpportunityClosed] = {}
    gone: set[str] = set()
    for event in events:
        match event:
            case log.OpportunityCreated():
                types[event.opportunity_key] = event.order_type
            case log.OpportunityClosed():
                won[event.opportunity_key] = event
            case log.OpportunityDeleted():
                gone.add(event.opportunity_key)
            case log.ChargeAmended() | log.SubscriptionStarted():
                billed.add(event.opportunity_key)
            case _:
                pass
    for key, closed in won.items():
        is_order = closed.outcome == "won" and types[key] == "add_on"
        if is_order and key not in billed and key not in gone:
            yield (
                salesforce_id("Opportunity", key),
                closed.close_date,
                closed.iacv,
                "add_on_after_term",
            )

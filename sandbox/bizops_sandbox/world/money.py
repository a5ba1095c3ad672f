"""Currencies: the market's rates day by day, and amounts as billed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.events import Event, FxRateFixed

if TYPE_CHECKING:
    from bizops_sandbox.world.parameters import Currency, Parameters

_CENT = Decimal("0.01")
_RATE_DIGITS = Decimal("0.000001")
_FIXING = time(5)


def billed(amount_usd: Decimal, plan_rate: Decimal) -> Decimal:
    """An amount of the log in the currency it is billed in, in cents.

    Args:
        amount_usd: USD, as the log tells it.
        plan_rate: USD for one unit of the currency.
    """
    if plan_rate == 1:
        return amount_usd
    return (amount_usd / plan_rate).quantize(_CENT, ROUND_HALF_UP)


def _walk(currency: Currency, params: Parameters) -> list[Event]:
    """Every day's rate, week-ends too: a walk that begins at the plan rate."""
    draws = Draws(params.seed, "fx", currency.code)
    rate, day = currency.plan_rate, params.start_date
    events: list[Event] = []
    while day <= params.as_of:
        events.append(
            FxRateFixed(
                at=datetime.combine(day, _FIXING, tzinfo=UTC),
                day=day,
                currency=currency.code,
                usd_rate=rate.quantize(_RATE_DIGITS, ROUND_HALF_UP),
            )
        )
        rate *= 1 + currency.volatility * draws.normal()
        day += timedelta(days=1)
    return events


def fx_events(params: Parameters) -> list[Event]:
    """The rates of all currencies but the home one."""
    events: list[Event] = []
    for currency in params.currencies:
        if currency.code != "USD":
            events += _walk(currency, params)
    return events

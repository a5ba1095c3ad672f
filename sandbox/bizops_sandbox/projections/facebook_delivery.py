"""What the ads delivered, day by day, as the platform states it at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_business import AdAccount, AdDay
from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.projections.facebook_restating import stated
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from bizops_sandbox.projections.facebook_state import AdState
    from bizops_sandbox.world.parameters import Parameters


def usd_rate(
    account: AdAccount, day: date, state: AdState, params: Parameters
) -> Decimal:
    """USD for one unit of an account's currency on a day."""
    rate = state.usd_rates.get((account.currency, day))
    return params.plan_rate(account.currency) if rate is None else rate


def make_ad_days(
    state: AdState,
    accounts: Mapping[str, AdAccount],
    params: Parameters,
    as_of: date,
) -> tuple[AdDay, ...]:
    """Every ad's days, by ad and day; `accounts` maps campaigns' keys."""
    days = []
    for event in state.ad_days:
        account = accounts[event.campaign_key]
        figures = stated(event, params, as_of)
        rate = usd_rate(account, event.day, state, params)
        days.append(
            AdDay(
                ad_id=graph_id("Ad", event.ad_key),
                day=event.day,
                spend=billed(figures.spend, rate),
                impressions=figures.impressions,
                clicks=figures.clicks,
            )
        )
    return tuple(sorted(days, key=lambda item: (item.ad_id, item.day)))

"""How the platform corrects a day's figures after the fact.

Clicks and impressions found invalid are credited, so that a day is first stated too
high and settles some days later, always within the 28 days a client reads again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.world.events import AdDaySpent
    from bizops_sandbox.world.parameters import Parameters

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Stated:
    """A day's figures as the platform states them; spend in USD."""

    spend: Decimal
    impressions: int
    clicks: int


def settled_on(event: AdDaySpent, params: Parameters) -> date | None:
    """The day from which a restated day shows its final figures, None for others."""
    draws = Draws(params.seed, "facebook", event.ad_key, event.day, "restated")
    if not draws.chance(params.noise.restated_share):
        return None
    return event.day + timedelta(days=draws.between(2, 27))


def stated(event: AdDaySpent, params: Parameters, as_of: date) -> Stated:
    """The figures of an ad's day as of the end of another day."""
    final = Stated(event.spend, event.impressions, event.clicks)
    settles = settled_on(event, params)
    if settles is None or settles <= as_of:
        return final
    draws = Draws(params.seed, "facebook", event.ad_key, event.day, "invalid")
    excess = draws.factor("1.01", "1.08")
    spend = (event.spend * excess).quantize(_CENT, ROUND_HALF_UP)
    return Stated(
        spend=max(spend, event.spend + _CENT),
        impressions=event.impressions + 1 + int(event.impressions * (excess - 1)),
        clicks=int(event.clicks * excess),
    )

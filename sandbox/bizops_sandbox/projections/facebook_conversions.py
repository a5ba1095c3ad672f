"""Which leads the platform says an ad brought, and when it was clicked for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_business import Conversion
from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.world.draws import Draws

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.projections.facebook_business import AdAccount
    from bizops_sandbox.world import events as log
    from bizops_sandbox.world.parameters import Parameters

LONGEST_WINDOW_DAYS = 28
_ONSITE_SHARE = Decimal("0.65")
_VIEW_SHARE = Decimal("0.1")
_SAME_DAY_SHARE = Decimal("0.45")
_MEAN_DELAY_DAYS = Decimal(6)
_LEAD_VALUES = (Decimal("15.00"), Decimal("25.00"), Decimal("40.00"))


@dataclass(frozen=True, slots=True)
class AdSpan:
    """The days on which an ad may have been seen."""

    first_day: date
    last_day: date | None


def is_onsite(touch: log.TouchMade, params: Parameters) -> bool:
    """Whether a person filled a form on the platform, not on the company's site."""
    return _draws(touch, params, "kind").chance(_ONSITE_SHARE)


def _draws(touch: log.TouchMade, params: Parameters, purpose: str) -> Draws:
    moment = touch.at.isoformat()
    return Draws(params.seed, "facebook", touch.person_key, moment, purpose)


def make_conversion(
    touch: log.TouchMade, account: AdAccount, span: AdSpan, params: Parameters
) -> Conversion | None:
    """The conversion a touch is counted as; None when its click is too long ago.

    The click lies up to weeks before the conversion, on a day the ad ran.
    """
    draws = _draws(touch, params, "click")
    is_view = draws.chance(_VIEW_SHARE)
    delay_days = 0
    if not draws.chance(_SAME_DAY_SHARE):
        delay_days = int(draws.exponential(_MEAN_DELAY_DAYS))
    if is_view:
        delay_days = min(delay_days, 1)
    converted_on = touch.at.astimezone(account.zone).date()
    converted_on = max(converted_on, span.first_day)
    seen_on = max(converted_on - timedelta(days=delay_days), span.first_day)
    if span.last_day is not None:
        seen_on = min(seen_on, span.last_day)
    limit_days = 1 if is_view else LONGEST_WINDOW_DAYS
    if (converted_on - seen_on).days > limit_days:
        return None
    return Conversion(
        ad_id=graph_id("Ad", touch.ad_key or ""),
        is_onsite=is_onsite(touch, params),
        is_view=is_view,
        seen_on=seen_on,
        converted_on=converted_on,
        value=draws.pick(_LEAD_VALUES),
    )

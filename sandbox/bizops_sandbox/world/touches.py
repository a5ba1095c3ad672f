"""Which campaigns a person responds to, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.moments import any_moment, office_moment

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Campaign, Market

_KINDS = {
    "paid_search": "form_filled",
    "paid_social": "ad_lead",
    "display": "form_filled",
    "content_syndication": "content_downloaded",
    "webinar": "webinar_registered",
    "conference": "badge_scanned",
    "email": "email_clicked",
    "partner": "partner_referred",
}
_ASSETS = (
    "Buyer's guide.pdf",
    "ROI calculator",
    "Migration checklist",
    "Security whitepaper",
    "Product tour",
    "Benchmark report",
)


@dataclass(frozen=True, slots=True)
class Touch:
    """One campaign's contact with a person at a moment.

    `responds` is false when the person is only invited. `recorded_at` is when the
    CRM hears of it: later than `at` for lists of events that are imported.
    """

    at: datetime
    recorded_at: datetime
    campaign: Campaign
    responds: bool

    @property
    def kind(self) -> str:
        """What the person does."""
        return _KINDS[self.campaign.channel.name]


def asset_of(draws: Draws) -> str:
    """A piece of content."""
    return draws.pick(_ASSETS)


def ad_of(campaign: Campaign, draws: Draws) -> str | None:
    """The ad that brought the touch, for campaigns that are ads."""
    if campaign.channel.kind != "ad":
        return None
    ads = 2 if campaign.channel.name == "paid_social" else 1
    return f"{campaign.key}.ad{draws.between(1, ads)}"


def first_touch(
    campaign: Campaign, at: datetime, market: Market, draws: Draws
) -> Touch:
    """The response that makes a person known; event lists come in days later."""
    funnel = market.params.funnel
    recorded = at
    is_event = campaign.channel.kind == "event"
    if is_event and draws.chance(funnel.import_delay_share):
        day = at.date() + timedelta(days=draws.between(1, 5))
        recorded = max(office_moment(day, draws), at)
    return Touch(at=at, recorded_at=recorded, campaign=campaign, responds=True)


def further_touches(
    first_at: datetime, market: Market, draws: Draws
) -> tuple[Touch, ...]:
    """The touches after the first, in time order, each of another campaign."""
    plan = market.params.touches
    touches = []
    at = first_at
    for _ in range(draws.negative_binomial(plan.mean, plan.k)):
        gap_days = 1 + int(draws.exponential(plan.gap_days))
        at = any_moment(at.date() + timedelta(days=gap_days), draws)
        campaign = market.campaign_on(at.date(), draws)
        if campaign is not None:
            responds = draws.chance(plan.response_rate)
            touches.append(
                Touch(at=at, recorded_at=at, campaign=campaign, responds=responds)
            )
    return tuple(touches)

"""Campaigns: planned by quarter and channel, run, paid for, written into the CRM."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.events import (
    AdDaySpent,
    CampaignCostRecorded,
    CampaignDeleted,
    CampaignPlanned,
    CampaignStatusSet,
    Event,
)
from bizops_sandbox.world.market import Campaign, Market
from bizops_sandbox.world.moments import add_months, later, month_start, office_moment

if TYPE_CHECKING:
    from bizops_sandbox.world.parameters import Channel, Parameters

_CENT = Decimal("0.01")
_AD_REPORT_HOUR = time(23, 30)
_SHORTEST_DAYS = 14
_EVENT_DAYS = {"webinar": 14, "conference": 3}
_UNDATED_SHARE = Decimal("0.04")
_OPEN_ENDED_SHARE = Decimal("0.25")
_UNPAID_SHARE = Decimal("0.03")
_THEMES = (
    "Ship faster",
    "Secure by default",
    "From idea to production",
    'The "boring" release',
    "Self-managed, simply",
    "Café & code",
)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _period_budget(params: Parameters, channel: Channel, first_month: int) -> Decimal:
    """The channel's USD for one period of campaigns, growing month by month."""
    months = range(first_month, first_month + 3 * params.campaign_quarters)
    growth = sum(((1 + params.monthly_growth) ** n for n in months), Decimal(0))
    return channel.monthly_budget_usd * params.size_factor * growth


def _dates(
    channel: Channel, period: tuple[date, date], number: int, draws: Draws
) -> tuple[date, date]:
    """First and last day: the first campaign covers the period, others part of it."""
    start, end = period
    if channel.name in _EVENT_DAYS:
        length = _EVENT_DAYS[channel.name]
        latest = max((end - start).days - length, 1)
        first = start + timedelta(days=draws.below(latest))
        return first, first + timedelta(days=length - 1)
    if number == 1:
        return start, end
    first = start + timedelta(days=draws.between(3, 35))
    last = end - timedelta(days=draws.between(0, 15))
    return first, max(last, first + timedelta(days=_SHORTEST_DAYS))


def _name(channel: Channel, start: date, number: int, draws: Draws) -> str:
    label = channel.name.replace("_", " ").title()
    return f"{start:%Y-%m} {label} {number}, {draws.pick(_THEMES)}"


def _plan_period(
    params: Parameters, channel: Channel, first_month: int, first_index: int
) -> list[Campaign]:
    """The campaigns of one channel in one period; they share its budget."""
    start = add_months(params.start_date, first_month)
    end = add_months(start, 3 * params.campaign_quarters) - timedelta(days=1)
    count = params.campaigns_per_channel_per_quarter
    keys = [f"c.{channel.name}.{first_month:02d}.{n}" for n in range(1, count + 1)]
    weights = [Draws(params.seed, key, "size").between(5, 15) for key in keys]
    budget = _period_budget(params, channel, first_month)
    is_owned = channel.kind == "owned"
    campaigns = []
    for number, (key, weight) in enumerate(zip(keys, weights, strict=True), start=1):
        draws = Draws(params.seed, key, "plan")
        first, last = _dates(channel, (start, end), number, draws)
        gone = office_moment(first + timedelta(days=draws.between(5, 40)), draws)
        is_mistake = draws.chance(params.noise.soft_delete)
        campaigns.append(
            Campaign(
                key=key,
                index=first_index + number - 1,
                name=_name(channel, first, number, draws),
                channel=channel,
                start=first,
                end=last,
                budget=_cents(budget * weight / sum(weights)),
                is_undated=is_owned and draws.chance(_UNDATED_SHARE),
                is_open_ended=is_owned and draws.chance(_OPEN_ENDED_SHARE),
                deleted_at=gone if is_mistake else None,
            )
        )
    return campaigns


def plan_campaigns(params: Parameters) -> tuple[Campaign, ...]:
    """All campaigns of the window."""
    campaigns: list[Campaign] = []
    for first_month in range(0, params.months, 3 * params.campaign_quarters):
        for channel in params.channels:
            campaigns += _plan_period(params, channel, first_month, len(campaigns))
    return tuple(campaigns)


def umbrella_events(market: Market) -> list[Event]:
    """One parent campaign a channel, without dates or cost of its own."""
    moment = market.start + timedelta(hours=7, minutes=45)
    return [
        CampaignPlanned(
            at=moment + timedelta(seconds=number),
            campaign_key=f"c.{channel.name}",
            name=f"All {channel.name.replace('_', ' ')}",
            channel=channel.name,
            is_program=channel.is_program,
            by=market.team.marketer,
        )
        for number, channel in enumerate(market.params.channels)
    ]


def _planned_at(campaign: Campaign, market: Market, draws: Draws) -> datetime:
    """Weeks ahead; the first ones on the first morning, before any lead."""
    wanted = campaign.start - timedelta(days=draws.between(10, 40))
    opening = market.start + timedelta(hours=7, minutes=50, seconds=draws.below(300))
    return max(office_moment(wanted, draws), opening)


def _ad_days(campaign: Campaign, market: Market) -> list[AdDaySpent]:
    """What the ad platform counts, day by day and ad by ad."""
    channel = campaign.channel
    cpm, ctr = channel.cpm or Decimal(1), channel.ctr or Decimal(0)
    ads = 2 if channel.name == "paid_social" else 1
    daily = campaign.budget / campaign.days / ads
    draws = market.draws(campaign.key, "ads")
    events = []
    for offset in range(campaign.days):
        day = campaign.start + timedelta(days=offset)
        if day > market.params.as_of:
            break
        for ad in range(1, ads + 1):
            spend = _cents(daily * draws.factor("0.7", "1.3"))
            shown = draws.rounded(spend / cpm * 1000 * draws.factor("0.9", "1.1"))
            clicks = draws.rounded(shown * ctr * draws.factor("0.85", "1.15"))
            events.append(
                AdDaySpent(
                    at=datetime.combine(day, _AD_REPORT_HOUR, tzinfo=UTC),
                    campaign_key=campaign.key,
                    ad_key=f"{campaign.key}.ad{ad}",
                    day=day,
                    spend=spend,
                    impressions=shown,
                    clicks=clicks,
                )
            )
    return events


def _cost_days(campaign: Campaign) -> list[date]:
    """The days on which marketing copies an ad campaign's spend into the CRM."""
    days = []
    month = add_months(month_start(campaign.start), 1)
    while month <= campaign.end:
        days.append(month)
        month = add_months(month, 1)
    return [*days, campaign.end + timedelta(days=3)]


def _ad_costs(
    campaign: Campaign, market: Market, ad_days: list[AdDaySpent], draws: Draws
) -> list[Event]:
    events: list[Event] = []
    for day in _cost_days(campaign):
        total = sum((ad.spend for ad in ad_days if ad.day < day), Decimal(0))
        events.append(_cost(campaign, market, office_moment(day, draws), total))
    return events


def _bill_costs(
    campaign: Campaign, market: Market, planned: datetime, draws: Draws
) -> list[Event]:
    """A deposit before, the rest after: events and owned media are billed."""
    total = _cents(campaign.budget * draws.factor("0.85", "1.12"))
    deposit = _cents(total * draws.factor("0.3", "0.5"))
    first = later(planned, draws, days=draws.between(1, 5))
    closing = campaign.end + timedelta(days=draws.between(3, 20))
    second = max(office_moment(closing, draws), first + timedelta(days=1))
    return [
        _cost(campaign, market, first, deposit),
        _cost(campaign, market, second, total),
    ]


def _cost(
    campaign: Campaign, market: Market, at: datetime, total: Decimal
) -> CampaignCostRecorded:
    return CampaignCostRecorded(
        at=at,
        campaign_key=campaign.key,
        total_cost=total,
        by=market.team.marketer,
    )


def _status(
    campaign: Campaign, market: Market, day: date, status: str, hour: int
) -> CampaignStatusSet:
    return CampaignStatusSet(
        at=datetime.combine(day, time(hour), tzinfo=UTC),
        campaign_key=campaign.key,
        status=status,
        by=market.team.integration,
    )


def campaign_events(campaign: Campaign, market: Market) -> list[Event]:
    """Everything that happens to one campaign record and its ads."""
    draws = market.draws(campaign.key, "run")
    planned = _planned_at(campaign, market, draws)
    started, ended = campaign.start, campaign.end
    events: list[Event] = [
        CampaignPlanned(
            at=planned,
            campaign_key=campaign.key,
            name=campaign.name,
            channel=campaign.channel.name,
            parent_key=f"c.{campaign.channel.name}",
            start_date=None if campaign.is_undated else started,
            end_date=None if campaign.is_undated or campaign.is_open_ended else ended,
            budget=campaign.budget,
            expected_revenue=(campaign.budget * 4).quantize(Decimal(1)),
            is_program=campaign.channel.is_program,
            by=market.team.marketer,
        ),
        _status(campaign, market, started, "In Progress", hour=8),
        _status(campaign, market, ended + timedelta(days=1), "Completed", hour=6),
    ]
    ad_days = _ad_days(campaign, market) if campaign.channel.kind == "ad" else []
    events += ad_days
    if not draws.chance(_UNPAID_SHARE):
        events += (
            _ad_costs(campaign, market, ad_days, draws)
            if ad_days
            else _bill_costs(campaign, market, planned, draws)
        )
    gone = campaign.deleted_at
    if gone is not None:
        events = [e for e in events if e.at < gone or isinstance(e, AdDaySpent)]
        events.append(
            CampaignDeleted(at=gone, campaign_key=campaign.key, by=market.team.marketer)
        )
    return events

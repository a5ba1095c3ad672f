"""The company's audience: web site, social posts, experiments, lift tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.engineering import release_moments
from bizops_sandbox.world.events import (
    Event,
    ExperimentConverted,
    ExperimentExposed,
    LiftWeekCounted,
    SocialCounted,
    SocialPosted,
    WebDayCounted,
    WebMonthCounted,
)
from bizops_sandbox.world.moments import any_moment

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Market
    from bizops_sandbox.world.parameters import Channel, Experiment, Holdout

SITE = "www.brightloom.example"
_COUNTED = time(23, 40)
_FREE_CHANNELS = (("organic", Decimal("0.34")), ("direct", Decimal("0.26")))
_WEEKEND = Decimal("0.45")
_EE_SHARE = Decimal("0.3")
_RETURNING = Decimal("0.72")
_SOCIAL_DAYS = (1, 7, 30)
_SOCIAL_SHARES = (Decimal("0.5"), Decimal("0.85"), Decimal(1))
_IMPRESSIONS_PER_PERSON = 3
_OWN_RATE = Decimal("0.0005")


def channel_shares(market: Market) -> list[tuple[str, Decimal]]:
    """How the visits spread over the channels; the paid ones by their budgets."""
    paid = 1 - sum((share for _, share in _FREE_CHANNELS), Decimal(0))
    channels = market.params.channels
    total = sum((c.monthly_budget_usd for c in channels), Decimal(0)) or Decimal(1)
    shares = [(c.name, paid * c.monthly_budget_usd / total) for c in channels]
    return [*_FREE_CHANNELS, *shares]


def _web_day(
    day: date, channel: str, expected: Decimal, market: Market, draws: Draws
) -> WebDayCounted:
    product = market.params.product
    visitors = draws.rounded(expected * draws.factor("0.8", "1.2"))
    downloads = draws.rounded(visitors * product.download_rate)
    enterprise = draws.rounded(downloads * _EE_SHARE)
    return WebDayCounted(
        at=datetime.combine(day, _COUNTED, tzinfo=UTC),
        day=day,
        site=SITE,
        channel=channel,
        visitors=visitors,
        sessions=draws.rounded(visitors * draws.factor("1.1", "1.4")),
        downloads_ce=downloads - enterprise,
        downloads_ee=enterprise,
        trials=draws.rounded(visitors * product.trial_rate),
    )


def web_events(market: Market) -> list[Event]:
    """Every day and month of the web site by channel."""
    params = market.params
    events: list[Event] = []
    for name, share in channel_shares(market):
        draws = market.draws("web", name)
        day, visitors = params.start_date, 0
        while day <= params.as_of:
            months = (day.year - params.start_date.year) * 12 + day.month
            months -= params.start_date.month
            expected = params.product.visitors_daily * params.size_factor * share
            expected *= (1 + params.monthly_growth) ** months
            expected *= _WEEKEND if day.weekday() > 4 else 1
            counted = _web_day(day, name, expected, market, draws)
            events.append(counted)
            visitors += counted.visitors
            day += timedelta(days=1)
            if day.day == 1:
                events.append(
                    WebMonthCounted(
                        at=counted.at + timedelta(minutes=5),
                        month=counted.day.replace(day=1),
                        site=SITE,
                        channel=name,
                        visitors=draws.rounded(visitors * _RETURNING),
                    )
                )
                visitors = 0
    return events


def social_events(market: Market) -> list[Event]:
    """One post a release, counted three times."""
    events: list[Event] = []
    for tag, released in release_moments(market):
        draws = market.draws("social", tag)
        key = f"post.{tag}"
        at = released + timedelta(hours=1, minutes=draws.below(90))
        total = draws.lognormal(market.params.product.retweets_mean, Decimal("0.5"))
        events.append(
            SocialPosted(
                at=at, post_key=key, network="twitter", release_key=f"rel.{tag}"
            )
        )
        events += (
            SocialCounted(
                at=at + timedelta(days=days), post_key=key, retweets=int(total * share)
            )
            for days, share in zip(_SOCIAL_DAYS, _SOCIAL_SHARES, strict=True)
        )
    return events


def _experiment(experiment: Experiment, market: Market) -> list[Event]:
    params, events = market.params, list[Event]()
    if not params.start_date <= experiment.start <= params.as_of:
        return events
    for number in range(1, experiment.units + 1):
        unit = f"{experiment.name}.u{number}"
        draws = market.draws(unit, "experiment")
        day = experiment.start + timedelta(days=draws.below(28))
        at = any_moment(day, draws)
        variant = draws.pick(("a", "b"))
        events.append(
            ExperimentExposed(
                at=at, experiment=experiment.name, variant=variant, unit_key=unit
            )
        )
        rate = experiment.base_rate
        rate *= 1 + experiment.lift if variant == "b" else 1
        if draws.chance(min(rate, Decimal(1))):
            events.append(
                ExperimentConverted(
                    at=at + timedelta(minutes=draws.between(1, 14_000)),
                    experiment=experiment.name,
                    unit_key=unit,
                    value=Decimal(draws.between(10, 400)),
                )
            )
    return events


def experiment_events(market: Market) -> list[Event]:
    """Every visitor of every A/B test."""
    return [
        event
        for experiment in market.params.product.experiments
        for event in _experiment(experiment, market)
    ]


def sign_up_rates(channel: Channel) -> tuple[Decimal, Decimal]:
    """Sign-ups a person and week: without ads, and with them.

    What the ads truly add is what the people who see them click and leave.
    """
    added = (channel.ctr or Decimal(0)) * (channel.lead_rate or Decimal(0))
    return _OWN_RATE, _OWN_RATE + added * _IMPRESSIONS_PER_PERSON


def _count(people: int, rate: Decimal, draws: Draws) -> int:
    """How many of so many people do it (a binomial count, nearly)."""
    mean = people * rate
    spread = (mean * (1 - rate)).sqrt()
    return min(
        max(draws.rounded(max(mean + spread * draws.normal(), Decimal(0))), 0), people
    )


def _lift_test(holdout: Holdout, market: Market) -> list[Event]:
    params = market.params
    ads = {c.name: c for c in params.channels if c.kind == "ad"}
    channel = ads.get(holdout.channel)
    if channel is None:
        return []
    own, with_ads = sign_up_rates(channel)
    draws = market.draws("lift", holdout.channel, holdout.start)
    budget = channel.monthly_budget_usd * params.size_factor / 4
    audience = int(budget / (channel.cpm or 1) * 1000 / _IMPRESSIONS_PER_PERSON)
    events: list[Event] = []
    for week in range(holdout.weeks):
        start = holdout.start + timedelta(days=7 * week)
        end = start + timedelta(days=6)
        if start < params.start_date:
            continue
        control = draws.rounded(audience * holdout.share)
        cells = (("test", audience - control, with_ads), ("control", control, own))
        events += (
            LiftWeekCounted(
                at=datetime.combine(end, _COUNTED, tzinfo=UTC),
                channel=holdout.channel,
                week_start=start,
                cell=cell,
                people=people,
                conversions=_count(people, rate, draws),
            )
            for cell, people, rate in cells
        )
    return events


def audience_events(market: Market) -> list[Event]:
    """Web site, social posts, experiments, lift tests."""
    events = web_events(market) + social_events(market) + experiment_events(market)
    for holdout in market.params.holdouts:
        events += _lift_test(holdout, market)
    return events

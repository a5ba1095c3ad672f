"""Leads whose organisations never talk to sales: the many that cost money only."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    Event,
    LeadDeleted,
    LeadStatusSet,
    OrganizationKnown,
)
from bizops_sandbox.world.leads import plan_lead, plan_lead_story, tell_mql
from bizops_sandbox.world.moments import any_moment, later
from bizops_sandbox.world.names import company_at
from bizops_sandbox.world.prospects import make_person
from bizops_sandbox.world.records import PersonRecords
from bizops_sandbox.world.story import Story
from bizops_sandbox.world.touches import first_touch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Campaign, Market

_UNKNOWN_COMPANIES = ("Freelance", "n/a", "Self-employed", "Student", "[not provided]")
_WEBSITE_SHARE_OF = 2


def _arrival(campaign: Campaign, draws: Draws) -> datetime:
    """A moment while the campaign runs; weekends bring half as many."""
    day = campaign.start + timedelta(days=draws.below(campaign.days))
    if day.weekday() > 4 and draws.below(2):
        day -= timedelta(days=2)
    return any_moment(max(day, campaign.start), draws)


def _story(
    key: str, at: datetime, campaign: Campaign | None, number: int, market: Market
) -> list[Event]:
    """One suspect's life in the CRM."""
    draws = market.draws(key, "suspect")
    params = market.params
    is_anonymous = draws.chance(params.noise.free_mail)
    company = company_at(number, draws)
    person = make_person(
        f"{key}.p1",
        key,
        market,
        domain=None if is_anonymous else company.domain,
        free_mail=params.noise.free_mail / 3,
    )
    name = draws.pick(_UNKNOWN_COMPANIES) if is_anonymous else company.name
    story = Story(end=market.end)
    records = PersonRecords(person=person, story=story)
    arrival = first_touch(campaign, at, market, draws) if campaign else at
    has_website = not is_anonymous and draws.below(_WEBSITE_SHARE_OF) == 0
    plan = plan_lead(
        person,
        market,
        company=name,
        website=f"https://www.{company.domain}" if has_website else None,
        country=company.country,
        arrival=arrival,
    )
    story.plan_event(
        OrganizationKnown(
            at=at,
            organization_key=key,
            name=name,
            segment="smb",
            country=company.country,
            domain=None if is_anonymous else company.domain,
            is_suspect=True,
        )
    )
    plan_lead_story(plan, records, market)
    _plan_outcome(plan.created_at, records, market, draws)
    return story.run()


def _plan_outcome(
    created_at: datetime, records: PersonRecords, market: Market, draws: Draws
) -> None:
    """Qualified, left to nurture, or deleted as spam."""
    story, by = records.story, market.team.operations

    def delete(at: datetime) -> None:
        # Nobody deletes a record that another one was just merged into.
        if records.lead_key and not records.has_merged:
            story.tell(LeadDeleted(at=at, lead_key=records.lead_key, by=by))
            records.is_gone = True

    def nurture(at: datetime) -> None:
        if records.lead_key and not records.is_gone:
            story.tell(
                LeadStatusSet(at=at, lead_key=records.lead_key, status="Nurture", by=by)
            )

    if draws.chance(market.params.noise.soft_delete):
        story.plan(later(created_at, draws, days=draws.between(1, 20)), delete)
        return
    if draws.chance(market.params.funnel.mql_rate):
        qualified = later(created_at, draws, days=draws.between(0, 20))
        story.plan(qualified, partial(tell_mql, records=records, market=market))
    if draws.below(3) == 0:
        story.plan(later(created_at, draws, days=draws.between(30, 60)), nurture)


def _count(campaign: Campaign, brought: int, draws: Draws) -> int:
    """How many suspects a campaign brings, next to the leads it brought already."""
    expected = campaign.expected_leads * draws.factor("0.85", "1.15")
    return max(draws.rounded(expected) - brought, 0)


def suspect_stories(
    market: Market, brought: Mapping[str, int], first_number: int
) -> Iterator[list[Event]]:
    """The events of one suspect after the other: of campaigns, then all by themselves.

    Args:
        market: The world.
        brought: How many leads of worked organisations each campaign brought.
        first_number: The first company number that is free.
    """
    number = first_number
    for campaign in market.campaigns:
        count = _count(
            campaign, brought.get(campaign.key, 0), market.draws(campaign.key, "count")
        )
        for n in range(1, count + 1):
            key = f"s{campaign.index}x{n}"
            at = _arrival(campaign, market.draws(key, "arrival"))
            used = campaign if campaign.exists_at(at) else None
            yield _story(key, at, used, number, market)
            number += 1
    for key, at in _organic_arrivals(market):
        yield _story(key, at, None, number, market)
        number += 1


def _organic_arrivals(market: Market) -> list[tuple[str, datetime]]:
    """Leads by word of mouth: a share of all, spread like the paid ones."""
    share: Decimal = market.params.funnel.organic_share
    arrivals: list[tuple[str, datetime]] = []
    for campaign in market.campaigns:
        draws = market.draws(campaign.key, "organic")
        count = draws.rounded(campaign.expected_leads * share)
        arrivals += (
            (f"n{campaign.index}x{n}", _arrival(campaign, draws))
            for n in range(1, count + 1)
        )
    return arrivals

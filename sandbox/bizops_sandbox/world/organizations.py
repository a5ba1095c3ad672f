"""The story of one organisation that sales works, from the first touch on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.world.accounts import (
    convert_lead,
    open_account,
    open_contact,
    plan_account_merge,
    plan_mistaken_account,
)
from bizops_sandbox.world.events import Event, OrganizationKnown
from bizops_sandbox.world.instances import instance_uuid
from bizops_sandbox.world.leads import plan_lead, plan_lead_story, tell_mql
from bizops_sandbox.world.moments import any_moment, later
from bizops_sandbox.world.pursuits import double_deal, new_business
from bizops_sandbox.world.relation import Relation
from bizops_sandbox.world.story import Story
from bizops_sandbox.world.touches import first_touch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Campaign, Market
    from bizops_sandbox.world.prospects import Organization
    from bizops_sandbox.world.records import PersonRecords

_CONVERTED_OF_TEN = 6
_TRIAL_ONE_IN = 12
_LATEST_COLLEAGUE_DAYS = 120


@dataclass(frozen=True, slots=True)
class OrganizationStory:
    """What happened, and which campaigns brought how many leads."""

    events: list[Event]
    brought: Mapping[str, int]
    account_opened_at: datetime | None


def tell_organization(organization: Organization, market: Market) -> OrganizationStory:
    """Run one organisation's story to the end of the window."""
    relation = Relation(
        organization=organization, market=market, story=Story(end=market.end)
    )
    draws = market.draws(organization.key, "story")
    at = any_moment(organization.first_interest, draws)
    # Everybody who works with the systems starts at 8 on the first day.
    at = max(at, market.start + timedelta(hours=8, minutes=1))
    relation.story.plan_event(_known(organization, market, at))
    if organization.is_outbound:
        relation.story.plan(
            later(at, draws, days=draws.between(1, 10)),
            lambda at: _reach_out(relation, at, draws),
        )
    else:
        _plan_leads(relation, at, draws)
    events = relation.story.run()
    return OrganizationStory(
        events=events,
        brought=_counted(relation.brought_by),
        account_opened_at=relation.account_opened_at,
    )


def _counted(keys: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _known(
    organization: Organization, market: Market, at: datetime
) -> OrganizationKnown:
    currencies = market.params.currencies
    draws = market.draws(organization.key, "currency")
    currency = draws.weighted(currencies, [item.share for item in currencies])
    return OrganizationKnown(
        at=at,
        organization_key=organization.key,
        name=organization.company.name,
        segment=organization.segment.name,
        country=organization.company.country,
        domain=organization.company.domain,
        parent_key=organization.parent_key,
        hosts=(f"git.{organization.company.domain}",),
        currency=currency.code,
    )


def _reach_out(relation: Relation, at: datetime, draws: Draws) -> None:
    """Sales finds the organisation itself: an account without any lead."""
    by = relation.organization.developer_key
    account_key = open_account(relation, at, source="Outbound", by=by)
    champion = open_contact(relation, at + timedelta(seconds=30), source="Outbound")
    new_business(
        relation,
        later(at, draws, days=draws.between(2, 20)),
        account_key=account_key,
        champion=champion,
        campaign=None,
        source="Outbound",
        key=relation.next_key("d"),
    )
    plan_mistaken_account(relation, at)


def _plan_leads(relation: Relation, at: datetime, draws: Draws) -> None:
    """The first person comes at `at`, colleagues in the weeks after."""
    segment = relation.organization.segment
    count = draws.between(segment.people_min, segment.people_max)
    for number in range(count):
        moment = at
        if number:
            day = at.date() + timedelta(days=draws.between(1, _LATEST_COLLEAGUE_DAYS))
            moment = any_moment(day, draws)
        records = relation.new_person()
        campaign, created_at = _plan_lead(relation, records, moment, draws)
        if number == 0:
            relation.channel = campaign.channel if campaign else None
            _plan_conversion(relation, records, created_at, draws)
        elif draws.below(10) < _CONVERTED_OF_TEN:
            joined = later(created_at, draws, days=draws.between(3, 45))
            relation.story.plan(
                joined, partial(_join, relation=relation, records=records, draws=draws)
            )


def _plan_lead(
    relation: Relation, records: PersonRecords, at: datetime, draws: Draws
) -> tuple[Campaign | None, datetime]:
    """One person's way in: the campaign that brought it, when the lead is made."""
    market, company = relation.market, relation.organization.company
    campaign = market.campaign_on(at.date(), draws)
    if draws.chance(market.params.funnel.organic_share):
        campaign = None
    arrival = first_touch(campaign, at, market, draws) if campaign else at
    has_trial = draws.below(_TRIAL_ONE_IN) == 0
    uuid = instance_uuid(relation.organization.key, market.params.seed)
    plan = plan_lead(
        records.person,
        market,
        company=company.name,
        website=f"www.{company.domain}" if draws.below(2) else None,
        country=company.country,
        arrival=arrival,
        instance_uuid=uuid if has_trial else None,
    )
    plan_lead_story(plan, records, market)
    if campaign is not None:
        relation.brought_by.append(campaign.key)
    return campaign, plan.created_at


def _plan_conversion(
    relation: Relation, records: PersonRecords, created_at: datetime, draws: Draws
) -> None:
    """Marketing qualifies the first person, sales development converts."""
    qualified_at = later(created_at, draws, days=draws.between(0, 14))
    converted_at = later(qualified_at, draws, days=draws.between(1, 10))
    relation.story.plan(
        qualified_at, partial(tell_mql, records=records, market=relation.market)
    )
    relation.story.plan(converted_at, lambda at: _convert_first(relation, records, at))


def _convert_first(relation: Relation, records: PersonRecords, at: datetime) -> None:
    by = relation.organization.developer_key
    source = "Campaign" if records.last_response else "Web"
    account_key = open_account(relation, at, source=source, by=by)
    opportunity_key = relation.next_key("d")
    campaign = records.last_response
    new_business(
        relation,
        at,
        account_key=account_key,
        champion=records,
        campaign=campaign,
        source=source,
        key=opportunity_key,
    )
    # The opportunity is told by the same moment's next action, before it is used.
    relation.story.plan(
        at,
        lambda at: convert_lead(
            relation,
            records,
            at,
            account_key=account_key,
            opportunity_key=opportunity_key,
        ),
    )
    plan_mistaken_account(relation, at)


def _join(
    at: datetime, relation: Relation, records: PersonRecords, draws: Draws
) -> None:
    """A colleague's lead is converted, into a second account by mistake at times."""
    if relation.account_key is None or records.lead_key is None or records.is_gone:
        return
    if not draws.chance(relation.market.params.noise.merge):
        convert_lead(
            relation,
            records,
            at,
            account_key=relation.account_key,
            opportunity_key=None,
        )
        return
    by = relation.organization.developer_key
    source = "Campaign" if records.last_response else "Web"
    double_key = open_account(relation, at, source=source, by=by, is_double=True)
    convert_lead(relation, records, at, account_key=double_key, opportunity_key=None)
    children = [records.contact_key or ""]
    if draws.below(2) and relation.first_deal is not None:
        children.append(
            double_deal(
                relation, relation.first_deal, at, account_key=double_key, draws=draws
            )
        )
    plan_account_merge(relation, at, double_key=double_key, children=tuple(children))

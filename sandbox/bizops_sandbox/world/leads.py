"""Lead records: how a person enters the CRM, twice by mistake, and is merged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    ActivityTracked,
    EmailOptedOut,
    LeadCreated,
    LeadsMerged,
    LeadStatusSet,
    MemberResponded,
    PersonKnown,
    PersonScored,
    TouchMade,
)
from bizops_sandbox.world.moments import later
from bizops_sandbox.world.names import as_typed
from bizops_sandbox.world.records import PersonRecords, response_status
from bizops_sandbox.world.touches import Touch, ad_of, asset_of, further_touches

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Market
    from bizops_sandbox.world.prospects import Person

MQL_SCORE = 90
_LATE_RESPONSE_ONE_IN = 6
_SAME_CAMPAIGN_ONE_IN = 3
_MERGED_ONE_IN = 2


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """One person's way into the CRM.

    `first` is the touch that made the lead, None for one that came by itself.
    """

    person: Person
    company: str
    website: str | None
    country: str
    created_at: datetime
    first: Touch | None
    rest: tuple[Touch, ...]
    owner_key: str
    instance_uuid: str | None = None


def plan_lead(
    person: Person,
    market: Market,
    *,
    company: str,
    website: str | None,
    country: str,
    arrival: datetime | Touch,
    instance_uuid: str | None = None,
) -> LeadPlan:
    """The person's lead and all touches to come.

    `arrival` is the touch that makes the lead, or the moment it comes by itself.
    """
    draws = market.draws(person.key, "touches")
    first = arrival if isinstance(arrival, Touch) else None
    at = arrival.recorded_at if isinstance(arrival, Touch) else arrival
    return LeadPlan(
        person=person,
        company=company,
        website=website,
        country=country,
        created_at=at,
        first=first,
        rest=further_touches(at, market, draws),
        owner_key=draws.pick(market.team.developers),
        instance_uuid=instance_uuid,
    )


def person_known(person: Person, at: datetime) -> PersonKnown:
    """The person's true facts."""
    return PersonKnown(
        at=at,
        person_key=person.key,
        organization_key=person.organization_key,
        first_name=person.first_name,
        last_name=person.last_name,
        title=person.title,
        work_email=person.work_email,
        free_email=person.free_email,
    )


def _lead_record(
    plan: LeadPlan, market: Market, *, key: str, at: datetime, use_free: bool
) -> LeadCreated:
    draws = market.draws(key, "record")
    person = plan.person
    email = (person.free_email if use_free else person.work_email) or person.main_email
    is_sloppy = draws.chance(market.params.noise.email_case)
    return LeadCreated(
        at=at,
        lead_key=key,
        person_key=person.key,
        company=plan.company,
        email=as_typed(email, draws, is_sloppy=is_sloppy),
        uses_free_email=email == person.free_email,
        title=person.title,
        country=plan.country,
        source="Campaign" if plan.first else "Web",
        phone=person.phone if draws.below(3) else None,
        website=plan.website,
        instance_uuid=plan.instance_uuid,
        owner_key=plan.owner_key,
        by=market.team.integration,
    )


def tell_response(
    touch: Touch, records: PersonRecords, market: Market, draws: Draws
) -> None:
    """What the person does, and what the marketing tool notes of it."""
    asset = asset_of(draws)
    person_key = records.person.key
    if touch.responds:
        records.story.tell(
            TouchMade(
                at=touch.at,
                person_key=person_key,
                campaign_key=touch.campaign.key,
                kind=touch.kind,
                asset=asset,
                ad_key=ad_of(touch.campaign, draws),
            )
        )
    if draws.chance(market.params.noise.same_event_in_2_systems):
        records.story.tell(
            ActivityTracked(
                at=touch.at,
                person_key=person_key,
                kind=touch.kind if touch.responds else "email_sent",
                asset=asset,
                campaign_key=touch.campaign.key,
            )
        )


def tell_membership(
    touch: Touch,
    record_key: str,
    records: PersonRecords,
    market: Market,
    draws: Draws,
) -> None:
    """The membership; some who were only invited respond days later."""
    integration = market.team.integration
    member_key = records.add_member(
        touch.recorded_at,
        record_key,
        touch.campaign,
        responded_on=touch.at.date() if touch.responds else None,
        by=integration,
    )
    if member_key is None or touch.responds or draws.below(_LATE_RESPONSE_ONE_IN):
        return

    def respond(at: datetime) -> None:
        if touch.campaign.exists_at(at) and records.is_member(member_key):
            late = replace(touch, at=at, recorded_at=at, responds=True)
            tell_response(late, records, market, draws)
            records.story.tell(
                MemberResponded(
                    at=at,
                    member_key=member_key,
                    status=response_status(touch.campaign),
                    responded_on=at.date(),
                    by=integration,
                )
            )

    wait = timedelta(days=draws.between(1, 9), minutes=1)
    records.story.plan(touch.recorded_at + wait, respond)


def plan_first_touch(plan: LeadPlan, records: PersonRecords, market: Market) -> None:
    """The person shows up, and the lead record is made, at once or days later."""
    draws = market.draws(plan.person.key, "lead")
    first, story = plan.first, records.story

    def show_up(at: datetime) -> None:
        story.tell(person_known(plan.person, at))
        if first:
            tell_response(first, records, market, draws)

    def enter(at: datetime) -> None:
        key = records.next_key("l")
        use_free = plan.person.prefers_free_email
        lead = _lead_record(plan, market, key=key, at=at, use_free=use_free)
        story.tell(lead)
        records.lead_key = key
        records.lead_email = lead.email
        records.lead_uses_free_email = lead.uses_free_email
        if first:
            tell_membership(first, key, records, market, draws)

    story.plan(first.at if first else plan.created_at, show_up)
    story.plan(plan.created_at, enter)


def plan_touch(touch: Touch, records: PersonRecords, market: Market) -> None:
    """A later touch goes to the lead, or to the contact it has become by then."""
    draws = market.draws(records.person.key, "touch", touch.at.isoformat())

    def happen(_: datetime) -> None:
        record_key = records.current_key
        if records.is_gone or record_key is None:
            return
        tell_response(touch, records, market, draws)
        tell_membership(touch, record_key, records, market, draws)

    records.story.plan(touch.at, happen)


def plan_double(plan: LeadPlan, records: PersonRecords, market: Market) -> None:
    """Some people come in a second time; half of these leads are merged later."""
    draws = market.draws(plan.person.key, "double")
    if not draws.chance(market.params.noise.lead_dup):
        return
    again = _second_arrival(plan, draws)
    if again is None:
        at = later(plan.created_at, draws, days=draws.between(1, 40))
    else:
        at = again.recorded_at

    def enter_again(at: datetime) -> None:
        if records.is_gone:
            return
        key = records.next_key("l")
        use_free = draws.below(2) == 0
        records.story.tell(
            _lead_record(plan, market, key=key, at=at, use_free=use_free)
        )
        if again is not None:
            tell_membership(again, key, records, market, draws)
        if draws.below(_MERGED_ONE_IN) == 0:
            merged_at = later(at, draws, days=draws.between(1, 60))
            records.story.plan(merged_at, lambda at: merge(at, key))

    def merge(at: datetime, loser: str) -> None:
        survivor, by = records.lead_key, market.team.operations
        # The CRM refuses to merge a converted lead.
        if records.is_gone or records.contact_key or survivor is None:
            return
        records.merge_members(at, loser=loser, survivor=survivor, by=by)
        records.story.tell(
            LeadsMerged(at=at, loser_key=loser, survivor_key=survivor, by=by)
        )

    records.story.plan(at, enter_again)


def _second_arrival(plan: LeadPlan, draws: Draws) -> Touch | None:
    """The touch that makes the second record: the first again, or a later one."""
    if plan.first and draws.below(_SAME_CAMPAIGN_ONE_IN) == 0:
        at = plan.created_at + timedelta(minutes=draws.between(5, 600))
        return replace(plan.first, recorded_at=at)
    for touch in plan.rest:
        if touch.responds:
            at = touch.recorded_at + timedelta(seconds=draws.between(5, 50))
            return replace(touch, recorded_at=at)
    return None


def tell_mql(at: datetime, records: PersonRecords, market: Market) -> None:
    """Marketing qualifies the lead, when there still is one."""
    if records.is_gone or records.contact_key or records.lead_key is None:
        return
    records.story.tell(
        PersonScored(at=at, person_key=records.person.key, score=MQL_SCORE),
        LeadStatusSet(
            at=at,
            lead_key=records.lead_key,
            status="MQL",
            mql_date=at.date(),
            by=market.team.integration,
        ),
    )


def plan_activities(plan: LeadPlan, records: PersonRecords, market: Market) -> None:
    """What the marketing tool sees besides campaigns; some opt out of mail."""
    draws = market.draws(plan.person.key, "activities")
    funnel = market.params.funnel
    at = plan.created_at
    for _ in range(draws.negative_binomial(funnel.activities_mean, 1)):
        at = later(at, draws, days=draws.between(1, 25))
        kind = draws.pick(("page_visited", "email_opened", "email_clicked"))
        records.story.plan_event(
            ActivityTracked(
                at=at, person_key=plan.person.key, kind=kind, asset=asset_of(draws)
            )
        )

    def opt_out(at: datetime) -> None:
        if not records.is_gone and records.current_key:
            records.story.tell(
                EmailOptedOut(
                    at=at,
                    record_key=records.current_key,
                    by=market.team.integration,
                )
            )

    if draws.chance(funnel.opt_out_rate):
        at = later(plan.created_at, draws, days=draws.between(2, 90))
        records.story.plan(at, opt_out)


def plan_lead_story(plan: LeadPlan, records: PersonRecords, market: Market) -> None:
    """Everything about a lead but what sales does with it."""
    plan_first_touch(plan, records, market)
    for touch in plan.rest:
        plan_touch(touch, records, market)
    plan_double(plan, records, market)
    plan_activities(plan, records, market)

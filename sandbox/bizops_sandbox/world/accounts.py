"""Accounts and contacts: made by conversion or by hand, doubled, merged, deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    AccountCreated,
    AccountDeleted,
    AccountsMerged,
    ContactCreated,
    ContactDeleted,
    ContactsMerged,
    LeadConverted,
)
from bizops_sandbox.world.leads import person_known
from bizops_sandbox.world.moments import later
from bizops_sandbox.world.names import as_typed

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.records import PersonRecords
    from bizops_sandbox.world.relation import Relation

_CHAIN_ONE_IN = 4


def open_account(
    relation: Relation, at: datetime, *, source: str, by: str, is_double: bool = False
) -> str:
    """Tell of a new account record; the first one is the organisation's main one."""
    organization, company = relation.organization, relation.organization.company
    key = relation.next_key("a")
    draws = relation.market.draws(key, "record")
    segments = [segment.name for segment in relation.market.params.segments]
    relation.story.tell(
        AccountCreated(
            at=at,
            account_key=key,
            organization_key=organization.key,
            name=company.name.upper() if is_double else company.name,
            account_type="Prospect",
            segment=draws.pick(segments) if is_double else organization.segment.name,
            industry=organization.industry,
            employees=organization.employees,
            annual_revenue=organization.annual_revenue,
            street=company.street,
            city=company.city,
            state=company.state,
            postal_code=company.postal_code,
            country=company.country,
            phone=company.phone,
            website=None if is_double else f"https://www.{company.domain}/",
            source=source,
            owner_key=organization.owner_key,
            by=by,
        )
    )
    if relation.account_key is None:
        relation.account_key = key
        relation.account_opened_at = at
    return key


def _contact(
    relation: Relation,
    records: PersonRecords,
    at: datetime,
    *,
    key: str,
    account_key: str,
    source: str,
    by: str,
) -> ContactCreated:
    """A contact record; it takes over the address that the lead was given."""
    person, company = records.person, relation.organization.company
    draws = relation.market.draws(key, "record")
    typed = as_typed(
        person.work_email or person.main_email,
        draws,
        is_sloppy=draws.chance(relation.market.params.noise.email_case),
    )
    return ContactCreated(
        at=at,
        contact_key=key,
        person_key=person.key,
        account_key=account_key,
        email=records.lead_email or typed,
        uses_free_email=records.lead_uses_free_email,
        title=person.title,
        phone=person.phone,
        source=source,
        street=company.street,
        city=company.city,
        postal_code=company.postal_code,
        country=company.country,
        owner_key=relation.organization.owner_key,
        by=by,
    )


def convert_lead(
    relation: Relation,
    records: PersonRecords,
    at: datetime,
    *,
    account_key: str,
    opportunity_key: str | None,
) -> None:
    """The lead becomes a contact of the account."""
    if records.lead_key is None:
        raise ValueError(f"{records.person.key} has no lead to convert")
    by = relation.organization.developer_key
    contact_key = records.next_key("c")
    relation.story.tell(
        _contact(
            relation,
            records,
            at,
            key=contact_key,
            account_key=account_key,
            source="Campaign" if records.last_response else "Web",
            by=by,
        ),
        LeadConverted(
            at=at,
            lead_key=records.lead_key,
            account_key=account_key,
            contact_key=contact_key,
            opportunity_key=opportunity_key,
            by=by,
        ),
    )
    records.become_contact(contact_key)
    _plan_contact_mishaps(relation, records, at, can_delete=False)


def open_contact(relation: Relation, at: datetime, *, source: str) -> PersonRecords:
    """Sales enters a person by hand, without a lead."""
    if relation.account_key is None:
        raise ValueError(f"{relation.organization.key} has no account yet")
    records = relation.new_person()
    key = records.next_key("c")
    relation.story.tell(
        person_known(records.person, at),
        _contact(
            relation,
            records,
            at,
            key=key,
            account_key=relation.account_key,
            source=source,
            by=relation.organization.owner_key,
        ),
    )
    records.contact_key = key
    _plan_contact_mishaps(relation, records, at, can_delete=source == "Outbound")
    return records


def _plan_contact_mishaps(
    relation: Relation, records: PersonRecords, at: datetime, *, can_delete: bool
) -> None:
    """Some contacts are entered twice and merged, a few are deleted."""
    noise = relation.market.params.noise
    draws = relation.market.draws(records.person.key, "mishaps")

    def delete(at: datetime) -> None:
        if records.contact_key and not records.is_gone and not records.has_merged:
            records.is_gone = True
            relation.story.tell(
                ContactDeleted(
                    at=at,
                    contact_key=records.contact_key,
                    by=relation.market.team.operations,
                )
            )

    if draws.chance(noise.merge):
        relation.story.plan(
            later(at, draws, days=draws.between(5, 90)),
            lambda at: _enter_twice(relation, records, at, draws),
        )
    elif can_delete and draws.chance(noise.soft_delete):
        relation.story.plan(later(at, draws, days=draws.between(30, 200)), delete)


def _enter_twice(
    relation: Relation, records: PersonRecords, at: datetime, draws: Draws
) -> None:
    """A second contact record, put into a campaign, merged weeks later."""
    market, operations = relation.market, relation.market.team.operations
    if records.is_gone or relation.account_key is None:
        return
    double_key = records.next_key("c")
    relation.story.tell(
        _contact(
            relation,
            records,
            at,
            key=double_key,
            account_key=relation.account_key,
            source="Outbound",
            by=relation.organization.owner_key,
        )
    )
    campaign = market.campaign_on(at.date(), draws)
    if campaign is not None:
        records.add_member(
            at, double_key, campaign, responded_on=at.date(), by=operations
        )

    def merge(at: datetime) -> None:
        survivor = records.contact_key
        if records.is_gone or survivor is None:
            return
        records.merge_members(at, loser=double_key, survivor=survivor, by=operations)
        relation.story.tell(
            ContactsMerged(
                at=at, loser_key=double_key, survivor_key=survivor, by=operations
            )
        )

    relation.story.plan(later(at, draws, days=draws.between(3, 60)), merge)


def plan_account_merge(
    relation: Relation, at: datetime, *, double_key: str, children: tuple[str, ...]
) -> None:
    """The double account goes into the main one; some children keep its id."""
    market, operations = relation.market, relation.market.team.operations
    draws = market.draws(double_key, "merge")
    left = tuple(
        key
        for key in children
        if draws.chance(market.params.noise.stale_merge_reference)
    )
    merged_at = later(at, draws, days=draws.between(10, 90))

    def chain(at: datetime) -> None:
        third = open_account(
            relation, at, source="Outbound", by=operations, is_double=True
        )
        relation.story.plan_event(
            AccountsMerged(
                at=at + timedelta(days=2, minutes=5),
                loser_key=third,
                survivor_key=double_key,
                by=operations,
            )
        )

    def merge(at: datetime) -> None:
        if relation.account_key is not None:
            relation.story.tell(
                AccountsMerged(
                    at=at,
                    loser_key=double_key,
                    survivor_key=relation.account_key,
                    left_behind=left,
                    by=operations,
                )
            )

    if draws.below(_CHAIN_ONE_IN) == 0:
        relation.story.plan(at + timedelta(days=1), chain)
    relation.story.plan(merged_at, merge)


def plan_mistaken_account(relation: Relation, at: datetime) -> None:
    """A few accounts are entered by mistake and deleted the same week."""
    draws = relation.market.draws(relation.organization.key, "mistaken account")
    if not draws.chance(relation.market.params.noise.soft_delete):
        return
    operations = relation.market.team.operations

    def enter(at: datetime) -> None:
        key = open_account(
            relation, at, source="Outbound", by=operations, is_double=True
        )
        relation.story.plan_event(
            AccountDeleted(
                at=later(at, draws, days=draws.between(1, 5)),
                account_key=key,
                by=operations,
            )
        )

    relation.story.plan(later(at, draws, days=draws.between(5, 100)), enter)

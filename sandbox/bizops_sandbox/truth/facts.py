"""What the log says about records and deals until a moment, for the truth.

This reads the event log, never a projection: it knows which person is behind a
record and what a deal was worth, whatever the records show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.truth.fact_records import (
    Account,
    Campaign,
    Deal,
    DealStep,
    Facts,
    Member,
    PersonRecord,
)
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from bizops_sandbox.world.events import Event

__all__ = [
    "Account",
    "Campaign",
    "Deal",
    "DealStep",
    "Facts",
    "Member",
    "PersonRecord",
    "collect_facts",
]


def collect_facts(events: Iterable[Event], as_of: date) -> Facts:
    """The facts of the log up to the end of a day."""
    facts = Facts(as_of=as_of)
    for event in events_until(events, day_end(as_of), *_TAKEN):
        _TAKEN[type(event)](facts, event)
    return facts


def _know_person(facts: Facts, event: log.PersonKnown) -> None:
    facts.organization_of[event.person_key] = event.organization_key


def _create_lead(facts: Facts, event: log.LeadCreated) -> None:
    facts.people[event.lead_key] = _person_record(event, event.lead_key, None)


def _create_contact(facts: Facts, event: log.ContactCreated) -> None:
    record = _person_record(event, event.contact_key, event.account_key)
    facts.people[event.contact_key] = record


def _person_record(
    event: log.LeadCreated | log.ContactCreated, key: str, account_key: str | None
) -> PersonRecord:
    return PersonRecord(
        key=key,
        person_key=event.person_key,
        address="free" if event.uses_free_email else "work",
        email=event.email,
        created_at=event.at,
        is_lead=isinstance(event, log.LeadCreated),
        account_key=account_key,
    )


def _convert_lead(facts: Facts, event: log.LeadConverted) -> None:
    lead = facts.people[event.lead_key]
    lead.account_key, lead.contact_key = event.account_key, event.contact_key
    lead.opportunity_key = event.opportunity_key


def _set_lead_status(facts: Facts, event: log.LeadStatusSet) -> None:
    if event.mql_date is not None:
        facts.people[event.lead_key].mql_on = event.mql_date


def _create_account(facts: Facts, event: log.AccountCreated) -> None:
    facts.accounts[event.account_key] = Account(
        key=event.account_key,
        organization_key=event.organization_key,
        segment=event.segment,
    )


def _set_parent(facts: Facts, event: log.AccountParentSet) -> None:
    facts.accounts[event.account_key].parent_key = event.parent_key


def _plan_campaign(facts: Facts, event: log.CampaignPlanned) -> None:
    facts.campaigns[event.campaign_key] = Campaign(
        key=event.campaign_key,
        channel=event.channel,
        created_at=event.at,
        start_date=event.start_date,
        end_date=event.end_date,
    )


def _record_cost(facts: Facts, event: log.CampaignCostRecorded) -> None:
    facts.campaigns[event.campaign_key].cost = event.total_cost


def _add_member(facts: Facts, event: log.MemberAdded) -> None:
    facts.members[event.member_key] = Member(
        key=event.member_key,
        campaign_key=event.campaign_key,
        record_key=event.record_key,
        created_at=event.at,
        responded_on=event.responded_on,
    )


def _respond(facts: Facts, event: log.MemberResponded) -> None:
    facts.members[event.member_key].responded_on = event.responded_on


def _open_deal(facts: Facts, event: log.OpportunityCreated) -> None:
    first = DealStep(event.at, "0-Pending Acceptance", event.amount, event.close_date)
    facts.deals[event.opportunity_key] = Deal(
        key=event.opportunity_key,
        account_key=event.account_key,
        order_type=event.order_type,
        created_at=event.at,
        campaign_key=event.campaign_key,
        renewal_acv=event.renewal_acv,
        close_date=event.close_date,
        steps=[first],
    )


def _step(
    facts: Facts, event: log.OpportunityStaged | log.OpportunityClosed, stage: str
) -> Deal:
    deal = facts.deals[event.opportunity_key]
    deal.steps.append(DealStep(event.at, stage, event.amount, event.close_date))
    deal.close_date = event.close_date
    return deal


def _stage_deal(facts: Facts, event: log.OpportunityStaged) -> None:
    deal = _step(facts, event, event.stage)
    deal.accepted_on = event.accepted_on or deal.accepted_on


def _close_deal(facts: Facts, event: log.OpportunityClosed) -> None:
    deal = _step(facts, event, event.outcome)
    deal.iacv, deal.tcv = event.iacv, event.tcv
    deal.is_iacv_recorded = event.is_iacv_recorded
    deal.duplicate_of = event.duplicate_of or deal.duplicate_of


def _deletes(table: str, key: str) -> Callable[[Facts, Any], None]:
    """A taker of events that delete a record of a table."""

    def delete(facts: Facts, event: Any) -> None:  # noqa: ANN401 - it has the key
        getattr(facts, table)[getattr(event, key)].is_deleted = True

    return delete


def _merges(table: str) -> Callable[[Facts, Any], None]:
    """A taker of events that merge two records of a table."""

    def merge(facts: Facts, event: Any) -> None:  # noqa: ANN401 - a merge's event
        getattr(facts, table)[event.loser_key].merged_into = event.survivor_key

    return merge


_TAKEN: Mapping[type[Event], Callable[[Facts, Any], None]] = {
    log.PersonKnown: _know_person,
    log.LeadCreated: _create_lead,
    log.ContactCreated: _create_contact,
    log.LeadConverted: _convert_lead,
    log.LeadStatusSet: _set_lead_status,
    log.LeadsMerged: _merges("people"),
    log.ContactsMerged: _merges("people"),
    log.LeadDeleted: _deletes("people", "lead_key"),
    log.ContactDeleted: _deletes("people", "contact_key"),
    log.AccountCreated: _create_account,
    log.AccountParentSet: _set_parent,
    log.AccountsMerged: _merges("accounts"),
    log.AccountDeleted: _deletes("accounts", "account_key"),
    log.CampaignPlanned: _plan_campaign,
    log.CampaignCostRecorded: _record_cost,
    log.CampaignDeleted: _deletes("campaigns", "campaign_key"),
    log.MemberAdded: _add_member,
    log.MemberResponded: _respond,
    log.MemberDeleted: _deletes("members", "member_key"),
    log.OpportunityCreated: _open_deal,
    log.OpportunityStaged: _stage_deal,
    log.OpportunityClosed: _close_deal,
    log.OpportunityDeleted: _deletes("deals", "opportunity_key"),
}

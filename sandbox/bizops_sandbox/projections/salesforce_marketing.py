"""Campaigns and their members: what the log makes of them in Salesforce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.salesforce_people import is_lead
from bizops_sandbox.projections.salesforce_state import (
    OrgState,
    delete,
    reference,
    touch,
)

if TYPE_CHECKING:
    from bizops_sandbox.world.events import (
        CampaignCostRecorded,
        CampaignDeleted,
        CampaignPlanned,
        CampaignStatusSet,
        MemberAdded,
        MemberDeleted,
        MemberResponded,
    )

CAMPAIGN_TYPE_BY_CHANNEL = {
    "paid_search": "Paid Search",
    "paid_social": "Paid Social",
    "display": "Display",
    "content_syndication": "Content Syndication",
    "webinar": "Webinar",
    "conference": "Conference",
    "email": "Email",
    "partner": "Partner",
}


def plan_campaign(state: OrgState, event: CampaignPlanned) -> None:
    """A campaign; nothing is spent yet."""
    state.create(
        "Campaign",
        event.campaign_key,
        event.at,
        event.by,
        Name=event.name,
        ParentId=reference("Campaign", event.parent_key),
        Type=CAMPAIGN_TYPE_BY_CHANNEL[event.channel],
        Status="Planned",
        StartDate=event.start_date,
        EndDate=event.end_date,
        ExpectedRevenue=event.expected_revenue,
        BudgetedCost=event.budget,
        ActualCost=None,
        IsActive=False,
        NumberOfLeads=0,
        NumberOfContacts=0,
        CurrencyIsoCode="USD",
        OwnerId=salesforce_id("User", event.by),
    )


def _count_members(state: OrgState, campaign_key: str) -> None:
    """The roll-ups, as of this save: later members alone do not stamp the campaign."""
    record = state.get("Campaign", campaign_key)
    members = state.living("CampaignMember", str(record["Id"]))
    contacts = sum(1 for member in members if member["ContactId"])
    record["NumberOfContacts"] = contacts
    record["NumberOfLeads"] = len(members) - contacts


def set_campaign_status(state: OrgState, event: CampaignStatusSet) -> None:
    """Only a running campaign is active."""
    state.change(
        "Campaign",
        event.campaign_key,
        event.at,
        event.by,
        Status=event.status,
        IsActive=event.status == "In Progress",
    )
    _count_members(state, event.campaign_key)


def record_campaign_cost(state: OrgState, event: CampaignCostRecorded) -> None:
    """The cost until now."""
    state.change(
        "Campaign",
        event.campaign_key,
        event.at,
        event.by,
        ActualCost=event.total_cost,
    )
    _count_members(state, event.campaign_key)


def delete_campaign(state: OrgState, event: CampaignDeleted) -> None:
    """The campaign goes, with its memberships."""
    record = state.get("Campaign", event.campaign_key)
    for member in state.living("CampaignMember", str(record["Id"])):
        delete(member, event.at, event.by)
    delete(record, event.at, event.by)


def add_member(state: OrgState, event: MemberAdded) -> None:
    """A membership of a lead or of a contact."""
    name = "Lead" if is_lead(event.record_key) else "Contact"
    record_id = salesforce_id(name, event.record_key)
    campaign_id = salesforce_id("Campaign", event.campaign_key)
    member = state.create(
        "CampaignMember",
        event.member_key,
        event.at,
        event.by,
        CampaignId=campaign_id,
        LeadId=record_id if name == "Lead" else None,
        ContactId=record_id if name == "Contact" else None,
        Status=event.status,
        HasResponded=event.responded_on is not None,
        FirstRespondedDate=event.responded_on,
        Type=name,
    )
    state.adopt("CampaignMember", campaign_id, member)
    state.adopt("CampaignMember", record_id, member)


def respond(state: OrgState, event: MemberResponded) -> None:
    """An invited member responds."""
    touch(
        state.get("CampaignMember", event.member_key),
        event.at,
        event.by,
        Status=event.status,
        HasResponded=True,
        FirstRespondedDate=event.responded_on,
    )


def delete_member(state: OrgState, event: MemberDeleted) -> None:
    """A membership goes."""
    delete(state.get("CampaignMember", event.member_key), event.at, event.by)

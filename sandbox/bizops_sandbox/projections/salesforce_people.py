"""Users, accounts, contacts and leads: what the log makes of them in Salesforce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.salesforce_state import (
    OrgState,
    delete,
    reference,
    touch,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.salesforce_state import Record
    from bizops_sandbox.world.events import (
        AccountCreated,
        AccountDeleted,
        AccountParentSet,
        AccountsMerged,
        AccountTypeSet,
        ContactCreated,
        ContactDeleted,
        ContactsMerged,
        EmailOptedOut,
        EmployeeHired,
        EmployeeLeft,
        LeadConverted,
        LeadCreated,
        LeadDeleted,
        LeadsMerged,
        LeadStatusSet,
        PersonKnown,
    )


def is_lead(record_key: str) -> bool:
    """Whether a key in the log is that of a lead record, not of a contact."""
    return record_key.rpartition(".")[2].startswith("l")


def hire(state: OrgState, event: EmployeeHired) -> None:
    """A user."""
    state.create(
        "User",
        event.employee_key,
        event.at,
        "e.integration",
        Username=event.email,
        FirstName=event.first_name,
        LastName=event.last_name,
        Name=f"{event.first_name} {event.last_name}",
        Email=event.email,
        Title=event.title,
        IsActive=True,
        ManagerId=reference("User", event.manager_key),
        UserRoleId=None,
    )


def leave(state: OrgState, event: EmployeeLeft) -> None:
    """The user is deactivated: users are never deleted."""
    state.change("User", event.employee_key, event.at, "e.integration", IsActive=False)


def know(state: OrgState, event: PersonKnown) -> None:
    """No record yet, but the name for those to come."""
    state.names[event.person_key] = (event.first_name, event.last_name)


def create_account(state: OrgState, event: AccountCreated) -> None:
    """An account."""
    state.create(
        "Account",
        event.account_key,
        event.at,
        event.by,
        MasterRecordId=None,
        Name=event.name,
        Type=event.account_type,
        ParentId=None,
        BillingStreet=event.street,
        BillingCity=event.city,
        BillingState=event.state,
        BillingPostalCode=event.postal_code,
        BillingCountry=event.country,
        Phone=event.phone,
        Website=event.website,
        Industry=event.industry,
        AnnualRevenue=event.annual_revenue,
        NumberOfEmployees=event.employees,
        OwnerId=salesforce_id("User", event.owner_key),
        AccountSource=event.source,
        CurrencyIsoCode="USD",
        Segment__c=event.segment,
    )


def set_account_type(state: OrgState, event: AccountTypeSet) -> None:
    """Customer, Former Customer."""
    state.change(
        "Account", event.account_key, event.at, event.by, Type=event.account_type
    )


def set_account_parent(state: OrgState, event: AccountParentSet) -> None:
    """The hierarchy of accounts."""
    parent_id = salesforce_id("Account", event.parent_key)
    state.change("Account", event.account_key, event.at, event.by, ParentId=parent_id)


def merge_accounts(state: OrgState, event: AccountsMerged) -> None:
    """The loser is deleted and points at the survivor, its children move."""
    loser_id = salesforce_id("Account", event.loser_key)
    survivor_id = salesforce_id("Account", event.survivor_key)
    left = {
        salesforce_id(name, key)
        for key in event.left_behind
        for name in ("Contact", "Opportunity")
    }
    for name in ("Contact", "Opportunity"):
        for record in state.living(name, loser_id):
            if record["Id"] not in left:
                touch(record, event.at, event.by, AccountId=survivor_id)
                state.adopt(name, survivor_id, record)
    _merge(state, "Account", event)


def _merge(
    state: OrgState,
    object_name: str,
    event: AccountsMerged | ContactsMerged | LeadsMerged,
) -> None:
    survivor_id = salesforce_id(object_name, event.survivor_key)
    loser = state.get(object_name, event.loser_key)
    touch(loser, event.at, event.by, MasterRecordId=survivor_id, IsDeleted=True)
    state.change(object_name, event.survivor_key, event.at, event.by)


def delete_account(state: OrgState, event: AccountDeleted) -> None:
    """The account and its contacts go to the recycle bin."""
    record = state.get("Account", event.account_key)
    delete(record, event.at, event.by)
    for contact in state.living("Contact", str(record["Id"])):
        delete(contact, event.at, event.by)


def create_contact(state: OrgState, event: ContactCreated) -> None:
    """A contact."""
    first, last = state.names[event.person_key]
    account_id = salesforce_id("Account", event.account_key)
    record = state.create(
        "Contact",
        event.contact_key,
        event.at,
        event.by,
        MasterRecordId=None,
        AccountId=account_id,
        FirstName=first,
        LastName=last,
        Name=f"{first} {last}",
        Email=event.email,
        Title=event.title,
        Phone=event.phone,
        LeadSource=event.source,
        HasOptedOutOfEmail=False,
        MailingStreet=event.street,
        MailingCity=event.city,
        MailingCountry=event.country,
        MailingPostalCode=event.postal_code,
        OwnerId=salesforce_id("User", event.owner_key),
    )
    state.adopt("Contact", account_id, record)


def merge_contacts(state: OrgState, event: ContactsMerged) -> None:
    """Memberships and roles move to the survivor."""
    survivor_id = salesforce_id("Contact", event.survivor_key)
    loser_id = salesforce_id("Contact", event.loser_key)
    for name in ("CampaignMember", "OpportunityContactRole"):
        for record in state.living(name, loser_id):
            touch(record, event.at, event.by, ContactId=survivor_id)
            state.adopt(name, survivor_id, record)
    _merge(state, "Contact", event)


def _delete_all(records: Iterable[Record], event: ContactDeleted | LeadDeleted) -> None:
    for record in records:
        delete(record, event.at, event.by)


def delete_contact(state: OrgState, event: ContactDeleted) -> None:
    """The contact goes, with its memberships and roles."""
    record = state.get("Contact", event.contact_key)
    for name in ("CampaignMember", "OpportunityContactRole"):
        _delete_all(state.living(name, str(record["Id"])), event)
    delete(record, event.at, event.by)


def opt_out(state: OrgState, event: EmailOptedOut) -> None:
    """The record says that the person wants no mail."""
    name = "Lead" if is_lead(event.record_key) else "Contact"
    state.change(name, event.record_key, event.at, event.by, HasOptedOutOfEmail=True)


def create_lead(state: OrgState, event: LeadCreated) -> None:
    """A lead."""
    first, last = state.names[event.person_key]
    state.create(
        "Lead",
        event.lead_key,
        event.at,
        event.by,
        MasterRecordId=None,
        FirstName=first,
        LastName=last,
        Name=f"{first} {last}",
        Company=event.company,
        Email=event.email,
        Title=event.title,
        Phone=event.phone,
        Website=event.website,
        Country=event.country,
        LeadSource=event.source,
        Status="Raw",
        IsConverted=False,
        ConvertedDate=None,
        ConvertedAccountId=None,
        ConvertedContactId=None,
        ConvertedOpportunityId=None,
        HasOptedOutOfEmail=False,
        OwnerId=salesforce_id("User", event.owner_key),
        MQL_Date__c=None,
        Instance_UUID__c=event.instance_uuid,
    )


def set_lead_status(state: OrgState, event: LeadStatusSet) -> None:
    """The status, and the day of qualification once there is one."""
    record = state.change(
        "Lead", event.lead_key, event.at, event.by, Status=event.status
    )
    if event.mql_date is not None:
        record["MQL_Date__c"] = event.mql_date


def merge_leads(state: OrgState, event: LeadsMerged) -> None:
    """Memberships move to the survivor."""
    survivor_id = salesforce_id("Lead", event.survivor_key)
    loser_id = salesforce_id("Lead", event.loser_key)
    for record in state.living("CampaignMember", loser_id):
        touch(record, event.at, event.by, LeadId=survivor_id)
        state.adopt("CampaignMember", survivor_id, record)
    _merge(state, "Lead", event)


def delete_lead(state: OrgState, event: LeadDeleted) -> None:
    """The lead goes, with its memberships."""
    record = state.get("Lead", event.lead_key)
    _delete_all(state.living("CampaignMember", str(record["Id"])), event)
    delete(record, event.at, event.by)


def convert_lead(state: OrgState, event: LeadConverted) -> None:
    """The lead is closed; its memberships belong to the contact as well."""
    contact_id = salesforce_id("Contact", event.contact_key)
    lead = state.change(
        "Lead",
        event.lead_key,
        event.at,
        event.by,
        Status="Qualified",
        IsConverted=True,
        ConvertedDate=event.at.date(),
        ConvertedAccountId=salesforce_id("Account", event.account_key),
        ConvertedContactId=contact_id,
        ConvertedOpportunityId=reference("Opportunity", event.opportunity_key),
    )
    for record in state.living("CampaignMember", str(lead["Id"])):
        touch(record, event.at, event.by, ContactId=contact_id, Type="Contact")
        state.adopt("CampaignMember", contact_id, record)

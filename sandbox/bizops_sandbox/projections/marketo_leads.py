"""Person records: made by forms and by the CRM, changed, merged, converted, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_activity_types import (
    CONVERT_LEAD,
    DELETE_LEAD,
    MERGE_LEADS,
    NEW_LEAD,
    UNSUBSCRIBE_EMAIL,
)
from bizops_sandbox.projections.marketo_draws import below
from bizops_sandbox.projections.marketo_notes import note_about
from bizops_sandbox.projections.marketo_programs import add_to_list, move_members
from bizops_sandbox.projections.marketo_state import InstanceState, LeadDraft, Mark
from bizops_sandbox.projections.salesforce_ids import salesforce_id

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.marketo_instance import Value
    from bizops_sandbox.world.events import (
        AccountCreated,
        AccountTypeSet,
        ContactCreated,
        ContactDeleted,
        ContactsMerged,
        EmailOptedOut,
        LeadConverted,
        LeadCreated,
        LeadDeleted,
        LeadsMerged,
        LeadStatusSet,
        OrganizationKnown,
        PersonKnown,
    )

_SHARE_STEPS = 1_000_000
_KEPT_AFTER_DELETION_ONE_IN = 2


def know_person(state: InstanceState, event: PersonKnown) -> None:
    """Nothing to see yet: the person's facts are remembered."""
    state.people[event.person_key] = event


def know_organization(state: InstanceState, event: OrganizationKnown) -> None:
    """Nothing to see yet: the organisation's facts are remembered."""
    state.organizations[event.organization_key] = event


def know_account(state: InstanceState, event: AccountCreated) -> None:
    """Accounts are no records here: their facts come with their people."""
    state.accounts[event.account_key] = event


def track_person(
    state: InstanceState, person_key: str, at: datetime, source: str, info: str
) -> LeadDraft:
    """The record a person's behaviour goes to; made now when there is none."""
    lead = state.by_person.get(person_key)
    if lead is not None:
        return lead
    person = state.people[person_key]
    organization = state.organizations.get(person.organization_key)
    values: dict[str, Value] = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.free_email or person.work_email,
        "title": person.title,
        "company": None if organization is None else organization.name,
        "country": None if organization is None else organization.country,
    }
    return _create(state, person_key, person_key, at, values, source, info)


def create_lead(state: InstanceState, event: LeadCreated) -> None:
    """The CRM's lead is synchronised; a second one is a second person record here."""
    person = state.people[event.person_key]
    values: dict[str, Value] = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": event.email,
        "title": event.title,
        "company": event.company,
        "country": event.country,
        "phone": event.phone,
        "website": event.website,
        "leadSource": event.source,
        "leadStatus": "Raw",
        "instanceUUID": event.instance_uuid,
    }
    lead = _unclaimed(state, event.person_key)
    if lead is None:
        source, info = (
            ("Web form fillout", "Webpage visit")
            if event.source == "Web"
            else ("salesforce.com", "Lead sync")
        )
        lead = _create(
            state, event.lead_key, event.person_key, event.at, values, source, info
        )
    else:
        lead.key = event.lead_key
        state.save(lead, event.at, **values)
    state.by_record[event.lead_key] = lead
    _link(state, lead, event.at, "Lead", event.lead_key, event.owner_key)


def create_contact(state: InstanceState, event: ContactCreated) -> None:
    """A contact that comes from no lead gets a record here too."""
    if event.contact_key in state.converted_contacts:
        return
    person = state.people[event.person_key]
    values: dict[str, Value] = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": event.email,
        "title": event.title,
        "phone": event.phone,
        "leadSource": event.source,
        "address": event.street,
        "city": event.city,
        "postalCode": event.postal_code,
        "country": event.country,
    }
    organization = state.organizations.get(person.organization_key)
    if organization is not None:
        values["company"] = organization.name
    lead = _unclaimed(state, event.person_key)
    if lead is None:
        lead = _create(
            state,
            event.contact_key,
            event.person_key,
            event.at,
            values,
            "salesforce.com",
            "Contact sync",
        )
    else:
        lead.key = event.contact_key
        state.save(lead, event.at, **values)
    state.by_record[event.contact_key] = lead
    _link(state, lead, event.at, "Contact", event.contact_key, event.owner_key)
    if "sfdcId" in lead.values:
        _join_account(state, lead, event.account_key, event.at)


def convert_lead(state: InstanceState, event: LeadConverted) -> None:
    """The record stays the same; from now on it is a contact of an account."""
    lead = state.by_record.get(event.lead_key)
    if lead is None:
        return
    lead = lead.survivor
    state.by_record[event.contact_key] = lead
    contact_id = salesforce_id("Contact", event.contact_key)
    account_id = salesforce_id("Account", event.account_key)
    attributes = {
        "SFDC Account ID": account_id,
        "SFDC Contact ID": contact_id,
        "SFDC Lead ID": salesforce_id("Lead", event.lead_key),
    }
    if event.opportunity_key is not None:
        opportunity_id = salesforce_id("Opportunity", event.opportunity_key)
        attributes["SFDC Opportunity ID"] = opportunity_id
    state.act(lead, event.at, CONVERT_LEAD, attributes, _about(lead))
    state.change(lead, event.at, "leadStatus", "Qualified", "Synced from SFDC")
    if "sfdcId" in lead.values:
        state.save(
            lead,
            event.at,
            sfdcId=contact_id,
            sfdcType="Contact",
            sfdcContactId=contact_id,
        )
        _join_account(state, lead, event.account_key, event.at)


def set_status(state: InstanceState, event: LeadStatusSet) -> None:
    """The status, and the day of qualification once there is one."""
    lead = state.by_record.get(event.lead_key)
    if lead is None:
        return
    lead = lead.survivor
    state.change(lead, event.at, "leadStatus", event.status, "Synced from SFDC")
    if event.mql_date is not None:
        state.save(lead, event.at, mqlDate=event.mql_date)
        list_id = state.shelf.global_lists["All MQLs"]
        add_to_list(state, lead, list_id, "All MQLs", event.at)


def merge_records(state: InstanceState, event: LeadsMerged | ContactsMerged) -> None:
    """The loser vanishes; its activities and memberships are the survivor's."""
    loser = state.by_record.get(event.loser_key)
    survivor = state.by_record.get(event.survivor_key)
    if loser is None or survivor is None:
        return
    loser, survivor = loser.survivor, survivor.survivor
    state.by_record[event.loser_key] = survivor
    if loser is survivor:
        return
    loser.merged_into = survivor
    for person_key in (loser.person_key, survivor.person_key):
        if state.by_person.get(person_key) is loser:
            state.by_person[person_key] = survivor
    move_members(state, loser, survivor)
    attributes = {
        "Master Updated": False,
        "Merge IDs": f"[{loser.id}]",
        "Merge Source": "salesforce.com",
        "Merged in Sales": True,
    }
    state.act(survivor, event.at, MERGE_LEADS, attributes, _about(survivor))
    state.save(survivor, event.at, company=survivor.values.get("company"))


def delete_lead(state: InstanceState, event: LeadDeleted) -> None:
    """A deletion in the CRM reaches only half of the records here."""
    _delete(state, event.lead_key, event.at)


def delete_contact(state: InstanceState, event: ContactDeleted) -> None:
    """A deletion in the CRM reaches only half of the records here."""
    _delete(state, event.contact_key, event.at)


def opt_out(state: InstanceState, event: EmailOptedOut) -> None:
    """The person wants no more mail and says so on the page of the last one."""
    lead = state.by_record.get(event.record_key)
    if lead is None:
        return
    lead = lead.survivor
    row = next(iter(state.shelf.newsletters.values()))
    attributes = {
        "Campaign Run ID": 1 + below(900, state.seed, lead.key, "run"),
        "Client IP Address": f"192.0.2.{1 + below(250, state.seed, lead.key, 'ip')}",
        "Has Predictive": False,
        "Query Parameters": "mkt_unsubscribe=1",
        "Webform ID": 1,
        "Webpage ID": 1,
    }
    campaign_id = state.shelf.global_campaigns["Newsletter.Send"]
    mark = Mark(campaign_id, state.shelf.id_of(row), str(row["name"]))
    state.act(lead, event.at, UNSUBSCRIBE_EMAIL, attributes, mark)
    state.change(lead, event.at, "unsubscribed", value=True, reason="Form fillout")
    state.save(lead, event.at, unsubscribedReason="Unsubscribe page")


def become_customer(state: InstanceState, event: AccountTypeSet) -> None:
    """People of a customer's account are customers here as well."""
    account_id = salesforce_id("Account", event.account_key)
    is_customer = event.account_type == "Customer"
    for lead in state.by_account.get(account_id, []):
        if not lead.survivor.is_gone:
            state.save(lead.survivor, event.at, mktoIsCustomer=is_customer)


def lacks_crm_id(state: InstanceState, record_key: str) -> bool:
    """Whether the CRM's ids of a record were lost on the way."""
    draw = below(_SHARE_STEPS, state.seed, record_key, "missing crm id")
    return draw < state.noise.missing_crm_id * _SHARE_STEPS


def is_kept_after_deletion(state: InstanceState, record_key: str) -> bool:
    """Whether a record the CRM deletes stays here, marked as deleted there."""
    steps = _KEPT_AFTER_DELETION_ONE_IN
    return below(steps, state.seed, record_key, "deleted") == 0


def _create(
    state: InstanceState,
    key: str,
    person_key: str,
    at: datetime,
    values: dict[str, Value],
    source: str,
    info: str,
) -> LeadDraft:
    lead = state.create_lead(key, person_key, at, values)
    lead.values |= {
        "personType": "contact",
        "mktoIsPartner": False,
        "isLead": True,
        "mktoIsCustomer": False,
        "isAnonymous": False,
        "contactCompany": str(lead.id),
        "originalSourceType": source,
        "originalSourceInfo": info,
        "registrationSourceType": source,
        "registrationSourceInfo": info,
        "emailInvalid": False,
        "unsubscribed": False,
        "doNotCall": False,
        "leadPerson": str(lead.id),
        "leadPartitionId": 1,
    }
    note = note_about(state.seed, lead.key)
    if note is not None:
        lead.values["mktoPersonNotes"] = note
    attributes = {"Source Type": source, "Created Date": at.date().isoformat()}
    mark = Mark(primary_id=lead.id)
    state.act(lead, at, NEW_LEAD, attributes, mark)
    return lead


def _unclaimed(state: InstanceState, person_key: str) -> LeadDraft | None:
    """The person's record that no CRM record belongs to yet."""
    lead = state.by_person.get(person_key)
    if lead is None or lead.key != person_key or lead.is_gone:
        return None
    return lead


def _link(
    state: InstanceState,
    lead: LeadDraft,
    at: datetime,
    object_name: str,
    key: str,
    owner_key: str,
) -> None:
    """Note the CRM's ids; some records lost them."""
    if lacks_crm_id(state, key):
        return
    record_id = salesforce_id(object_name, key)
    state.save(
        lead,
        at,
        sfdcId=record_id,
        sfdcType=object_name,
        sfdcLeadOwnerId=salesforce_id("User", owner_key),
        **{f"sfdc{object_name}Id": record_id},
    )


def _join_account(
    state: InstanceState, lead: LeadDraft, account_key: str, at: datetime
) -> None:
    """Copy the account's facts. They stay as they are when accounts merge later."""
    account_id = salesforce_id("Account", account_key)
    state.by_account.setdefault(account_id, []).append(lead)
    state.save(lead, at, sfdcAccountId=account_id)
    account = state.accounts.get(account_key)
    if account is None:
        return
    state.save(
        lead,
        at,
        company=account.name,
        industry=account.industry,
        numberOfEmployees=account.employees,
        annualRevenue=account.annual_revenue,
        billingStreet=account.street,
        billingCity=account.city,
        billingState=account.state,
        billingPostalCode=account.postal_code,
        billingCountry=account.country,
        mainPhone=account.phone,
        website=account.website or lead.values.get("website"),
    )


def _delete(state: InstanceState, record_key: str, at: datetime) -> None:
    lead = state.by_record.get(record_key)
    if lead is None:
        return
    lead = lead.survivor
    if is_kept_after_deletion(state, record_key):
        state.change(lead, at, "sfdcIsDeleted", value=True, reason="Synced from SFDC")
        return
    lead.is_gone = True
    state.members.pop(lead.id, None)
    state.act(lead, at, DELETE_LEAD, {}, _about(lead))


def _about(lead: LeadDraft) -> Mark:
    name = f"{lead.values.get('firstName')} {lead.values.get('lastName')}"
    return Mark(primary_id=lead.id, primary_value=name)

"""Who is billed: accounts and contacts, and what the CRM knows of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_noise import ZuoraNoise, pick, short_crm_id
from bizops_sandbox.projections.zuora_state import Deal, Organization, Person

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.zuora_state import TenantState
    from bizops_sandbox.world.events import (
        AccountCreated,
        ContactCreated,
        OpportunityClosed,
        OpportunityCreated,
        OrganizationKnown,
        PersonKnown,
        SubscriptionStarted,
    )

_RESELLERS = (
    ("kestrel", "Kestrel Licensing Partners", "Netherlands"),
    ("lighthouse", "Lighthouse Software Resale", "United States"),
    ("mesa", "Mesa Distribution", "United Kingdom"),
)
_PAYMENT_TERM = "Net 30"


def know_organization(state: TenantState, event: OrganizationKnown) -> None:
    """A possible customer shows up."""
    state.organizations[event.organization_key] = Organization(
        event.name, event.country, event.parent_key, event.domain, event.currency
    )


def know_person(state: TenantState, event: PersonKnown) -> None:
    """A person shows up."""
    state.names[event.person_key] = (event.first_name, event.last_name)


def create_account(state: TenantState, event: AccountCreated) -> None:
    """The CRM's account says which organisation an order is of."""
    state.organization_of[event.account_key] = event.organization_key


def create_contact(state: TenantState, event: ContactCreated) -> None:
    """Somebody whom invoices may be sent to."""
    organization_key = state.organization_of[event.account_key]
    first_name, last_name = state.names[event.person_key]
    state.organizations[organization_key].people.append(
        Person(
            first_name=first_name,
            last_name=last_name,
            email=event.email,
            street=event.street,
            city=event.city,
            postal_code=event.postal_code,
            country=event.country,
        )
    )


def create_opportunity(state: TenantState, event: OpportunityCreated) -> None:
    """The quote's opportunity."""
    state.deals[event.opportunity_key] = Deal(
        event.account_key, event.name, event.close_date
    )


def close_opportunity(state: TenantState, event: OpportunityClosed) -> None:
    """The quote's opportunity gets its last close date."""
    state.deals[event.opportunity_key].close_date = event.close_date


def billing_account(state: TenantState, event: SubscriptionStarted) -> str:
    """The key of the account that pays for a new subscription.

    Orders through a partner are paid by the reseller, whose account the CRM does not
    know: which customer uses the product stands only in the subscription's
    opportunity.
    """
    if event.is_partner_billed:
        number = pick(event.lineage_key, "reseller", len(_RESELLERS))
        currency = state.organizations[event.organization_key].currency
        return _reseller_account(state, number, event.at, currency=currency)
    key = event.organization_key
    if key not in state.tables["Account"]:
        _open_account(
            state,
            key,
            event.at,
            organization=state.organizations[key],
            crm_id=_crm_id(state, event),
            batch="Batch1",
        )
    return key


def _crm_id(state: TenantState, event: SubscriptionStarted) -> str | None:
    """The Salesforce id as somebody copied it: whole, 15 characters, or not at all."""
    key, noise = event.organization_key, state.params.noise
    crm_id = salesforce_id("Account", state.deals[event.opportunity_key].account_key)
    account_id = zuora_id("Account", key)
    for code, share in (
        ("missing_crm_id", noise.missing_crm_id),
        ("crm_id_15char", noise.crm_id_15char),
    ):
        if state.is_noisy(key, code, share):
            row = ZuoraNoise(code, "Account", account_id, event.at, crm_id)
            state.ledger.append(row)
            return None if code == "missing_crm_id" else short_crm_id(crm_id)
    return crm_id


def _reseller_account(
    state: TenantState, number: int, at: datetime, *, currency: str
) -> str:
    """The reseller's account in the end customer's currency: an account has one."""
    code, name, country = _RESELLERS[number]
    key = f"reseller:{code}:{currency}"
    if key not in state.tables["Account"]:
        organization = Organization(name, country, None, f"{code}.example", currency)
        _open_account(
            state, key, at, organization=organization, crm_id=None, batch="Batch2"
        )
    return key


def _open_account(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    organization: Organization,
    crm_id: str | None,
    batch: str,
) -> None:
    account_id, contact_id = zuora_id("Account", key), zuora_id("Contact", key)
    parent_key = organization.parent_key
    parent = None if parent_key is None else state.tables["Account"].get(parent_key)
    parent_id = None if parent is None else parent["Id"]
    _add_contact(state, key, at, account_id=account_id, organization=organization)
    state.create(
        "Account",
        key,
        at,
        {
            "Account.Id": account_id,
            "AccountNumber": f"A{state.next_number('account'):08d}",
            "AllowInvoiceEdit": False,
            "AutoPay": False,
            "Balance": Decimal(0),
            "Batch": batch,
            "BcdSettingOption": "AutoSet",
            "BillCycleDay": at.day,
            "BillToContact.Id": contact_id,
            "BillToId": contact_id,
            "CreditBalance": Decimal(0),
            "CrmId": crm_id,
            "Currency": organization.currency,
            "InvoiceDeliveryPrefsEmail": True,
            "InvoiceDeliveryPrefsPrint": False,
            "Mrr": Decimal(0),
            "Name": organization.name,
            "ParentAccount.Id": parent_id,
            "ParentId": parent_id,
            "PaymentTerm": _PAYMENT_TERM,
            "Region__c": organization.country,
            "SoldToContact.Id": contact_id,
            "SoldToId": contact_id,
            "Status": "Active",
            "TaxExemptStatus": "No",
            "TotalInvoiceBalance": Decimal(0),
        },
    )


def _add_contact(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    account_id: str,
    organization: Organization,
) -> None:
    domain = organization.domain or "billing.example"
    person = (
        organization.people[0]
        if organization.people
        else Person(
            first_name="Accounts",
            last_name="Payable",
            email=f"billing@{domain}",
            street="",
            city="",
            postal_code="",
            country=organization.country,
        )
    )
    values = {
        "Account.Id": account_id,
        "AccountId": account_id,
        "Address1": person.street or None,
        "City": person.city or None,
        "Country": person.country,
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "OtherPhoneType": "Work",
        "PostalCode": person.postal_code or None,
        "WorkEmail": person.email,
    }
    state.create("Contact", key, at, values)

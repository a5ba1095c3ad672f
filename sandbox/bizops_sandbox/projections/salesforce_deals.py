"""Opportunities, their history and roles: what the log makes of them in Salesforce."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.salesforce_stages import STAGE_BY_LABEL, STAGES
from bizops_sandbox.projections.salesforce_state import (
    OrgState,
    delete,
    reference,
)

if TYPE_CHECKING:
    from bizops_sandbox.projections.salesforce_org import Value
    from bizops_sandbox.projections.salesforce_state import Record
    from bizops_sandbox.world.events import (
        ContactRoleAdded,
        OpportunityClosed,
        OpportunityCreated,
        OpportunityDeleted,
        OpportunityStaged,
    )

TYPE_BY_ORDER = {
    "new": "New Business",
    "add_on": "Add-On Business",
    "renewal": "Renewal",
    "refund": "Refund",
}
STAGE_BY_OUTCOME = {
    "won": "Closed Won",
    "lost": "Closed Lost",
    "unqualified": "8-Unqualified",
    "duplicate": "9-Duplicate",
}
_CENT = Decimal("0.01")


def create_stages(state: OrgState, at: datetime) -> None:
    """The stages are set up before anybody works."""
    for number, stage in enumerate(STAGES):
        state.create(
            "OpportunityStage",
            stage.label,
            at + timedelta(seconds=number),
            "e.integration",
            MasterLabel=stage.label,
            ApiName=stage.label,
            IsActive=True,
            SortOrder=stage.sort_order,
            IsClosed=stage.is_closed,
            IsWon=stage.is_won,
            DefaultProbability=Decimal(stage.probability_percent),
            Description=stage.description,
            ForecastCategory=stage.forecast_category,
            ForecastCategoryName=stage.forecast_category_name,
        )


def _tracked(stage_label: str, amount: Decimal | None) -> dict[str, Value]:
    """The fields that follow from stage and amount."""
    stage = STAGE_BY_LABEL[stage_label]
    expected = None
    if amount is not None:
        share = Decimal(stage.probability_percent) / 100
        expected = (amount * share).quantize(_CENT, ROUND_HALF_UP)
    return {
        "StageName": stage_label,
        "IsClosed": stage.is_closed,
        "IsWon": stage.is_won,
        "Amount": amount,
        "Probability": Decimal(stage.probability_percent),
        "ExpectedRevenue": expected,
        "ForecastCategory": stage.forecast_category,
        "ForecastCategoryName": stage.forecast_category_name,
    }


def _write_history(
    state: OrgState, key: str, opportunity: Record, at: datetime, by: str
) -> None:
    """One history row for each save of stage, amount, probability or close date."""
    opportunity_id = str(opportunity["Id"])
    number = len(state.children["OpportunityHistory", opportunity_id]) + 1
    row = state.create(
        "OpportunityHistory",
        f"{key}.h{number}",
        at,
        by,
        OpportunityId=opportunity_id,
        StageName=opportunity["StageName"],
        Amount=opportunity["Amount"],
        ExpectedRevenue=opportunity["ExpectedRevenue"],
        CloseDate=opportunity["CloseDate"],
        Probability=opportunity["Probability"],
        ForecastCategory=opportunity["ForecastCategory"],
    )
    # A history row cannot be edited: it has no such fields.
    del row["LastModifiedDate"], row["LastModifiedById"]
    state.adopt("OpportunityHistory", opportunity_id, row)


def create_opportunity(state: OrgState, event: OpportunityCreated) -> None:
    """An opportunity in the first stage."""
    account_id = salesforce_id("Account", event.account_key)
    record = state.create(
        "Opportunity",
        event.opportunity_key,
        event.at,
        event.by,
        AccountId=account_id,
        CampaignId=reference("Campaign", event.campaign_key),
        Name=event.name,
        Type=TYPE_BY_ORDER[event.order_type],
        CloseDate=event.close_date,
        LeadSource=event.source,
        OwnerId=salesforce_id("User", event.owner_key),
        CurrencyIsoCode="USD",
        ACV__c=None,
        Incremental_ACV__c=None,
        Renewal_ACV__c=event.renewal_acv,
        TCV__c=None,
        One_Time__c=None,
        Contract_Term_Months__c=(
            None if event.term_months is None else Decimal(event.term_months)
        ),
        Sales_Accepted_Date__c=None,
        Sales_Qualified_Date__c=None,
        Is_Partner__c=event.is_partner,
        Merged_Opportunity__c=None,
        **_tracked(STAGES[0].label, event.amount),
    )
    state.adopt("Opportunity", account_id, record)
    _write_history(state, event.opportunity_key, record, event.at, event.by)


def stage_opportunity(state: OrgState, event: OpportunityStaged) -> None:
    """A step forward, a changed amount or date, or a reopening."""
    record = state.change(
        "Opportunity",
        event.opportunity_key,
        event.at,
        event.by,
        CloseDate=event.close_date,
        **_tracked(event.stage, event.amount),
    )
    if event.accepted_on is not None:
        record["Sales_Accepted_Date__c"] = event.accepted_on
    if event.qualified_on is not None:
        record["Sales_Qualified_Date__c"] = event.qualified_on
    _write_history(state, event.opportunity_key, record, event.at, event.by)


def close_opportunity(state: OrgState, event: OpportunityClosed) -> None:
    """The end; a won one gets its annual and total values."""
    record = state.change(
        "Opportunity",
        event.opportunity_key,
        event.at,
        event.by,
        CloseDate=event.close_date,
        **_tracked(STAGE_BY_OUTCOME[event.outcome], event.amount),
    )
    if event.acv is not None:
        record |= {
            "ACV__c": event.acv,
            "Incremental_ACV__c": event.iacv if event.is_iacv_recorded else None,
            "TCV__c": event.tcv,
            "One_Time__c": event.one_time,
        }
    if event.term_months is not None:
        record["Contract_Term_Months__c"] = Decimal(event.term_months)
    if event.duplicate_of is not None:
        record["Merged_Opportunity__c"] = reference("Opportunity", event.duplicate_of)
    _write_history(state, event.opportunity_key, record, event.at, event.by)


def delete_opportunity(state: OrgState, event: OpportunityDeleted) -> None:
    """The opportunity goes, with its history and roles."""
    record = state.get("Opportunity", event.opportunity_key)
    opportunity_id = str(record["Id"])
    for role in state.living("OpportunityContactRole", opportunity_id):
        delete(role, event.at, event.by)
    for row in state.living("OpportunityHistory", opportunity_id):
        row |= {"IsDeleted": True, "SystemModstamp": event.at}
    delete(record, event.at, event.by)


def add_contact_role(state: OrgState, event: ContactRoleAdded) -> None:
    """A contact takes part; the opportunity itself is not stamped by that."""
    opportunity_id = salesforce_id("Opportunity", event.opportunity_key)
    contact_id = salesforce_id("Contact", event.contact_key)
    role = state.create(
        "OpportunityContactRole",
        event.role_key,
        event.at,
        event.by,
        OpportunityId=opportunity_id,
        ContactId=contact_id,
        Role=event.role,
        IsPrimary=event.is_primary,
    )
    state.adopt("OpportunityContactRole", opportunity_id, role)
    state.adopt("OpportunityContactRole", contact_id, role)

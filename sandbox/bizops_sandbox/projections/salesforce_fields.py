"""The objects and fields of the sample company's Salesforce org, without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_org import FieldSpec, ObjectTable
from bizops_sandbox.projections.salesforce_stages import (
    FORECAST_CATEGORIES,
    FORECAST_CATEGORY_NAMES,
    STAGE_LABELS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CAMPAIGN_TYPES = (
    "Paid Search",
    "Paid Social",
    "Display",
    "Content Syndication",
    "Webinar",
    "Conference",
    "Email",
    "Partner",
)
OPPORTUNITY_TYPES = ("New Business", "Add-On Business", "Renewal", "Refund")
SEGMENTS = ("smb", "mid", "large", "strategic")
CURRENCIES = ("USD",)


def _text(name: str, length: int = 255, *, label: str = "") -> FieldSpec:
    return FieldSpec(name=name, type="string", label=label or name, length=length)


def _typed(name: str, kind: str, *, length: int = 0) -> FieldSpec:
    return FieldSpec(name=name, type=kind, label=name, length=length)


def _required(name: str, kind: str, *, length: int = 0) -> FieldSpec:
    return FieldSpec(name=name, type=kind, label=name, length=length, is_nillable=False)


def _flag(name: str) -> FieldSpec:
    return FieldSpec(name=name, type="boolean", label=name, is_nillable=False)


def _number(name: str, kind: str, *, precision: int, scale: int) -> FieldSpec:
    return FieldSpec(name=name, type=kind, label=name, precision=precision, scale=scale)


def _money(name: str) -> FieldSpec:
    return _number(name, "currency", precision=18, scale=2)


def _whole(name: str) -> FieldSpec:
    return FieldSpec(name=name, type="int", label=name, precision=8)


def _reference(name: str, *targets: str, required: bool = False) -> FieldSpec:
    return FieldSpec(
        name=name,
        type="reference",
        label=name.removesuffix("Id"),
        length=18,
        is_nillable=not required,
        reference_to=targets,
    )


def _picklist(name: str, values: tuple[str, ...], *, length: int = 255) -> FieldSpec:
    return FieldSpec(
        name=name,
        type="picklist",
        label=name,
        length=length,
        picklist_values=values,
    )


def _custom(spec: FieldSpec) -> FieldSpec:
    return FieldSpec(
        name=spec.name,
        type=spec.type,
        label=spec.name.removesuffix("__c").replace("_", " "),
        length=spec.length,
        precision=spec.precision,
        scale=spec.scale,
        is_nillable=spec.type != "boolean",
        is_custom=True,
        reference_to=spec.reference_to,
        picklist_values=spec.picklist_values,
    )


def _part_of(compound: str, spec: FieldSpec) -> FieldSpec:
    return FieldSpec(
        name=spec.name,
        type=spec.type,
        label=spec.label,
        length=spec.length,
        is_nillable=spec.is_nillable,
        compound_field_name=compound,
    )


def _address(prefix: str, *, with_state: bool) -> tuple[FieldSpec, ...]:
    """The parts of a postal address, then the compound field over them."""
    compound = f"{prefix}Address"
    parts = [
        _part_of(compound, _typed(f"{prefix}Street", "textarea", length=255)),
        _part_of(compound, _text(f"{prefix}City", 40)),
    ]
    if with_state:
        parts.append(_part_of(compound, _text(f"{prefix}State", 80)))
    parts += [
        _part_of(compound, _text(f"{prefix}PostalCode", 20)),
        _part_of(compound, _text(f"{prefix}Country", 80)),
        FieldSpec(name=compound, type="address", label=compound, is_filterable=False),
    ]
    return tuple(parts)


def _person_name() -> tuple[FieldSpec, ...]:
    return (
        _part_of("Name", _text("FirstName", 40)),
        _part_of("Name", _required("LastName", "string", length=80)),
        _required("Name", "string", length=121),
    )


_ID = FieldSpec(name="Id", type="id", label="Id", length=18, is_nillable=False)
_AUDIT = (
    _required("CreatedDate", "datetime"),
    _reference("CreatedById", "User", required=True),
    _required("LastModifiedDate", "datetime"),
    _reference("LastModifiedById", "User", required=True),
    _required("SystemModstamp", "datetime"),
)
_STANDARD = (_ID, _flag("IsDeleted"), *_AUDIT)
_OWNER = _reference("OwnerId", "User", required=True)
_CURRENCY = _picklist("CurrencyIsoCode", CURRENCIES, length=3)

_ACCOUNT = (
    *_STANDARD,
    _reference("MasterRecordId", "Account"),
    _required("Name", "string", length=255),
    _picklist("Type", ("Prospect", "Customer", "Former Customer", "Partner")),
    _reference("ParentId", "Account"),
    *_address("Billing", with_state=True),
    _typed("Phone", "phone", length=40),
    _typed("Website", "url", length=255),
    _picklist(
        "Industry",
        (
            "Agriculture",
            "Banking",
            "Education",
            "Energy",
            "Government",
            "Healthcare",
            "Manufacturing",
            "Media",
            "Retail",
            "Technology",
        ),
    ),
    _number("AnnualRevenue", "currency", precision=18, scale=0),
    _whole("NumberOfEmployees"),
    _OWNER,
    _picklist("AccountSource", ("Web", "Campaign", "Outbound", "Partner")),
    _CURRENCY,
    _custom(_picklist("Segment__c", SEGMENTS)),
)

_CONTACT = (
    *_STANDARD,
    _reference("MasterRecordId", "Contact"),
    _reference("AccountId", "Account"),
    *_person_name(),
    _typed("Email", "email", length=80),
    _text("Title", 128),
    _typed("Phone", "phone", length=40),
    _picklist("LeadSource", ("Web", "Campaign", "Outbound", "Partner")),
    _flag("HasOptedOutOfEmail"),
    *_address("Mailing", with_state=False),
    _OWNER,
)

_LEAD = (
    *_STANDARD,
    _reference("MasterRecordId", "Lead"),
    *_person_name(),
    _required("Company", "string", length=255),
    _typed("Email", "email", length=80),
    _text("Title", 128),
    _typed("Phone", "phone", length=40),
    _typed("Website", "url", length=255),
    _text("Country", 80),
    _picklist("LeadSource", ("Web", "Campaign", "Outbound", "Partner")),
    _picklist("Status", ("Raw", "Inquiry", "MQL", "Accepted", "Qualified", "Nurture")),
    _flag("IsConverted"),
    _typed("ConvertedDate", "date"),
    _reference("ConvertedAccountId", "Account"),
    _reference("ConvertedContactId", "Contact"),
    _reference("ConvertedOpportunityId", "Opportunity"),
    _flag("HasOptedOutOfEmail"),
    _OWNER,
    _custom(_typed("MQL_Date__c", "date")),
    _custom(_text("Instance_UUID__c", 36)),
)

_OPPORTUNITY = (
    *_STANDARD,
    _reference("AccountId", "Account"),
    _reference("CampaignId", "Campaign"),
    _required("Name", "string", length=120),
    _picklist("Type", OPPORTUNITY_TYPES),
    _picklist("StageName", STAGE_LABELS),
    _flag("IsClosed"),
    _flag("IsWon"),
    _money("Amount"),
    _number("Probability", "percent", precision=3, scale=0),
    _money("ExpectedRevenue"),
    _picklist("ForecastCategory", FORECAST_CATEGORIES, length=40),
    _picklist("ForecastCategoryName", FORECAST_CATEGORY_NAMES),
    _required("CloseDate", "date"),
    _picklist("LeadSource", ("Web", "Campaign", "Outbound", "Partner")),
    _OWNER,
    _CURRENCY,
    _custom(_money("ACV__c")),
    _custom(_money("Incremental_ACV__c")),
    _custom(_money("Renewal_ACV__c")),
    _custom(_money("TCV__c")),
    _custom(_money("One_Time__c")),
    _custom(_number("Contract_Term_Months__c", "double", precision=3, scale=0)),
    _custom(_typed("Sales_Accepted_Date__c", "date")),
    _custom(_typed("Sales_Qualified_Date__c", "date")),
    _custom(_flag("Is_Partner__c")),
    _custom(_reference("Merged_Opportunity__c", "Opportunity")),
)

_OPPORTUNITY_HISTORY = (
    _ID,
    _flag("IsDeleted"),
    _reference("OpportunityId", "Opportunity", required=True),
    _picklist("StageName", STAGE_LABELS),
    _money("Amount"),
    _money("ExpectedRevenue"),
    _typed("CloseDate", "date"),
    _number("Probability", "percent", precision=3, scale=0),
    _picklist("ForecastCategory", FORECAST_CATEGORIES, length=40),
    _reference("CreatedById", "User", required=True),
    _required("CreatedDate", "datetime"),
    _required("SystemModstamp", "datetime"),
)

_OPPORTUNITY_STAGE = (
    _ID,
    _required("MasterLabel", "string", length=255),
    _text("ApiName", 255),
    _flag("IsActive"),
    _whole("SortOrder"),
    _flag("IsClosed"),
    _flag("IsWon"),
    _number("DefaultProbability", "percent", precision=3, scale=0),
    _text("Description", 255),
    _picklist("ForecastCategory", FORECAST_CATEGORIES, length=40),
    _picklist("ForecastCategoryName", FORECAST_CATEGORY_NAMES),
    *_AUDIT,
)

_OPPORTUNITY_CONTACT_ROLE = (
    *_STANDARD,
    _reference("OpportunityId", "Opportunity", required=True),
    _reference("ContactId", "Contact", required=True),
    _picklist("Role", ("Decision Maker", "Economic Buyer", "Evaluator", "Influencer")),
    _flag("IsPrimary"),
)

_CAMPAIGN = (
    *_STANDARD,
    _required("Name", "string", length=80),
    _reference("ParentId", "Campaign"),
    _picklist("Type", CAMPAIGN_TYPES),
    _picklist("Status", ("Planned", "In Progress", "Completed", "Aborted")),
    _typed("StartDate", "date"),
    _typed("EndDate", "date"),
    _money("ExpectedRevenue"),
    _money("BudgetedCost"),
    _money("ActualCost"),
    _flag("IsActive"),
    _whole("NumberOfLeads"),
    _whole("NumberOfContacts"),
    _CURRENCY,
    _OWNER,
)

_CAMPAIGN_MEMBER = (
    *_STANDARD,
    _reference("CampaignId", "Campaign", required=True),
    _reference("LeadId", "Lead"),
    _reference("ContactId", "Contact"),
    _picklist("Status", ("Sent", "Responded", "Registered", "Attended")),
    _flag("HasResponded"),
    _typed("FirstRespondedDate", "date"),
    _text("Type", 40),
)

_USER = (
    _ID,
    _required("Username", "string", length=80),
    _text("FirstName", 40),
    _required("LastName", "string", length=80),
    _required("Name", "string", length=121),
    _typed("Email", "email", length=128),
    _text("Title", 80),
    _flag("IsActive"),
    _reference("ManagerId", "User"),
    _reference("UserRoleId", "UserRole"),
    *_AUDIT,
)


def _table(
    name: str, label: str, key_prefix: str, fields: tuple[FieldSpec, ...]
) -> ObjectTable:
    return ObjectTable(
        name=name, label=label, key_prefix=key_prefix, fields=fields, rows=()
    )


OBJECT_FIELDS: Mapping[str, ObjectTable] = {
    table.name: table
    for table in (
        _table("Account", "Account", "001", _ACCOUNT),
        _table("Contact", "Contact", "003", _CONTACT),
        _table("Lead", "Lead", "00Q", _LEAD),
        _table("Opportunity", "Opportunity", "006", _OPPORTUNITY),
        _table(
            "OpportunityHistory", "Opportunity History", "008", _OPPORTUNITY_HISTORY
        ),
        _table("OpportunityStage", "Opportunity Stage", "01J", _OPPORTUNITY_STAGE),
        _table(
            "OpportunityContactRole",
            "Opportunity Contact Role",
            "00K",
            _OPPORTUNITY_CONTACT_ROLE,
        ),
        _table("Campaign", "Campaign", "701", _CAMPAIGN),
        _table("CampaignMember", "Campaign Member", "00v", _CAMPAIGN_MEMBER),
        _table("User", "User", "005", _USER),
    )
}

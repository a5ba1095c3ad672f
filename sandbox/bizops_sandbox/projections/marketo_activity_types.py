"""The activity types of the sample company's Marketo instance."""

from __future__ import annotations

from bizops_sandbox.projections.marketo_instance import ActivityType, AttributeSpec

VISIT_WEBPAGE = 1
FILL_OUT_FORM = 2
CLICK_LINK = 3
SEND_EMAIL = 6
EMAIL_DELIVERED = 7
EMAIL_BOUNCED = 8
UNSUBSCRIBE_EMAIL = 9
OPEN_EMAIL = 10
CLICK_EMAIL = 11
NEW_LEAD = 12
CHANGE_DATA_VALUE = 13
CONVERT_LEAD = 21
CHANGE_SCORE = 22
ADD_TO_LIST = 24
REMOVE_FROM_LIST = 25
EMAIL_BOUNCED_SOFT = 27
MERGE_LEADS = 32
DELETE_LEAD = 37
INTERESTING_MOMENT = 46
CHANGE_STATUS = 104
FILL_OUT_LEAD_AD = 113
SCAN_BADGE = 100_001
PARTNER_REFERRAL = 100_002

_MAILING = "Mailing ID:integer"
_SENDING = (
    "Campaign Run ID:integer",
    "Choice Number:integer",
    "Has Predictive:boolean",
    "Step ID:integer",
    "Test Variant:integer",
)
_BOUNCE = ("Category:string", "Details:text", "Email:string", "Subcategory:string")
_READING = (
    "Bot Activity Pattern:string",
    "Browser:string",
    "Device:string",
    "Is Bot Activity:boolean",
    "Is Mobile Device:boolean",
    "Platform:string",
    "User Agent:string",
)
_BROWSING = (
    "Client IP Address:string",
    "Query Parameters:string",
    "Referrer URL:string",
    "User Agent:string",
)
_CHANGE = ("API Method Name:string", "Modifying User:string", "Request ID:string")


def _attribute(text: str) -> AttributeSpec:
    name, _, rest = text.partition(":")
    data_type, _, api_name = rest.partition(":")
    return AttributeSpec(name, data_type, api_name or None)


def _type(
    type_id: int,
    name: str,
    description: str,
    primary: str | None,
    *attributes: str,
    api_name: str | None = None,
) -> ActivityType:
    return ActivityType(
        id=type_id,
        name=name,
        description=description,
        primary=None if primary is None else _attribute(primary),
        attributes=tuple(_attribute(text) for text in sorted(attributes)),
        api_name=api_name,
    )


ACTIVITY_TYPES: tuple[ActivityType, ...] = (
    _type(
        VISIT_WEBPAGE,
        "Visit Webpage",
        "User visits a web page",
        "Webpage ID:integer",
        *_BROWSING,
        "Search Engine:string",
        "Search Query:string",
        "Webpage URL:string",
    ),
    _type(
        FILL_OUT_FORM,
        "Fill Out Form",
        "User fills out and submits form on web page",
        "Webform ID:integer",
        *_BROWSING,
        "Form Fields:text",
        "Webpage ID:integer",
    ),
    _type(
        CLICK_LINK,
        "Click Link",
        "User clicks link on a page",
        "Link ID:integer",
        *_BROWSING,
        "Is Predictive:boolean",
        "Webpage ID:integer",
    ),
    _type(
        SEND_EMAIL, "Send Email", "Send Marketo Email to a person", _MAILING, *_SENDING
    ),
    _type(
        EMAIL_DELIVERED,
        "Email Delivered",
        "Marketo Email is delivered to a person",
        _MAILING,
        *_SENDING,
    ),
    _type(
        EMAIL_BOUNCED,
        "Email Bounced",
        "Marketo Email is bounced for a person",
        _MAILING,
        *_SENDING,
        *_BOUNCE,
    ),
    _type(
        UNSUBSCRIBE_EMAIL,
        "Unsubscribe Email",
        "Person unsubscribed from Marketo Emails",
        _MAILING,
        *_BROWSING,
        "Campaign Run ID:integer",
        "Form Fields:text",
        "Has Predictive:boolean",
        "Test Variant:integer",
        "Webform ID:integer",
        "Webpage ID:integer",
    ),
    _type(
        OPEN_EMAIL,
        "Open Email",
        "User opens Marketo Email",
        _MAILING,
        *_SENDING,
        *_READING,
    ),
    _type(
        CLICK_EMAIL,
        "Click Email",
        "User clicks on a link in a Marketo Email",
        _MAILING,
        *_SENDING,
        *_READING,
        "Is Predictive:boolean",
        "Link:string",
        "Link ID:string",
    ),
    _type(
        NEW_LEAD,
        "New Lead",
        "New person/record is added to the lead database",
        "Lead ID:integer",
        *_CHANGE,
        "Created Date:date",
        "Form Name:string",
        "Lead Source:string",
        "List Name:string",
        "SFDC Type:string",
        "Source Type:string",
    ),
    _type(
        CHANGE_DATA_VALUE,
        "Change Data Value",
        "Changed attribute value for a person/record",
        "Attribute Name:string",
        *_CHANGE,
        "New Value:string",
        "Old Value:string",
        "Reason:string",
        "Source:string",
    ),
    _type(
        CONVERT_LEAD,
        "Convert Lead",
        "Lead is converted to a contact in the CRM",
        "Lead ID:integer",
        "SFDC Account ID:string",
        "SFDC Contact ID:string",
        "SFDC Lead ID:string",
        "SFDC Opportunity ID:string",
    ),
    _type(
        CHANGE_SCORE,
        "Change Score",
        "Modify the score of a person",
        "Score Name:string",
        "Change Value:string",
        "New Value:score",
        "Old Value:score",
        "Reason:string",
    ),
    _type(
        ADD_TO_LIST,
        "Add to List",
        "Add a person/record to a list",
        "List ID:integer",
        "Source:string",
    ),
    _type(
        REMOVE_FROM_LIST,
        "Remove from List",
        "Remove this person/record from a list",
        "List ID:integer",
        "Source:string",
    ),
    _type(
        EMAIL_BOUNCED_SOFT,
        "Email Bounced Soft",
        "Campaign Email is bounced soft for a person",
        _MAILING,
        *_SENDING,
        *_BOUNCE,
    ),
    _type(
        MERGE_LEADS,
        "Merge Leads",
        "Merge two or more leads into a single record",
        "Lead ID:integer",
        "Master Updated:boolean",
        "Merge IDs:string",
        "Merge Source:string",
        "Merged in Sales:boolean",
    ),
    _type(
        DELETE_LEAD,
        "Delete Lead",
        "Delete the person/record from the lead database",
        "Lead ID:integer",
        "Campaign:string",
    ),
    _type(
        INTERESTING_MOMENT,
        "Interesting Moment",
        "Record an interesting moment",
        "Milestone Type:string",
        "Date:datetime",
        "Description:text",
        "Source:string",
    ),
    _type(
        CHANGE_STATUS,
        "Change Status in Progression",
        "Change the status in a program progression",
        "Program ID:integer",
        "Acquired By:boolean",
        "New Status:string",
        "New Status ID:integer",
        "Old Status:string",
        "Old Status ID:integer",
        "Program Member ID:integer",
        "Reason:string",
        "Success:boolean",
    ),
    _type(
        FILL_OUT_LEAD_AD,
        "Fill Out Facebook Lead Ads Form",
        "Person fills out a form of an advertisement",
        "Lead Ads Form Name:string",
        "Ad ID:string",
        "Campaign Name:string",
    ),
    _type(
        SCAN_BADGE,
        "Scan Badge",
        "A badge is scanned at a conference booth",
        "Conference Name:string:conferenceName",
        "Booth Staff:string:boothStaff",
        "Interest:string:interest",
        "Rating:integer:rating",
        api_name="scanBadge",
    ),
    _type(
        PARTNER_REFERRAL,
        "Partner Referral",
        "A partner names a person who is interested",
        "Partner Program:string:partnerProgram",
        "Comment:text:comment",
        "Referred On:date:referredOn",
        api_name="partnerReferral",
    ),
)

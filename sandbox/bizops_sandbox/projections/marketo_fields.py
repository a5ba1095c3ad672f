"""The lead and program-member fields of the sample company's Marketo instance."""

from __future__ import annotations

from bizops_sandbox.projections.marketo_instance import LeadField, MemberField

# id, display name, type, REST name, SOAP name; "-" keeps a field out of the REST API.
_STANDARD = """
1 Company Name|string|company|Company
2 Site|string|site|Site
3 Billing Street|text|billingStreet|BillingStreet
4 Billing City|string|billingCity|BillingCity
5 Billing State|string|billingState|BillingState
6 Billing Country|string|billingCountry|BillingCountry
7 Billing Postal Code|string|billingPostalCode|BillingPostalCode
8 Website|url|website|Website
9 Main Phone|phone|mainPhone|MainPhone
10 Annual Revenue|currency|annualRevenue|AnnualRevenue
11 Num Employees|integer|numberOfEmployees|NumberOfEmployees
12 Industry|string|industry|Industry
13 SIC Code|string|sicCode|SICCode
16 Parent Company Name|string|-|ParentCompanyName
20 Full Name|string|mktoName!|MktoName
21 Person Type|string|personType|PersonType
22 Is Partner|boolean|mktoIsPartner|MktoIsPartner
23 Is Lead|boolean|isLead|IsLead
24 Is Customer|boolean|mktoIsCustomer|MktoIsCustomer
25 Is Anonymous|boolean|isAnonymous!|IsAnonymous
28 Id|integer|id!|Id
29 First Name|string|firstName|FirstName
30 Middle Name|string|middleName|MiddleName
31 Last Name|string|lastName|LastName
32 Salutation|string|salutation|Salutation
33 Email Address|email|email|Email
34 Phone Number|phone|phone|Phone
35 Mobile Phone Number|phone|mobilePhone|MobilePhone
36 Fax Number|phone|fax|Fax
37 Job Title|string|title|Title
38 Contact Company|reference|contactCompany!|ContactCompany
39 Date of Birth|date|dateOfBirth|DateofBirth
40 Address|text|address|Address
41 City|string|city|City
42 State|string|state|State
43 Country|string|country|Country
44 Postal Code|string|postalCode|PostalCode
50 Original Source Type|string|originalSourceType!|OriginalSourceType
51 Original Source Info|string|originalSourceInfo!|OriginalSourceInfo
52 Registration Source Type|string|registrationSourceType!|RegistrationSourceType
53 Registration Source Info|string|registrationSourceInfo!|RegistrationSourceInfo
54 Original Referrer|string|originalReferrer!|OriginalReferrer
60 Email Invalid|boolean|emailInvalid|EmailInvalid
61 Email Invalid Cause|string|emailInvalidCause|EmailInvalidCause
62 Unsubscribed|boolean|unsubscribed|Unsubscribed
63 Unsubscribed Reason|text|unsubscribedReason|UnsubscribedReason
64 Do Not Call|boolean|doNotCall|DoNotCall
65 Person Notes|text|mktoPersonNotes|MktoPersonNotes
66 Inferred Country|string|inferredCountry!|InferredCountry
67 Department|string|department|Department
70 Created At|datetime|createdAt!|CreatedAt
71 Updated At|datetime|updatedAt!|UpdatedAt
72 Cookies|text|cookies!|Cookies
74 Lead Person|reference|leadPerson!|LeadPerson
76 Lead Source|string|leadSource|LeadSource
77 Lead Status|string|leadStatus|LeadStatus
78 Lead Score|score|leadScore|LeadScore
79 Urgency|float|urgency|Urgency
80 Priority|integer|priority|Priority
81 Relative Score|integer|relativeScore!|RelativeScore
83 Lead Partition Id|integer|leadPartitionId|LeadPartitionId
84 Acquisition Date|datetime|acquisitionDate!|AcquisitionDate
85 Acquisition Program Id|integer|acquisitionProgramId|AcquisitionProgramId
""".strip().splitlines()
_CRM = """
101 SFDC Id|string|sfdcId!|SfdcId
102 SFDC Lead Id|string|sfdcLeadId!|SfdcLeadId
103 SFDC Contact Id|string|sfdcContactId!|SfdcContactId
104 SFDC Account Id|string|sfdcAccountId!|SfdcAccountId
105 SFDC Type|string|sfdcType!|SfdcType
106 SFDC Is Deleted|boolean|sfdcIsDeleted!|SfdcIsDeleted
107 SFDC Lead Owner Id|string|sfdcLeadOwnerId!|SfdcLeadOwnerId
""".strip().splitlines()
_CUSTOM = """
1001 MQL Date|date|mqlDate|MQL_Date__c
1002 Instance UUID|string|instanceUUID|Instance_UUID__c
1003 Newsletter|boolean|newsletter|Newsletter__c
1004 Engagement Share|percent|engagementShare|Engagement_Share__c
1005 Days Since Created|formula|daysSinceCreated!|Days_Since_Created__c
""".strip().splitlines()
_LENGTHS = {"string": 255, "email": 255, "phone": 255, "url": 255, "reference": 255}


# Saving one of these leaves the visible `updatedAt` as it is; exports see it anyway.
HIDDEN_FIELDS = frozenset(
    {"leadScore", "acquisitionProgramId", "mqlDate", "instanceUUID", "newsletter"}
    | {"engagementShare", "acquisitionDate", "cookies"}
)
NOT_EXPORTABLE_TYPES = frozenset({"formula"})


def _lead_field(line: str, *, is_crm: bool = False) -> LeadField:
    head, data_type, rest, soap = line.split("|")
    number, _, display_name = head.partition(" ")
    return LeadField(
        id=int(number),
        display_name=display_name,
        data_type=data_type,
        rest_name=None if rest == "-" else rest.rstrip("!"),
        soap_name=soap,
        length=_LENGTHS.get(data_type),
        is_read_only=rest.endswith("!"),
        is_crm_managed=is_crm,
    )


LEAD_FIELDS: tuple[LeadField, ...] = (
    *(_lead_field(line) for line in _STANDARD),
    *(_lead_field(line, is_crm=True) for line in _CRM),
    *(_lead_field(line) for line in _CUSTOM),
)
FIELD_BY_REST_NAME = {
    field.rest_name: field for field in LEAD_FIELDS if field.rest_name is not None
}

MEMBER_FIELDS: tuple[MemberField, ...] = (
    MemberField("acquiredBy", "boolean"),
    MemberField("attendanceLikelihood", "integer"),
    MemberField("createdAt", "datetime"),
    MemberField("isExhausted", "boolean"),
    MemberField("leadId", "integer"),
    MemberField("membershipDate", "datetime"),
    MemberField("nurtureCadence", "string", 4),
    MemberField("program", "string", 255),
    MemberField("programId", "integer"),
    MemberField("reachedSuccess", "boolean"),
    MemberField("reachedSuccessDate", "datetime"),
    MemberField("registrationLikelihood", "integer"),
    MemberField("statusName", "string", 255),
    MemberField("statusReason", "string", 255),
    MemberField("trackName", "string", 255),
    MemberField("updatedAt", "datetime"),
    MemberField("waitlistPriority", "integer"),
    MemberField("registrationCode", "string", 100, is_updateable=True),
    MemberField("webinarUrl", "string", 2000, is_updateable=True),
)

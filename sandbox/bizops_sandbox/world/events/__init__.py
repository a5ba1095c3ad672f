"""The event types of the sample company's log."""

from __future__ import annotations

from bizops_sandbox.world.events.base import BaseEvent
from bizops_sandbox.world.events.billing import (
    ChargeAmended,
    CreditIssued,
    InvoicePosted,
    PaymentReceived,
    PaymentRefunded,
    SubscriptionCancelled,
    SubscriptionStarted,
)
from bizops_sandbox.world.events.deals import (
    ContactRoleAdded,
    OpportunityClosed,
    OpportunityCreated,
    OpportunityDeleted,
    OpportunityStaged,
)
from bizops_sandbox.world.events.market import (
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
    OrganizationKnown,
    PersonKnown,
)
from bizops_sandbox.world.events.marketing import (
    ActivityTracked,
    AdDaySpent,
    CampaignCostRecorded,
    CampaignDeleted,
    CampaignPlanned,
    CampaignStatusSet,
    LeadConverted,
    LeadCreated,
    LeadDeleted,
    LeadsMerged,
    LeadStatusSet,
    MemberAdded,
    MemberDeleted,
    MemberResponded,
    PersonScored,
    TouchMade,
)
from bizops_sandbox.world.events.usage import (
    InstanceInstalled,
    LicenseIssued,
    UsagePinged,
)

Event = (
    EmployeeHired
    | EmployeeLeft
    | OrganizationKnown
    | PersonKnown
    | AccountCreated
    | AccountTypeSet
    | AccountParentSet
    | AccountsMerged
    | AccountDeleted
    | ContactCreated
    | ContactsMerged
    | ContactDeleted
    | EmailOptedOut
    | CampaignPlanned
    | CampaignStatusSet
    | CampaignCostRecorded
    | CampaignDeleted
    | AdDaySpent
    | TouchMade
    | ActivityTracked
    | PersonScored
    | LeadCreated
    | LeadStatusSet
    | LeadsMerged
    | LeadDeleted
    | LeadConverted
    | MemberAdded
    | MemberResponded
    | MemberDeleted
    | OpportunityCreated
    | OpportunityStaged
    | OpportunityClosed
    | OpportunityDeleted
    | ContactRoleAdded
    | SubscriptionStarted
    | ChargeAmended
    | SubscriptionCancelled
    | InvoicePosted
    | PaymentReceived
    | CreditIssued
    | PaymentRefunded
    | LicenseIssued
    | InstanceInstalled
    | UsagePinged
)

__all__ = [
    "AccountCreated",
    "AccountDeleted",
    "AccountParentSet",
    "AccountTypeSet",
    "AccountsMerged",
    "ActivityTracked",
    "AdDaySpent",
    "BaseEvent",
    "CampaignCostRecorded",
    "CampaignDeleted",
    "CampaignPlanned",
    "CampaignStatusSet",
    "ChargeAmended",
    "ContactCreated",
    "ContactDeleted",
    "ContactRoleAdded",
    "ContactsMerged",
    "CreditIssued",
    "EmailOptedOut",
    "EmployeeHired",
    "EmployeeLeft",
    "Event",
    "InstanceInstalled",
    "InvoicePosted",
    "LeadConverted",
    "LeadCreated",
    "LeadDeleted",
    "LeadStatusSet",
    "LeadsMerged",
    "LicenseIssued",
    "MemberAdded",
    "MemberDeleted",
    "MemberResponded",
    "OpportunityClosed",
    "OpportunityCreated",
    "OpportunityDeleted",
    "OpportunityStaged",
    "OrganizationKnown",
    "PaymentReceived",
    "PaymentRefunded",
    "PersonKnown",
    "PersonScored",
    "SubscriptionCancelled",
    "SubscriptionStarted",
    "TouchMade",
    "UsagePinged",
]

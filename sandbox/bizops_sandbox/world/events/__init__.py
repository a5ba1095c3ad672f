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
from bizops_sandbox.world.events.company import (
    ApplicantRejected,
    ApplicationReceived,
    BooksClosed,
    ExperimentConverted,
    ExperimentExposed,
    FxRateFixed,
    ImprovementPlanEnded,
    ImprovementPlanStarted,
    InterviewHeld,
    LiftWeekCounted,
    MarketingBilled,
    OfferDecided,
    OfferSent,
    ScorecardFilled,
    SocialCounted,
    SocialPosted,
    SurveyAnswered,
    TargetSet,
    TeamMemberLeft,
    TeamMemberStarted,
    WebDayCounted,
    WebMonthCounted,
)
from bizops_sandbox.world.events.deals import (
    ContactRoleAdded,
    OpportunityClosed,
    OpportunityCreated,
    OpportunityDeleted,
    OpportunityStaged,
)
from bizops_sandbox.world.events.engineering import (
    CommitPicked,
    DeveloperJoined,
    IssueClosed,
    IssueOpened,
    MergeRequestClosed,
    MergeRequestMerged,
    MergeRequestOpened,
    MergeRequestReady,
    NoteWritten,
    ProjectCreated,
    ReleasePublished,
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
    | FxRateFixed
    | TargetSet
    | MarketingBilled
    | BooksClosed
    | TeamMemberStarted
    | TeamMemberLeft
    | ImprovementPlanStarted
    | ImprovementPlanEnded
    | ApplicationReceived
    | ApplicantRejected
    | InterviewHeld
    | ScorecardFilled
    | OfferSent
    | OfferDecided
    | SurveyAnswered
    | WebDayCounted
    | WebMonthCounted
    | SocialPosted
    | SocialCounted
    | ExperimentExposed
    | ExperimentConverted
    | LiftWeekCounted
    | ProjectCreated
    | DeveloperJoined
    | IssueOpened
    | IssueClosed
    | MergeRequestOpened
    | MergeRequestReady
    | NoteWritten
    | MergeRequestMerged
    | MergeRequestClosed
    | CommitPicked
    | ReleasePublished
)

__all__ = [
    "AccountCreated",
    "AccountDeleted",
    "AccountParentSet",
    "AccountTypeSet",
    "AccountsMerged",
    "ActivityTracked",
    "AdDaySpent",
    "ApplicantRejected",
    "ApplicationReceived",
    "BaseEvent",
    "BooksClosed",
    "CampaignCostRecorded",
    "CampaignDeleted",
    "CampaignPlanned",
    "CampaignStatusSet",
    "ChargeAmended",
    "CommitPicked",
    "ContactCreated",
    "ContactDeleted",
    "ContactRoleAdded",
    "ContactsMerged",
    "CreditIssued",
    "DeveloperJoined",
    "EmailOptedOut",
    "EmployeeHired",
    "EmployeeLeft",
    "Event",
    "ExperimentConverted",
    "ExperimentExposed",
    "FxRateFixed",
    "ImprovementPlanEnded",
    "ImprovementPlanStarted",
    "InstanceInstalled",
    "InterviewHeld",
    "InvoicePosted",
    "IssueClosed",
    "IssueOpened",
    "LeadConverted",
    "LeadCreated",
    "LeadDeleted",
    "LeadStatusSet",
    "LeadsMerged",
    "LicenseIssued",
    "LiftWeekCounted",
    "MarketingBilled",
    "MemberAdded",
    "MemberDeleted",
    "MemberResponded",
    "MergeRequestClosed",
    "MergeRequestMerged",
    "MergeRequestOpened",
    "MergeRequestReady",
    "NoteWritten",
    "OfferDecided",
    "OfferSent",
    "OpportunityClosed",
    "OpportunityCreated",
    "OpportunityDeleted",
    "OpportunityStaged",
    "OrganizationKnown",
    "PaymentReceived",
    "PaymentRefunded",
    "PersonKnown",
    "PersonScored",
    "ProjectCreated",
    "ReleasePublished",
    "ScorecardFilled",
    "SocialCounted",
    "SocialPosted",
    "SubscriptionCancelled",
    "SubscriptionStarted",
    "SurveyAnswered",
    "TargetSet",
    "TeamMemberLeft",
    "TeamMemberStarted",
    "TouchMade",
    "UsagePinged",
    "WebDayCounted",
    "WebMonthCounted",
]

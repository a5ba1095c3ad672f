"""What is known about Salesforce's objects before asking an org. Data, no logic."""

from __future__ import annotations

#: Streams of sales and marketing, selected unless a catalog says otherwise.
DEFAULT_STREAMS = frozenset(
    [
        "Account",
        "AccountContactRelation",
        "Campaign",
        "CampaignMember",
        "CampaignMemberStatus",
        "Contact",
        "Event",
        "Lead",
        "LeadHistory",
        "LeadStatus",
        "Opportunity",
        "OpportunityContactRole",
        "OpportunityFieldHistory",
        "OpportunityHistory",
        "OpportunityLineItem",
        "OpportunityStage",
        "Pricebook2",
        "PricebookEntry",
        "Product2",
        "RecordType",
        "Task",
        "User",
        "UserRole",
    ]
)

#: Objects that answer only filtered queries, so they cannot be replicated.
FILTER_REQUIRED = frozenset(
    [
        "ActivityMetric",
        "Announcement",
        "AppTabMember",
        "CollaborationGroupRecord",
        "ColorDefinition",
        "ContentFolderItem",
        "ContentFolderMember",
        "DataStatistics",
        "DatacloudDandBCompany",
        "EntityParticle",
        "FieldDefinition",
        "FieldHistoryArchive",
        "FlexQueueItem",
        "FlowVariableView",
        "FlowVersionView",
        "IconDefinition",
        "IdeaComment",
        "NetworkUserHistoryRecent",
        "OwnerChangeOptionInfo",
        "PicklistValueInfo",
        "PlatformAction",
        "RecordActionHistory",
        "RelationshipDomain",
        "RelationshipInfo",
        "SearchLayout",
        "SiteDetail",
        "UserEntityAccess",
        "UserFieldAccess",
        "Vote",
    ]
)

#: Objects that refuse queries although the list of objects calls them queryable.
NOT_QUERYABLE = frozenset(
    [
        "ActivityHistory",
        "AggregateResult",
        "AttachedContentDocument",
        "AttachedContentNote",
        "CombinedAttachment",
        "ContentBody",
        "DataType",
        "DatacloudAddress",
        "EmailStatus",
        "FeedLike",
        "FeedSignal",
        "FeedTrackedChange",
        "FolderedContentDocument",
        "ListViewChartInstance",
        "LookedUpFromActivity",
        "Name",
        "NoteAndAttachment",
        "OpenActivity",
        "OutgoingEmail",
        "OutgoingEmailRelation",
        "OwnedContentDocument",
        "ProcessInstanceHistory",
        "QuoteTemplateRichTextData",
        "UserRecordAccess",
    ]
)
EXCLUDED_SUFFIXES = ("ChangeEvent", "__e", "EventStream")

#: Objects the Bulk API refuses.
BULK_REFUSED = frozenset(
    [
        "AcceptedEventRelation",
        "AssetTokenEvent",
        "Attachment",
        "CaseStatus",
        "ContentDocumentLink",
        "ContractStatus",
        "DeclinedEventRelation",
        "EventWhoRelation",
        "FieldSecurityClassification",
        "OrderStatus",
        "PartnerRole",
        "RecentlyViewed",
        "ServiceAppointmentStatus",
        "SolutionStatus",
        "TaskPriority",
        "TaskStatus",
        "TaskWhoRelation",
        "UndecidedEventRelation",
        "WorkOrderLineItemStatus",
        "WorkOrderStatus",
    ]
)
#: Small set-up tables, for which a bulk job costs more than one page of REST.
SMALL_TABLES = frozenset({"LeadStatus", "OpportunityStage"})

#: Objects whose key can neither filter nor sort usefully.
FULL_TABLE_ONLY = frozenset(
    [
        "BackgroundOperationResult",
        "LightningUriEvent",
        "LoginEvent",
        "LogoutEvent",
        "ReportEvent",
        "UriEvent",
    ]
)

REPLICATION_KEYS = ("SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime")

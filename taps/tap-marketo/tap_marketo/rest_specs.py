"""The streams read through REST: where they are and what their rows have."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from tap_marketo.describing import schema_of

_OTHER_SCHEMAS: dict[str, dict[str, Any]] = {
    "object": {"type": ["object", "null"], "additionalProperties": True},
    "objects": {"type": ["array", "null"], "items": {"type": ["object", "null"]}},
}


class Paging(enum.Enum):
    """How rows come: at once, by offset (assets), or by token (lead database)."""

    WHOLE = "whole"
    OFFSET = "offset"
    TOKEN = "token"  # noqa: S105 - no password


class Filtering(enum.Enum):
    """How only changed rows are had: not at all, by the server, or by the tap."""

    NONE = "none"
    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class RestSpec:
    """One stream.

    Attributes:
        columns: Name and kind of each column; kinds of ``describing``, and objects.
        params: Parameters of every request.
        is_default: Whether it is selected where no catalog says so.
    """

    name: str
    path: str
    columns: dict[str, str]
    keys: tuple[str, ...] = ("id",)
    paging: Paging = Paging.OFFSET
    filtering: Filtering = Filtering.NONE
    params: tuple[tuple[str, str], ...] = ()
    is_default: bool = False

    @property
    def replication_key(self) -> str | None:
        """Give the replication key; none for whole tables."""
        return None if self.filtering is Filtering.NONE else "updatedAt"

    def schema(self) -> dict[str, Any]:
        """Give the stream's schema."""
        properties = {
            name: dict(_OTHER_SCHEMAS[kind])
            if kind in _OTHER_SCHEMAS
            else schema_of(kind)  # type: ignore[arg-type] # the others are above
            for name, kind in self.columns.items()
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(self.keys),
        }


def _columns(text: str) -> dict[str, str]:
    """Read ``name:kind`` pairs; a name alone is text."""
    pairs = (part.partition(":") for part in text.split())
    return {name: kind or "string" for name, _, kind in pairs}


_STAMPS = "createdAt:datetime updatedAt:datetime"
_PLACE = "url folder:object workspace"

ACTIVITY_TYPES = RestSpec(
    "activity_types",
    "/rest/v1/activities/types.json",
    _columns(
        "id:integer name description apiName primaryAttribute:object attributes:objects"
    ),
    paging=Paging.WHOLE,
    is_default=True,
)
LEAD_FIELDS = RestSpec(
    "lead_fields",
    "/rest/v1/leads/describe.json",
    _columns("id:integer displayName dataType length:integer rest:object soap:object"),
    paging=Paging.WHOLE,
)
PROGRAMS = RestSpec(
    "programs",
    "/rest/asset/v1/programs.json",
    _columns(
        f"id:integer name description {_STAMPS} {_PLACE} type channel status "
        "startDate:datetime endDate:datetime headStart:boolean sfdcId sfdcName "
        "tags:objects costs:objects"
    ),
    filtering=Filtering.SERVER,
    is_default=True,
)
LISTS = RestSpec(
    "lists",
    "/rest/v1/lists.json",
    _columns(f"id:integer name description programName workspaceName {_STAMPS}"),
    paging=Paging.TOKEN,
    filtering=Filtering.CLIENT,
    is_default=True,
)

REST_SPECS: tuple[RestSpec, ...] = (
    ACTIVITY_TYPES,
    LEAD_FIELDS,
    PROGRAMS,
    LISTS,
    RestSpec(
        "campaigns",
        "/rest/v1/campaigns.json",
        _columns(
            "id:integer name description type programName programId:integer "
            f"workspaceName {_STAMPS} active:boolean"
        ),
        paging=Paging.TOKEN,
        filtering=Filtering.CLIENT,
        is_default=True,
    ),
    RestSpec(
        "smart_campaigns",
        "/rest/asset/v1/smartCampaigns.json",
        _columns(
            "id:integer name description type isSystem:boolean isActive:boolean "
            "isRequestable:boolean recurrence:object qualificationRuleType "
            "qualificationRuleInterval:integer qualificationRuleUnit "
            "maxMembers:integer isCommunicationLimitEnabled:boolean "
            "smartListId:integer flowId:integer parentProgramId:integer "
            f"folder:object {_STAMPS} workspace computedUrl status"
        ),
        filtering=Filtering.SERVER,
    ),
    RestSpec(
        "emails",
        "/rest/asset/v1/emails.json",
        _columns(
            f"id:integer name description {_STAMPS} {_PLACE} fromEmail:object "
            "fromName:object replyEmail:object subject:object operational:boolean "
            "publishToMSI:boolean status template:integer textOnly:boolean "
            "version:integer webView:boolean autoCopyToText:boolean preHeader "
            "ccFields:objects"
        ),
        filtering=Filtering.SERVER,
        is_default=True,
    ),
    RestSpec(
        "email_templates",
        "/rest/asset/v1/emailTemplates.json",
        _columns(
            f"id:integer name description {_STAMPS} {_PLACE} status version:integer"
        ),
    ),
    RestSpec(
        "forms",
        "/rest/asset/v1/forms.json",
        _columns(
            f"id:integer name description {_STAMPS} url folder:object status theme "
            "language locale progressiveProfiling:boolean labelPosition fontFamily "
            "fontSize knownVisitor:object thankYouList:objects "
            "buttonLocation:integer buttonLabel waitingLabel workSpaceId:integer"
        ),
    ),
    RestSpec(
        "landing_pages",
        "/rest/asset/v1/landingPages.json",
        _columns(
            f"id:integer name description {_STAMPS} URL computedUrl customHeadHTML "
            "facebookOgTags folder:object formPrefill:boolean keywords "
            "mobileEnabled:boolean robots status template:integer title workspace"
        ),
    ),
    RestSpec(
        "folders",
        "/rest/asset/v1/folders.json",
        _columns(
            f"id:integer name description {_STAMPS} url folderId:object folderType "
            "parent:object path isArchive:boolean isSystem:boolean "
            "accessZoneId:integer workspace"
        ),
        params=(("maxDepth", "20"),),
    ),
    RestSpec(
        "segmentations",
        "/rest/asset/v1/segmentation.json",
        _columns(f"id:integer name description {_STAMPS} {_PLACE} status"),
        paging=Paging.WHOLE,
    ),
    RestSpec(
        "channels",
        "/rest/asset/v1/channels.json",
        _columns(
            f"id:integer name {_STAMPS} applicableProgramType "
            "progressionStatuses:objects"
        ),
    ),
    RestSpec(
        "tag_types",
        "/rest/asset/v1/tagTypes.json",
        _columns("tagType applicableProgramTypes required:boolean allowableValues"),
        keys=("tagType",),
    ),
    RestSpec(
        "smart_lists",
        "/rest/asset/v1/smartLists.json",
        _columns(f"id:integer name description {_STAMPS} {_PLACE}"),
    ),
    RestSpec(
        "daily_usage",
        "/rest/v1/stats/usage/last7days.json",
        _columns("date:date total:integer users:objects"),
        keys=("date",),
        paging=Paging.WHOLE,
    ),
)

#: Streams whose rows are asked for parent by parent.
LIST_MEMBERSHIPS = RestSpec(
    "list_memberships",
    "/rest/v1/lists/{id}/leads.json",
    _columns("list_id:integer lead_id:integer"),
    keys=("list_id", "lead_id"),
    paging=Paging.TOKEN,
    params=(("fields", "id"),),
)
PROGRAM_TOKENS = RestSpec(
    "program_tokens",
    "/rest/asset/v1/folder/{id}/tokens.json",
    _columns("program_id:integer name type value computedUrl"),
    keys=("program_id", "name"),
    paging=Paging.WHOLE,
    params=(("folderType", "Program"),),
)

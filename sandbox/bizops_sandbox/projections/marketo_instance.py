"""The shape of a Marketo instance as the server serves it: describes, rows, assets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    Value = str | bool | int | Decimal | date | datetime | None
    Asset = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LeadField:
    """One entry of `leads/describe.json`.

    A field without `rest_name` is known to the SOAP API only and cannot be exported.
    `data_type` is Marketo's word: string, text, email, phone, url, integer, score,
    boolean, date, datetime, currency, float, percent, reference, formula.
    """

    id: int
    display_name: str
    data_type: str
    rest_name: str | None
    soap_name: str
    length: int | None = None
    is_read_only: bool = False
    is_crm_managed: bool = False


@dataclass(frozen=True, slots=True)
class MemberField:
    """One field of `programs/members/describe.json`."""

    name: str
    data_type: str
    length: int | None = None
    is_updateable: bool = False


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """One attribute of an activity type; custom types have API names too."""

    name: str
    data_type: str
    api_name: str | None = None


@dataclass(frozen=True, slots=True)
class ActivityType:
    """One entry of `activities/types.json`."""

    id: int
    name: str
    description: str
    primary: AttributeSpec | None
    attributes: tuple[AttributeSpec, ...]
    api_name: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """One person record.

    `values` holds what is not null, by REST name. `changed_at` is the hidden stamp
    the `updatedAt` filter of exports looks at: any change moves it, while the visible
    `updatedAt` follows standard fields only. `key` and `person_key` lead back to the
    event log.
    """

    id: int
    key: str
    person_key: str
    created_at: datetime
    updated_at: datetime
    changed_at: datetime
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of the activity log; `attributes` is a JSON object as text."""

    id: int
    lead_id: int
    at: datetime
    type_id: int
    campaign_id: int | None
    primary_id: int | None
    primary_value: str | None
    attributes: str
    result: str = "succeeded"


@dataclass(frozen=True, slots=True)
class ProgramMember:
    """One person's membership of one program."""

    program_id: int
    program_name: str
    lead_id: int
    status: str
    is_acquired_by: bool
    has_success: bool
    joined_at: datetime
    success_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MarketoInstance:
    """Everything in the instance at one instant, which is also the server's clock.

    Leads are ordered by id, activities by time and id, members by program and lead.
    `assets` maps a kind (programs, smart_campaigns, static_lists, emails, ...) to its
    rows in the API's field names, ordered by id; their date-times are aware.
    `list_members` maps a static list to its leads.
    """

    munchkin_id: str
    as_of: datetime
    lead_fields: tuple[LeadField, ...]
    member_fields: tuple[MemberField, ...]
    activity_types: tuple[ActivityType, ...]
    leads: tuple[Lead, ...]
    activities: tuple[Activity, ...]
    members: tuple[ProgramMember, ...]
    assets: Mapping[str, tuple[Asset, ...]] = field(default_factory=dict)
    list_members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

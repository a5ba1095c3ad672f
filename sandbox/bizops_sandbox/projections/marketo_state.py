"""The instance while the event log is folded into it: leads, members, activities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bizops_sandbox.projections.marketo_activity_types import CHANGE_DATA_VALUE
from bizops_sandbox.projections.marketo_fields import (
    FIELD_BY_REST_NAME,
    HIDDEN_FIELDS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bizops_sandbox.projections.marketo_assets import AssetShelf
    from bizops_sandbox.projections.marketo_instance import Value
    from bizops_sandbox.world.events import (
        AccountCreated,
        OrganizationKnown,
        PersonKnown,
    )
    from bizops_sandbox.world.parameter_groups import Noise

FIRST_LEAD_ID = 100_001
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, eq=False)
class LeadDraft:
    """One person record while it changes.

    `merged_into` is the record that took it over, `is_gone` says it was deleted;
    `mailing` is the last email sent to it.
    """

    id: int
    key: str
    person_key: str
    created_at: datetime
    updated_at: datetime
    changed_at: datetime
    values: dict[str, Value]
    merged_into: LeadDraft | None = None
    is_gone: bool = False
    is_mql: bool = False

    @property
    def survivor(self) -> LeadDraft:
        """The record it is today, after all merges."""
        lead = self
        while lead.merged_into is not None:
            lead = lead.merged_into
        return lead


@dataclass(slots=True, eq=False)
class MemberDraft:
    """One membership while it changes; `number` counts them.

    `crm_keys` are the CRM's memberships behind it: two after a merge.
    """

    number: int
    campaign_key: str
    lead: LeadDraft
    status: str
    is_acquired_by: bool
    has_success: bool
    joined_at: datetime
    success_at: datetime | None
    updated_at: datetime
    crm_keys: set[str] = field(default_factory=set)


class Mark(NamedTuple):
    """What an activity is about: the campaign behind it and its primary attribute."""

    campaign_id: int | None = None
    primary_id: int | None = None
    primary_value: str | None = None


NOTHING = Mark()


class ActivityDraft(NamedTuple):
    """An activity before it is numbered; sorted by moment, event, place in it.

    `attributes` is JSON already: a million small dicts would be ten times as large.
    """

    at: datetime
    event_index: int
    place: int
    lead: LeadDraft
    type_id: int
    mark: Mark
    attributes: str
    result: str


@dataclass(slots=True)
class InstanceState:
    """Everything known so far.

    `by_record` maps lead and contact records of the CRM to person records here,
    `by_person` each person to the record its behaviour is tracked on. Activities
    after `moment` are left out: they have not happened yet.
    """

    seed: int
    noise: Noise
    moment: datetime
    shelf: AssetShelf
    people: dict[str, PersonKnown] = field(default_factory=dict)
    organizations: dict[str, OrganizationKnown] = field(default_factory=dict)
    leads: list[LeadDraft] = field(default_factory=list)
    by_record: dict[str, LeadDraft] = field(default_factory=dict)
    by_person: dict[str, LeadDraft] = field(default_factory=dict)
    accounts: dict[str, AccountCreated] = field(default_factory=dict)
    by_account: dict[str, list[LeadDraft]] = field(default_factory=dict)
    members: dict[int, dict[str, MemberDraft]] = field(default_factory=dict)
    by_member_key: dict[str, tuple[LeadDraft, str]] = field(default_factory=dict)
    listed: dict[int, dict[int, LeadDraft]] = field(default_factory=dict)
    activities: list[ActivityDraft] = field(default_factory=list)
    converted_contacts: frozenset[str] = frozenset()
    keeps_activities: bool = True
    event_index: int = 0
    member_count: int = 0
    _place: int = 0

    def begin(self, event_index: int) -> None:
        """Turn to the next event."""
        self.event_index = event_index
        self._place = 0

    def create_lead(
        self, key: str, person_key: str, at: datetime, values: Mapping[str, Value]
    ) -> LeadDraft:
        """A new person record, tracked from now on unless the person has one."""
        lead = LeadDraft(
            id=FIRST_LEAD_ID + len(self.leads),
            key=key,
            person_key=person_key,
            created_at=at,
            updated_at=at,
            changed_at=at,
            values={name: value for name, value in values.items() if value is not None},
        )
        self.leads.append(lead)
        self.by_person.setdefault(person_key, lead)
        return lead

    def member(self, lead: LeadDraft, campaign_key: str) -> MemberDraft | None:
        """The membership of a person, after all merges, in a campaign's program."""
        return self.members.get(lead.survivor.id, {}).get(campaign_key)

    def save(self, lead: LeadDraft, at: datetime, **values: Value) -> None:
        """Set values; only standard fields move the visible `updatedAt`."""
        for name, value in values.items():
            if value is None:
                lead.values.pop(name, None)
            else:
                lead.values[name] = value
        lead.changed_at = max(lead.changed_at, at)
        if not values.keys() <= HIDDEN_FIELDS:
            lead.updated_at = max(lead.updated_at, at)

    def change(
        self, lead: LeadDraft, at: datetime, name: str, value: Value, reason: str
    ) -> None:
        """Set one value, with an entry in the activity log when it is another."""
        old = lead.values.get(name)
        if old == value:
            return
        self.save(lead, at, **{name: value})
        spec = FIELD_BY_REST_NAME[name]
        attributes = {
            "New Value": _text(value),
            "Old Value": _text(old),
            "Reason": reason,
            "Source": "SFDC Sync" if spec.is_crm_managed else "Salesforce.com",
        }
        mark = Mark(primary_id=spec.id, primary_value=spec.display_name)
        self.act(lead, at, CHANGE_DATA_VALUE, attributes, mark)

    def act(
        self,
        lead: LeadDraft,
        at: datetime,
        type_id: int,
        attributes: Mapping[str, object],
        mark: Mark = NOTHING,
        *,
        result: str = "succeeded",
    ) -> None:
        """Add to the activity log what has happened by now."""
        self._place += 1
        if at > self.moment or not self.keeps_activities:
            return
        told = {
            name: value
            for name, value in attributes.items()
            if value is not None and value != ""
        }
        self.activities.append(
            ActivityDraft(
                at=at,
                event_index=self.event_index,
                place=self._place,
                lead=lead,
                type_id=type_id,
                mark=mark,
                attributes=_encode(told).decode("utf-8"),
                result=result,
            )
        )


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)

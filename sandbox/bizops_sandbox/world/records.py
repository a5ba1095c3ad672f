"""What the CRM holds of one person: leads, a contact, campaign memberships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import MemberAdded, MemberDeleted

if TYPE_CHECKING:
    from datetime import date, datetime

    from bizops_sandbox.world.market import Campaign
    from bizops_sandbox.world.prospects import Person
    from bizops_sandbox.world.story import Story

_RESPONSE_STATUS = {"webinar": "Registered", "conference": "Attended"}


def response_status(campaign: Campaign) -> str:
    """The status of a member who responded to this campaign."""
    return _RESPONSE_STATUS.get(campaign.channel.name, "Responded")


@dataclass(slots=True)
class PersonRecords:
    """The records of one person while the story goes on.

    A record is in a campaign once only, as the CRM demands. `is_gone` means that
    the only record was deleted, so nothing can be added any more.
    """

    person: Person
    story: Story
    lead_key: str | None = None
    lead_email: str | None = None
    lead_uses_free_email: bool = False
    contact_key: str | None = None
    is_gone: bool = False
    has_merged: bool = False
    last_response: Campaign | None = None
    _members: dict[str, dict[str, str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    @property
    def current_key(self) -> str | None:
        """The record that new memberships go to."""
        return self.contact_key or self.lead_key

    def next_key(self, letter: str) -> str:
        """The key of the person's next lead (`l`) or contact (`c`) record."""
        number = self._counts.get(letter, 0) + 1
        self._counts[letter] = number
        return f"{self.person.key}.{letter}{number}"

    def add_member(
        self,
        at: datetime,
        record_key: str,
        campaign: Campaign,
        *,
        responded_on: date | None,
        by: str,
    ) -> str | None:
        """Make the record a member; None when it is one already or cannot be."""
        members = self._members.setdefault(record_key, {})
        if campaign.key in members or not campaign.exists_at(at):
            return None
        count = self._counts.get(record_key, 0) + 1
        self._counts[record_key] = count
        members[campaign.key] = f"{record_key}.m{count}"
        if responded_on is not None:
            self.last_response = campaign
        self.story.tell(
            MemberAdded(
                at=at,
                member_key=members[campaign.key],
                campaign_key=campaign.key,
                record_key=record_key,
                status=response_status(campaign) if responded_on else "Sent",
                responded_on=responded_on,
                by=by,
            )
        )
        return members[campaign.key]

    def is_member(self, member_key: str) -> bool:
        """Whether this membership still exists."""
        return any(member_key in members.values() for members in self._members.values())

    def become_contact(self, contact_key: str) -> None:
        """The converted lead's memberships are the contact's from now on."""
        lead_members = self._members.get(self.lead_key or "", {})
        self._members[contact_key] = lead_members
        self.contact_key = contact_key

    def merge_members(
        self, at: datetime, *, loser: str, survivor: str, by: str
    ) -> None:
        """Move memberships to the survivor; delete those it has itself already."""
        self.has_merged = True
        kept = self._members.setdefault(survivor, {})
        for campaign_key, member_key in self._members.pop(loser, {}).items():
            if campaign_key in kept:
                self.story.tell(MemberDeleted(at=at, member_key=member_key, by=by))
            else:
                kept[campaign_key] = member_key

"""The state of the relation to one organisation while its story goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.world.prospects import make_person
from bizops_sandbox.world.records import PersonRecords

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.world.deals import Deal
    from bizops_sandbox.world.market import Market
    from bizops_sandbox.world.parameters import Channel
    from bizops_sandbox.world.prospects import Organization
    from bizops_sandbox.world.story import Story
    from bizops_sandbox.world.subscriptions import Subscription


@dataclass(slots=True)
class Relation:
    """One organisation, its people's records, and what is going on with it.

    `channel` is the one that brought the organisation, None for none.
    """

    organization: Organization
    market: Market
    story: Story
    people: list[PersonRecords] = field(default_factory=list)
    account_key: str | None = None
    account_opened_at: datetime | None = None
    first_deal: Deal | None = None
    channel: Channel | None = None
    brought_by: list[str] = field(default_factory=list)
    is_customer: bool = False
    subscription: Subscription | None = None
    _counts: dict[str, int] = field(default_factory=dict)

    def next_key(self, letter: str) -> str:
        """The key of the next thing: a account, d deal, s subscription, i invoice."""
        number = self._counts.get(letter, 0) + 1
        self._counts[letter] = number
        return f"{self.organization.key}.{letter}{number}"

    def new_person(self) -> PersonRecords:
        """One more person of the organisation."""
        person = make_person(
            self.next_key("p"),
            self.organization.key,
            self.market,
            domain=self.organization.company.domain,
            free_mail=self.market.params.noise.free_mail,
        )
        records = PersonRecords(person=person, story=self.story)
        self.people.append(records)
        return records

    def contacts(self) -> list[PersonRecords]:
        """The people with a living contact record, in the order they came."""
        return [p for p in self.people if p.contact_key and not p.is_gone]

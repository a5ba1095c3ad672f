"""What the log says about records and deals until a moment, for the truth.

This reads the event log, never a projection: it knows which person is behind a
record and what a deal was worth, whatever the records show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from decimal import Decimal

    from bizops_sandbox.world.events import Event


@dataclass(slots=True)
class PersonRecord:
    """A lead or contact record.

    `address` tells which of the person's addresses it holds; `account_key` is the
    contact's account or the one the lead was converted to.
    """

    key: str
    person_key: str
    address: str
    email: str
    created_at: datetime
    is_lead: bool
    account_key: str | None = None
    contact_key: str | None = None
    opportunity_key: str | None = None
    mql_on: date | None = None
    merged_into: str | None = None
    is_deleted: bool = False


@dataclass(slots=True)
class Account:
    """An account record."""

    key: str
    organization_key: str
    segment: str
    parent_key: str | None = None
    merged_into: str | None = None
    is_deleted: bool = False


@dataclass(slots=True)
class Campaign:
    """A campaign as recorded; `cost` in USD, None when nobody wrote one down."""

    key: str
    channel: str
    created_at: datetime
    start_date: date | None
    end_date: date | None
    cost: Decimal | None = None
    is_deleted: bool = False


@dataclass(slots=True)
class Member:
    """A campaign membership of a lead or contact record."""

    key: str
    campaign_key: str
    record_key: str
    created_at: datetime
    responded_on: date | None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class DealStep:
    """A save of an opportunity: `stage` is its label, or won, lost ... at the end."""

    at: datetime
    stage: str
    amount: Decimal | None
    close_date: date


@dataclass(slots=True)
class Deal:
    """An opportunity; amounts in USD, `iacv` true even when it was not recorded."""

    key: str
    account_key: str
    order_type: str
    created_at: datetime
    campaign_key: str | None
    renewal_acv: Decimal | None
    close_date: date
    steps: list[DealStep]
    accepted_on: date | None = None
    iacv: Decimal | None = None
    tcv: Decimal | None = None
    is_iacv_recorded: bool = True
    duplicate_of: str | None = None
    is_deleted: bool = False

    @property
    def state(self) -> str:
        """An open stage's label, or won, lost, unqualified, duplicate."""
        return self.steps[-1].stage

    @property
    def amount(self) -> Decimal | None:
        """The amount as it stands."""
        return self.steps[-1].amount


@dataclass(slots=True)
class Facts:
    """Everything by key, in the order it was made."""

    as_of: date
    people: dict[str, PersonRecord] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    organization_of: dict[str, str] = field(default_factory=dict)

    def last_record(self, key: str) -> PersonRecord:
        """The record that a merged one has become."""
        record = self.people[key]
        while record.merged_into is not None:
            record = self.people[record.merged_into]
        return record

    def living_account(self, key: str) -> Account | None:
        """The account that a merged one has become; None for a deleted one."""
        account = self.accounts[key]
        while account.merged_into is not None:
            account = self.accounts[account.merged_into]
        return None if account.is_deleted else account

    def customer(self, key: str) -> str | None:
        """The key of the account at the top of this account's tree."""
        account = self.living_account(key)
        if account is None:
            return None
        while account.parent_key is not None:
            parent = self.living_account(account.parent_key)
            if parent is None:
                break
            account = parent
        return account.key


def collect_facts(events: Iterable[Event], as_of: date) -> Facts:
    """The facts of the log up to the end of a day."""
    facts = Facts(as_of=as_of)
    for event in events_until(events, day_end(as_of)):
        _add(facts, event)
    return facts


def _add(facts: Facts, event: Event) -> None:
    match event:
        case log.PersonKnown():
            facts.organization_of[event.person_key] = event.organization_key
        case log.LeadCreated() | log.ContactCreated():
            _add_person_record(facts, event)
        case log.LeadConverted():
            lead = facts.people[event.lead_key]
            lead.account_key, lead.contact_key = event.account_key, event.contact_key
            lead.opportunity_key = event.opportunity_key
        case log.LeadStatusSet(mql_date=date() as day):
            facts.people[event.lead_key].mql_on = day
        case log.LeadsMerged() | log.ContactsMerged():
            facts.people[event.loser_key].merged_into = event.survivor_key
        case log.LeadDeleted():
            facts.people[event.lead_key].is_deleted = True
        case log.ContactDeleted():
            facts.people[event.contact_key].is_deleted = True
        case _:
            _add_account(facts, event)


def _add_account(facts: Facts, event: Event) -> None:
    match event:
        case log.AccountCreated():
            facts.accounts[event.account_key] = Account(
                key=event.account_key,
                organization_key=event.organization_key,
                segment=event.segment,
            )
        case log.AccountParentSet():
            facts.accounts[event.account_key].parent_key = event.parent_key
        case log.AccountsMerged():
            facts.accounts[event.loser_key].merged_into = event.survivor_key
        case log.AccountDeleted():
            facts.accounts[event.account_key].is_deleted = True
        case _:
            _add_marketing(facts, event)


def _add_person_record(
    facts: Facts, event: log.LeadCreated | log.ContactCreated
) -> None:
    is_lead = isinstance(event, log.LeadCreated)
    key = event.lead_key if isinstance(event, log.LeadCreated) else event.contact_key
    facts.people[key] = PersonRecord(
        key=key,
        person_key=event.person_key,
        address="free" if event.uses_free_email else "work",
        email=event.email,
        created_at=event.at,
        is_lead=is_lead,
        account_key=None if isinstance(event, log.LeadCreated) else event.account_key,
    )


def _add_marketing(facts: Facts, event: Event) -> None:
    match event:
        case log.CampaignPlanned():
            facts.campaigns[event.campaign_key] = Campaign(
                key=event.campaign_key,
                channel=event.channel,
                created_at=event.at,
                start_date=event.start_date,
                end_date=event.end_date,
            )
        case log.CampaignCostRecorded():
            facts.campaigns[event.campaign_key].cost = event.total_cost
        case log.CampaignDeleted():
            facts.campaigns[event.campaign_key].is_deleted = True
        case log.MemberAdded():
            facts.members[event.member_key] = Member(
                key=event.member_key,
                campaign_key=event.campaign_key,
                record_key=event.record_key,
                created_at=event.at,
                responded_on=event.responded_on,
            )
        case log.MemberResponded():
            facts.members[event.member_key].responded_on = event.responded_on
        case log.MemberDeleted():
            facts.members[event.member_key].is_deleted = True
        case _:
            _add_deal(facts, event)


def _add_deal(facts: Facts, event: Event) -> None:
    match event:
        case log.OpportunityCreated():
            facts.deals[event.opportunity_key] = Deal(
                key=event.opportunity_key,
                account_key=event.account_key,
                order_type=event.order_type,
                created_at=event.at,
                campaign_key=event.campaign_key,
                renewal_acv=event.renewal_acv,
                close_date=event.close_date,
                steps=[
                    DealStep(
                        event.at, "0-Pending Acceptance", event.amount, event.close_date
                    )
                ],
            )
        case log.OpportunityStaged():
            deal = facts.deals[event.opportunity_key]
            deal.steps.append(
                DealStep(event.at, event.stage, event.amount, event.close_date)
            )
            deal.close_date = event.close_date
            deal.accepted_on = event.accepted_on or deal.accepted_on
        case log.OpportunityClosed():
            deal = facts.deals[event.opportunity_key]
            deal.steps.append(
                DealStep(event.at, event.outcome, event.amount, event.close_date)
            )
            deal.close_date = event.close_date
            deal.iacv, deal.tcv = event.iacv, event.tcv
            deal.is_iacv_recorded = event.is_iacv_recorded
            deal.duplicate_of = event.duplicate_of or deal.duplicate_of
        case log.OpportunityDeleted():
            facts.deals[event.opportunity_key].is_deleted = True
        case _:
            pass

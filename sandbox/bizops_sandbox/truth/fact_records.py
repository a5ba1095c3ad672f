"""Records and deals as the truth knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal


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

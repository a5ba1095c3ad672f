"""Events about opportunities; all amounts in USD."""

from __future__ import annotations

from datetime import date  # noqa: TC003
from decimal import Decimal  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class OpportunityCreated(BaseEvent, frozen=True, kw_only=True):
    """An opportunity is opened in stage 0-Pending Acceptance.

    `order_type` is new, add_on, renewal or refund. `amount` is the annual value
    the seller expects to gain; `renewal_acv` the annual value that ends when a
    renewal is lost.
    """

    opportunity_key: str
    account_key: str
    name: str
    order_type: str
    close_date: date
    owner_key: str
    source: str
    amount: Decimal | None = None
    campaign_key: str | None = None
    renewal_acv: Decimal | None = None
    term_months: int | None = None
    is_partner: bool = False
    by: str


class OpportunityStaged(BaseEvent, frozen=True, kw_only=True):
    """An opportunity's open stage, amount or close date changes.

    After a closing this is a reopening. `accepted_on` and `qualified_on` are
    what the seller writes into the date fields, when they do.
    """

    opportunity_key: str
    stage: str
    close_date: date
    amount: Decimal | None = None
    accepted_on: date | None = None
    qualified_on: date | None = None
    by: str


class OpportunityClosed(BaseEvent, frozen=True, kw_only=True):
    """An opportunity ends: won, lost, unqualified or duplicate.

    `amount` is what stands in the Amount field afterwards. The annual and total
    values are set when it is won. `is_iacv_recorded` is false when the
    incremental value was left blank and has to be derived.
    """

    opportunity_key: str
    outcome: str
    close_date: date
    amount: Decimal | None = None
    acv: Decimal | None = None
    iacv: Decimal | None = None
    tcv: Decimal | None = None
    one_time: Decimal | None = None
    term_months: int | None = None
    is_iacv_recorded: bool = True
    duplicate_of: str | None = None
    by: str


class OpportunityDeleted(BaseEvent, frozen=True, kw_only=True):
    """An opportunity entered by mistake is deleted, with its history and roles."""

    opportunity_key: str
    by: str


class ContactRoleAdded(BaseEvent, frozen=True, kw_only=True):
    """A contact is named as taking part in an opportunity."""

    role_key: str
    opportunity_key: str
    contact_key: str
    role: str
    is_primary: bool = False
    by: str

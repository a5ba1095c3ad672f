"""Events about orders, subscriptions and money; all amounts in USD."""

from __future__ import annotations

from datetime import date  # noqa: TC003
from decimal import Decimal  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class SubscriptionStarted(BaseEvent, frozen=True, kw_only=True):
    """A signed order becomes a subscription with one recurring charge.

    The charge runs from `term_start` to `term_end` (exclusive); `unit_price` is
    per seat and year. All versions of one customer relation share `lineage_key`.
    """

    subscription_key: str
    lineage_key: str
    organization_key: str
    opportunity_key: str
    product: str
    seats: int
    unit_price: Decimal
    term_start: date
    term_end: date
    one_time: Decimal | None = None
    previous_key: str | None = None
    is_partner_billed: bool = False


class ChargeAmended(BaseEvent, frozen=True, kw_only=True):
    """From `effective_on` the subscription has these seats, product and price."""

    subscription_key: str
    opportunity_key: str
    effective_on: date
    product: str
    seats: int
    unit_price: Decimal
    reason: str


class SubscriptionCancelled(BaseEvent, frozen=True, kw_only=True):
    """The subscription ends on `effective_on`, before its term does."""

    subscription_key: str
    effective_on: date
    reason: str


class InvoicePosted(BaseEvent, frozen=True, kw_only=True):
    """An invoice is sent."""

    invoice_key: str
    subscription_key: str
    invoice_date: date
    due_date: date
    amount: Decimal


class PaymentReceived(BaseEvent, frozen=True, kw_only=True):
    """The customer pays an invoice, wholly or in part."""

    payment_key: str
    invoice_key: str
    amount: Decimal


class CreditIssued(BaseEvent, frozen=True, kw_only=True):
    """An unpaid invoice, or its rest, is cancelled by a credit."""

    credit_key: str
    invoice_key: str
    amount: Decimal


class PaymentRefunded(BaseEvent, frozen=True, kw_only=True):
    """Money goes back to the customer."""

    refund_key: str
    payment_key: str
    amount: Decimal

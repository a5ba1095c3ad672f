"""Customers: what they signed, how it is billed, refunded and grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    AccountTypeSet,
    ChargeAmended,
    SubscriptionCancelled,
    SubscriptionStarted,
)
from bizops_sandbox.world.instances import install, issue_license
from bizops_sandbox.world.moments import add_months, later
from bizops_sandbox.world.payments import Invoice, give_back, plan_invoice

if TYPE_CHECKING:
    from datetime import date, datetime

    from bizops_sandbox.world.orders import Order
    from bizops_sandbox.world.relation import Relation

_CENT = Decimal("0.01")


@dataclass(slots=True)
class Subscription:
    """One version of what a customer has; `end` is the first day without it."""

    key: str
    lineage_key: str
    order: Order
    start: date
    end: date
    opportunity_key: str
    invoices: list[Invoice] = field(default_factory=list)
    license_key: str | None = None
    is_cancelled: bool = False


def _license_email(relation: Relation) -> str:
    for records in relation.contacts():
        if records.person.work_email:
            return records.person.work_email
    return f"it@{relation.organization.company.domain}"


def start_subscription(
    relation: Relation,
    at: datetime,
    *,
    opportunity_key: str,
    order: Order,
    start: date,
    previous: Subscription | None = None,
) -> Subscription:
    """The signed order becomes a subscription, invoices and a licence."""
    key = relation.next_key("s")
    subscription = Subscription(
        key=key,
        lineage_key=previous.lineage_key if previous else key,
        order=order,
        start=start,
        end=add_months(start, order.term_months),
        opportunity_key=opportunity_key,
    )
    relation.story.tell(
        SubscriptionStarted(
            at=at,
            subscription_key=key,
            lineage_key=subscription.lineage_key,
            organization_key=relation.organization.key,
            opportunity_key=opportunity_key,
            product=order.product.code,
            seats=order.seats,
            unit_price=order.unit_price,
            term_start=start,
            term_end=subscription.end,
            one_time=order.one_time,
            previous_key=previous.key if previous else None,
            is_partner_billed=order.is_partner,
        )
    )
    relation.subscription = subscription
    _plan_invoices(relation, subscription, at)
    issue_license(relation, subscription, at, _license_email(relation))
    return subscription


def _plan_invoices(
    relation: Relation, subscription: Subscription, at: datetime
) -> None:
    """Each year is billed in advance, the first with the one-time charges."""
    order = subscription.order
    for year in range(order.term_months // 12):
        day = max(add_months(subscription.start, 12 * year), at.date())
        extra = order.one_time or Decimal(0) if year == 0 else Decimal(0)
        amount = order.acv + extra
        if year == 0:
            invoice = plan_invoice(relation, subscription.key, at, day, amount)
            subscription.invoices.append(invoice)
        else:
            relation.story.plan(
                later(at, relation.market.draws(subscription.key, year), days=0)
                + (day - at.date()),
                lambda at: _bill_year(relation, subscription, at),
            )


def _bill_year(relation: Relation, subscription: Subscription, at: datetime) -> None:
    """A later year of the term, at the seats and price of that day."""
    if not subscription.is_cancelled:
        invoice = plan_invoice(
            relation, subscription.key, at, at.date(), subscription.order.acv
        )
        subscription.invoices.append(invoice)


def become_customer(relation: Relation, at: datetime) -> None:
    """The account record says Customer from now on."""
    if relation.account_key and not relation.is_customer:
        relation.is_customer = True
        _set_type(relation, at, "Customer")


def leave(relation: Relation, at: datetime) -> None:
    """The account record says Former Customer from now on."""
    relation.is_customer = False
    _set_type(relation, at, "Former Customer")


def _set_type(relation: Relation, at: datetime, account_type: str) -> None:
    if relation.account_key:
        relation.story.tell(
            AccountTypeSet(
                at=at,
                account_key=relation.account_key,
                account_type=account_type,
                by=relation.organization.owner_key,
            )
        )


def plan_installation(relation: Relation, at: datetime) -> None:
    """Days after the first order the instance runs."""
    draws = relation.market.draws(relation.organization.key, "installation")
    installed_at = later(at, draws, days=draws.between(1, 20))
    relation.story.plan(installed_at, lambda at: install(relation, at))


def amend(
    relation: Relation,
    subscription: Subscription,
    at: datetime,
    *,
    opportunity_key: str,
    order: Order,
    reason: str,
) -> None:
    """More seats or a higher tier from today, billed for the rest of the year."""
    gained = order.acv - subscription.order.acv
    subscription.order = order
    relation.story.tell(
        ChargeAmended(
            at=at,
            subscription_key=subscription.key,
            opportunity_key=opportunity_key,
            effective_on=at.date(),
            product=order.product.code,
            seats=order.seats,
            unit_price=order.unit_price,
            reason=reason,
        )
    )
    year_days = 365
    used = max((at.date() - subscription.start).days, 0) % year_days
    amount = (gained * (year_days - used) / year_days).quantize(_CENT, ROUND_HALF_UP)
    if amount > 0:
        invoice = plan_invoice(relation, subscription.key, at, at.date(), amount)
        subscription.invoices.append(invoice)
    issue_license(relation, subscription, at, _license_email(relation))


def cancel(relation: Relation, subscription: Subscription, at: datetime) -> None:
    """The customer gives the order back: money returned, subscription ended."""
    subscription.is_cancelled = True
    relation.story.tell(
        SubscriptionCancelled(
            at=at,
            subscription_key=subscription.key,
            effective_on=at.date(),
            reason="refund",
        )
    )
    for invoice in subscription.invoices:
        give_back(relation, invoice, at)
    leave(relation, at)

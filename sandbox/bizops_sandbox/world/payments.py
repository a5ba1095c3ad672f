"""Invoices, and how late or never they are paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    CreditIssued,
    InvoicePosted,
    PaymentReceived,
    PaymentRefunded,
)
from bizops_sandbox.world.moments import office_moment

if TYPE_CHECKING:
    from bizops_sandbox.world.relation import Relation


@dataclass(slots=True)
class Invoice:
    """An invoice and what happened to its money (USD)."""

    key: str
    amount: Decimal
    payment_key: str | None = None
    paid: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)


def plan_invoice(
    relation: Relation,
    subscription_key: str,
    after: datetime,
    day: date,
    amount: Decimal,
) -> Invoice:
    """An invoice on that day, and its payment some time after it is due.

    It is never posted before `after`, the moment of what it bills.
    """
    key = relation.next_key("i")
    finance = relation.market.params.finance
    draws = relation.market.draws(key, "payment")
    posted_at = max(office_moment(day, draws), after + timedelta(minutes=5))
    due = posted_at.date() + timedelta(days=finance.payment_terms_days)
    invoice = Invoice(key=key, amount=amount)
    relation.story.plan_event(
        InvoicePosted(
            at=posted_at,
            invoice_key=key,
            subscription_key=subscription_key,
            invoice_date=posted_at.date(),
            due_date=due,
            amount=amount,
        )
    )

    def pay(at: datetime) -> None:
        rest = invoice.amount - invoice.credited
        if rest > 0:
            invoice.payment_key = f"{key}.r1"
            invoice.paid = rest
            relation.story.tell(
                PaymentReceived(
                    at=at, payment_key=f"{key}.r1", invoice_key=key, amount=rest
                )
            )

    if not draws.chance(finance.unpaid_rate):
        delay = int(draws.exponential(finance.late_payment_mean_days))
        early = draws.between(0, min(finance.payment_terms_days, 10))
        day = due + timedelta(days=delay - early)
        relation.story.plan(
            max(office_moment(day, draws), posted_at + timedelta(hours=1)), pay
        )
    return invoice


def give_back(relation: Relation, invoice: Invoice, at: datetime) -> None:
    """The customer gets the money back, or need not pay it."""
    if invoice.payment_key is not None:
        relation.story.tell(
            PaymentRefunded(
                at=at,
                refund_key=f"{invoice.payment_key}.b1",
                payment_key=invoice.payment_key,
                amount=invoice.paid,
            )
        )
    else:
        invoice.credited = invoice.amount
        relation.story.tell(
            CreditIssued(
                at=at,
                credit_key=f"{invoice.key}.k1",
                invoice_key=invoice.key,
                amount=invoice.amount,
            )
        )

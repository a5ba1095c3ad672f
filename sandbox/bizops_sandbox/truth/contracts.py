"""What customers signed and paid, from the log: terms, invoices, payments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 (dataclasses)
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.truth.arr import CHARGE_KINDS, Book, Charge, Rates, read_book
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bizops_sandbox.world.events import Event


@dataclass(slots=True)
class Term:
    """One term of a subscription; `end` is the first day after it."""

    key: str
    organization_key: str
    opportunity_key: str
    signed_on: date
    start: date
    end: date
    previous_key: str | None
    is_cancelled: bool = False
    renewed_by: str | None = None


@dataclass(slots=True)
class Invoice:
    """An invoice, USD at the plan rate; `order_on` is the day of what it bills first.

    `order_on` is None for the later years of a term.
    """

    key: str
    invoice_date: date
    amount: Decimal
    order_on: date | None
    paid_on: date | None = None
    credited: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)

    @property
    def is_settled_without_cash(self) -> bool:
        """Whether it was credited, or all its money went back."""
        return self.credited >= self.amount or self.refunded >= self.amount


@dataclass(slots=True)
class Billing:
    """Everything by key, in the order it was made, and the charges."""

    as_of: date
    book: Book
    terms: dict[str, Term] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=dict)

    def last_charge(self, term: Term) -> Charge:
        """What a term was worth at its end."""
        return self.book.charges[term.key][-1]

    def first_charge(self, term: Term) -> Charge:
        """What a term was worth at its start."""
        return self.book.charges[term.key][0]


@dataclass(slots=True)
class _Reading:
    billing: Billing
    rates: Rates
    orders: dict[str, date] = field(default_factory=dict)
    payments: dict[str, str] = field(default_factory=dict)

    def _usd(self, subscription_key: str, amount: Decimal) -> Decimal:
        term = self.billing.terms[subscription_key]
        return self.rates.usd(term.organization_key, amount)

    def add(self, event: Event) -> None:
        """Fold one event."""
        billing = self.billing
        self.rates.note(event)
        match event:
            case log.OrganizationKnown():
                billing.segments[event.organization_key] = event.segment
            case log.SubscriptionStarted():
                self._add_term(event)
            case log.ChargeAmended():
                self.orders[event.subscription_key] = event.at.date()
            case log.SubscriptionCancelled():
                billing.terms[event.subscription_key].is_cancelled = True
            case log.InvoicePosted():
                key = event.subscription_key
                billing.invoices[event.invoice_key] = Invoice(
                    key=key,
                    invoice_date=event.invoice_date,
                    amount=self._usd(key, event.amount),
                    order_on=self.orders.pop(key, None),
                )
            case _:
                self._add_money(event)

    def _add_term(self, event: log.SubscriptionStarted) -> None:
        key = event.subscription_key
        self.orders[key] = event.at.date()
        self.billing.terms[key] = Term(
            key=key,
            organization_key=event.organization_key,
            opportunity_key=event.opportunity_key,
            signed_on=event.at.date(),
            start=event.term_start,
            end=event.term_end,
            previous_key=event.previous_key,
        )
        if event.previous_key is not None:
            self.billing.terms[event.previous_key].renewed_by = key

    def _add_money(self, event: Event) -> None:
        invoices = self.billing.invoices
        match event:
            case log.PaymentReceived():
                invoices[event.invoice_key].paid_on = event.at.date()
                self.payments[event.payment_key] = event.invoice_key
            case log.CreditIssued():
                invoice = invoices[event.invoice_key]
                invoice.credited += self._usd(invoice.key, event.amount)
            case log.PaymentRefunded():
                invoice = invoices[self.payments[event.payment_key]]
                invoice.refunded += self._usd(invoice.key, event.amount)
            case _:
                pass


_KINDS = (
    *CHARGE_KINDS,
    log.InvoicePosted,
    log.PaymentReceived,
    log.CreditIssued,
    log.PaymentRefunded,
)


def read_billing(
    events: Iterable[Event], as_of: date, plan_rates: Mapping[str, Decimal]
) -> Billing:
    """What is known of contracts and money at the end of a day.

    Args:
        events: The log, in time order.
        as_of: The day.
        plan_rates: USD for one unit by currency.
    """
    book = read_book(events, as_of, plan_rates=plan_rates)
    reading = _Reading(Billing(as_of, book), Rates(plan_rates))
    known: Iterable[Event] = events_until(events, day_end(as_of), *_KINDS)
    for event in known:
        reading.add(event)
    return reading.billing

"""What must hold in every log, whatever the parameters: asserted, not hoped for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import encode_event
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import load_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

MOST_SMALL_BYTES = 20_000_000
_RESERVED = (".example", ".test")


class InvariantError(AssertionError):
    """A log that cannot be: the simulation has a mistake. The message names it."""


@dataclass(slots=True)
class _Books:
    """Running sums by key."""

    deal_iacv: dict[str, Decimal] = field(default_factory=dict)
    started: dict[str, log.SubscriptionStarted] = field(default_factory=dict)
    seats: dict[str, tuple[int, str]] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    invoices: dict[str, Decimal] = field(default_factory=dict)
    payments: dict[str, Decimal] = field(default_factory=dict)
    licenses: set[str] = field(default_factory=set)
    pings: dict[str, log.UsagePinged] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    ad_spend: dict[date, Decimal] = field(default_factory=dict)
    ad_bills: dict[date, Decimal] = field(default_factory=dict)
    rates: dict[str, date] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    cash: Decimal | None = None


class Checker:
    """Takes the events of a log in time order, then `finish` checks the whole.

    I1 the bills of ad campaigns are the days they spent. I2 every subscription is of
    one order. I3 what an order says is what its subscription is worth. I4 nobody pays
    or gets back more than was billed. I5 licences have the seats of their day. I6 users
    never exceed the most there were. I7 a person is of one organisation. I8 a closed
    opportunity is reopened before it is closed again. I9 a key is given once. I10
    events lie in the window, in order. I11 plans begin with a month of the window.
    I12 each day of the window has a rate of each currency. I13 addresses are at
    reserved domains. I14 the log of scale small, as it is by default, is smaller than
    20 MB. Cash moves by what flows.
    """

    def __init__(self, params: Parameters) -> None:
        self._params = params
        self._books = _Books()
        self._last = day_start(params.start_date)
        self._end = day_end(params.as_of)
        self._closed: set[str] = set()
        self._size_bytes = 0

    def take(self, event: Event, *, size_bytes: int) -> None:
        """Check one event against all before it.

        Args:
            event: The event.
            size_bytes: Of its line in the log.

        Raises:
            InvariantError: when it cannot be.
        """
        _hold(self._last <= event.at < self._end, "I10", event)
        self._last = event.at
        self._size_bytes += size_bytes
        match event:
            case log.SubscriptionStarted() | log.ChargeAmended() | log.LicenseIssued():
                self._take_order(event)
            case log.InvoicePosted() | log.PaymentReceived() | log.PaymentRefunded():
                self._take_money(event)
            case log.CreditIssued():
                left = self._books.invoices[event.invoice_key] - event.amount
                _hold(left >= 0, "I4", event)
                self._books.invoices[event.invoice_key] = left
            case log.UsagePinged():
                self._take_ping(event)
            case log.OpportunityClosed() | log.OpportunityStaged():
                self._take_deal(event)
            case _:
                self._take_rest(event)

    def _take_order(
        self,
        event: log.SubscriptionStarted | log.ChargeAmended | log.LicenseIssued,
    ) -> None:
        books, key = self._books, event.subscription_key
        if isinstance(event, log.LicenseIssued):
            told = (event.seats, event.product)
            _hold(books.seats.get(key) == told, "I5", event)
            _hold(event.license_key not in books.licenses, "I9", event)
            books.licenses.add(event.license_key)
            return
        _hold(event.opportunity_key not in books.orders, "I2", event)
        books.orders.add(event.opportunity_key)
        books.seats[key] = (event.seats, event.product)
        if isinstance(event, log.SubscriptionStarted):
            _hold(key not in books.started, "I9", event)
            _hold(event.term_start < event.term_end, "I3", event)
            books.started[key] = event
            worth = event.seats * event.unit_price
            acv = books.deal_iacv.get(event.opportunity_key)
            _hold(acv == worth, "I3", event)

    def _take_money(
        self, event: log.InvoicePosted | log.PaymentReceived | log.PaymentRefunded
    ) -> None:
        books = self._books
        if isinstance(event, log.InvoicePosted):
            _hold(event.invoice_key not in books.invoices, "I9", event)
            _hold(event.subscription_key in books.started, "I2", event)
            books.invoices[event.invoice_key] = event.amount
        elif isinstance(event, log.PaymentReceived):
            left = books.invoices[event.invoice_key] - event.amount
            _hold(left >= 0, "I4", event)
            books.invoices[event.invoice_key] = left
            books.payments[event.payment_key] = event.amount
        else:
            left = books.payments[event.payment_key] - event.amount
            _hold(left >= 0, "I4", event)
            books.payments[event.payment_key] = left

    def _take_ping(self, event: log.UsagePinged) -> None:
        before = self._books.pings.get(event.instance_uuid)
        _hold(event.active_users <= event.max_users, "I6", event)
        if before is not None:
            _hold(event.max_users >= before.max_users, "I6", event)
        if event.license_key is not None:
            _hold(event.license_key in self._books.licenses, "I5", event)
        self._books.pings[event.instance_uuid] = event

    def _take_deal(self, event: log.OpportunityClosed | log.OpportunityStaged) -> None:
        key = event.opportunity_key
        if isinstance(event, log.OpportunityStaged):
            self._closed.discard(key)
            return
        _hold(key not in self._closed, "I8", event)
        self._closed.add(key)
        if event.acv is not None:
            self._books.deal_iacv[key] = event.acv

    def _take_rest(self, event: Event) -> None:
        books = self._books
        match event:
            case log.PersonKnown():
                for address in (event.work_email, event.free_email):
                    is_fictional = address is None or address.endswith(_RESERVED)
                    _hold(is_fictional, "I13", event)
                books.people.setdefault(event.person_key, event.organization_key)
                known = books.people[event.person_key]
                _hold(known == event.organization_key, "I7", event)
            case log.FxRateFixed():
                last = books.rates.get(event.currency)
                wanted = self._params.start_date
                if last is not None:
                    wanted = last + timedelta(days=1)
                _hold(event.day == wanted, "I12", event)
                _hold(event.usd_rate > 0, "I12", event)
                books.rates[event.currency] = event.day
            case log.AdDaySpent():
                _add(books.ad_spend, event.day, event.spend)
            case log.CampaignPlanned():
                books.campaigns[event.campaign_key] = event.channel
            case log.MarketingBilled(channel=str() as channel):
                if self._is_ad(channel):
                    _add(books.ad_bills, event.day, event.amount)
            case _:
                self._take_plan(event)

    def _take_plan(self, event: Event) -> None:
        if isinstance(event, log.TargetSet):
            _hold(event.period_start.day == 1, "I11", event)
        elif isinstance(event, log.BooksClosed):
            self._take_books(event)

    def _is_ad(self, channel: str) -> bool:
        kinds = {item.name: item.kind for item in self._params.channels}
        return kinds[channel] == "ad"

    def _take_books(self, event: log.BooksClosed) -> None:
        flow = event.operating_cash_flow + event.financing_cash_flow
        if self._books.cash is not None:
            _hold(event.cash_end == self._books.cash + flow, "cash", event)
        self._books.cash = event.cash_end

    def finish(self) -> None:
        """Check what only the whole log shows.

        Raises:
            InvariantError: when it cannot be.
        """
        books, as_of = self._books, self._params.as_of
        for currency in self._params.currencies:
            if currency.code != "USD":
                covered = books.rates.get(currency.code)
                _hold(covered == as_of, "I12", currency.code)
        if self._size_bytes >= MOST_SMALL_BYTES:
            small = load_parameters(scale="small", seed=self._params.seed)
            size = f"{self._size_bytes} bytes"
            _hold(self._params != small, "I14", size)
        # Every month of the window has ended, so that all its ad days are billed.
        _hold(books.ad_spend == books.ad_bills, "I1", "ad days and ad bills")


def _add(sums: dict[date, Decimal], day: date, amount: Decimal) -> None:
    month = day.replace(day=1)
    total = sums.get(month, Decimal(0)) + amount
    sums[month] = total
    if not total:
        del sums[month]


def _hold(condition: bool, code: str, about: object) -> None:  # noqa: FBT001
    if not condition:
        raise InvariantError(f"{code} does not hold: {about}")


def check_log(events: Iterable[Event], params: Parameters) -> None:
    """Check a whole log.

    Raises:
        InvariantError: at the first event that cannot be.
    """
    checker = Checker(params)
    for event in events:
        checker.take(event, size_bytes=len(encode_event(event)) + 1)
    checker.finish()

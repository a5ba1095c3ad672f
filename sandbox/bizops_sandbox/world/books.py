"""The company's accounts: marketing's bills, monthly books, quarterly targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.events import (
    AdDaySpent,
    BooksClosed,
    CampaignCostRecorded,
    CampaignDeleted,
    CampaignPlanned,
    ChargeAmended,
    Event,
    MarketingBilled,
    OpportunityClosed,
    PaymentReceived,
    PaymentRefunded,
    SubscriptionCancelled,
    SubscriptionStarted,
    TargetSet,
)
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bizops_sandbox.world.parameters import Parameters
    from bizops_sandbox.world.roster import Member

_CENT = Decimal("0.01")
_VENDORS = {
    "paid_search": ("Searchlight Ads", "media"),
    "paid_social": ("Facebook", "media"),
    "display": ("Bannerworks", "media"),
    "content_syndication": ("Readwell", "content"),
    "webinar": ("Streamroom", "events"),
    "conference": ("Hallbookers", "events"),
    "email": ("Postmill", "content"),
    "partner": ("Partner fund", "partner"),
}
_COMMISSION = Decimal("0.08")
_OVERHEAD = Decimal("0.12")
_DEPRECIATION = Decimal("0.015")
_BOOKS_HOUR = time(22)
_SEGMENT_SHARES = (
    ("smb", Decimal("0.28")),
    ("mid", Decimal("0.3")),
    ("large", Decimal("0.26")),
    ("strategic", Decimal("0.16")),
)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


@dataclass(slots=True)
class _Charge:
    """Something that earns `annual` USD a year from `start` to before `end`."""

    start: date
    end: date
    annual: Decimal


@dataclass(slots=True)
class _Ledger:
    """What the log tells the accounts, by month (its first day)."""

    charges: dict[str, list[_Charge]] = field(default_factory=dict)
    one_time: dict[date, Decimal] = field(default_factory=dict)
    cash_in: dict[date, Decimal] = field(default_factory=dict)
    won: dict[date, Decimal] = field(default_factory=dict)
    ads: dict[tuple[date, str, str], Decimal] = field(default_factory=dict)
    channels: dict[str, tuple[str, bool]] = field(default_factory=dict)
    costs: dict[str, Decimal] = field(default_factory=dict)
    bills: list[MarketingBilled] = field(default_factory=list)


def _add(sums: dict[date, Decimal], day: date, amount: Decimal) -> None:
    month = day.replace(day=1)
    sums[month] = sums.get(month, Decimal(0)) + amount


def _note_order(ledger: _Ledger, event: Event) -> None:
    match event:
        case SubscriptionStarted():
            annual = event.seats * event.unit_price
            charge = _Charge(event.term_start, event.term_end, annual)
            ledger.charges[event.subscription_key] = [charge]
            _add(ledger.one_time, event.at.date(), event.one_time or Decimal(0))
        case ChargeAmended():
            charges = ledger.charges[event.subscription_key]
            last, day = charges[-1], max(event.effective_on, charges[-1].start)
            annual = event.seats * event.unit_price
            charges.append(_Charge(day, last.end, annual))
            last.end = day
        case SubscriptionCancelled():
            for charge in ledger.charges[event.subscription_key]:
                charge.end = min(charge.end, event.effective_on)
        case PaymentReceived():
            _add(ledger.cash_in, event.at.date(), event.amount)
        case PaymentRefunded():
            _add(ledger.cash_in, event.at.date(), -event.amount)
        case OpportunityClosed(outcome="won", iacv=Decimal() as iacv):
            _add(ledger.won, event.close_date, max(iacv, Decimal(0)))
        case _:
            _note_spend(ledger, event)


def _note_spend(ledger: _Ledger, event: Event) -> None:
    match event:
        case CampaignPlanned():
            ledger.channels[event.campaign_key] = (event.channel, event.is_program)
        case AdDaySpent():
            channel, _ = ledger.channels[event.campaign_key]
            key = (event.day.replace(day=1), channel, event.campaign_key)
            ledger.ads[key] = ledger.ads.get(key, Decimal(0)) + event.spend
        case CampaignCostRecorded():
            _note_cost(ledger, event)
        case CampaignDeleted():
            # A campaign entered by mistake was still billed until then.
            pass
        case _:
            pass


def _note_cost(ledger: _Ledger, event: CampaignCostRecorded) -> None:
    """Campaigns that are no ads are billed when marketing writes their cost down."""
    channel, is_program = ledger.channels[event.campaign_key]
    vendor, category = _VENDORS[channel]
    if any(key[2] == event.campaign_key for key in ledger.ads):
        return
    before = ledger.costs.get(event.campaign_key, Decimal(0))
    ledger.costs[event.campaign_key] = event.total_cost
    if event.total_cost <= before:
        return
    ledger.bills.append(
        MarketingBilled(
            at=event.at + timedelta(minutes=10),
            bill_key=f"{event.campaign_key}.b{1 if not before else 2}",
            day=event.at.date(),
            vendor=vendor,
            category=category,
            amount=event.total_cost - before,
            is_program=is_program,
            channel=channel,
            campaign_key=event.campaign_key,
        )
    )


def _month_end(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def _at(day: date, minute: int = 0) -> datetime:
    moment = datetime.combine(day, _BOOKS_HOUR, tzinfo=UTC)
    return moment + timedelta(minutes=minute)


def _ad_bills(ledger: _Ledger) -> list[MarketingBilled]:
    """What the ad platforms bill at the end of each month, campaign by campaign."""
    bills = []
    for (month, channel, campaign_key), amount in sorted(ledger.ads.items()):
        vendor, category = _VENDORS[channel]
        bills.append(
            MarketingBilled(
                at=_at(_month_end(month), 1),
                bill_key=f"{campaign_key}.m{month:%Y%m}",
                day=_month_end(month),
                vendor=vendor,
                category=category,
                amount=amount,
                is_program=ledger.channels[campaign_key][1],
                channel=channel,
                campaign_key=campaign_key,
            )
        )
    return bills


def _tool_bills(params: Parameters, months: Sequence[date]) -> list[MarketingBilled]:
    """What marketing pays for tools: no programme spend."""
    bills = []
    for number, month in enumerate(months):
        draws = Draws(params.seed, "tools", number)
        base = params.finance.tools_monthly * params.size_factor
        bills.append(
            MarketingBilled(
                at=_at(_month_end(month), 2),
                bill_key=f"tools.m{month:%Y%m}",
                day=_month_end(month),
                vendor="Toolshed",
                category="tools",
                amount=_cents(base * draws.factor("0.95", "1.05")),
                is_program=False,
            )
        )
    return bills


def _revenues(ledger: _Ledger, months: Sequence[date]) -> dict[date, Decimal]:
    """Recurring revenue by the days of each month, and one-time charges."""
    earned = {month: ledger.one_time.get(month, Decimal(0)) for month in months}
    for charges in ledger.charges.values():
        for charge in charges:
            for month in months:
                first = max(charge.start, month)
                last = min(charge.end, add_months(month, 1))
                if first < last:
                    earned[month] += charge.annual * (last - first).days / 365
                elif charge.end <= month:
                    break
    return {month: _cents(amount) for month, amount in earned.items()}


def _seats(members: Sequence[Member], month: date) -> dict[str, int]:
    """How many work in each department at the end of the month."""
    end = _at(_month_end(month))
    counts: dict[str, int] = {}
    for member in members:
        if member.is_there(end):
            counts[member.department] = counts.get(member.department, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class _Month:
    """What one month's books are made of, USD."""

    month: date
    revenue: Decimal
    program: Decimal
    tools: Decimal
    cash_in: Decimal
    won: Decimal
    funding: Decimal
    seats: dict[str, int]


def _close(params: Parameters, facts: _Month, cash_before: Decimal) -> BooksClosed:
    finance, seats = params.finance, facts.seats
    cost = finance.seat_cost_monthly
    # Support is part of what the product costs to deliver.
    cogs = _cents(facts.revenue * (1 - finance.gross_margin))
    marketing = facts.program + facts.tools + cost * seats.get("marketing", 0)
    sales = cost * seats.get("sales", 0) + facts.won * _COMMISSION
    rd = cost * seats.get("engineering", 0)
    ga = cost * (seats.get("general", 0) + seats.get("support", 0))
    ga += _OVERHEAD * (sales + rd)
    sm_expense = _cents(marketing + sales)
    costs = cogs + sm_expense + _cents(rd) + _cents(ga)
    ebitda = facts.revenue - costs
    flow = facts.cash_in - costs
    return BooksClosed(
        at=_at(_month_end(facts.month), 30),
        month=facts.month,
        revenue=facts.revenue,
        cogs=cogs,
        sm_expense=sm_expense,
        marketing_expense=_cents(marketing),
        program_spend=facts.program,
        rd_expense=_cents(rd),
        ga_expense=_cents(ga),
        ebitda=ebitda,
        net_income=ebitda - _cents(facts.revenue * _DEPRECIATION),
        operating_cash_flow=flow,
        financing_cash_flow=facts.funding,
        cash_end=cash_before + flow + facts.funding,
    )


def _targets(params: Parameters, won: dict[date, Decimal]) -> list[Event]:
    """Before each quarter of three months a plan, a little above what will come."""
    events: list[Event] = []
    for number in range(0, params.months, 3):
        quarter = add_months(params.start_date, number)
        months = [add_months(quarter, n) for n in range(3)]
        booked = sum((won.get(month, Decimal(0)) for month in months), Decimal(0))
        draws = Draws(params.seed, "targets", number)
        goal = max(booked, 3000 * params.size_factor) * draws.factor("0.9", "1.3")
        for segment, share in _SEGMENT_SHARES:
            for metric, times in (("iacv", 1), ("pipeline", 4)):
                events.append(
                    TargetSet(
                        at=_at(quarter, 40) - timedelta(hours=14),
                        period_start=quarter,
                        segment=segment,
                        metric=metric,
                        value=Decimal(int(goal * share * times / 100) * 100),
                    )
                )
    return events


def book_events(
    params: Parameters, events: Iterable[Event], members: Sequence[Member]
) -> list[Event]:
    """The accounts of a log that is in time order.

    Args:
        params: The parameters.
        events: Everything else that happened, in time order.
        members: All who ever worked for the company.
    """
    ledger = _Ledger()
    for event in events:
        _note_order(ledger, event)
    months = [add_months(params.start_date, number) for number in range(params.months)]
    tools = _tool_bills(params, months)
    bills = [*ledger.bills, *_ad_bills(ledger), *tools]
    spent: dict[bool, dict[date, Decimal]] = {True: {}, False: {}}
    for bill in bills:
        _add(spent[bill.is_program], bill.day, bill.amount)
    revenues = _revenues(ledger, months)
    cash = _cents(params.finance.cash_start * params.size_factor)
    books: list[Event] = [*bills, *_targets(params, ledger.won)]
    for number, month in enumerate(months):
        is_funded = number == params.finance.funding_month
        facts = _Month(
            month=month,
            revenue=revenues[month],
            program=spent[True].get(month, Decimal(0)),
            tools=spent[False].get(month, Decimal(0)),
            cash_in=ledger.cash_in.get(month, Decimal(0)),
            won=_cents(ledger.won.get(month, Decimal(0))),
            funding=(
                _cents(params.finance.funding_usd * params.size_factor)
                if is_funded
                else Decimal(0)
            ),
            seats=_seats(members, month),
        )
        closed = _close(params, facts, cash)
        cash = closed.cash_end
        books.append(closed)
    return books

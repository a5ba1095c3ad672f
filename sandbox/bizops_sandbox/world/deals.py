"""The way of one opportunity through the stages, to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    Event,
    OpportunityClosed,
    OpportunityCreated,
    OpportunityStaged,
)
from bizops_sandbox.world.moments import later

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.orders import Order
    from bizops_sandbox.world.parameters import Sales

OPEN_STAGES = (
    "0-Pending Acceptance",
    "1-Discovery",
    "2-Scoping",
    "3-Technical Evaluation",
    "4-Proposal",
    "5-Negotiating",
)
_LOST_AT_WEIGHTS = tuple(Decimal(w) for w in (12, 24, 22, 18, 14, 10))
_SCOPING = 2
_REOPENED_WON = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class Deal:
    """One opportunity as it will go.

    `iacv` is the incremental annual value when it is won; `expected` what the
    seller has in mind before. `outcome` is won, lost, unqualified or duplicate.
    """

    key: str
    account_key: str
    name: str
    order_type: str
    opened_at: datetime
    typical_days: int
    cycle_days: int
    owner_key: str
    opener_key: str
    source: str
    outcome: str
    order: Order
    iacv: Decimal
    expected: Decimal
    campaign_key: str | None = None
    renewal_acv: Decimal | None = None
    duplicate_of: str | None = None
    is_iacv_recorded: bool = True


@dataclass(slots=True)
class _Walk:
    """The changing fields of the opportunity while it is told."""

    deal: Deal
    sales: Sales
    draws: Draws
    at: datetime
    close_date: date
    amount: Decimal | None
    events: list[Event]
    stage: int = 0
    is_accepted: bool = False
    is_qualified: bool = False

    def wait(self, days: int) -> None:
        """Time goes by; a close date in the past is put off."""
        self.at = later(self.at, self.draws, days=days)
        if self.close_date < self.at.date():
            ahead = self.draws.between(7, max(self.deal.typical_days // 2, 14))
            self.close_date = self.at.date() + timedelta(days=ahead)

    def stage_to(self, stage: int) -> None:
        """Move to an open stage, or stay and write down what changed."""
        self.stage = stage
        accepted = qualified = None
        if stage >= 1 and not self.is_accepted:
            accepted, self.is_accepted = self._accepted_on(), True
        if stage >= _SCOPING and not self.is_qualified:
            qualified, self.is_qualified = self.at.date(), True
        self.events.append(
            OpportunityStaged(
                at=self.at,
                opportunity_key=self.deal.key,
                stage=OPEN_STAGES[stage],
                close_date=self.close_date,
                amount=self.amount,
                accepted_on=accepted,
                qualified_on=qualified,
                by=self.deal.owner_key,
            )
        )

    def _accepted_on(self) -> date | None:
        """What the seller writes down: nothing at times, or an earlier day."""
        if self.draws.chance(self.sales.unrecorded_acceptance_rate):
            return None
        if self.draws.chance(self.sales.early_acceptance_rate):
            return self.at.date() - timedelta(days=self.draws.between(1, 3))
        return self.at.date()

    def estimate(self, stage: int) -> None:
        """The seller's guess comes nearer with each stage."""
        expected, draws = self.deal.expected, self.draws
        if stage >= 4:
            self.amount = expected
        elif stage >= _SCOPING:
            self.amount = _tens(expected * draws.factor("0.85", "1.2"))
        elif self.amount is None:
            self.amount = _tens(expected * draws.factor("0.6", "1.5"))


def _tens(amount: Decimal) -> Decimal:
    """A round guess, in tens of dollars."""
    return Decimal(int(amount / 10) * 10)


def _path(deal: Deal, sales: Sales, draws: Draws) -> list[int]:
    """The stages it passes after stage 0; some are skipped."""
    if deal.outcome in {"unqualified", "duplicate"}:
        return [1] if draws.below(3) == 0 else []
    last = len(OPEN_STAGES) - 1
    if deal.outcome == "lost":
        last = draws.weighted(range(len(OPEN_STAGES)), _LOST_AT_WEIGHTS)
    return [
        stage
        for stage in range(1, last + 1)
        if stage == last or not draws.chance(sales.stage_skip_rate)
    ]


def _durations(days: int, parts: int, draws: Draws) -> list[int]:
    """Whole days that sum to `days`."""
    marks = sorted(draws.between(0, days) for _ in range(parts - 1))
    return [b - a for a, b in zip([0, *marks], [*marks, days], strict=True)]


def _opened(walk: _Walk) -> OpportunityCreated:
    deal = walk.deal
    return OpportunityCreated(
        at=walk.at,
        opportunity_key=deal.key,
        account_key=deal.account_key,
        name=deal.name,
        order_type=deal.order_type,
        close_date=walk.close_date,
        owner_key=deal.owner_key,
        source=deal.source,
        amount=walk.amount,
        campaign_key=deal.campaign_key,
        renewal_acv=deal.renewal_acv,
        term_months=deal.order.term_months,
        is_partner=deal.order.is_partner,
        by=deal.opener_key,
    )


def _closed(walk: _Walk, outcome: str) -> OpportunityClosed:
    deal, day = walk.deal, walk.at.date()
    if outcome != "won":
        return OpportunityClosed(
            at=walk.at,
            opportunity_key=deal.key,
            outcome=outcome,
            close_date=day,
            amount=walk.amount,
            duplicate_of=deal.duplicate_of,
            by=deal.owner_key,
        )
    if walk.draws.chance(walk.sales.backdated_close_rate):
        day -= timedelta(days=walk.draws.between(1, deal.cycle_days + 10))
    return OpportunityClosed(
        at=walk.at,
        opportunity_key=deal.key,
        outcome=outcome,
        close_date=day,
        amount=deal.iacv,
        acv=deal.order.acv if deal.order_type != "add_on" else deal.iacv,
        iacv=deal.iacv,
        tcv=deal.order.tcv if deal.order_type != "add_on" else deal.iacv,
        one_time=deal.order.one_time,
        term_months=deal.order.term_months,
        is_iacv_recorded=deal.is_iacv_recorded,
        by=deal.owner_key,
    )


def walk_deal(deal: Deal, sales: Sales, draws: Draws) -> list[Event]:
    """All events of the opportunity in time order; the last is its final closing."""
    first_guess = _tens(deal.expected * draws.factor("0.6", "1.5"))
    opened = deal.opened_at
    walk = _Walk(
        deal=deal,
        sales=sales,
        draws=draws,
        at=opened,
        close_date=opened.date() + timedelta(days=deal.typical_days),
        amount=None if draws.below(5) == 0 else first_guess,
        events=[],
    )
    walk.events.append(_opened(walk))
    path = _path(deal, sales, draws)
    *waits, last_wait = _durations(deal.cycle_days, len(path) + 1, draws)
    for stage, wait in zip(path, waits, strict=True):
        walk.wait(wait)
        walk.estimate(stage)
        walk.stage_to(stage)
        if draws.chance(sales.push_rate):
            walk.wait(1)
            walk.close_date += timedelta(days=draws.between(10, 45))
            walk.stage_to(stage)
    walk.wait(last_wait)
    walk.events.append(_closed(walk, deal.outcome))
    _reopen(walk)
    return walk.events


def _reopen(walk: _Walk) -> None:
    """Few lost deals come back; a few won ones were closed too early."""
    deal, draws = walk.deal, walk.draws
    rate = walk.sales.reopen_rate if deal.duplicate_of is None else Decimal(0)
    if deal.outcome == "lost" and draws.chance(rate):
        outcome = "won" if draws.chance(_REOPENED_WON) else "lost"
        walk.wait(draws.between(15, 50))
        walk.estimate(_SCOPING)
        walk.stage_to(_SCOPING)
        walk.wait(max(deal.cycle_days // 2, 1))
    elif deal.outcome == "won" and draws.chance(rate / 2):
        outcome = "won"
        walk.wait(draws.between(1, 3))
        walk.stage_to(len(OPEN_STAGES) - 1)
        walk.wait(draws.between(2, 10))
    else:
        return
    walk.events.append(_closed(walk, outcome))

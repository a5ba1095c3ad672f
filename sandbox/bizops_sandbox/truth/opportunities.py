"""The opportunities that count, with what the metrics need of each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.cells import TOTAL, Dimension
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.truth.facts import Deal, Facts

UNATTRIBUTED = "unattributed"
_EXCLUDED = ("unqualified", "duplicate")
_NOT_ACCEPTED = ("0-Pending Acceptance", "lost", *_EXCLUDED)


@dataclass(frozen=True, slots=True)
class CountedDeal:
    """An opportunity that no rule excludes; money in USD.

    `accepted_amount` is what it was expected to be worth on `accepted_on`.
    """

    deal: Deal
    segment: str
    channel: str
    campaign_id: str | None
    customer: str | None
    accepted_on: date | None
    accepted_amount: Fraction

    @property
    def order_type(self) -> str:
        """New, add_on, renewal or refund."""
        return self.deal.order_type

    @property
    def is_won(self) -> bool:
        """Whether it ended with an order."""
        return self.deal.state == "won"

    @property
    def is_lost(self) -> bool:
        """Whether it ended without one."""
        return self.deal.state == "lost"

    @property
    def iacv(self) -> Fraction:
        """The annual value it added (negative for contraction and refund)."""
        return Fraction(self.deal.iacv or 0)

    def dimensions(self) -> tuple[Dimension, ...]:
        """Total, segment, channel, order type, and campaign when there is one."""
        dimensions = [
            TOTAL,
            ("segment", self.segment),
            ("channel", self.channel),
            ("order_type", self.order_type),
        ]
        if self.campaign_id is not None:
            dimensions.append(("campaign", self.campaign_id))
        return tuple(dimensions)

    def time_dimensions(self) -> tuple[Dimension, ...]:
        """Those of the duration metrics."""
        return (TOTAL, ("segment", self.segment), ("order_type", self.order_type))


def _accepted_on(deal: Deal) -> date | None:
    """The day written down, or that of the first step past acceptance."""
    if deal.accepted_on is not None:
        return deal.accepted_on
    for step in deal.steps:
        if step.stage not in _NOT_ACCEPTED:
            return step.at.date()
    return None


def _amount_on(deal: Deal, day: date) -> Fraction:
    """The amount at the end of a day; the present one if it is older than the deal."""
    limit = day_end(day)
    amount = deal.amount
    for step in deal.steps:
        if step.at > limit:
            break
        amount = step.amount if step.amount is not None else deal.amount
    return Fraction(amount or 0)


def counted_deals(facts: Facts) -> list[CountedDeal]:
    """All that are not deleted, merged away, unqualified or duplicate."""
    return [
        _counted(facts, deal)
        for deal in facts.deals.values()
        if not (
            deal.is_deleted or deal.duplicate_of is not None or deal.state in _EXCLUDED
        )
    ]


def _counted(facts: Facts, deal: Deal) -> CountedDeal:
    account = facts.living_account(deal.account_key)
    campaign = facts.campaigns.get(deal.campaign_key or "")
    if campaign is not None and campaign.is_deleted:
        campaign = None
    accepted_on = _accepted_on(deal)
    return CountedDeal(
        deal=deal,
        segment=account.segment if account else "unknown",
        channel=campaign.channel if campaign else UNATTRIBUTED,
        campaign_id=salesforce_id("Campaign", campaign.key) if campaign else None,
        customer=facts.customer(deal.account_key),
        accepted_on=accepted_on,
        accepted_amount=(
            Fraction(0) if accepted_on is None else _amount_on(deal, accepted_on)
        ),
    )

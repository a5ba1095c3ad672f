"""Customers over time: add-ons, renewals, losses, refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.dealing import (
    is_iacv_recorded,
    plan_contact_roles,
    plan_deal,
    re_engage,
)
from bizops_sandbox.world.deals import Deal, walk_deal
from bizops_sandbox.world.events import OpportunityClosed, OpportunityCreated
from bizops_sandbox.world.moments import add_months, later, office_moment
from bizops_sandbox.world.orders import Order, expanded_order, renewed_order
from bizops_sandbox.world.subscriptions import (
    Subscription,
    amend,
    become_customer,
    cancel,
    leave,
    plan_installation,
    start_subscription,
)

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.relation import Relation

_CENT = Decimal("0.01")
_RENEWAL_LEAD_DAYS = 90
_EARLY_LEAD_DAYS = 150
_ADD_ON_PAUSE_DAYS = 110
_ADD_ON_DAYS = (8, 45)
_REFUND_DAYS = (12, 80)
_UPLIFT = Decimal("0.1")


def won_first_order(
    relation: Relation, deal: Deal, at: datetime, close_date: date
) -> None:
    """A first order makes a customer."""
    draws = relation.market.draws(deal.key, "start")
    start = max(close_date, at.date()) + timedelta(days=draws.between(0, 7))
    become_customer(relation, at)
    subscription = start_subscription(
        relation, at, opportunity_key=deal.key, order=deal.order, start=start
    )
    plan_installation(relation, at)
    if draws.chance(relation.market.params.contract.refund_rate):
        refunded_at = later(at, draws, days=draws.between(*_REFUND_DAYS))
        relation.story.plan(
            refunded_at, lambda at: _refund(relation, subscription, deal, at)
        )
    else:
        _plan_term(relation, subscription)


def _plan_term(relation: Relation, subscription: Subscription) -> None:
    """What happens within a term: add-ons, then the renewal."""
    draws = relation.market.draws(subscription.key, "term")
    contract = relation.market.params.contract
    is_early = draws.chance(contract.early_renewal_rate)
    lead_days = _EARLY_LEAD_DAYS if is_early else _RENEWAL_LEAD_DAYS
    opened_on = subscription.end - timedelta(days=lead_days)
    relation.story.plan(
        office_moment(opened_on, draws),
        lambda at: _renew(relation, subscription, at, is_early=is_early),
    )
    first_month = add_months(subscription.start, 2)
    relation.story.plan(
        office_moment(first_month, draws),
        lambda at: _maybe_expand(relation, subscription, at, draws),
    )


def _maybe_expand(
    relation: Relation, subscription: Subscription, at: datetime, draws: Draws
) -> None:
    """Once a month: does the customer want more?"""
    pause = subscription.end - timedelta(days=_ADD_ON_PAUSE_DAYS)
    longest = timedelta(days=_ADD_ON_DAYS[1] + 5)
    if subscription.is_cancelled or at.date() + longest >= pause:
        return
    wait_days = draws.between(27, 33)
    if draws.chance(relation.market.params.expansion.monthly_rate):
        wait_days += longest.days
        _expand(relation, subscription, at, draws)
    relation.story.plan(
        later(at, draws, days=wait_days),
        lambda at: _maybe_expand(relation, subscription, at, draws),
    )


def _expand(
    relation: Relation, subscription: Subscription, at: datetime, draws: Draws
) -> None:
    """An add-on opportunity; when won the subscription is amended."""
    contacts, params = relation.contacts(), relation.market.params
    if not contacts:
        return
    wanted, reason = expanded_order(subscription.order, params, at.date(), draws)
    gain = wanted.acv - subscription.order.acv
    if gain <= 0:
        return
    campaign = re_engage(relation, contacts[0], at, draws)
    is_won = draws.chance(params.expansion.win_probability)
    offer = _Offer(
        order_type="add_on",
        label=f"add-on {wanted.seats} {wanted.product.code}",
        order=wanted,
        iacv=gain,
        expected=gain,
        outcome="won" if is_won else "lost",
        typical_days=_ADD_ON_DAYS[0] * 3,
        cycle_days=draws.between(*_ADD_ON_DAYS),
        campaign_key=campaign.key if campaign else None,
    )
    deal = _deal(relation, at + timedelta(minutes=20), offer, draws)

    def won(at: datetime, _: date) -> None:
        # A reopened one may close when the term has ended or the money is back.
        if not subscription.is_cancelled and at.date() < subscription.end:
            amend(
                relation,
                subscription,
                at,
                opportunity_key=deal.key,
                order=wanted,
                reason=reason,
            )

    plan_deal(relation, walk_deal(deal, params.sales, draws), on_won=won)
    plan_contact_roles(relation, deal, contacts[0], draws)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a customer may sign, and whether it will."""

    order_type: str
    label: str
    order: Order
    iacv: Decimal
    expected: Decimal
    outcome: str
    typical_days: int
    cycle_days: int
    campaign_key: str | None = None
    renewal_acv: Decimal | None = None


def _deal(relation: Relation, at: datetime, offer: _Offer, draws: Draws) -> Deal:
    organization = relation.organization
    return Deal(
        key=relation.next_key("d"),
        account_key=relation.account_key or organization.main_account_key,
        name=f"{organization.company.name} - {offer.label}",
        order_type=offer.order_type,
        opened_at=at,
        typical_days=offer.typical_days,
        cycle_days=max(offer.cycle_days, 1),
        owner_key=organization.owner_key,
        opener_key=organization.owner_key,
        source="Campaign" if offer.campaign_key else "Outbound",
        outcome=offer.outcome,
        order=offer.order,
        iacv=offer.iacv,
        expected=offer.expected,
        campaign_key=offer.campaign_key,
        renewal_acv=offer.renewal_acv,
        is_iacv_recorded=is_iacv_recorded(relation.market.params, draws),
    )


def _is_lost(relation: Relation, draws: Draws) -> bool:
    """Whether the customer leaves: each has its own propensity."""
    segment = relation.organization.segment
    propensity = relation.market.draws(relation.organization.key, "churn").beta(
        segment.churn_a, segment.churn_b
    )
    return draws.chance(propensity)


def _renewal_shift(relation: Relation, draws: Draws, *, is_early: bool) -> int:
    """Days from the end of the term to the signature; negative is before."""
    if is_early:
        return -draws.between(60, 110)
    return draws.between(-25, relation.market.params.contract.late_renewal_days)


def _renew(
    relation: Relation, subscription: Subscription, at: datetime, *, is_early: bool
) -> None:
    """The renewal opportunity and what follows from its end."""
    contacts, params = relation.contacts(), relation.market.params
    if subscription.is_cancelled or not contacts:
        return
    draws = relation.market.draws(subscription.key, "renewal")
    order = renewed_order(subscription.order, params, draws)
    old_acv = subscription.order.acv
    gain = order.acv - old_acv
    hoped = (old_acv * _UPLIFT).quantize(_CENT, ROUND_HALF_UP)
    left = (subscription.end - at.date()).days
    offer = _Offer(
        order_type="renewal",
        label=f"renewal {subscription.end:%Y-%m}",
        order=order,
        iacv=gain,
        expected=gain if gain > 0 else hoped,
        outcome="lost" if _is_lost(relation, draws) else "won",
        typical_days=left,
        cycle_days=left + _renewal_shift(relation, draws, is_early=is_early),
        renewal_acv=old_acv,
    )
    deal = _deal(relation, at, offer, draws)

    def won(at: datetime, _: date) -> None:
        renewed = start_subscription(
            relation,
            at,
            opportunity_key=deal.key,
            order=order,
            start=subscription.end,
            previous=subscription,
        )
        become_customer(relation, at)
        _plan_term(relation, renewed)

    plan_deal(
        relation,
        walk_deal(deal, params.sales, draws),
        on_won=won,
        on_lost=lambda at: leave(relation, at),
    )
    plan_contact_roles(relation, deal, contacts[0], draws)


def _refund(
    relation: Relation, subscription: Subscription, deal: Deal, at: datetime
) -> None:
    """Within 90 days the order is given back: an opportunity of its own."""
    key = relation.next_key("d")
    organization, acv = relation.organization, deal.order.acv
    relation.story.tell(
        OpportunityCreated(
            at=at,
            opportunity_key=key,
            account_key=deal.account_key,
            name=f"{organization.company.name} - refund",
            order_type="refund",
            close_date=at.date(),
            owner_key=organization.owner_key,
            source=deal.source,
            amount=-acv,
            campaign_key=deal.campaign_key,
            term_months=deal.order.term_months,
            by=organization.owner_key,
        )
    )
    draws = relation.market.draws(key, "refund")
    closed = OpportunityClosed(
        at=at + timedelta(minutes=5),
        opportunity_key=key,
        outcome="won",
        close_date=at.date(),
        amount=-acv,
        acv=-acv,
        iacv=-acv,
        tcv=-deal.order.tcv,
        is_iacv_recorded=is_iacv_recorded(relation.market.params, draws),
        by=organization.owner_key,
    )
    relation.story.plan(closed.at, lambda _: _pay_back(relation, subscription, closed))


def _pay_back(
    relation: Relation, subscription: Subscription, closed: OpportunityClosed
) -> None:
    relation.story.tell(closed)
    cancel(relation, subscription, closed.at)

"""What sales does with an organisation: new business, and a second attempt."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.customers import won_first_order
from bizops_sandbox.world.dealing import (
    is_iacv_recorded,
    plan_contact_roles,
    plan_deal,
    re_engage,
)
from bizops_sandbox.world.deals import Deal, walk_deal
from bizops_sandbox.world.events import OpportunityDeleted
from bizops_sandbox.world.moments import later
from bizops_sandbox.world.orders import first_order

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Campaign
    from bizops_sandbox.world.records import PersonRecords
    from bizops_sandbox.world.relation import Relation

_MOST_LIKELY = Decimal("0.9")
_UNLINKED_DOUBLE_ONE_IN = 4
_LOST_DOUBLE_ONE_IN = 5


def _outcome(relation: Relation, draws: Draws) -> str:
    """How it will end: the channel that brought the organisation matters."""
    sales = relation.market.params.sales
    if draws.chance(sales.unqualified_rate):
        return "unqualified"
    chance = relation.organization.segment.win_probability
    if relation.channel is not None:
        chance *= relation.channel.hazard_multiplier
    return "won" if draws.chance(min(chance, _MOST_LIKELY)) else "lost"


def new_business(
    relation: Relation,
    at: datetime,
    *,
    account_key: str,
    champion: PersonRecords,
    campaign: Campaign | None,
    source: str,
    key: str,
) -> None:
    """A new-business opportunity from its first day to its last."""
    organization, params = relation.organization, relation.market.params
    segment = organization.segment
    draws = relation.market.draws(key, "deal")
    order = first_order(params, segment, at.date(), draws)
    cycle_days = int(
        draws.lognormal(segment.cycle_days_median, segment.cycle_days_sigma)
    )
    is_usable = campaign is not None and campaign.exists_at(at)
    deal = Deal(
        key=key,
        account_key=account_key,
        name=f"{organization.company.name} - {order.seats} {order.product.code}",
        order_type="new",
        opened_at=at,
        typical_days=int(segment.cycle_days_median),
        cycle_days=max(cycle_days, 1),
        owner_key=organization.owner_key,
        opener_key=organization.developer_key,
        source=source,
        outcome=_outcome(relation, draws),
        order=order,
        iacv=order.acv,
        expected=order.acv,
        campaign_key=campaign.key if campaign and is_usable else None,
        is_iacv_recorded=is_iacv_recorded(params, draws),
    )
    if relation.first_deal is None:
        relation.first_deal = deal
    plan_deal(
        relation,
        walk_deal(deal, params.sales, draws),
        on_won=lambda at, day: won_first_order(relation, deal, at, day),
        on_lost=lambda at: _come_back(relation, at, draws),
    )
    plan_contact_roles(relation, deal, champion, draws)
    _plan_double(relation, deal, draws)
    _plan_mistake(relation, deal, draws)


def _come_back(relation: Relation, at: datetime, draws: Draws) -> None:
    """Some lost organisations are won over months later, or tried at least."""
    if not draws.chance(relation.market.params.funnel.second_attempt_rate):
        return

    def try_again(at: datetime) -> None:
        contacts = relation.contacts()
        if relation.is_customer or not contacts or relation.account_key is None:
            return
        campaign = re_engage(relation, contacts[0], at, draws)
        new_business(
            relation,
            at + timedelta(minutes=30),
            account_key=relation.account_key,
            champion=contacts[0],
            campaign=campaign,
            source="Campaign" if campaign else "Outbound",
            key=relation.next_key("d"),
        )

    relation.story.plan(later(at, draws, days=draws.between(70, 220)), try_again)


def double_deal(
    relation: Relation, original: Deal, at: datetime, *, account_key: str, draws: Draws
) -> str:
    """The same opportunity entered a second time, by somebody else; its key."""
    is_linked = draws.below(_UNLINKED_DOUBLE_ONE_IN) != 0
    is_lost = is_linked and draws.below(_LOST_DOUBLE_ONE_IN) == 0
    deal = Deal(
        key=relation.next_key("d"),
        account_key=account_key,
        name=original.name,
        order_type=original.order_type,
        opened_at=at,
        typical_days=original.typical_days,
        cycle_days=draws.between(3, 20),
        owner_key=original.owner_key,
        opener_key=original.opener_key,
        source=original.source,
        outcome="lost" if is_lost else "duplicate",
        order=original.order,
        iacv=original.iacv,
        expected=original.expected,
        campaign_key=original.campaign_key,
        duplicate_of=original.key if is_linked else None,
    )
    plan_deal(relation, walk_deal(deal, relation.market.params.sales, draws))
    return deal.key


def _plan_double(relation: Relation, deal: Deal, draws: Draws) -> None:
    def enter(at: datetime) -> None:
        double_deal(relation, deal, at, account_key=deal.account_key, draws=draws)

    if draws.chance(relation.market.params.sales.duplicate_rate):
        at = later(deal.opened_at, draws, days=draws.between(1, 12))
        relation.story.plan(at, enter)


def _plan_mistake(relation: Relation, deal: Deal, draws: Draws) -> None:
    """A few opportunities are entered by mistake, moved on, and deleted."""
    if not draws.chance(relation.market.params.noise.soft_delete):
        return

    def enter(at: datetime) -> None:
        key = relation.next_key("d")
        mistake = Deal(
            key=key,
            account_key=deal.account_key,
            name=f"{deal.name} (test, please delete)",
            order_type="new",
            opened_at=at,
            typical_days=deal.typical_days,
            cycle_days=deal.cycle_days,
            owner_key=deal.owner_key,
            opener_key=deal.opener_key,
            source=deal.source,
            outcome="lost",
            order=deal.order,
            iacv=deal.iacv,
            expected=deal.expected,
        )
        gone = later(at, draws, days=draws.between(2, 25))
        for event in walk_deal(mistake, relation.market.params.sales, draws):
            if event.at < gone:
                relation.story.plan_event(event)
        relation.story.plan_event(
            OpportunityDeleted(
                at=gone, opportunity_key=key, by=relation.market.team.operations
            )
        )

    relation.story.plan(later(deal.opened_at, draws, days=draws.between(1, 30)), enter)

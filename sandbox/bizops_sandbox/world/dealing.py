"""What all kinds of opportunities share: being told, roles, a touch before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.accounts import open_contact
from bizops_sandbox.world.events import ContactRoleAdded, Event, OpportunityClosed
from bizops_sandbox.world.leads import tell_membership, tell_response
from bizops_sandbox.world.moments import later
from bizops_sandbox.world.touches import Touch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_sandbox.world.deals import Deal
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Campaign
    from bizops_sandbox.world.parameters import Parameters
    from bizops_sandbox.world.records import PersonRecords
    from bizops_sandbox.world.relation import Relation

_ROLES = ("Decision Maker", "Economic Buyer", "Evaluator", "Influencer")


def is_iacv_recorded(params: Parameters, draws: Draws) -> bool:
    """Whether the seller fills the incremental value in."""
    return not draws.chance(params.noise.null_custom_iacv)


def plan_deal(
    relation: Relation,
    events: Sequence[Event],
    *,
    on_won: Callable[[datetime, date], None] | None = None,
    on_lost: Callable[[datetime], None] | None = None,
) -> None:
    """Let an opportunity happen; its end starts what follows.

    Args:
        relation: Whose opportunity it is.
        events: All its events; the last one is its final closing.
        on_won: Called with the moment and the close date of a won one.
        on_lost: Called with the moment of a lost one.
    """
    for event in events[:-1]:
        relation.story.plan_event(event)
    last = events[-1]
    if not isinstance(last, OpportunityClosed):
        raise TypeError("an opportunity must end with its closing")

    def close(at: datetime) -> None:
        relation.story.tell(last)
        if last.outcome == "won" and on_won:
            on_won(at, last.close_date)
        elif last.outcome == "lost" and on_lost:
            on_lost(at)

    relation.story.plan(last.at, close)


def plan_contact_roles(
    relation: Relation, deal: Deal, champion: PersonRecords, draws: Draws
) -> None:
    """The champion takes part from the start; colleagues join on the way."""

    def take_part(at: datetime, records: PersonRecords, *, is_primary: bool) -> None:
        if records.contact_key is None or records.is_gone:
            return
        relation.story.tell(
            ContactRoleAdded(
                at=at,
                role_key=relation.next_key("r"),
                opportunity_key=deal.key,
                contact_key=records.contact_key,
                role="Evaluator" if is_primary else draws.pick(_ROLES),
                is_primary=is_primary,
                by=deal.owner_key,
            )
        )

    def name_champion(at: datetime) -> None:
        take_part(at, champion, is_primary=True)

    def name_colleague(at: datetime) -> None:
        colleague = open_contact(relation, at, source="Outbound")
        take_part(at, colleague, is_primary=False)

    relation.story.plan(deal.opened_at + timedelta(minutes=2), name_champion)
    most = 1 + relation.organization.segment.people_max // 2
    for _ in range(draws.below(most + 1)):
        days = 1 + draws.below(max(deal.cycle_days, 2))
        relation.story.plan(later(deal.opened_at, draws, days=days), name_colleague)


def re_engage(
    relation: Relation, records: PersonRecords, at: datetime, draws: Draws
) -> Campaign | None:
    """Half of the later deals begin with a response to a running campaign."""
    campaign = relation.market.campaign_on(at.date(), draws)
    if campaign is None or draws.below(2) or records.contact_key is None:
        return None
    touch = Touch(at=at, recorded_at=at, campaign=campaign, responds=True)
    tell_response(touch, records, relation.market, draws)
    tell_membership(touch, records.contact_key, records, relation.market, draws)
    return campaign if campaign.exists_at(at) else None

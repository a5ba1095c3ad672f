"""What touches cost, and so each lead and organisation: direct, spread, growth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.truth.costs import first_wins, people_of_customers
from bizops_sandbox.truth.exact import shortened
from bizops_sandbox.truth.spend import month_spend
from bizops_sandbox.world.moments import month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bizops_sandbox.truth.cells import Dimension
    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import Persons
    from bizops_sandbox.truth.touches import Touch
    from bizops_sandbox.truth.value import FirstOrder

_ZERO, _ONE = Fraction(0), Fraction(1)
# A campaign and the month of the touch.
Cohort = tuple[str, date]


@dataclass(slots=True)
class OrganizationCost:
    """What a customer (the account at the top) has cost; `first_won_on` if it bought.

    `direct` is the cost of its touches until its first win, or of all while there is
    none; `spread` its share of what those cost who never bought; `growth` the cost of
    its touches after the first win.
    """

    customer: str
    first_won_on: date | None = None
    touches: list[Touch] = field(default_factory=list)
    direct: Fraction = _ZERO
    spread: Fraction = _ZERO
    growth: Fraction = _ZERO

    @property
    def loaded(self) -> Fraction:
        """Direct cost and its share of the rest."""
        return self.direct + self.spread


@dataclass(slots=True)
class Costs:
    """All spend, given away: to organisations, to persons of none, to nobody.

    `unallocated` is the spend of campaigns without touches; `unspread` what touches
    of those who never bought cost in campaigns and months without a winner.
    """

    organizations: dict[str, OrganizationCost]
    by_touch: Mapping[str, Fraction]
    spend: Fraction = _ZERO
    unallocated: Fraction = _ZERO
    unspread: Fraction = _ZERO


def cost_by_touch(facts: Facts, touches: Sequence[Touch]) -> dict[str, Fraction]:
    """A campaign's spend until now in equal parts to its touches, by member key."""
    spent: dict[str, Fraction] = {}
    for row in month_spend(facts):
        spent[row.campaign.key] = spent.get(row.campaign.key, _ZERO) + row.amount
    counted = [touch for touch in touches if not touch.is_repeat]
    counts = Counter(touch.campaign_key for touch in counted)
    costs = {key: shortened(spent.get(key, _ZERO) / n) for key, n in counts.items()}
    return {touch.member_key: costs[touch.campaign_key] for touch in counted}


def owners(
    facts: Facts, persons: Persons, deals: Sequence[CountedDeal]
) -> dict[str, str]:
    """The one customer of each known person that has any.

    Of several it is the one that bought first, then the first by key.
    """
    won = first_wins(deals)
    found: dict[str, str] = {}

    def order(customer: str) -> tuple[date, str]:
        return (won.get(customer, date.max), customer)

    for customer, people in people_of_customers(facts, persons).items():
        for person in people:
            other = found.get(person.key)
            if other is None or order(customer) < order(other):
                found[person.key] = customer
    return found


def allocate(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> Costs:
    """Give all spend away; what is given and what is not sums to the spend."""
    costs = Costs({}, cost_by_touch(facts, touches))
    costs.spend = sum((row.amount for row in month_spend(facts)), _ZERO)
    costs.unallocated = costs.spend - sum(costs.by_touch.values(), _ZERO)
    owned, won = owners(facts, persons, deals), first_wins(deals)
    for customer in sorted({*owned.values(), *won}):
        costs.organizations[customer] = OrganizationCost(customer, won.get(customer))
    pools: dict[Cohort, Fraction] = {}
    for touch in touches:
        if touch.is_repeat:
            continue
        cost = costs.by_touch[touch.member_key]
        organization = costs.organizations.get(owned.get(touch.person.key, ""))
        if organization is not None:
            _charge(organization, touch, cost)
        if organization is None or organization.first_won_on is None:
            cohort = (touch.campaign_key, month_start(touch.touched_on))
            pools[cohort] = pools.get(cohort, _ZERO) + cost
    costs.unspread = _spread(list(costs.organizations.values()), pools)
    return costs


def _charge(organization: OrganizationCost, touch: Touch, cost: Fraction) -> None:
    won_on = organization.first_won_on
    if won_on is not None and touch.touched_on > won_on:
        organization.growth += cost
    else:
        organization.direct += cost
        organization.touches.append(touch)


def _spread(
    organizations: Sequence[OrganizationCost], pools: Mapping[Cohort, Fraction]
) -> Fraction:
    """Give pools to the winners of the same campaign and month, by linear weights.

    Returns:
        What is left: pools that no winner shares.
    """
    weights: dict[Cohort, dict[str, Fraction]] = {}
    winners = {o.customer: o for o in organizations if o.first_won_on is not None}
    for organization in winners.values():
        for touch in organization.touches:
            cohort = (touch.campaign_key, month_start(touch.touched_on))
            shares = weights.setdefault(cohort, {})
            weight = shares.get(organization.customer, _ZERO)
            weight += _ONE / len(organization.touches)
            shares[organization.customer] = weight
    left = _ZERO
    for cohort, pool in pools.items():
        own = weights.get(cohort, {})
        total = sum(own.values(), _ZERO)
        given = {c: shortened(pool * weight / total) for c, weight in own.items()}
        for customer, amount in given.items():
            winners[customer].spread += amount
        left += pool - sum(given.values(), _ZERO)
    return left


def cac_parts(
    costs: Costs,
    orders: Iterable[FirstOrder],
    origins: Mapping[str, tuple[Dimension, ...]],
    kind: str,
) -> Iterator[Part]:
    """What new customers cost, `direct` or `loaded`, by new customers."""
    for order in orders:
        yield Part(
            order.day,
            (*origins[order.customer], ("segment", order.segment)),
            getattr(costs.organizations[order.customer], kind),
            _ONE,
        )


def growth_parts(
    costs: Costs, persons_owner: Mapping[str, str], touches: Sequence[Touch]
) -> Iterator[Part]:
    """What touches of customers cost after their first win, by day."""
    for touch in touches:
        customer = persons_owner.get(touch.person.key)
        if touch.is_repeat or customer is None:
            continue
        won_on = costs.organizations[customer].first_won_on
        cost = costs.by_touch[touch.member_key]
        if won_on is not None and touch.touched_on > won_on and cost:
            yield Part(touch.touched_on, (TOTAL,), cost)

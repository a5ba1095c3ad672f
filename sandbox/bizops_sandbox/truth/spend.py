"""What campaigns cost in which month, from the cost that was written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.truth.facts import Campaign, Facts


@dataclass(frozen=True, slots=True)
class MonthSpend:
    """USD of one campaign in one month (its first day), unrounded."""

    month: date
    campaign: Campaign
    amount: Fraction


def _days(campaign: Campaign, as_of: date) -> list[date]:
    """The days that share the cost evenly."""
    start = campaign.start_date
    if start is None or start > as_of:
        return [campaign.created_at.date()]
    last = as_of if campaign.end_date is None else min(campaign.end_date, as_of)
    return [start + timedelta(days=n) for n in range(max((last - start).days, 0) + 1)]


def month_spend(facts: Facts) -> Iterator[MonthSpend]:
    """The spend of all campaigns that still exist and cost anything."""
    for campaign in facts.campaigns.values():
        if campaign.is_deleted or not campaign.cost:
            continue
        days = _days(campaign, facts.as_of)
        counts: dict[date, int] = {}
        for day in days:
            month = day.replace(day=1)
            counts[month] = counts.get(month, 0) + 1
        for month, count in counts.items():
            amount = Fraction(campaign.cost) * count / len(days)
            yield MonthSpend(month=month, campaign=campaign, amount=amount)

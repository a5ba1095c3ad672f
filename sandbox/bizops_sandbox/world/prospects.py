"""Organisations and the people in them, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.moments import add_months
from bizops_sandbox.world.names import (
    FREE_MAIL_DOMAINS,
    Company,
    company_at,
    job_title,
    person_name,
    slug,
)

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Market
    from bizops_sandbox.world.parameters import Segment

INDUSTRIES = (
    "Agriculture",
    "Banking",
    "Education",
    "Energy",
    "Government",
    "Healthcare",
    "Manufacturing",
    "Media",
    "Retail",
    "Technology",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may become a lead; at least one address is there."""

    key: str
    organization_key: str
    first_name: str
    last_name: str
    title: str
    phone: str
    work_email: str | None
    free_email: str | None

    @property
    def main_email(self) -> str:
        """The address the person gives first."""
        return self.free_email or self.work_email or ""

    @property
    def prefers_free_email(self) -> bool:
        """Whether `main_email` is at a free-mail provider."""
        return self.free_email is not None


@dataclass(frozen=True, slots=True)
class Organization:
    """An organisation that sales will work."""

    key: str
    index: int
    company: Company
    segment: Segment
    industry: str
    employees: int
    annual_revenue: Decimal
    parent_key: str | None
    first_interest: date
    is_outbound: bool
    owner_key: str
    developer_key: str

    @property
    def main_account_key(self) -> str:
        """The key of its first account record."""
        return f"{self.key}.a1"


def _first_interest(market: Market, draws: Draws) -> date:
    """A day of the window; later months bring more, by the growth of the company."""
    params = market.params
    months = range(params.months)
    weights = [(1 + params.monthly_growth) ** n for n in months]
    start = add_months(params.start_date, draws.weighted(months, weights))
    length = (add_months(start, 1) - start).days
    return start + timedelta(days=draws.below(length))


def _parent_key(index: int, market: Market, draws: Draws) -> str | None:
    """An earlier organisation, so that the tree has no ring."""
    is_child = draws.chance(market.params.funnel.parent_share)
    return f"o{draws.between(1, index - 1)}" if is_child and index > 1 else None


def make_organization(index: int, market: Market) -> Organization:
    """The organisation with this number, counted from 1."""
    key = f"o{index}"
    draws = market.draws(key, "facts")
    params = market.params
    segment = draws.weighted(params.segments, [s.share for s in params.segments])
    employees = int(segment.seats_median * draws.factor("1.5", "8"))
    revenue = Decimal(employees * draws.between(90, 260) * 1000)
    return Organization(
        key=key,
        index=index,
        company=company_at(index - 1, draws),
        segment=segment,
        industry=draws.pick(INDUSTRIES),
        employees=employees,
        annual_revenue=revenue,
        parent_key=_parent_key(index, market, draws),
        first_interest=_first_interest(market, draws),
        is_outbound=draws.chance(params.funnel.outbound_share),
        owner_key=draws.pick(market.team.reps),
        developer_key=draws.pick(market.team.developers),
    )


def make_person(
    key: str,
    organization_key: str,
    market: Market,
    *,
    domain: str | None,
    free_mail: Decimal,
) -> Person:
    """A person of an organisation.

    Args:
        key: The person's key; it keeps the free-mail addresses apart.
        organization_key: Where the person works.
        market: The world.
        domain: The organisation's domain; None makes a free-mail user.
        free_mail: The chance of a free-mail address (next to the work address).
    """
    draws = market.draws(key, "facts")
    first, last = person_name(draws)
    local = f"{slug(first)}.{slug(last)}"
    mark = key.replace(".", "")
    has_free = domain is None or draws.chance(free_mail)
    # Two people of one company may share a name: the last digits tell them apart.
    suffix = key.rpartition(".p")[2]
    return Person(
        key=key,
        organization_key=organization_key,
        first_name=first,
        last_name=last,
        title=job_title(draws),
        phone=f"+1 555 01{draws.between(10, 99)} {draws.between(1000, 9999)}",
        work_email=f"{local}{suffix}@{domain}" if domain else None,
        free_email=(
            f"{local}.{mark}@{draws.pick(FREE_MAIL_DOMAINS)}" if has_free else None
        ),
    )

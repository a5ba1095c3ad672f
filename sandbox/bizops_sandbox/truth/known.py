"""Everything the metrics are computed from, each part made when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bizops_sandbox.truth import (
    accounts,
    actual_spend,
    attribution,
    conversion,
    funnel,
    merging,
    revenue,
    sales,
    team,
    usage,
    value,
)
from bizops_sandbox.truth.contracts import Billing, read_billing
from bizops_sandbox.truth.costs import cac
from bizops_sandbox.truth.facts import Facts, collect_facts
from bizops_sandbox.truth.opportunities import CountedDeal, counted_deals
from bizops_sandbox.truth.persons import Persons, find_persons
from bizops_sandbox.truth.touches import Touch, find_touches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from fractions import Fraction

    from bizops_sandbox.truth.cells import Part
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


class Known:
    """What is known of the company at the end of a day, by who knows `sources`."""

    def __init__(
        self,
        events: Sequence[Event],
        params: Parameters,
        as_of: date,
        sources: frozenset[str],
    ) -> None:
        self.events = events
        self.params = params
        self.as_of = as_of
        self.sources = sources

    @property
    def first(self) -> date:
        """The first day of the window."""
        return self.params.start_date

    @property
    def fiscal_start(self) -> int:
        """The month in which fiscal years begin."""
        return self.params.fiscal_year_start_month

    @cached_property
    def facts(self) -> Facts:
        """What the CRM records are about."""
        return collect_facts(self.events, self.as_of)

    @cached_property
    def persons(self) -> Persons:
        """The persons the records can show."""
        return find_persons(self.facts)

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """The touches that the CRM records."""
        return find_touches(self.facts, self.persons)

    @cached_property
    def deals(self) -> list[CountedDeal]:
        """The opportunities that count."""
        return counted_deals(self.facts)

    @cached_property
    def billing(self) -> Billing:
        """Contracts and money."""
        rates = {item.code: item.plan_rate for item in self.params.currencies}
        return read_billing(self.events, self.as_of, rates)

    @cached_property
    def books(self) -> accounts.Books:
        """The accounts, the plans, the web site."""
        return accounts.read_books(self.events, self.as_of)

    @cached_property
    def team(self) -> team.Team:
        """The people."""
        return team.read_team(self.events, self.as_of)

    @cached_property
    def workshop(self) -> merging.Workshop:
        """The making of the product."""
        return merging.read_workshop(self.events, self.as_of)

    @cached_property
    def product(self) -> usage.Product:
        """The use of the product."""
        return usage.read_product(self.events, self.as_of)

    @cached_property
    def lead_paths(self) -> list[funnel.LeadPath]:
        """How far each lead came."""
        return funnel.lead_paths(self.facts, self.persons, self.touches, self.deals)

    @cached_property
    def journeys(self) -> list[conversion.Journey]:
        """From the first touch to the orders."""
        return conversion.journeys(self.facts, self.persons, self.touches, self.deals)

    @cached_property
    def paths(self) -> list[attribution.Path]:
        """The touches that led to each order."""
        return attribution.paths(self.facts, self.persons, self.touches, self.deals)

    @cached_property
    def actual_spend(self) -> list[actual_spend.DaySpend]:
        """What campaigns truly cost."""
        return actual_spend.actual_spend(
            self.events,
            self.params,
            self.facts,
            has_platform={"facebook", "csv"} <= self.sources,
            has_bills="csv" in self.sources,
        )

    @cached_property
    def orders(self) -> list[value.FirstOrder]:
        """The first order of each customer."""
        return value.first_orders(self.deals)

    @cached_property
    def retention_years(self) -> Fraction | None:
        """How long a customer stays on average, by all terms that were due."""
        parts = list(revenue.renewals(self.billing, "logo"))
        renewed = sum((part.numerator for part in parts), start=sales.ZERO)
        due = sum((part.denominator for part in parts), start=sales.ZERO)
        return value.retention_years(renewed, due)

    @cached_property
    def cac(self) -> Fraction | None:
        """What a customer has cost so far, by the CRM's campaign costs."""
        parts = cac(self.facts, self.persons, self.touches, self.deals)
        return value.total_of(parts)

    @cached_property
    def ltv(self) -> list[Part]:
        """What each new customer is worth; none without margin or retention."""
        margin, years = self.books.gross_margin(), self.retention_years
        if margin is None or years is None:
            return []
        return list(value.ltv(self.orders, margin, years))

"""Everything the metrics are computed from, each part made when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_noise import forgotten_people
from bizops_sandbox.truth import (
    accounts,
    actual_spend,
    adoption,
    attribution,
    bookings,
    collateral,
    conversion,
    funnel,
    merging,
    path_models,
    revenue,
    sales,
    smoothing,
    team,
    touch_costs,
    usage,
    value,
)
from bizops_sandbox.truth.contracts import Billing, read_billing
from bizops_sandbox.truth.costs import origins_of_customers
from bizops_sandbox.truth.facts import Facts, collect_facts
from bizops_sandbox.truth.opportunities import CountedDeal, counted_deals
from bizops_sandbox.truth.persons import Persons, find_persons
from bizops_sandbox.truth.touches import Touch, find_touches
from bizops_sandbox.world.instances import feature_launches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from fractions import Fraction

    from bizops_sandbox.truth.cells import Dimension, Part
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


class Known:
    """What is known of the company at the end of a day, by who knows `sources`."""

    def __init__(
        self,
        events: Iterable[Event],
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
    def ranks(self) -> dict[str, int]:
        """The tier of each product."""
        return {product.code: product.tier for product in self.params.products}

    @cached_property
    def launches(self) -> dict[str, date]:
        """The day each feature of the product was launched."""
        return feature_launches(self.params.start_date)

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

    def credits(self, model: str) -> Iterator[attribution.Credit]:
        """Who gets what of each order, by a model."""
        values = self.channel_values.get(model)
        return attribution.credits_of(self.paths, model, values)

    @cached_property
    def channel_values(self) -> Mapping[str, Mapping[str, Fraction]]:
        """What channels are worth, by the models that learn it from all paths."""
        found = path_models.channel_paths(
            self.facts, self.persons, self.touches, self.deals
        )
        return {name: model(found) for name, model in path_models.PATH_MODELS.items()}

    @cached_property
    def owners(self) -> dict[str, str]:
        """The customer of each known person that has one."""
        return touch_costs.owners(self.facts, self.persons, self.deals)

    @cached_property
    def costs(self) -> touch_costs.Costs:
        """What leads and organisations have cost."""
        return touch_costs.allocate(self.facts, self.persons, self.touches, self.deals)

    @cached_property
    def uses(self) -> list[collateral.Use]:
        """Uses of content."""
        customer_of: dict[str, str] = {}
        for person in self.persons.persons:
            if person.key in self.owners:
                customer_of.setdefault(person.person_key, self.owners[person.key])
        return collateral.find_uses(
            self.events,
            self.as_of,
            seed=self.params.seed,
            customer_of=customer_of,
            forgotten=forgotten_people(self.events, self.params, self.as_of),
        )

    @cached_property
    def influences(self) -> list[collateral.Influence]:
        """Closed opportunities and the content used before."""
        return collateral.influences(self.uses, self.deals)

    @cached_property
    def reconciled(self) -> dict[date, bookings.Reconciled]:
        """Bookings against the change of ARR, by month."""
        return bookings.reconcile(self.billing, self.facts, self.deals, self.first)

    @cached_property
    def ladder_steps(self) -> list[adoption.Step]:
        """Levels of sophistication that instances reached."""
        return adoption.steps(self.product)

    @cached_property
    def look_alikes(self) -> smoothing.LookAlikes:
        """Renewals by product, segment and channel."""
        channels = self._channels
        by_deal = {
            c.deal.key: channels[c.customer]
            for c in self.deals
            if c.customer in channels
        }
        return smoothing.look_alikes(self.billing, by_deal)

    @cached_property
    def look_alike_of(self) -> dict[str, tuple[str, str, str]]:
        """Product, segment and channel of each new customer."""
        products = {
            term.opportunity_key: self.billing.first_charge(term).product
            for term in self.billing.terms.values()
        }
        return {
            order.customer: (
                products.get(order.opportunity_key, ""),
                order.segment,
                self._channels[order.customer],
            )
            for order in self.orders
        }

    @cached_property
    def origins(self) -> dict[str, tuple[Dimension, ...]]:
        """What touched each new customer first: total, channel, campaign."""
        return origins_of_customers(self.facts, self.persons, self.touches, self.deals)

    @cached_property
    def _channels(self) -> dict[str, str]:
        """The channel that touched each new customer first."""
        return {customer: dict(o)["channel"] for customer, o in self.origins.items()}

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
    def ltv(self) -> list[Part] | None:
        """What each new customer is worth; None without margin or retention."""
        margin, years = self.books.gross_margin(), self.retention_years
        if margin is None or years is None:
            return None
        return list(value.ltv(self.orders, self.origins, margin, years))

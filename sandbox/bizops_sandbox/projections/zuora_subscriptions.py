"""Lineages: what a customer relation looks like in Zuora, version after version.

A customer relation is one subscription number. Each order makes a new version of it:
new Subscription, RatePlan and RatePlanCharge rows that carry the whole history of
charge segments again, and the version before becomes Expired.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from bizops_sandbox.projections.zuora_catalogue import SERVICES
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from bizops_sandbox.projections.zuora_state import Record


@dataclass(frozen=True, slots=True)
class Segment:
    """A charge in force from `start` to `end` (exclusive); price a seat and year.

    `subscription_key` is the event log's subscription it came with. The price is in the
    account's currency, `usd_price` what the log says. A one-time charge has `seats` 1
    and its amount as price.
    """

    subscription_key: str
    product: str
    seats: int
    unit_price: Decimal
    usd_price: Decimal
    start: date
    end: date

    @property
    def annual(self) -> Decimal:
        """What the charge is worth a year."""
        return self.seats * self.unit_price

    @property
    def annual_usd(self) -> Decimal:
        """The same in USD."""
        return self.seats * self.usd_price


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """Consecutive segments of one product: one charge number.

    `key` stays the same from version to version.
    """

    key: str
    product: str
    segments: tuple[Segment, ...]

    @property
    def is_one_time(self) -> bool:
        """Whether it is charged once."""
        return self.product == SERVICES


@dataclass(slots=True)
class Lineage:
    """A subscription number and what has become of it."""

    key: str
    number: str
    account_key: str
    term_start: date
    term_end: date
    initial_months: int
    current_months: int
    plan_rate: Decimal
    sold_as: str | None = None
    segments: list[Segment] = field(default_factory=list)
    one_times: list[Segment] = field(default_factory=list)
    version: int = 0
    current: Record | None = None
    current_charges: list[Record] = field(default_factory=list)
    charge_numbers: dict[str, str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    plan_originals: dict[str, str] = field(default_factory=dict)
    revisions: dict[str, tuple[int, tuple[Segment, ...]]] = field(default_factory=dict)
    cancelled_on: date | None = None

    def segment(
        self,
        key: str,
        *,
        product: str,
        seats: int,
        usd_price: Decimal,
        span: tuple[date, date],
    ) -> Segment:
        """A segment in the account's currency, from span's start to its end."""
        price = billed(usd_price, self.plan_rate)
        return Segment(key, product, seats, price, usd_price, *span)

    def catalogue_code(self, product: str) -> str:
        """Under which product of the catalogue the lineage has bought this one."""
        return product if product == SERVICES else self.sold_as or product

    def amend(
        self, key: str, day: date, *, product: str, seats: int, usd_price: Decimal
    ) -> None:
        """From this day the subscription with this key is something else."""
        place = max(
            index
            for index, segment in enumerate(self.segments)
            if segment.subscription_key == key
        )
        last = self.segments[place]
        start = max(day, last.start)
        changed = self.segment(
            key,
            product=product,
            seats=seats,
            usd_price=usd_price,
            span=(start, last.end),
        )
        self.segments[place] = replace(last, end=start)
        self.segments.insert(place + 1, changed)

    def cancel(self, key: str, day: date) -> None:
        """The subscription with this key ends on this day."""
        self.cancelled_on = day
        self.segments = [
            replace(segment, end=max(segment.start, min(segment.end, day)))
            if segment.subscription_key == key
            else segment
            for segment in self.segments
        ]

    def lines(self) -> Iterator[ChargeLine]:
        """The charges of the current version."""
        seen: dict[str, int] = {}
        alive = [s for s in self.segments if s.start < s.end or len(self.segments) == 1]
        for product, run in groupby(alive, key=lambda segment: segment.product):
            seen[product] = seen.get(product, 0) + 1
            yield ChargeLine(f"{product}.{seen[product]}", product, tuple(run))
        for number, one_time in enumerate(self.one_times, start=1):
            yield ChargeLine(f"{SERVICES}.{number}", SERVICES, (one_time,))

    def segment_on(self, key: str, day: date) -> Segment:
        """The recurring segment of this subscription in force that day, or its last."""
        own = [s for s in self.segments if s.subscription_key == key]
        in_force = [s for s in own if s.start <= day < s.end]
        return (in_force or own)[-1]

"""Collateral: which content is used, by whom, and what became of their orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_draws import is_bot_click
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.cells import TOTAL, Dimension, Part
from bizops_sandbox.truth.periods import ALL, Period
from bizops_sandbox.truth.sales import decided
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end, month_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.world.events import Event

UNUSED_DAYS = 90
# What each kind of activity is a use of; a download is asked for by a form as well.
_USAGE_TYPES: Mapping[str, tuple[str, ...]] = {
    "page_visited": ("viewed",),
    "form_filled": ("requested",),
    "content_downloaded": ("requested", "downloaded"),
    "email_clicked": ("clicked",),
}
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Use:
    """A person's use of a piece of content; `customer` is that of its account."""

    content: str
    usage_type: str
    person_key: str
    customer: str | None
    campaign_key: str | None
    used_at: datetime

    @property
    def day(self) -> date:
        """The day it was used."""
        return self.used_at.date()


def find_uses(
    events: Iterable[Event],
    as_of: date,
    *,
    seed: int,
    customer_of: Mapping[str, str],
    forgotten: frozenset[str] = frozenset(),
) -> list[Use]:
    """Every use until the end of a day, in time order; scanners' clicks are none.

    Args:
        events: The log, in time order.
        as_of: The day.
        seed: The company's.
        customer_of: The customer by person.
        forgotten: People whose record Marketo has deleted, and with it what they did.
    """
    uses = []
    for event in events_until(events, day_end(as_of), log.ActivityTracked):
        if not isinstance(event, log.ActivityTracked):
            continue
        if event.person_key in forgotten:
            continue
        types = _USAGE_TYPES.get(event.kind, ())
        if event.kind == "email_clicked" and is_bot_click(
            seed, event.person_key, event.at
        ):
            continue
        uses += [
            Use(
                content=event.asset,
                usage_type=usage_type,
                person_key=event.person_key,
                customer=customer_of.get(event.person_key),
                campaign_key=event.campaign_key,
                used_at=event.at,
            )
            for usage_type in types
        ]
    return uses


def use_parts(uses: Iterable[Use]) -> Iterator[Part]:
    """Uses by day: total, content, usage type, campaign."""
    for use in uses:
        dimensions: tuple[Dimension, ...] = (
            TOTAL,
            ("content", use.content),
            ("usage_type", use.usage_type),
        )
        if use.campaign_key is not None:
            campaign = ("campaign", salesforce_id("Campaign", use.campaign_key))
            dimensions = (*dimensions, campaign)
        yield Part(use.day, dimensions, _ONE)


def distinct(
    uses: Iterable[Use], who: Callable[[Use], str | None]
) -> Iterator[Reading]:
    """Distinct users of a month, and of all time: total and by content."""
    found: dict[tuple[Period, Dimension], set[str]] = {}
    for use in uses:
        user = who(use)
        if user is None:
            continue
        for period in (Period("month", month_start(use.day)), ALL):
            for dimension in (TOTAL, ("content", use.content)):
                found.setdefault((period, dimension), set()).add(user)
    for (period, dimension), users in found.items():
        yield Reading(period, Fraction(len(users)), dimension=dimension)


@dataclass(frozen=True, slots=True)
class Influence:
    """A closed opportunity, and the content its customer's people used until then."""

    close_date: date
    is_won: bool
    contents: frozenset[str]


def influences(uses: Iterable[Use], deals: Sequence[CountedDeal]) -> list[Influence]:
    """One a won or lost opportunity; refunds are none."""
    by_customer: dict[str, list[Use]] = {}
    for use in uses:
        if use.customer is not None:
            by_customer.setdefault(use.customer, []).append(use)
    found = []
    for counted in decided(deals):
        close = counted.deal.close_date
        own = by_customer.get(counted.customer or "", ())
        contents = frozenset(use.content for use in own if use.day <= close)
        found.append(Influence(close, counted.is_won, contents))
    return found


def _contents(found: Iterable[Influence]) -> list[str]:
    return sorted({content for one in found for content in one.contents})


def influence_rate(found: Sequence[Influence]) -> Iterator[Part]:
    """Closed opportunities with a use before, by all closed: any content, and each."""
    contents = _contents(found)
    for one in found:
        yield Part(one.close_date, (TOTAL,), Fraction(int(bool(one.contents))), _ONE)
        for content in contents:
            used = Fraction(int(content in one.contents))
            yield Part(one.close_date, (("content", content),), used, _ONE)


def win_rate(found: Sequence[Influence], *, is_used: bool) -> Iterator[Part]:
    """Won by closed, of those with a use (or without any): any content, and each."""
    contents = _contents(found)
    for one in found:
        won = Fraction(int(one.is_won))
        if bool(one.contents) is is_used:
            yield Part(one.close_date, (TOTAL,), won, _ONE)
        for content in contents:
            if (content in one.contents) is is_used:
                yield Part(one.close_date, (("content", content),), won, _ONE)


@dataclass(frozen=True, slots=True)
class ContentUse:
    """A piece of content and its uses; `is_unused` when not used for 90 days."""

    content: str
    uses: int
    people: int
    organizations: int
    last_used_on: date
    is_unused: bool


def content_uses(uses: Sequence[Use], as_of: date) -> list[ContentUse]:
    """All content that was ever used, by name."""
    found = []
    for content in sorted({use.content for use in uses}):
        own = [use for use in uses if use.content == content]
        last = max(use.day for use in own)
        customers = {use.customer for use in own if use.customer is not None}
        found.append(
            ContentUse(
                content=content,
                uses=len(own),
                people=len({use.person_key for use in own}),
                organizations=len(customers),
                last_used_on=last,
                is_unused=as_of - last >= timedelta(days=UNUSED_DAYS),
            )
        )
    return found


def unused_share(found: Sequence[ContentUse]) -> Iterator[Reading]:
    """Content that was not used for 90 days, by all content."""
    if found:
        unused = sum(one.is_unused for one in found)
        yield Reading(ALL, Fraction(unused), Fraction(len(found)))

"""The shape of the business on Facebook as the server serves it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AdAccount:
    """One ad account: its days are days of its own zone, its money its own currency."""

    id: str
    page_id: str
    name: str
    currency: str
    timezone_name: str

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return ZoneInfo(self.timezone_name)


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the graph.

    `kind` is the API's word for its type (Campaign, AdSet, Ad, ...). `values` holds
    the fields that are set, by the API's names, ready for JSON; date-times in it are
    texts in the account's zone. `delivery` is its delivery_info, "" for kinds that
    have none. `parents` maps campaign, adset, ad, creative, form, page to ids.
    """

    kind: str
    id: str
    account_id: str
    values: Values
    created_at: datetime
    updated_at: datetime
    parents: Mapping[str, str]
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class AdDay:
    """What one ad delivered on one day of the account's zone; spend in its currency."""

    ad_id: str
    day: date
    spend: Decimal
    impressions: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """A lead that an ad brought.

    `is_onsite` tells a lead form on the platform from a form of the company's site
    (pixel). `seen_on` is the day of the click, or of the view when `is_view`.
    """

    ad_id: str
    is_onsite: bool
    is_view: bool
    seen_on: date
    converted_on: date
    value: Decimal

    @property
    def delay_days(self) -> int:
        """Days from click (view) to conversion."""
        return (self.converted_on - self.seen_on).days


@dataclass(frozen=True)
class FacebookBusiness:
    """Everything in the business at one instant, which is also the server's clock.

    Nodes of a kind are ordered newest first, as the API lists them; `ad_days` by ad
    and day.
    """

    as_of: datetime
    accounts: tuple[AdAccount, ...]
    nodes: tuple[Node, ...]
    ad_days: tuple[AdDay, ...]
    conversions: tuple[Conversion, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Every node by its id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def by_kind(self) -> Mapping[tuple[str, str], Sequence[Node]]:
        """The nodes of each account (its digits) and kind."""
        found: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in self.nodes:
            found[node.account_id, node.kind].append(node)
        return found

    @cached_property
    def days_by_ad(self) -> Mapping[str, Sequence[AdDay]]:
        """The delivery of each ad, by day."""
        found: dict[str, list[AdDay]] = defaultdict(list)
        for ad_day in self.ad_days:
            found[ad_day.ad_id].append(ad_day)
        return found

    @cached_property
    def conversions_by_ad(self) -> Mapping[str, Sequence[Conversion]]:
        """The conversions of each ad."""
        found: dict[str, list[Conversion]] = defaultdict(list)
        for conversion in self.conversions:
            found[conversion.ad_id].append(conversion)
        return found

    def account(self, account_id: str) -> AdAccount | None:
        """The account with these digits."""
        return next((item for item in self.accounts if item.id == account_id), None)

"""Tables of what is learned: costs by lead and organisation, content, the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth import adoption, collateral
from bizops_sandbox.truth.cells import decimal_text
from bizops_sandbox.truth.path_models import shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from fractions import Fraction

    from bizops_sandbox.truth.known import Known

Cells = tuple[object, ...]


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _flag(*, value: bool) -> str:
    return "true" if value else "false"


def _organization_rows(known: Known) -> Iterator[Cells]:
    first_orders = {order.customer: order.iacv for order in known.orders}
    for customer, cost in known.costs.organizations.items():
        yield (
            salesforce_id("Account", customer),
            _day(cost.first_won_on),
            decimal_text(first_orders.get(customer)),
            len(cost.touches),
            decimal_text(cost.direct),
            decimal_text(cost.spread),
            decimal_text(cost.loaded),
            decimal_text(cost.growth),
        )


def _lead_rows(known: Known) -> Iterator[Cells]:
    """Every person that was touched: touches and what they cost."""
    counts: dict[str, int] = {}
    sums: dict[str, Fraction] = {}
    for touch in known.touches:
        if not touch.is_repeat:
            key = touch.person.key
            cost = known.costs.by_touch[touch.member_key]
            counts[key] = counts.get(key, 0) + 1
            sums[key] = cost + sums[key] if key in sums else cost
    for key, count in counts.items():
        owner = known.owners.get(key)
        account_id = "" if owner is None else salesforce_id("Account", owner)
        yield (key, account_id, count, decimal_text(sums[key]))


def _use_rows(known: Known) -> Iterator[Cells]:
    for use in known.uses:
        campaign, customer = use.campaign_key, use.customer
        yield (
            use.content,
            use.usage_type,
            use.person_key,
            "" if customer is None else salesforce_id("Account", customer),
            "" if campaign is None else salesforce_id("Campaign", campaign),
            f"{use.used_at:%Y-%m-%dT%H:%M:%SZ}",
        )


def _content_rows(known: Known) -> Iterator[Cells]:
    for one in collateral.content_uses(known.uses, known.as_of):
        yield (
            one.content,
            one.uses,
            one.people,
            one.organizations,
            _day(one.last_used_on),
            _flag(value=one.is_unused),
        )


def _bookings_rows(known: Known) -> Iterator[Cells]:
    for month, row in known.reconciled.items():
        amounts = (
            row.booked,
            row.timing,
            row.valuation,
            row.unbooked,
            row.arr_change,
        )
        yield (month.isoformat(), *(decimal_text(amount) for amount in amounts))


def _ladder_rows(known: Known) -> Iterator[Cells]:
    rungs = adoption.ladder(known.ladder_steps, known.as_of)
    largest = adoption.largest_drop(rungs)
    for rung in rungs:
        yield (
            rung.name,
            rung.feature,
            rung.reached,
            rung.moved,
            decimal_text(1 - rung.drop),
            decimal_text(rung.median_days),
            _flag(value=rung is largest),
        )


def _channel_rows(known: Known) -> Iterator[Cells]:
    for model, values in known.channel_values.items():
        share = shares(values)
        for channel, value in values.items():
            yield (model, channel, decimal_text(value), decimal_text(share[channel]))


def _look_alike_rows(known: Known) -> Iterator[Cells]:
    found = known.look_alikes
    for key, (renewed, due) in sorted(found.cells.items()):
        rate = decimal_text(found.renewal_rate(key))
        yield (*key, decimal_text(renewed), decimal_text(due), rate)


LEARNED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "organization_costs": (
        "account_id",
        "first_won_on",
        "first_order_iacv",
        "touches",
        "direct_cac",
        "spread_cost",
        "loaded_cac",
        "growth_cost",
    ),
    "lead_costs": ("known_person", "account_id", "touches", "cost"),
    "collateral_usage": (
        "content",
        "usage_type",
        "true_person",
        "account_id",
        "campaign_id",
        "used_at",
    ),
    "content": (
        "content",
        "uses",
        "people",
        "organizations",
        "last_used_on",
        "is_unused_90_days",
    ),
    "bookings_vs_arr": (
        "month",
        "booked",
        "timing",
        "valuation",
        "unbooked",
        "arr_change",
    ),
    "adoption_ladder": (
        "step",
        "next_feature",
        "reached",
        "moved",
        "share",
        "median_days",
        "is_largest_drop",
    ),
    "channel_values": ("model", "channel", "value", "share"),
    "look_alikes": (
        "product",
        "segment",
        "channel",
        "renewed",
        "due",
        "smoothed_rate",
    ),
}
# The sources without which there is no such file.
_NEEDS: Mapping[str, frozenset[str]] = {
    "organization_costs": frozenset({"salesforce"}),
    "lead_costs": frozenset({"salesforce"}),
    "collateral_usage": frozenset({"marketo"}),
    "content": frozenset({"marketo"}),
    "bookings_vs_arr": frozenset({"salesforce", "zuora"}),
    "adoption_ladder": frozenset({"gitlab"}),
    "channel_values": frozenset({"salesforce", "models"}),
    "look_alikes": frozenset({"salesforce", "zuora", "models"}),
}
_ROWS = {
    "organization_costs": _organization_rows,
    "lead_costs": _lead_rows,
    "collateral_usage": _use_rows,
    "content": _content_rows,
    "bookings_vs_arr": _bookings_rows,
    "adoption_ladder": _ladder_rows,
    "channel_values": _channel_rows,
    "look_alikes": _look_alike_rows,
}


def learned_tables(
    known: Known,
) -> Mapping[str, tuple[Sequence[str], Iterable[Cells]]]:
    """Columns and rows by the name of the file, of those whose needs are met."""
    return {
        name: (LEARNED_COLUMNS[name], rows(known))
        for name, rows in _ROWS.items()
        if _NEEDS[name] <= known.sources
    }

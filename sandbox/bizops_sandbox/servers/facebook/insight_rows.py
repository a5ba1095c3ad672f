"""The rows of a report, made from ads' days and the leads they brought."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.breakdowns import (
    Amounts,
    amounts_of,
    divide,
    knows_offsite,
    stable_number,
)
from bizops_sandbox.servers.facebook.filtering import HIDDEN, value_of
from bizops_sandbox.servers.facebook.graph_errors import bad_parameter
from bizops_sandbox.servers.facebook.insight_values import row_values
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import (
        AdDay,
        Conversion,
        FacebookBusiness,
        Node,
    )
    from bizops_sandbox.servers.facebook.filtering import Condition
    from bizops_sandbox.servers.facebook.insight_query import InsightQuery
    from bizops_sandbox.servers.facebook.simulator import Simulator

_REACH_MONTHS = 13
_KIND_OF_LEVEL = {"campaign": "Campaign", "adset": "AdSet", "ad": "Ad"}
_ENTITY_PREFIXES = frozenset({"account", "campaign", "adset", "ad"})


@dataclass(slots=True)
class Gathered:
    """What falls into one row."""

    ad: Node
    period: tuple[date, date]
    cell: Mapping[str, Any]
    parts: list[Amounts] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)

    @property
    def amounts(self) -> Amounts:
        """The sums; reach grows more slowly than its parts."""
        sums = [sum(column) for column in zip(*map(astuple, self.parts), strict=True)]
        if not sums:
            return Amounts(*([0] * len(Amounts.__slots__)))
        total = Amounts(*sums)
        largest = max(part.reach for part in self.parts)
        return Amounts(
            *(
                largest + (total.reach - largest) * 6 // 10
                if name == "reach"
                else getattr(total, name)
                for name in Amounts.__slots__
            )
        )


GatheredRows = dict[tuple[object, ...], Gathered]


def gather(query: InsightQuery, simulator: Simulator) -> GatheredRows:
    """Find what falls into each row of a report, which tells how many there are."""
    gathered: GatheredRows = {}
    for ad in _ads(query, simulator):
        _gather_ad(ad, query, simulator, gathered)
    return gathered


def make_rows(
    query: InsightQuery, gathered: GatheredRows, simulator: Simulator
) -> list[dict[str, Any]]:
    """All rows of a report, in no useful order unless one was asked for."""
    has_reach = not _is_reach_left_out(query)
    conditions = [c for c in query.conditions if c.prefix not in _ENTITY_PREFIXES]
    rows = []
    for key, row in gathered.items():
        values = row_values(row, query, simulator, has_reach=has_reach)
        if _satisfies(values, conditions):
            rows.append((key, _shown(values, row.cell, query, simulator)))
    return [row for _, row in sorted(rows, key=lambda pair: _order(pair, query))]


def _order(
    pair: tuple[tuple[object, ...], dict[str, Any]], query: InsightQuery
) -> tuple[float, str, int]:
    key, row = pair
    name, _, direction = query.sort.rpartition("_")
    mixed = stable_number(*key)
    if not name:
        return 0.0, "", mixed
    text = str(row.get(name, ""))
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    sign = -1 if direction == "descending" else 1
    if name == "date_start":
        number = float(date.fromisoformat(text).toordinal())
    return sign * number, "", mixed


def _is_reach_left_out(query: InsightQuery) -> bool:
    """Reach by breakdown is not told for days more than 13 months ago."""
    oldest = add_months(query.today, -_REACH_MONTHS)
    return bool(query.breakdowns) and query.since < oldest


def _ads(query: InsightQuery, simulator: Simulator) -> Iterator[Node]:
    """The ads that count, less those the report hides."""
    business, role = simulator.business, query.scope.kind.lower()
    shows_hidden = simulator.settings.shows_deleted_in_insights or any(
        condition.reveals for condition in query.conditions
    )
    conditions = [c for c in query.conditions if c.prefix in _ENTITY_PREFIXES]
    for ad in business.by_kind.get((query.scope.account_id, "Ad"), ()):
        if role != "adaccount" and ad.parents.get(role) != query.scope.id:
            continue
        entity = business.by_id[ad.parents.get(query.level, ad.id)]
        is_hidden = query.level != "account" and entity.delivery in HIDDEN
        if is_hidden and not shows_hidden and entity.id != query.scope.id:
            continue
        if all(_entity_satisfies(c, ad, business) for c in conditions):
            yield ad


def _entity_satisfies(
    condition: Condition, ad: Node, business: FacebookBusiness
) -> bool:
    target = business.by_id[ad.parents.get(condition.prefix, ad.id)]
    return condition.holds(value_of(target, condition.name))


def _gather_ad(
    ad: Node,
    query: InsightQuery,
    simulator: Simulator,
    gathered: GatheredRows,
) -> None:
    business = simulator.business
    account = business.account(ad.account_id)
    currency = account.currency if account else "USD"
    creative = business.by_id[ad.parents["creative"]]
    entity_id = ad.account_id if query.level == "account" else ad.parents[query.level]
    actions = _conversions_by_day(ad, query, business)
    days = {item.day: item for item in business.days_by_ad.get(ad.id, ())}
    for period in query.periods:
        for day in _days(period, days.keys() | actions.keys()):
            ad_day = (
                simulator.as_stated_now(days[day], query.today) if day in days else None
            )
            leads = actions.get(day, [])
            for cell, amounts, own in _day_cells(
                ad_day, leads, query, currency=currency, creative=creative
            ):
                key = (entity_id, *period, *map(str, cell.values()))
                row = gathered.setdefault(key, Gathered(ad, period, cell))
                if amounts is not None:
                    row.parts.append(amounts)
                row.conversions += own


def _days(period: tuple[date, date], known: Iterable[date]) -> list[date]:
    return sorted(day for day in known if period[0] <= day <= period[1])


def _conversions_by_day(
    ad: Node, query: InsightQuery, business: FacebookBusiness
) -> dict[date, list[Conversion]]:
    """The ad's conversions by the day they are reported on."""
    found: dict[date, list[Conversion]] = defaultdict(list)
    for conversion in business.conversions_by_ad.get(ad.id, ()):
        is_late = query.report_time == "conversion" or (
            query.report_time == "mixed" and not conversion.is_onsite
        )
        day = conversion.converted_on if is_late else conversion.seen_on
        found[day].append(conversion)
    return found


def _day_cells(
    ad_day: AdDay | None,
    leads: Sequence[Conversion],
    query: InsightQuery,
    *,
    currency: str,
    creative: Node,
) -> list[tuple[Mapping[str, Any], Amounts | None, list[Conversion]]]:
    """A day's cells with their delivery, each lead in one of them."""
    if not query.breakdowns:
        amounts = None if ad_day is None else amounts_of(ad_day)
        return [({}, amounts, list(leads))]
    if ad_day is None:
        return []
    cells = divide(ad_day, query.breakdowns, currency, creative)
    shares: list[list[Conversion]] = [[] for _ in cells]
    if cells and knows_offsite(query.breakdowns):
        counted = list(leads)
    else:
        counted = [lead for lead in leads if lead.is_onsite] if cells else []
    for number, lead in enumerate(counted):
        place = stable_number(lead.ad_id, lead.seen_on, number) % len(cells)
        shares[place].append(lead)
    return [
        (cell, amounts, own) for (cell, amounts), own in zip(cells, shares, strict=True)
    ]


def _satisfies(values: Mapping[str, Any], conditions: Sequence[Condition]) -> bool:
    for condition in conditions:
        if condition.name == "action_type":
            continue
        if condition.name not in {"spend", "impressions", "clicks", "reach", "ctr"}:
            raise bad_parameter(
                f"Filtering field '{condition.name}' with operation "
                f"'{condition.operator.lower()}' is not supported"
            )
        if not condition.holds(values.get(condition.name, 0)):
            return False
    return True


def _shown(
    values: Mapping[str, Any],
    cell: Mapping[str, Any],
    query: InsightQuery,
    simulator: Simulator,
) -> dict[str, Any]:
    """The fields asked for that are set, the breakdowns, the period."""
    row = {name: values[name] for name in query.fields if name in values}
    row["date_start"] = values["date_start"]
    row["date_stop"] = values["date_stop"]
    row.update(cell)
    missing = [
        str(fault.parameters["breakdown"])
        for fault in simulator.faults.lasting("breakdown_missing")
    ]
    for name in missing:
        if str(row.get(name, "")) == _first_value(name):
            del row[name]
    for fault in simulator.faults.lasting("field_retyped"):
        name = str(fault.parameters["field"])
        is_meant = str(fault.parameters["object"]).lower() == "insights"
        if is_meant and name in row:
            row[name] = simulator.retyped(row[name], str(fault.parameters["to"]))
    return row


def _first_value(breakdown: str) -> str:
    """The value whose rows may lack the key: midnight, or what is unknown."""
    if breakdown.startswith("hourly"):
        return "00:00:00 - 00:59:59"
    return {"age": "Unknown", "gender": "unknown", "region": "Unknown"}.get(
        breakdown, ""
    )

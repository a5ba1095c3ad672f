"""All values of one row of a report, of which the client sees those it asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.breakdowns import Amounts, knows_offsite
from bizops_sandbox.servers.facebook.insight_actions import (
    ONSITE_LEAD,
    PIXEL_LEAD,
    ActionSums,
    action_list,
    cost_list,
    count_actions,
    plain,
    ratio,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.insight_query import InsightQuery
    from bizops_sandbox.servers.facebook.insight_rows import Gathered
    from bizops_sandbox.servers.facebook.simulator import Simulator

# Extra action breakdowns under which what happens off the platform is not told.
_ONSITE_ONLY = frozenset(
    {"action_device", "action_destination", "action_target_id", "action_reaction"}
)
_THOUSAND = Decimal(1000)


def row_values(
    row: Gathered, query: InsightQuery, simulator: Simulator, *, has_reach: bool
) -> dict[str, Any]:
    """Every field of a row that is not zero."""
    amounts = row.amounts
    spend = Decimal(amounts.spend_cents).scaleb(-2)
    values: dict[str, Any] = {
        **_names(row.ad, query, simulator),
        "date_start": row.period[0].isoformat(),
        "date_stop": row.period[1].isoformat(),
        "impressions": str(amounts.impressions),
        "spend": plain(spend),
    }
    values |= _counts(amounts, spend, has_reach=has_reach)
    if not _lacks_actions(query, simulator):
        values |= _actions(row, amounts, spend, query, simulator)
    return {name: value for name, value in values.items() if value not in ([], None)}


def _names(ad: Node, query: InsightQuery, simulator: Simulator) -> dict[str, Any]:
    """The ids and names that a level knows: its own and those above it."""
    business = simulator.business
    account = business.account(ad.account_id)
    assert account is not None  # noqa: S101 - accounts never vanish
    values: dict[str, Any] = {
        "account_id": account.id,
        "account_name": account.name,
        "account_currency": account.currency,
    }
    above = {"account": (), "campaign": ("campaign",), "adset": ("campaign", "adset")}
    for role in above.get(query.level, ("campaign", "adset", "ad")):
        node = business.by_id[ad.parents[role]]
        values[f"{role}_id"], values[f"{role}_name"] = node.id, node.values["name"]
        values["created_time"] = str(node.values["created_time"])[:10]
        values["updated_time"] = str(node.values["updated_time"])[:10]
        for name in ("objective", "buying_type", "optimization_goal"):
            if name in node.values:
                values[name] = node.values[name]
    if query.level in {"adset", "ad"}:
        values["attribution_setting"] = "7d_click_1d_view"
    return values


def _counts(amounts: Amounts, spend: Decimal, *, has_reach: bool) -> dict[str, Any]:
    shown, clicks = amounts.impressions, amounts.clicks
    unique = clicks - clicks // 12
    links, unique_links = amounts.link_clicks, amounts.link_clicks - clicks // 14
    values: dict[str, Any] = {}
    if clicks:
        values |= {
            "clicks": str(clicks),
            "unique_clicks": str(unique),
            "cpc": ratio(spend, clicks),
            "cost_per_unique_click": ratio(spend, unique),
        }
    if links:
        values["inline_link_clicks"] = str(links)
        values["cost_per_inline_link_click"] = ratio(spend, links)
        values["unique_inline_link_clicks"] = str(max(unique_links, 1))
    if amounts.engagements:
        each = ratio(spend, amounts.engagements)
        values["inline_post_engagement"] = str(amounts.engagements)
        values["cost_per_inline_post_engagement"] = each
    if shown:
        values["cpm"] = ratio(spend * _THOUSAND, shown)
        if clicks:
            values["ctr"] = ratio(Decimal(clicks * 100), shown)
        if links:
            values["inline_link_click_ctr"] = ratio(Decimal(links * 100), shown)
    if has_reach and amounts.reach:
        values["reach"] = str(amounts.reach)
        values["frequency"] = ratio(Decimal(shown), amounts.reach)
        values["cpp"] = ratio(spend * _THOUSAND, amounts.reach)
        if clicks:
            values["unique_ctr"] = ratio(Decimal(unique * 100), amounts.reach)
    return values


def _lacks_actions(query: InsightQuery, simulator: Simulator) -> bool:
    return any(
        fault.parameters["level"] == query.level
        for fault in simulator.faults.lasting("actions_missing")
    )


def _actions(
    row: Gathered,
    amounts: Amounts,
    spend: Decimal,
    query: InsightQuery,
    simulator: Simulator,
) -> dict[str, Any]:
    extra = [name for name in query.action_breakdowns if name != "action_type"]
    has_offsite = knows_offsite(query.breakdowns) and (
        simulator.settings.breaks_down_pixel_actions or not _ONSITE_ONLY & set(extra)
    )
    counts, money = count_actions(
        amounts,
        row.conversions,
        with_devices="action_device" in extra,
        settings=simulator.settings,
        has_offsite=has_offsite,
    )
    divided_by = _extra_keys(extra, row.ad)
    actions = action_list(counts, query.windows, divided_by=divided_by)
    values: dict[str, Any] = {
        "actions": _only_types(actions, query),
        "action_values": action_list(money, query.windows, divided_by=divided_by),
        "cost_per_action_type": cost_list(counts, spend, query.windows),
    }
    if query.level in {"adset", "ad"}:
        values |= _results(counts, spend, row.ad, simulator)
    if amounts.outbound_clicks:
        outbound = Decimal(amounts.outbound_clicks)
        values["outbound_clicks"] = _one_action("outbound_click", plain(outbound))
        each = ratio(spend, outbound)
        values["cost_per_outbound_click"] = _one_action("outbound_click", each)
    if amounts.outbound_clicks and amounts.impressions:
        share = ratio(Decimal(amounts.outbound_clicks * 100), amounts.impressions)
        values["outbound_clicks_ctr"] = _one_action("outbound_click", share)
    if amounts.link_clicks and amounts.impressions:
        share = ratio(Decimal(amounts.link_clicks * 100), amounts.impressions)
        values["website_ctr"] = _one_action("link_click", share)
    return values


def _one_action(kind: str, value: str) -> list[dict[str, str]]:
    return [{"action_type": kind, "value": value}]


def _extra_keys(names: list[str], ad: Node) -> Mapping[str, str]:
    """The keys of extra action breakdowns; the device is each action's own."""
    known = {
        "action_device": "",
        "action_destination": "acme.example",
        "action_target_id": ad.id,
    }
    return {name: known[name] for name in names if name in known}


def _only_types(
    actions: list[dict[str, Any]], query: InsightQuery
) -> list[dict[str, Any]]:
    wanted = [c for c in query.conditions if c.name == "action_type"]
    return [a for a in actions if all(c.holds(a["action_type"]) for c in wanted)]


def _results(
    counts: ActionSums, spend: Decimal, ad: Node, simulator: Simulator
) -> dict[str, Any]:
    """The action the ad set is optimised for, as the service sums it up."""
    goal = simulator.business.by_id[ad.parents["adset"]].values["optimization_goal"]
    kind = ONSITE_LEAD if goal == "LEAD_GENERATION" else PIXEL_LEAD
    count = sum((v for k, v in counts.value.items() if k[0] == kind), Decimal(0))
    if not count:
        return {}
    windows = ["default"]
    indicator = f"actions:{kind}"

    def told(value: str) -> list[dict[str, Any]]:
        values = [{"value": value, "attribution_windows": windows}]
        return [{"indicator": indicator, "values": values}]

    return {"results": told(plain(count)), "cost_per_result": told(ratio(spend, count))}

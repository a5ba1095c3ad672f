"""The sample company's Facebook Ads as raw tables, as tap-facebook-ads leaves them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook import project_facebook
from tap_facebook_ads.fields import Kind
from tap_facebook_ads.objects import OBJECTS
from tap_facebook_ads.reports import Report

from .raw_tables import RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.facebook_business import FacebookBusiness, Node
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

    Row = dict[str, Any]

SCHEMA = "raw_facebook"
INSIGHTS = "adsinsights_default"
# What target-postgres makes of the kinds of the tap's fields.
COLUMN_TYPES = {
    Kind.TEXT: "text",
    Kind.WHOLE: "bigint",
    Kind.NUMBER: "numeric",
    Kind.FLAG: "boolean",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamptz",
    Kind.ACTIONS: "jsonb",
    Kind.OBJECT: "jsonb",
    Kind.LIST: "jsonb",
    Kind.JSON: "jsonb",
}
NODES = {
    "adaccounts": "AdAccount",
    "campaigns": "Campaign",
    "adsets": "AdSet",
    "ads": "Ad",
    "creatives": "AdCreative",
    "leadgen_forms": "LeadgenForm",
    "leads": "Lead",
}


def facebook_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the streams that models read, by `facebook.<stream>`."""
    business = project_facebook(events, parameters, day)
    streams = {spec.stream: spec.fields for spec in OBJECTS if spec.stream in NODES}
    rows = {
        stream: [
            {f.name: _value(node, f.name, f.kind) for f in fields}
            for node in business.nodes
            if node.kind == NODES[stream]
        ]
        for stream, fields in streams.items()
    }
    streams[INSIGHTS] = Report(INSIGHTS).columns
    rows[INSIGHTS] = _ad_days(business)
    return {
        f"facebook.{stream}": loaded_table(
            stream,
            {field.name: COLUMN_TYPES[field.kind] for field in fields},
            rows[stream],
            extracted_at=business.as_of,
            schema=SCHEMA,
        )
        for stream, fields in streams.items()
    }


def _value(node: Node, name: str, kind: Kind) -> Any:
    if name == "creative":
        return json.dumps({"id": node.parents["creative"]})
    value = node.id if name == "id" else node.values.get(name)
    if value is None:
        return None
    if kind is Kind.MOMENT:
        moment = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")
        return moment.astimezone(UTC)
    if kind in {Kind.WHOLE, Kind.NUMBER}:
        return Decimal(str(value))
    return json.dumps(value) if COLUMN_TYPES[kind] == "jsonb" else value


def _ad_days(business: FacebookBusiness) -> list[Row]:
    """Give the days on which an ad delivered or leads are counted."""
    leads = _leads(business)
    figures = {(each.ad_id, each.day): each for each in business.ad_days}
    rows = []
    for ad_id, on in sorted(figures.keys() | leads.keys()):
        ad, delivered = business.by_id[ad_id], figures.get((ad_id, on))
        account = business.account(ad.account_id)
        rows.append(
            {
                "date_start": on,
                "date_stop": on,
                "account_id": ad.account_id,
                "account_name": account.name if account else None,
                "account_currency": account.currency if account else None,
                "campaign_id": ad.parents["campaign"],
                "adset_id": ad.parents["adset"],
                "ad_id": ad_id,
                "spend": delivered.spend if delivered else Decimal(0),
                "impressions": delivered.impressions if delivered else 0,
                "clicks": (delivered.clicks if delivered else 0) or None,
                "actions": _actions(leads.get((ad_id, on))),
            }
        )
    return rows


def _actions(counts: dict[str, int] | None) -> str | None:
    """Give the list of actions as the service tells it: leads by window."""
    if counts is None:
        return None
    value = {"action_type": "lead", "value": counts["value"]}
    windows = {name: n for name, n in counts.items() if n and name != "value"}
    return json.dumps([value | windows])


def _leads(business: FacebookBusiness) -> dict[tuple[str, date], dict[str, int]]:
    """Give leads by ad and day, on the platform by view, elsewhere by conversion."""
    found: dict[tuple[str, date], dict[str, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for lead in business.conversions:
        on = lead.seen_on if lead.is_onsite else lead.converted_on
        windows = (
            ["1d_view"]
            if lead.is_view
            else [f"{n}d_click" for n in (1, 7, 28) if lead.delay_days <= n]
        )
        counts = found[lead.ad_id, on]
        for window in windows:
            counts[window] += 1
        counts["value"] += bool({"1d_view", "7d_click"} & set(windows))
    return found

"""What the tap must give, from the sandbox's projection and not from its server."""

from __future__ import annotations

import functools
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook import project_facebook
from bizops_sandbox.servers.company import simulate_company
from tap_facebook_ads.fields import Kind
from tap_facebook_ads.objects import OBJECTS

if TYPE_CHECKING:
    from bizops_sandbox.projections.facebook_business import FacebookBusiness, Node

KINDS = {
    "adaccounts": "AdAccount",
    "campaigns": "Campaign",
    "adsets": "AdSet",
    "ads": "Ad",
    "creatives": "AdCreative",
    "adimages": "AdImage",
    "advideos": "AdVideo",
    "adlabels": "AdLabel",
    "customaudiences": "CustomAudience",
    "customconversions": "CustomConversion",
    "leadgen_forms": "LeadgenForm",
    "leads": "Lead",
}


@functools.cache
def _company() -> Any:
    return simulate_company(scale="small", seed=None)


@functools.cache
def business(day: str) -> FacebookBusiness:
    company = _company()
    return project_facebook(company.events, company.parameters, date.fromisoformat(day))


def expected_objects(stream: str, day: str) -> dict[str, dict[str, Any]]:
    """Give the records of a stream by id."""
    spec = next(spec for spec in OBJECTS if spec.stream == stream)
    nodes = [node for node in business(day).nodes if node.kind == KINDS[stream]]
    return {
        node.id: {f.name: _value(node, f.name, f.kind) for f in spec.fields}
        for node in nodes
    }


def _value(node: Node, name: str, kind: Kind) -> Any:
    if name == "creative":
        return {"id": node.parents["creative"]}
    if name == "id":
        return node.id
    value = node.values.get(name)
    if value is None:
        return None
    if kind is Kind.MOMENT:
        moment = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")
        return moment.astimezone(UTC).isoformat()
    if kind in {Kind.WHOLE, Kind.NUMBER}:
        return Decimal(str(value))
    return value


def expected_days(
    day: str, *, since: str = "2016-02-01"
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Give figures and leads by day, account and ad; zeros are None."""
    found = business(day)
    first = date.fromisoformat(since)
    leads: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(
        lambda: defaultdict(Decimal)
    )
    for lead in found.conversions:
        # Action report time "mixed": on the platform by view, elsewhere by conversion.
        on = lead.seen_on if lead.is_onsite else lead.converted_on
        windows = (
            ["1d_view"]
            if lead.is_view
            else [f"{n}d_click" for n in (1, 7, 28) if lead.delay_days <= n]
        )
        if on >= first:
            for window in windows:
                leads[on.isoformat(), lead.ad_id][window] += 1
            if {"1d_view", "7d_click"} & set(windows):
                leads[on.isoformat(), lead.ad_id]["value"] += 1
    figures = {
        (ad_day.day.isoformat(), ad_day.ad_id): ad_day
        for ad_day in found.ad_days
        if ad_day.day >= first
    }
    rows = {}
    for on, ad_id in figures.keys() | leads.keys():
        ad_day = figures.get((on, ad_id))
        rows[on, found.by_id[ad_id].account_id, ad_id] = {
            "spend": ad_day.spend if ad_day else Decimal(0),
            "impressions": ad_day.impressions if ad_day else 0,
            "clicks": (ad_day.clicks if ad_day else 0) or None,
            "lead": dict(leads.get((on, ad_id), {})),
        }
    return rows


def figures_of(record: dict[str, Any]) -> dict[str, Any]:
    """Give of a record what ``expected_days`` tells."""
    leads = [a for a in record["actions"] or [] if a["action_type"] == "lead"]
    counted = {
        name: value
        for entry in leads
        for name, value in entry.items()
        if name != "action_type" and value
    }
    return {
        "spend": record["spend"],
        "impressions": record["impressions"],
        "clicks": record["clicks"],
        "lead": counted,
    }

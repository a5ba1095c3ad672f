"""What stands beside the ads: the accounts themselves, pages, labels, audiences."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_accounts import local_text
from bizops_sandbox.projections.facebook_business import AdAccount, Node
from bizops_sandbox.projections.facebook_campaigns import (
    CampaignPlan,
    label,
    label_key,
)
from bizops_sandbox.projections.facebook_ids import (
    BUSINESS_ID,
    SYSTEM_USER_ID,
    graph_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_AUDIENCES = (
    ("Newsletter readers", "CUSTOM", "USER_PROVIDED_ONLY"),
    ("Visitors of the last 30 days", "WEBSITE", ""),
    ("Like customers (1 %)", "LOOKALIKE", ""),
)


def account_node(
    account: AdAccount, spent: Decimal, opened_at: datetime, as_of: datetime
) -> Node:
    """An ad account; what was spent is in minor units."""
    offset = as_of.astimezone(account.zone).utcoffset() or timedelta()
    values: dict[str, object] = {
        "id": f"act_{account.id}",
        "account_id": account.id,
        "account_status": 1,
        "age": (as_of - opened_at).days + 0.5,
        "amount_spent": str(int(spent * 100)),
        "balance": "0",
        "business": {"id": BUSINESS_ID, "name": "Acme"},
        "business_name": "Acme",
        "business_country_code": "US" if account.currency == "USD" else "DE",
        "created_time": local_text(opened_at, account),
        "currency": account.currency,
        "disable_reason": 0,
        "end_advertiser": BUSINESS_ID,
        "end_advertiser_name": "Acme",
        "fb_entity": 0,
        "funding_source": graph_id("FundingSource", account.id),
        "has_migrated_permissions": True,
        "is_personal": 0,
        "is_prepay_account": False,
        "min_campaign_group_spend_cap": "10000",
        "min_daily_budget": 100,
        "name": account.name,
        "offsite_pixels_tos_accepted": True,
        "owner": BUSINESS_ID,
        "spend_cap": "0",
        "timezone_id": 1 if account.timezone_name.startswith("America") else 47,
        "timezone_name": account.timezone_name,
        "timezone_offset_hours_utc": offset.total_seconds() / 3600,
        "user_tasks": ["ANALYZE"],
    }
    return Node(
        "AdAccount", f"act_{account.id}", account.id, values, opened_at, opened_at, {}
    )


def page_node(account: AdAccount, opened_at: datetime) -> Node:
    """The page an account advertises for."""
    values: dict[str, object] = {
        "id": account.page_id,
        "name": account.name.replace("Acme", "Acme Software"),
        "category": "Software",
        "category_list": [{"id": "2211", "name": "Software"}],
        "tasks": ["ADVERTISE", "ANALYZE"],
    }
    parents = {"page": account.page_id}
    return Node(
        "Page", account.page_id, account.id, values, opened_at, opened_at, parents
    )


def label_nodes(plans: Iterable[CampaignPlan]) -> list[Node]:
    """The labels that campaigns carry, made with the first of them."""
    nodes: dict[str, Node] = {}
    for plan in plans:
        node_id, at = graph_id("AdLabel", label_key(plan)), plan.planned.at
        values: dict[str, object] = {
            "id": node_id,
            "name": label(plan),
            "account": {"id": f"act_{plan.account.id}"},
            "created_time": plan.text(at),
            "updated_time": plan.text(at),
        }
        node = Node("AdLabel", node_id, plan.account.id, values, at, at, {})
        nodes.setdefault(node_id, node)
    return list(nodes.values())


def audience_nodes(account: AdAccount, opened_at: datetime) -> list[Node]:
    """Custom audiences; whom they hold is nobody's business."""
    nodes = []
    for number, (name, subtype, source) in enumerate(_AUDIENCES):
        at = opened_at + timedelta(minutes=10 * number)
        node_id = graph_id("CustomAudience", f"{account.id}|{name}")
        stamp = int(at.timestamp())
        values: dict[str, object] = {
            "id": node_id,
            "account_id": account.id,
            "name": name,
            "subtype": subtype,
            "approximate_count_lower_bound": 1000 * (number + 1),
            "approximate_count_upper_bound": 1200 * (number + 1),
            "delivery_status": {"code": 200, "description": "Ready to use"},
            "operation_status": {"code": 200, "description": "Normal"},
            "retention_days": 30,
            "time_created": stamp,
            "time_updated": stamp,
        }
        if source:
            values["customer_file_source"] = source
        nodes.append(Node("CustomAudience", node_id, account.id, values, at, at, {}))
    return nodes


def conversion_node(account: AdAccount, opened_at: datetime) -> Node:
    """The custom conversion of the company's site."""
    node_id = graph_id("CustomConversion", account.id)
    values: dict[str, object] = {
        "id": node_id,
        "account_id": account.id,
        "name": "Trial started",
        "custom_event_type": "START_TRIAL",
        "default_conversion_value": 0,
        "is_archived": False,
        "rule": '{"and":[{"url":{"i_contains":"/trial/thanks"}}]}',
        "creation_time": local_text(opened_at, account),
    }
    return Node(
        "CustomConversion", node_id, account.id, values, opened_at, opened_at, {}
    )


def user_values() -> dict[str, object]:
    """What `me` is for the sandbox's token."""
    return {"id": SYSTEM_USER_ID, "name": "BizOps system user"}

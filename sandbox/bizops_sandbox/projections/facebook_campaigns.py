"""Campaigns, ad sets and ads as Facebook holds them, on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_accounts import (
    local_day_end,
    local_midnight,
    local_text,
)
from bizops_sandbox.projections.facebook_business import AdAccount, Node
from bizops_sandbox.projections.facebook_ids import APP_ID, graph_id
from bizops_sandbox.projections.facebook_state import ADS_PER_CAMPAIGN
from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.moments import office_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.world import events as log
    from bizops_sandbox.world.parameters import Parameters

_ARCHIVED_SHARE = Decimal("0.3")
_DELETED_AD_SHARE = Decimal("0.08")
_COPY_SHARE = Decimal("0.15")
_BUDGET_CHANGE_SHARE = Decimal("0.5")
_RECENT_DAYS = 7
_OBJECTIVE = "OUTCOME_LEADS"
_WINDOWS = [
    {"event_type": "CLICK_THROUGH", "window_days": 7},
    {"event_type": "VIEW_THROUGH", "window_days": 1},
]


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """One campaign's life on the platform, as far as it is decided by now.

    Moments that lie after `as_of` are still to come. `usd_rate` is USD for one unit
    of the account's currency.
    """

    planned: log.CampaignPlanned
    account: AdAccount
    statuses: Sequence[log.CampaignStatusSet]
    params: Parameters
    as_of: datetime
    usd_rate: Decimal

    @property
    def key(self) -> str:
        """The campaign's key in the log."""
        return self.planned.campaign_key

    @property
    def id(self) -> str:
        """The campaign's id."""
        return graph_id("Campaign", self.key)

    @property
    def first_day(self) -> date:
        """The first day it may deliver."""
        return self.planned.start_date or self.planned.at.date()

    @property
    def last_day(self) -> date | None:
        """The last day it may deliver."""
        return self.planned.end_date

    def draws(self, *purpose: object) -> Draws:
        """A stream of draws about this campaign."""
        return Draws(self.params.seed, "facebook", self.key, *purpose)

    def has_happened(self, moment: datetime | None) -> bool:
        """Whether a moment lies not after the present."""
        return moment is not None and moment <= self.as_of

    def archived_at(self) -> datetime | None:
        """When it is archived, long after its end, if ever."""
        draws = self.draws("archive")
        if self.last_day is None or not draws.chance(_ARCHIVED_SHARE):
            return None
        day = self.last_day + timedelta(days=draws.between(30, 90))
        return office_moment(day, draws)

    def ad_deleted_at(self, ad_key: str) -> datetime | None:
        """When one of its ads is deleted, after its end, if ever."""
        draws = self.draws(ad_key, "delete")
        if self.last_day is None or not draws.chance(_DELETED_AD_SHARE):
            return None
        day = self.last_day + timedelta(days=draws.between(5, 28))
        return office_moment(day, draws)

    def copied_at(self, ad_key: str) -> datetime | None:
        """When somebody copies an ad and never publishes the copy, if ever."""
        draws = self.draws(ad_key, "copy")
        if not draws.chance(_COPY_SHARE):
            return None
        return office_moment(self.first_day + timedelta(days=3), draws)

    def native(self, amount_usd: Decimal) -> int:
        """An amount of USD in minor units of the account's currency."""
        cents = (amount_usd / self.usd_rate * 100).quantize(Decimal(1), ROUND_HALF_UP)
        return int(cents)

    def text(self, moment: datetime) -> str:
        """A moment as the API writes it."""
        return local_text(moment, self.account)


def delivery_of(plan: CampaignPlan, *, is_deleted: bool = False) -> str:
    """The delivery_info of a campaign, or of an ad in it."""
    if is_deleted:
        return "deleted"
    if plan.has_happened(plan.archived_at()):
        return "archived"
    today = plan.as_of.astimezone(plan.account.zone).date()
    if today < plan.first_day:
        return "scheduled"
    if plan.last_day is None or today <= plan.last_day:
        return "active"
    is_recent = (today - plan.last_day).days <= _RECENT_DAYS
    return "recently_completed" if is_recent else "completed"


def _is_paused(plan: CampaignPlan) -> bool:
    return any(event.status != "In Progress" for event in plan.statuses)


def campaign_status(plan: CampaignPlan) -> str:
    """ACTIVE until somebody notes that it is over; ARCHIVED in the end, perhaps."""
    if plan.has_happened(plan.archived_at()):
        return "ARCHIVED"
    return "PAUSED" if _is_paused(plan) else "ACTIVE"


def _schedule(plan: CampaignPlan, end_name: str) -> dict[str, object]:
    schedule: dict[str, object] = {
        "start_time": plan.text(local_midnight(plan.first_day, plan.account))
    }
    if plan.last_day is not None:
        schedule[end_name] = plan.text(local_day_end(plan.last_day, plan.account))
    return schedule


def campaign_node(plan: CampaignPlan) -> Node:
    """The campaign."""
    status = campaign_status(plan)
    archived_at = plan.archived_at()
    moments = [plan.planned.at, *(event.at for event in plan.statuses)]
    if archived_at is not None and plan.has_happened(archived_at):
        moments.append(archived_at)
    updated_at = max(moments)
    spend_cap = plan.native((plan.planned.budget or Decimal(0)) * 2)
    values: dict[str, object] = {
        "id": plan.id,
        "account_id": plan.account.id,
        "name": plan.planned.name,
        "objective": _OBJECTIVE,
        "status": status,
        "configured_status": status,
        "effective_status": status,
        "buying_type": "AUCTION",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "budget_remaining": "0",
        "smart_promotion_type": "GUIDED_CREATION",
        "source_campaign_id": "0",
        "special_ad_categories": [],
        "special_ad_category": "NONE",
        "pacing_type": ["standard"],
        "can_use_spend_cap": True,
        "budget_rebalance_flag": False,
        "adlabels": [{"id": graph_id("AdLabel", label_key(plan)), "name": label(plan)}],
        "created_time": plan.text(plan.planned.at),
        "updated_time": plan.text(updated_at),
        **_schedule(plan, "stop_time"),
    }
    if plan.draws("cap").below(2):
        values["spend_cap"] = str(spend_cap)
    return Node(
        kind="Campaign",
        id=plan.id,
        account_id=plan.account.id,
        values=values,
        created_at=plan.planned.at,
        updated_at=updated_at,
        parents={"campaign": plan.id},
        delivery=delivery_of(plan),
    )


def label(plan: CampaignPlan) -> str:
    """The name of the label a campaign carries: its quarter."""
    quarter = (plan.first_day.month - 1) // 3 + 1
    return f"{plan.first_day.year}-Q{quarter}"


def label_key(plan: CampaignPlan) -> str:
    """What the label's id is made of: labels belong to an account."""
    return f"{plan.account.id}|{label(plan)}"


def _child_status(plan: CampaignPlan, own: str) -> str:
    """The effective status of what is in a campaign: its own, or the campaign's."""
    if own == "DELETED":
        return own
    above = campaign_status(plan)
    if above == "ARCHIVED":
        return "ARCHIVED"
    return "CAMPAIGN_PAUSED" if above == "PAUSED" and own == "ACTIVE" else own


def adset_node(plan: CampaignPlan, ad_key: str, number: int) -> Node:
    """An ad set: one audience of the campaign, with its daily budget."""
    draws = plan.draws(ad_key, "adset")
    days = ((plan.last_day or plan.first_day) - plan.first_day).days + 1
    daily = plan.native((plan.planned.budget or Decimal(0)) / days / ADS_PER_CAMPAIGN)
    created_at = plan.planned.at + timedelta(minutes=2 * number)
    updated_at = created_at
    change = office_moment(plan.first_day + timedelta(days=draws.between(5, 12)), draws)
    if draws.chance(_BUDGET_CHANGE_SHARE) and plan.has_happened(change):
        daily = daily * draws.between(105, 130) // 100
        updated_at = change
    set_id = graph_id("AdSet", ad_key)
    country = "US" if plan.account.currency == "USD" else "DE"
    values: dict[str, object] = {
        "id": set_id,
        "name": f"{plan.planned.name} / Audience {number}",
        "account_id": plan.account.id,
        "campaign_id": plan.id,
        "status": "ACTIVE",
        "configured_status": "ACTIVE",
        "effective_status": _child_status(plan, "ACTIVE"),
        "daily_budget": str(daily),
        "lifetime_budget": "0",
        "budget_remaining": str(daily),
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "billing_event": "IMPRESSIONS",
        "optimization_goal": "LEAD_GENERATION"
        if number == 1
        else "OFFSITE_CONVERSIONS",
        "destination_type": "ON_AD" if number == 1 else "WEBSITE",
        "attribution_spec": _WINDOWS,
        "promoted_object": {"page_id": plan.account.page_id},
        "targeting": {
            "age_min": 25,
            "age_max": 60,
            "geo_locations": {"countries": [country], "location_types": ["home"]},
        },
        "created_time": plan.text(created_at),
        "updated_time": plan.text(updated_at),
        **_schedule(plan, "end_time"),
    }
    return Node(
        kind="AdSet",
        id=set_id,
        account_id=plan.account.id,
        values=values,
        created_at=created_at,
        updated_at=updated_at,
        parents={"campaign": plan.id, "adset": set_id},
        delivery=delivery_of(plan),
    )


def ad_node(plan: CampaignPlan, ad_key: str, number: int) -> Node:
    """An ad as it was published."""
    created_at = plan.planned.at + timedelta(minutes=30 + number)
    deleted_at = plan.ad_deleted_at(ad_key)
    moments = [created_at + timedelta(hours=2)]
    is_deleted = deleted_at is not None and plan.has_happened(deleted_at)
    if deleted_at is not None and is_deleted:
        moments.append(deleted_at)
    return _ad(
        plan,
        ad_key,
        name=f"Ad {number}",
        status="DELETED" if is_deleted else "ACTIVE",
        created_at=created_at,
        updated_at=min(max(moments), plan.as_of),
    )


def copy_node(plan: CampaignPlan, ad_key: str, number: int) -> Node | None:
    """The copy of an ad that never delivers, if somebody made one by now."""
    copied_at = plan.copied_at(ad_key)
    if copied_at is None or not plan.has_happened(copied_at):
        return None
    return _ad(
        plan,
        ad_key,
        name=f"Ad {number} - Copy",
        status="PAUSED",
        created_at=copied_at,
        updated_at=copied_at,
        source_id=graph_id("Ad", ad_key),
    )


def _ad(
    plan: CampaignPlan,
    ad_key: str,
    *,
    name: str,
    status: str,
    created_at: datetime,
    updated_at: datetime,
    source_id: str | None = None,
) -> Node:
    ad_id = graph_id("Ad", ad_key if source_id is None else f"{ad_key}.copy")
    parents = {
        "campaign": plan.id,
        "adset": graph_id("AdSet", ad_key),
        "ad": ad_id,
        "creative": graph_id("AdCreative", ad_key),
    }
    values: dict[str, object] = {
        "id": ad_id,
        "name": name,
        "account_id": plan.account.id,
        "campaign_id": parents["campaign"],
        "adset_id": parents["adset"],
        "status": status,
        "configured_status": status,
        "effective_status": _child_status(plan, status),
        "bid_type": "ABSOLUTE_OCPM",
        "creative": {"id": parents["creative"]},
        "conversion_specs": [
            {"action.type": ["onsite_conversion"], "conversion_id": [parents["adset"]]}
        ],
        "tracking_specs": [
            {
                "action.type": ["leadgen_quality_conversion"],
                "page": [plan.account.page_id],
            }
        ],
        "last_updated_by_app_id": APP_ID,
        "source_ad_id": source_id or "0",
        "created_time": plan.text(created_at),
        "updated_time": plan.text(updated_at),
    }
    is_idle = source_id is not None
    delivery = delivery_of(plan, is_deleted=status == "DELETED")
    if is_idle and delivery not in {"archived", "deleted"}:
        delivery = "inactive"
    return Node(
        kind="Ad",
        id=ad_id,
        account_id=plan.account.id,
        values=values,
        created_at=created_at,
        updated_at=updated_at,
        parents=parents,
        delivery=delivery,
    )

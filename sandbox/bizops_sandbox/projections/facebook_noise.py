"""The ledger of Facebook's noise: where its records mislead, and which ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_accounts import (
    accounts_of_campaigns,
    make_accounts,
)
from bizops_sandbox.projections.facebook_creatives import has_utm
from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.projections.facebook_restating import settled_on
from bizops_sandbox.projections.facebook_state import ad_keys, gather
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.projections.facebook_campaigns import CampaignPlan
    from bizops_sandbox.projections.facebook_state import AdState
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

HANDLING = {
    "restated_ad_day": "first stated too high: read again for 28 days, keep the latest",
    "utm_missing": "linked to the CRM's campaign by its name",
    "idle_ad_copy": "never delivers: no spend, no days",
    "archived": "hidden unless asked for; its spend counts",
    "deleted": "hidden unless asked for; its spend counts",
}


@dataclass(frozen=True, slots=True)
class FacebookNoise:
    """One place where the records differ from the plain truth.

    `other_id` is the Salesforce campaign's id for `utm_missing`, the day of a
    `restated_ad_day`, the ad that was copied, else "".
    """

    code: str
    object_name: str
    source_id: str
    at: datetime
    other_id: str = ""


def facebook_noise(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[FacebookNoise]:
    """All noise up to the end of a day, in time order."""
    from bizops_sandbox.projections.facebook import make_plans

    moment = day_end(as_of)
    state = gather(events, moment)
    accounts = accounts_of_campaigns(state.campaigns, make_accounts(params))
    plans = make_plans(state, accounts, params, moment)
    rows = list(_restated(state, params))
    for plan in plans:
        rows += _of_campaign(plan)
    return sorted(rows, key=lambda row: (row.at, row.code, row.source_id, row.other_id))


def _restated(state: AdState, params: Parameters) -> Iterator[FacebookNoise]:
    for event in state.ad_days:
        if settled_on(event, params) is not None:
            ad_id = graph_id("Ad", event.ad_key)
            day = event.day.isoformat()
            yield FacebookNoise("restated_ad_day", "Ad", ad_id, event.at, day)


def _of_campaign(plan: CampaignPlan) -> Iterator[FacebookNoise]:
    if not has_utm(plan):
        crm_id = salesforce_id("Campaign", plan.key)
        at = plan.planned.at
        yield FacebookNoise("utm_missing", "Campaign", plan.id, at, crm_id)
    archived_at = plan.archived_at()
    if archived_at is not None and plan.has_happened(archived_at):
        yield FacebookNoise("archived", "Campaign", plan.id, archived_at)
    for ad_key in ad_keys(plan.key):
        ad_id = graph_id("Ad", ad_key)
        deleted_at, copied_at = plan.ad_deleted_at(ad_key), plan.copied_at(ad_key)
        if deleted_at is not None and plan.has_happened(deleted_at):
            yield FacebookNoise("deleted", "Ad", ad_id, deleted_at)
        if copied_at is not None and plan.has_happened(copied_at):
            copy_id = graph_id("Ad", f"{ad_key}.copy")
            yield FacebookNoise("idle_ad_copy", "Ad", copy_id, copied_at, ad_id)

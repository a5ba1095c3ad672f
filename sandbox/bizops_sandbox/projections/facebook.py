"""The business on Facebook of the sample company, as of any day of its log."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections import facebook_assets as assets
from bizops_sandbox.projections import facebook_campaigns as campaigns
from bizops_sandbox.projections.facebook_accounts import (
    accounts_of_campaigns,
    make_accounts,
)
from bizops_sandbox.projections.facebook_business import FacebookBusiness, Node
from bizops_sandbox.projections.facebook_campaigns import CampaignPlan
from bizops_sandbox.projections.facebook_conversions import AdSpan, make_conversion
from bizops_sandbox.projections.facebook_creatives import creative_nodes
from bizops_sandbox.projections.facebook_delivery import make_ad_days, usd_rate
from bizops_sandbox.projections.facebook_leads import form_nodes, lead_nodes
from bizops_sandbox.projections.facebook_state import AdState, ad_keys, gather
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from bizops_sandbox.projections.facebook_business import (
        AdAccount,
        AdDay,
        Conversion,
    )
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

_SETUP_HOURS = 6


def project_facebook(
    events: Iterable[Event], params: Parameters, as_of: date
) -> FacebookBusiness:
    """The business at the end of a day: what the API would answer then.

    Args:
        events: The log, in time order.
        params: The parameters that made it.
        as_of: The day, in the window of the log.

    Raises:
        ParameterError: `as_of` is outside the window.
    """
    if not params.start_date <= as_of <= params.as_of:
        raise ParameterError(
            f"as_of: {as_of} is not between {params.start_date} and {params.as_of},"
            " the days of the sample company"
        )
    moment = day_end(as_of)
    state = gather(events, moment)
    accounts = make_accounts(params)
    by_campaign = accounts_of_campaigns(state.campaigns, accounts)
    plans = make_plans(state, by_campaign, params, moment)
    ad_days = make_ad_days(state, by_campaign, params, as_of)
    opened_at = day_start(params.start_date) + timedelta(hours=_SETUP_HOURS)
    ads = [node for plan in plans for node in _campaign_nodes(plan)]
    leads = lead_nodes(state, by_campaign, {node.id: node for node in ads}, params)
    asset_names = sorted({touch.asset for touch in state.touches})
    nodes = [
        *ads,
        *leads,
        *form_nodes(tuple(accounts.values()), leads, opened_at, asset_names),
        *assets.label_nodes(plans),
        *_owned_nodes(accounts.values(), ads, ad_days, opened_at, moment),
    ]
    return FacebookBusiness(
        as_of=moment,
        accounts=tuple(accounts.values()),
        nodes=_newest_first(nodes),
        ad_days=ad_days,
        conversions=_conversions(state, plans, params),
    )


def make_plans(
    state: AdState,
    accounts: Mapping[str, AdAccount],
    params: Parameters,
    moment: datetime,
) -> list[CampaignPlan]:
    """The campaigns with all that is known of them."""
    return [
        CampaignPlan(
            planned=planned,
            account=accounts[key],
            statuses=state.statuses.get(key, ()),
            params=params,
            as_of=moment,
            usd_rate=usd_rate(accounts[key], planned.at.date(), state, params),
        )
        for key, planned in state.campaigns.items()
    ]


def _campaign_nodes(plan: CampaignPlan) -> list[Node]:
    nodes = [campaigns.campaign_node(plan)]
    for number, ad_key in enumerate(ad_keys(plan.key), start=1):
        nodes.append(campaigns.adset_node(plan, ad_key, number))
        nodes.append(campaigns.ad_node(plan, ad_key, number))
        nodes += creative_nodes(plan, ad_key, number)
        copy = campaigns.copy_node(plan, ad_key, number)
        if copy is not None:
            nodes.append(copy)
    return nodes


def _owned_nodes(
    accounts: Iterable[AdAccount],
    ads: Sequence[Node],
    ad_days: Sequence[AdDay],
    opened_at: datetime,
    moment: datetime,
) -> list[Node]:
    account_of_ad = {node.id: node.account_id for node in ads if node.kind == "Ad"}
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for ad_day in ad_days:
        spent[account_of_ad[ad_day.ad_id]] += ad_day.spend
    nodes: list[Node] = []
    for account in accounts:
        nodes += [
            assets.account_node(account, spent[account.id], opened_at, moment),
            assets.page_node(account, opened_at),
            *assets.audience_nodes(account, opened_at),
            assets.conversion_node(account, opened_at),
        ]
    return nodes


def _conversions(
    state: AdState, plans: Iterable[CampaignPlan], params: Parameters
) -> tuple[Conversion, ...]:
    by_key = {plan.key: plan for plan in plans}
    found = []
    for touch in state.touches:
        plan = by_key[touch.campaign_key]
        span = AdSpan(plan.first_day, plan.last_day)
        conversion = make_conversion(touch, plan.account, span, params)
        if conversion is not None:
            found.append(conversion)
    return tuple(found)


def _newest_first(nodes: Iterable[Node]) -> tuple[Node, ...]:
    ordered = sorted(nodes, key=lambda node: (node.created_at, node.id), reverse=True)
    if len({node.id for node in ordered}) != len(ordered):
        raise ValueError("two objects of the graph got the same id")
    return tuple(ordered)

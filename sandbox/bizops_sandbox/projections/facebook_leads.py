"""Lead forms of the pages, and what people wrote into them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_accounts import local_text
from bizops_sandbox.projections.facebook_business import Node
from bizops_sandbox.projections.facebook_conversions import is_onsite
from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.world.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import AdAccount
    from bizops_sandbox.projections.facebook_state import AdState
    from bizops_sandbox.world import events as log
    from bizops_sandbox.world.parameters import Parameters

_QUESTIONS = (
    ("full_name", "FULL_NAME", "Full name"),
    ("email", "EMAIL", "Email"),
    ("company_name", "COMPANY_NAME", "Company name"),
    ("job_title", "JOB_TITLE", "Job title"),
)
_PLATFORMS = ("fb", "fb", "ig")


def form_id(account: AdAccount, asset: str) -> str:
    """The id of the form that gives an asset away on an account's page."""
    return graph_id("LeadgenForm", f"{account.id}|{asset}")


def lead_nodes(
    state: AdState,
    accounts: Mapping[str, AdAccount],
    nodes: Mapping[str, Node],
    params: Parameters,
) -> list[Node]:
    """The leads that came through forms on the platform.

    Args:
        state: The log.
        accounts: The account of each campaign, by the campaign's key.
        nodes: Campaigns, ad sets and ads by id.
        params: The parameters that made the log.
    """
    return [
        _lead(touch, accounts[touch.campaign_key], state, nodes, params)
        for touch in state.touches
        if is_onsite(touch, params)
    ]


def _lead(
    touch: log.TouchMade,
    account: AdAccount,
    state: AdState,
    nodes: Mapping[str, Node],
    params: Parameters,
) -> Node:
    key = f"{touch.person_key}|{touch.campaign_key}|{touch.at.isoformat()}"
    ad = nodes[graph_id("Ad", touch.ad_key or "")]
    adset, campaign = nodes[ad.parents["adset"]], nodes[ad.parents["campaign"]]
    form, lead_id = form_id(account, touch.asset), graph_id("Lead", key)
    draws = Draws(params.seed, "facebook", key, "lead")
    values: dict[str, object] = {
        "id": lead_id,
        "created_time": local_text(touch.at, account),
        "ad_id": ad.id,
        "ad_name": ad.values["name"],
        "adset_id": adset.id,
        "adset_name": adset.values["name"],
        "campaign_id": campaign.id,
        "campaign_name": campaign.values["name"],
        "form_id": form,
        "is_organic": False,
        "platform": draws.pick(_PLATFORMS),
        "field_data": _answers(state, touch.person_key),
    }
    return Node(
        kind="Lead",
        id=lead_id,
        account_id=account.id,
        values=values,
        created_at=touch.at,
        updated_at=touch.at,
        parents={"form": form, "ad": ad.id, "page": account.page_id},
    )


def _answers(state: AdState, person_key: str) -> list[dict[str, object]]:
    """The form is filled from the person's profile: their private address first."""
    person = state.persons[person_key]
    organization = state.organizations.get(person.organization_key)
    answers = {
        "full_name": f"{person.first_name} {person.last_name}",
        "email": person.free_email or person.work_email or "",
        "company_name": organization.name if organization else "",
        "job_title": person.title,
    }
    return [
        {"name": name, "values": [value]} for name, value in answers.items() if value
    ]


def form_nodes(
    accounts: Sequence[AdAccount],
    leads: Sequence[Node],
    opened_at: datetime,
    assets: Sequence[str],
) -> list[Node]:
    """A form an account's page and asset."""
    counts = Counter(lead.parents["form"] for lead in leads)
    forms = []
    for account in accounts:
        for number, asset in enumerate(assets):
            at = opened_at + timedelta(minutes=number)
            node_id = form_id(account, asset)
            values: dict[str, object] = {
                "id": node_id,
                "name": f"{account.name}: {asset}",
                "status": "ACTIVE",
                "locale": "en_US",
                "created_time": local_text(at, account),
                "leads_count": counts[node_id],
                "organic_leads_count": 0,
                "page_id": account.page_id,
                "page": {"id": account.page_id, "name": account.name},
                "follow_up_action_url": "https://www.acme.example/thanks",
                "questions": [
                    {"key": key, "type": kind, "label": text, "id": graph_id("Q", key)}
                    for key, kind, text in _QUESTIONS
                ],
            }
            parents = {"form": node_id, "page": account.page_id}
            forms.append(
                Node("LeadgenForm", node_id, account.id, values, at, at, parents)
            )
    return forms

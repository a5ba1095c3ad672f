"""What an ad shows: creatives, images and videos."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_business import Node
from bizops_sandbox.projections.facebook_ids import graph_id, image_hash
from bizops_sandbox.projections.salesforce_ids import salesforce_id

if TYPE_CHECKING:
    from bizops_sandbox.projections.facebook_campaigns import CampaignPlan

_UTM_MISSING_SHARE = Decimal("0.1")
_SITE = "https://www.acme.example"


def has_utm(plan: CampaignPlan) -> bool:
    """Whether the links of a campaign's ads tell which campaign they belong to."""
    return not plan.draws("utm").chance(_UTM_MISSING_SHARE)


def url_tags(plan: CampaignPlan, ad_key: str) -> str | None:
    """What is appended to an ad's link; the campaign is Salesforce's."""
    if not has_utm(plan):
        return None
    campaign_id = salesforce_id("Campaign", plan.key)
    return (
        "utm_source=facebook&utm_medium=paid_social"
        f"&utm_campaign={campaign_id}&utm_content={graph_id('Ad', ad_key)}"
    )


def creative_nodes(plan: CampaignPlan, ad_key: str, number: int) -> list[Node]:
    """The creative of an ad, with the image or the video it shows."""
    is_video = number % 2 == 0
    visual = _video(plan, ad_key) if is_video else _image(plan, ad_key)
    creative_id = graph_id("AdCreative", ad_key)
    story_id = f"{plan.account.page_id}_{graph_id('Post', ad_key)}"
    link = f"{_SITE}/offers/{plan.first_day:%Y-%m}"
    shown: dict[str, object] = {
        "message": plan.planned.name,
        "call_to_action": {"type": "LEARN_MORE"},
    }
    values: dict[str, object] = {
        "id": creative_id,
        "account_id": plan.account.id,
        "actor_id": plan.account.page_id,
        "name": f"{plan.planned.name} {number}",
        "title": plan.planned.name,
        "body": f"{plan.planned.name}. Learn more.",
        "call_to_action_type": "LEARN_MORE",
        "effective_object_story_id": story_id,
        "object_type": "VIDEO" if is_video else "SHARE",
        "status": "ACTIVE",
        "thumbnail_url": f"{_SITE}/thumbnails/{creative_id}.png",
    }
    if is_video:
        values["video_id"] = visual.id
        data: dict[str, object] = {"video_data": {**shown, "video_id": visual.id}}
    else:
        values["image_hash"] = visual.values["hash"]
        values["image_url"] = visual.values["url"]
        data = {
            "link_data": {**shown, "link": link, "image_hash": values["image_hash"]}
        }
    values["object_story_spec"] = {"page_id": plan.account.page_id, **data}
    tags = url_tags(plan, ad_key)
    if tags is not None:
        values["url_tags"] = tags
    creative = Node(
        kind="AdCreative",
        id=creative_id,
        account_id=plan.account.id,
        values=values,
        created_at=plan.planned.at,
        updated_at=plan.planned.at,
        parents={"creative": creative_id},
    )
    return [creative, visual]


def _image(plan: CampaignPlan, ad_key: str) -> Node:
    digest = image_hash(ad_key)
    image_id = f"{plan.account.id}:{digest}"
    at = plan.planned.at - timedelta(minutes=5)
    values: dict[str, object] = {
        "id": image_id,
        "account_id": plan.account.id,
        "hash": digest,
        "name": f"{plan.first_day:%Y-%m}.png",
        "status": "ACTIVE",
        "width": 1200,
        "height": 628,
        "original_width": 1200,
        "original_height": 628,
        "url": f"{_SITE}/images/{digest}.png",
        "permalink_url": f"{_SITE}/images/{digest}",
        "created_time": plan.text(at),
        "updated_time": plan.text(at),
        "creatives": [graph_id("AdCreative", ad_key)],
    }
    return Node("AdImage", image_id, plan.account.id, values, at, at, {})


def _video(plan: CampaignPlan, ad_key: str) -> Node:
    video_id = graph_id("AdVideo", ad_key)
    at = plan.planned.at - timedelta(minutes=5)
    values: dict[str, object] = {
        "id": video_id,
        "title": plan.planned.name,
        "description": f"{plan.planned.name}, the film",
        "length": 15.5 + plan.draws(ad_key, "film").below(60),
        "permalink_url": f"/{plan.account.page_id}/videos/{video_id}/",
        "published": True,
        "created_time": plan.text(at),
        "updated_time": plan.text(at),
    }
    return Node("AdVideo", video_id, plan.account.id, values, at, at, {})

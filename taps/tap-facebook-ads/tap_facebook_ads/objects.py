"""The streams of objects: where each is listed, what is read of it. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tap_facebook_ads.fields import Field, make_fields


class Parent(enum.Enum):
    """What a list of objects hangs on."""

    ITSELF = "the account itself"
    ACCOUNT = "account"
    PAGE = "page"
    FORM = "lead form"


class NewSince(enum.Enum):
    """How only new objects are read."""

    FILTER = "the service filters"
    HERE = "filtered here"


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One stream of objects.

    Attributes:
        edge: Last part of the list's path.
        replication_key: None for streams that are read whole each time.
        new_since: How objects before the bookmark are left out.
        level: Prefix of filters, for campaigns, ad sets and ads.
        parent_levels: Levels above, whose changes show in the objects.
        page_rows_max: Most rows of a page, for objects that are heavy.
    """

    stream: str
    edge: str
    fields: tuple[Field, ...]
    parent: Parent = Parent.ACCOUNT
    replication_key: str | None = None
    new_since: NewSince | None = None
    level: str | None = None
    parent_levels: tuple[str, ...] = ()
    is_default: bool = True
    page_rows_max: int = 1000

    @property
    def is_skipped_without_permission(self) -> bool:
        """Tell whether a missing permission only leaves the stream out."""
        return self.parent in {Parent.PAGE, Parent.FORM}


_ADACCOUNTS = make_fields(
    text="id account_id name currency timezone_name business_name"
    " business_country_code end_advertiser end_advertiser_name funding_source owner",
    whole="account_status disable_reason timezone_id amount_spent balance spend_cap"
    " min_campaign_group_spend_cap min_daily_budget fb_entity is_personal",
    number="age timezone_offset_hours_utc",
    flag="has_migrated_permissions is_prepay_account offsite_pixels_tos_accepted",
    moment="created_time",
    object="business",
    list="capabilities user_tasks",
)
_CAMPAIGNS = make_fields(
    text="id account_id name objective status effective_status configured_status"
    " buying_type bid_strategy",
    whole="daily_budget lifetime_budget budget_remaining spend_cap",
    moment="start_time stop_time created_time updated_time",
    list="special_ad_categories",
    object="promoted_object",
    list_="adlabels",
)
_ADSETS = make_fields(
    text="id name account_id campaign_id status effective_status",
    whole="daily_budget lifetime_budget bid_amount",
    text_="bid_strategy billing_event optimization_goal",
    list="attribution_spec",
    object="targeting promoted_object",
    text__="destination_type",
    moment="start_time end_time created_time updated_time",
)
_ADS = make_fields(
    text="id name account_id campaign_id adset_id status effective_status",
    object="creative",
    list="conversion_specs tracking_specs",
    whole="bid_amount",
    moment="created_time updated_time",
    text_="source_ad_id",
    list_="recommendations",
)
_CREATIVES = make_fields(
    text="id account_id actor_id name title body status object_type object_id"
    " object_story_id effective_object_story_id object_url link_url template_url"
    " thumbnail_url image_hash image_url video_id url_tags call_to_action_type"
    " link_og_id link_destination_display_url instagram_user_id"
    " instagram_permalink_url effective_instagram_media_id product_set_id"
    " authorization_category",
    object="object_story_spec asset_feed_spec",
    list="adlabels",
)
_IMAGES = make_fields(
    text="id account_id hash name status permalink_url url url_128",
    whole="height width original_height original_width",
    flag="is_associated_creatives_in_adgroups",
    list="creatives",
    moment="created_time updated_time",
)
_VIDEOS = make_fields(
    text="id title description content_category live_status permalink_url picture"
    " icon source",
    number="length",
    whole="views",
    flag="published is_instagram_eligible",
    object="from privacy status",
    list="content_tags",
    moment="created_time updated_time",
)
_LABELS = make_fields(
    text="id name", object="account", moment="created_time updated_time"
)
_AUDIENCES = make_fields(
    text="id account_id name description subtype customer_file_source pixel_id rule",
    whole="approximate_count_lower_bound approximate_count_upper_bound retention_days"
    " time_content_updated time_created time_updated",
    flag="is_value_based",
    object="data_source delivery_status operation_status permission_for_actions"
    " sharing_status",
    list="lookalike_audience_ids",
    object_="lookalike_spec",
)
_CONVERSIONS = make_fields(
    text="id account_id name description custom_event_type rule event_source_type"
    " aggregation_rule",
    number="default_conversion_value",
    whole="retention_days",
    flag="is_archived is_unavailable",
    moment="creation_time first_fired_time last_fired_time",
    object="business pixel",
    list="data_sources",
)
_FORMS = make_fields(
    text="id name page_id status locale follow_up_action_url privacy_policy_url",
    whole="leads_count organic_leads_count expired_leads_count",
    flag="is_optimized_for_quality allow_organic_lead",
    object="page context_card legal_content thank_you_page",
    list="questions tracking_parameters",
    moment="created_time",
)
_LEADS = make_fields(
    text="id ad_id ad_name adset_id adset_name campaign_id campaign_name form_id"
    " platform",
    flag="is_organic",
    list="field_data custom_disclaimer_responses",
    moment="created_time",
)

#: All streams of objects, in the order they are read.
OBJECTS = (
    ObjectSpec("adaccounts", "", _ADACCOUNTS, parent=Parent.ITSELF),
    ObjectSpec(
        "campaigns",
        "campaigns",
        _CAMPAIGNS,
        replication_key="updated_time",
        new_since=NewSince.FILTER,
        level="campaign",
    ),
    ObjectSpec(
        "adsets",
        "adsets",
        _ADSETS,
        replication_key="updated_time",
        new_since=NewSince.FILTER,
        level="adset",
        parent_levels=("campaign",),
    ),
    ObjectSpec(
        "ads",
        "ads",
        _ADS,
        replication_key="updated_time",
        new_since=NewSince.FILTER,
        level="ad",
        parent_levels=("adset", "campaign"),
    ),
    ObjectSpec("creatives", "adcreatives", _CREATIVES, page_rows_max=25),
    ObjectSpec("adimages", "adimages", _IMAGES, is_default=False),
    ObjectSpec("advideos", "advideos", _VIDEOS, is_default=False),
    ObjectSpec(
        "adlabels",
        "adlabels",
        _LABELS,
        replication_key="updated_time",
        new_since=NewSince.HERE,
        is_default=False,
    ),
    ObjectSpec("customaudiences", "customaudiences", _AUDIENCES, is_default=False),
    ObjectSpec(
        "customconversions", "customconversions", _CONVERSIONS, is_default=False
    ),
    ObjectSpec(
        "leadgen_forms", "leadgen_forms", _FORMS, parent=Parent.PAGE, is_default=False
    ),
    ObjectSpec(
        "leads",
        "leads",
        _LEADS,
        parent=Parent.FORM,
        replication_key="created_time",
        new_since=NewSince.FILTER,
        is_default=False,
    ),
)
#: Streams of other taps that are streams of ours under another name.
ALIASES = {"adcreative": "creatives", "ads_insights": "adsinsights_default"}

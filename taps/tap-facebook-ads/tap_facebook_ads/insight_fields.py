"""The fields of reports, by the names the service has for them. Pure."""

from __future__ import annotations

from tap_facebook_ads.fields import Field, Kind, make_fields

#: What a report asks for where the config names no fields.
_USUAL = [
    "account_name",
    "account_currency",
    "campaign_id",
    "campaign_name",
    "adset_id",
    "adset_name",
    "ad_id",
    "ad_name",
    "impressions",
    "reach",
    "frequency",
    "spend",
    "clicks",
    "unique_clicks",
    "inline_link_clicks",
    "outbound_clicks",
    "ctr",
    "cpc",
    "cpm",
    "cpp",
    "objective",
    "optimization_goal",
    "attribution_setting",
    "actions",
    "action_values",
    "conversions",
    "conversion_values",
    "cost_per_action_type",
    "purchase_roas",
    "website_purchase_roas",
    "video_30_sec_watched_actions",
    "video_avg_time_watched_actions",
    "video_p25_watched_actions",
    "video_p50_watched_actions",
    "video_p75_watched_actions",
    "video_p95_watched_actions",
    "video_p100_watched_actions",
    "video_thruplay_watched_actions",
    "quality_ranking",
    "engagement_rate_ranking",
    "conversion_rate_ranking",
    "results",
    "created_time",
    "updated_time",
]
#: Fields that say nothing above a level, by the first level they are known at.
_FIRST_LEVEL = {
    "campaign": {"campaign_id", "campaign_name", "objective"},
    "adset": {
        "adset_id",
        "adset_name",
        "attribution_setting",
        "optimization_goal",
        "results",
    },
    "ad": {
        "ad_id",
        "ad_name",
        "conversion_rate_ranking",
        "engagement_rate_ranking",
        "quality_ranking",
    },
}

_KNOWN = {
    field.name: field
    for field in make_fields(
        text="""
            account_currency account_id account_name ad_id ad_name adset_id adset_name
            campaign_id campaign_name objective optimization_goal attribution_setting
            buying_type quality_ranking engagement_rate_ranking conversion_rate_ranking
            creative_media_type
        """,
        day="date_start date_stop created_time updated_time",
        whole="""
            impressions reach clicks unique_clicks inline_link_clicks
            unique_inline_link_clicks inline_post_engagement full_view_impressions
            full_view_reach estimated_ad_recallers instant_experience_clicks_to_open
            instant_experience_clicks_to_start shops_assisted_purchases
        """,
        number="""
            spend social_spend frequency ctr unique_ctr cpc cpm cpp
            cost_per_unique_click cost_per_inline_link_click
            cost_per_unique_inline_link_click cost_per_inline_post_engagement
            cost_per_estimated_ad_recallers inline_link_click_ctr
            unique_inline_link_click_ctr unique_link_clicks_ctr
            estimated_ad_recall_rate canvas_avg_view_percent canvas_avg_view_time
            landing_page_view_per_link_click landing_page_view_actions_per_link_click
            purchase_per_landing_page_view purchases_per_link_click
            qualifying_question_qualify_answer_rate auction_bid
            auction_max_competitor_bid
        """,
        actions="""
            actions action_values ad_click_actions ad_impression_actions
            average_purchases_conversion_value catalog_segment_actions
            catalog_segment_value catalog_segment_value_mobile_purchase_roas
            catalog_segment_value_omni_purchase_roas
            catalog_segment_value_website_purchase_roas conversion_lead_rate
            conversion_leads conversion_values conversions converted_product_quantity
            converted_product_value cost_per_15_sec_video_view
            cost_per_2_sec_continuous_video_view cost_per_action_type cost_per_ad_click
            cost_per_conversion cost_per_conversion_lead
            cost_per_one_thousand_ad_impression cost_per_outbound_click
            cost_per_thruplay cost_per_unique_action_type cost_per_unique_conversion
            cost_per_unique_outbound_click instant_experience_outbound_clicks
            interactive_component_tap mobile_app_purchase_roas
            onsite_conversion_messaging_detected_purchase_deduped outbound_clicks
            outbound_clicks_ctr purchase_roas total_postbacks_detailed
            total_postbacks_detailed_v4 unique_actions unique_conversions
            unique_outbound_clicks unique_outbound_clicks_ctr
            unique_video_continuous_2_sec_watched_actions unique_video_view_15_sec
            video_15_sec_watched_actions video_30_sec_watched_actions
            video_avg_time_watched_actions video_continuous_2_sec_watched_actions
            video_p100_watched_actions video_p25_watched_actions
            video_p50_watched_actions video_p75_watched_actions
            video_p95_watched_actions video_play_actions video_thruplay_watched_actions
            video_time_watched_actions video_view_per_impression website_ctr
            website_purchase_roas
        """,
        list="""
            cost_per_objective_result cost_per_result dda_results
            link_clicks_per_results objective_result_rate objective_results result_rate
            results video_play_curve_actions video_play_retention_0_to_15s_actions
            video_play_retention_20_to_60s_actions video_play_retention_graph_actions
        """,
    )
}


def insight_field(name: str) -> Field:
    """Give a field by its name; one not known here is taken as text."""
    is_action = name.startswith(("converted_product_", "converted_promoted_"))
    kind = Kind.ACTIONS if is_action else Kind.TEXT
    return _KNOWN.get(name, Field(name, kind))


def default_fields(level: str) -> tuple[str, ...]:
    """Give the fields a report asks for unless its config names some."""
    levels = ("account", "campaign", "adset", "ad")
    below = levels[levels.index(level) + 1 :]
    left_out = {name for each in below for name in _FIRST_LEVEL[each]}
    return tuple(name for name in _USUAL if name not in left_out)

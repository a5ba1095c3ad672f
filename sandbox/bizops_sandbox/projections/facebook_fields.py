"""The fields that each kind of object may be asked for, by the API's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


NODE_FIELDS: Mapping[str, frozenset[str]] = {
    "AdAccount": _names(
        """
        id account_id account_status age amount_spent attribution_spec balance business
        business_city business_country_code business_name business_state
        business_street business_street2 business_zip can_create_brand_lift_study
        capabilities created_time currency default_dsa_beneficiary default_dsa_payor
        disable_reason end_advertiser end_advertiser_name extended_credit_invoice_group
        failed_delivery_checks fb_entity funding_source funding_source_details
        has_migrated_permissions io_number is_attribution_spec_system_default
        is_direct_deals_enabled is_in_3ds_authorization_enabled_market
        is_notifications_enabled is_personal is_prepay_account is_tax_id_required
        line_numbers media_agency min_campaign_group_spend_cap min_daily_budget name
        offsite_pixels_tos_accepted owner partner rf_spec spend_cap tax_id
        tax_id_status tax_id_type timezone_id timezone_name timezone_offset_hours_utc
        tos_accepted user_tasks user_tos_accepted
        """
    ),
    "Campaign": _names(
        """
        id account_id adlabels bid_strategy boosted_object_id brand_lift_studies
        budget_rebalance_flag budget_remaining buying_type
        can_create_brand_lift_study can_use_spend_cap configured_status created_time
        daily_budget effective_status has_secondary_skadnetwork_reporting
        is_skadnetwork_attribution issues_info last_budget_toggling_time
        lifetime_budget name objective pacing_type primary_attribution promoted_object
        recommendations smart_promotion_type source_campaign source_campaign_id
        special_ad_categories special_ad_category special_ad_category_country spend_cap
        start_time status stop_time topline_id updated_time
        """
    ),
    "AdSet": _names(
        """
        id account_id adlabels adset_schedule asset_feed_id attribution_spec
        bid_adjustments bid_amount bid_constraints bid_info bid_strategy billing_event
        budget_remaining campaign campaign_id configured_status created_time
        creative_sequence daily_budget daily_min_spend_target daily_spend_cap
        destination_type effective_status end_time frequency_control_specs
        instagram_user_id is_dynamic_creative issues_info learning_stage_info
        lifetime_budget lifetime_imps lifetime_min_spend_target lifetime_spend_cap
        multi_optimization_goal_weight name optimization_goal optimization_sub_event
        pacing_type promoted_object recommendations source_adset source_adset_id
        start_time status targeting updated_time use_new_app_click
        """
    ),
    "Ad": _names(
        """
        id account_id ad_active_time ad_review_feedback ad_schedule_end_time
        ad_schedule_start_time adlabels adset adset_id bid_amount bid_info bid_type
        campaign campaign_id configured_status conversion_domain conversion_specs
        created_time creative demolink_hash display_sequence effective_status
        engagement_audience failed_delivery_checks issues_info last_updated_by_app_id
        name preview_shareable_link priority recommendations source_ad source_ad_id
        status targeting tracking_and_conversion_with_defaults tracking_specs
        updated_time
        """
    ),
    "AdCreative": _names(
        """
        id account_id actor_id adlabels applink_treatment asset_feed_spec
        authorization_category body branded_content call_to_action
        call_to_action_type categorization_criteria category_media_source
        degrees_of_freedom_spec destination_set_id dynamic_ad_voice
        effective_authorization_category effective_instagram_media_id
        effective_object_story_id enable_direct_install
        enable_launch_instant_app image_crops image_hash image_url
        instagram_permalink_url instagram_user_id
        interactive_components_spec link_deep_link_url link_destination_display_url
        link_og_id link_url messenger_sponsored_message name object_id object_store_url
        object_story_id object_story_spec object_type object_url
        place_page_set_id platform_customizations playable_asset_id
        portrait_customizations product_set_id recommender_settings
        source_instagram_media_id status template_url template_url_spec thumbnail_id
        thumbnail_url title url_tags use_page_actor_override video_id
        """
    ),
    "AdImage": _names(
        """
        id account_id created_time creatives hash height
        is_associated_creatives_in_adgroups name original_height original_width
        owner_business permalink_url status
        updated_time url url_128 width
        """
    ),
    "AdVideo": _names(
        """
        id ad_breaks backdated_time content_category content_tags created_time
        custom_labels description embed_html embeddable format from icon
        is_crosspost_video is_instagram_eligible length live_status permalink_url
        picture place post_views privacy published scheduled_publish_time source status
        title universal_video_id updated_time views
        """
    ),
    "AdLabel": _names("id account created_time name updated_time"),
    "CustomAudience": _names(
        """
        id account_id approximate_count_lower_bound approximate_count_upper_bound
        customer_file_source data_source data_source_types
        datafile_custom_audience_uploading_status
        delivery_status description external_event_source included_custom_audience_ids
        is_household is_snapshot is_value_based lookalike_audience_ids lookalike_spec
        name operation_status opt_out_link page_deletion_marked_delete_time
        permission_for_actions pixel_id retention_days rule rule_aggregation rule_v2
        seed_audience sharing_status subtype time_content_updated time_created
        time_updated
        """
    ),
    "CustomConversion": _names(
        """
        id account_id aggregation_rule business creation_time custom_event_type
        data_sources default_conversion_value description event_source_type
        first_fired_time is_archived is_unavailable last_fired_time name
        offline_conversion_data_set pixel retention_days rule
        """
    ),
    "Page": _names("id access_token category category_list name tasks username link"),
    "LeadgenForm": _names(
        """
        id allow_organic_lead block_display_for_non_targeted_viewer context_card
        created_time creator expired_leads_count follow_up_action_text
        follow_up_action_url is_optimized_for_quality leads_count legal_content locale
        name organic_leads_count page page_id privacy_policy_url
        question_page_custom_headline questions status thank_you_page
        tracking_parameters
        """
    ),
    "Lead": _names(
        """
        id ad_id ad_name adset_id adset_name campaign_id campaign_name created_time
        custom_disclaimer_responses field_data form_id home_listing is_organic
        partner_name platform post retailer_item_id vehicle
        """
    ),
    "User": _names("id name email first_name last_name"),
    "AdReportRun": _names(
        """
        id account_id async_percent_completion async_report_url async_status
        date_start date_stop emails error_code error_message error_subcode
        error_user_msg error_user_title friendly_name is_bookmarked is_running
        schedule_id time_completed time_ref
        """
    ),
}

INSIGHT_DIMENSIONS = _names(
    """
    account_currency account_id account_name campaign_id campaign_name adset_id
    adset_name ad_id ad_name objective optimization_goal buying_type
    attribution_setting created_time updated_time date_start date_stop
    """
)
INSIGHT_COUNTS = _names(
    """
    impressions reach frequency spend social_spend clicks unique_clicks
    inline_link_clicks unique_inline_link_clicks inline_post_engagement ctr
    unique_ctr cpc cpm cpp cost_per_unique_click cost_per_inline_link_click
    cost_per_unique_inline_link_click cost_per_inline_post_engagement
    inline_link_click_ctr unique_link_clicks_ctr full_view_impressions full_view_reach
    """
)
INSIGHT_ACTIONS = _names(
    """
    actions action_values unique_actions conversions conversion_values
    cost_per_action_type cost_per_unique_action_type cost_per_conversion
    outbound_clicks unique_outbound_clicks outbound_clicks_ctr
    cost_per_outbound_click website_ctr results cost_per_result
    """
)
# Good names that stay unset in this company: no videos to count, no shop, no ranking.
INSIGHT_UNSET = _names(
    """
    purchase_roas website_purchase_roas mobile_app_purchase_roas
    video_30_sec_watched_actions video_avg_time_watched_actions
    video_p25_watched_actions video_p50_watched_actions video_p75_watched_actions
    video_p95_watched_actions video_p100_watched_actions video_play_actions
    video_play_curve_actions video_thruplay_watched_actions cost_per_thruplay
    quality_ranking engagement_rate_ranking conversion_rate_ranking
    estimated_ad_recallers estimated_ad_recall_rate cost_per_estimated_ad_recallers
    catalog_segment_actions catalog_segment_value converted_product_quantity
    converted_product_value canvas_avg_view_percent canvas_avg_view_time dda_results
    instant_experience_clicks_to_open instant_experience_clicks_to_start
    instant_experience_outbound_clicks landing_page_view_per_link_click
    qualifying_question_qualify_answer_rate shops_assisted_purchases
    """
)
INSIGHT_FIELDS = INSIGHT_DIMENSIONS | INSIGHT_COUNTS | INSIGHT_ACTIONS | INSIGHT_UNSET

"""What Marketo and Facebook say of campaigns and content is what the log says."""

from __future__ import annotations

from collections import Counter

import pytest


def test_each_use_of_content_is_that_of_the_truth(whole, built_whole):
    truth = Counter(
        (
            row["content"],
            row["usage_type"],
            row["account_id"],
            row["campaign_id"],
            row["used_at"][:10],
        )
        for row in whole.truth_rows("collateral_usage.csv")
    )
    found = Counter(
        (content, usage_type, account or "", campaign or "", str(day))
        for content, usage_type, account, campaign, day in built_whole.query(
            "select content_name, usage_type, customer_account_id, campaign_id,"
            " used_date from intermediate.int_content__uses"
        )
    )

    assert found == truth
    assert len(found) > 1000


def test_each_program_and_ad_campaign_is_linked_to_its_campaign(whole, built_whole):
    names = {row["Id"]: row["Name"] for row in whole.tables["Campaign"].rows}
    links = built_whole.query(
        "select source_system, source_campaign_name, campaign_id, linked_by"
        " from intermediate.int_campaigns__links"
    )

    for source, name, campaign_id, _ in links:
        if source == "facebook" or campaign_id is not None:
            assert name.endswith(names[campaign_id]), name
    ways = Counter((source, linked_by) for source, *_, linked_by in links)
    assert ways["marketo", "id"] > ways["marketo", "name"] > 0
    assert ways["facebook", "id"] > 0
    # A renamed program without a link is nobody's: no rule may guess.
    assert ways["marketo", None] <= 3


def test_days_that_facebook_tells_count_before_bills_and_the_crm(built_whole):
    sources = dict(
        built_whole.query(
            "select spend_source, count(distinct channel)"
            " from marts.fct_spend_daily group by 1"
        )
    )

    assert set(sources) >= {"facebook.ad_days", "csv.marketing_spend"}
    assert sources["facebook.ad_days"] == 1
    assert (
        built_whole.query(
            "select campaign_id from marts.fct_spend_daily"
            " group by 1 having count(distinct spend_source) > 1"
        )
        == []
    )


def test_the_costs_of_programs_are_unpacked_whole(whole, built_whole):
    import json

    told = sum(
        cost["cost"]
        for row in whole.tables["marketo.programs"].rows
        for cost in json.loads(row["costs"] or "[]")
    )

    assert told > 0
    assert built_whole.query(
        "select sum(cost) from staging.stg_marketo__program_costs"
    ) == [(told,)]


def test_actions_of_ads_are_unpacked_by_window(whole, built_whole):
    import json

    told = Counter()
    for row in whole.tables["facebook.adsinsights_default"].rows:
        for action in json.loads(row["actions"] or "[]"):
            for name, count in action.items():
                if name != "action_type":
                    told[action["action_type"], name] += count
    found = {
        (action_type, window): actions
        for action_type, window, actions in built_whole.query(
            "select action_type, attribution_window, sum(actions)"
            " from staging.stg_facebook__ad_day_actions group by 1, 2"
        )
    }

    assert found == told
    assert told["lead", "value"] > 0


def test_one_touch_is_kept_of_those_that_several_sources_tell(built_whole):
    assert (
        built_whole.query(
            "select dedup_group_id from marts.fct_touchpoints group by 1"
            " having count(*) filter (where is_kept) <> 1"
            " or bool_or(is_kept and touchpoint_id <> dedup_group_id)"
        )
        == []
    )
    kept = dict(
        built_whole.query(
            "select kept.source_system, count(*) from marts.fct_touchpoints touch"
            " join marts.fct_touchpoints kept"
            " on touch.dedup_group_id = kept.touchpoint_id"
            " where touch.touch_type = 'fill_out_facebook_lead_ads_form' group by 1"
        )
    )
    assert kept["facebook"] > kept.get("marketo", 0)
    assert "salesforce" not in kept


def test_touches_of_salesforce_count_the_same_beside_other_sources(whole, built_whole):
    truth = {
        row["source_id"]: row["is_repeat"] for row in whole.truth_rows("touches.csv")
    }
    found = {
        source_id: str(repeated).lower()
        for source_id, repeated in built_whole.query(
            "select source_id, is_repeated from marts.fct_touchpoints"
            " where source_system = 'salesforce'"
        )
    }

    assert found == truth


@pytest.mark.parametrize(
    ("mart", "dimension", "key"),
    [
        ("mart_campaign_performance", "campaign", "sfdc_campaign_id"),
        ("mart_channel_performance", "channel", "performance.channel"),
    ],
)
@pytest.mark.parametrize(
    ("column", "metric", "part"),
    [
        ("spend", "spend", "numerator"),
        ("leads", "cost_per_lead_actual", "denominator"),
        ("customers", "cac", "denominator"),
        ("iacv_first_touch", "iacv_first_touch", "numerator"),
        ("iacv_full_path", "iacv_full_path", "numerator"),
        ("roi_linear", "roi_linear", "value"),
        ("lifetime_value", "ltv", "numerator"),
        ("ltv_to_cac", "ltv_to_cac_actual", "value"),
        ("conversion_days", "conversion_time", "value"),
        ("estimated_iacv_2x", "estimated_iacv_2x", "value"),
    ],
)
def test_performance_says_what_the_metrics_say(
    built_whole, mart, dimension, key, column, metric, part
):
    """A channel without a touch has leads here that the metric leaves out."""
    found = built_whole.query(
        f"select {key}, period_type, period_start, round({column}, 2)"
        f" from marts.{mart} performance"
        " left join marts.dim_campaigns campaign"
        f" on {'performance.campaign_id' if dimension == 'campaign' else 'null'}"
        " = campaign.campaign_id"
        f" where {column} <> 0 and performance.channel <> 'unattributed'"
    )
    told = built_whole.query(
        f"select dimension_id, period_type, period_start, round({part}, 2)"
        f" from marts.mtr_metric_values where metric_code = '{metric}'"
        f" and dimension_type = '{dimension}' and round({part}, 2) <> 0"
        " and dimension_id <> 'unattributed'"
    )

    assert sorted(row for row in found if row[3]) == sorted(told)
    assert told


def test_each_lead_has_its_journey_with_what_it_cost(whole, built_whole):
    truth = {
        row["known_person"]: float(row["cost"])
        for row in whole.truth_rows("lead_costs.csv")
    }
    ((leads, journeys, cost, credited, negative),) = built_whole.query(
        "select (select count(*) from marts.fct_leads), count(*), sum(touch_cost),"
        " sum(iacv_linear), count(*) filter (where touch_cost < 0)"
        " from marts.mart_lead_journeys"
    )
    ((of_leads,),) = built_whole.query(
        "select sum(cost) from intermediate.int_costs__touches"
        " join intermediate.int_leads__funnel using (person_key)"
    )

    assert leads == journeys
    assert abs(cost - of_leads) < 1
    assert 0 < float(cost) <= sum(truth.values()) + 1
    assert credited > 0
    assert negative == 0


def test_leads_of_a_customer_share_its_first_order_and_others_its_chance(built_whole):
    ((shared, ordered, too_sure, hopeful),) = built_whole.query(
        "select sum(lead.expected_iacv) filter (where lead.is_customer),"
        " (select sum(first_order_iacv) from marts.mart_organization_economics"
        "  where leads > 0),"
        " count(*) filter (where conversion_chance not between 0 and 1),"
        " count(*) filter (where not is_customer and expected_iacv > 0)"
        " from marts.mart_lead_journeys lead"
    )

    assert abs(shared - ordered) < 1
    assert too_sure == 0
    assert hopeful > 1000


def test_organizations_have_the_leads_uses_and_journeys_of_their_people(built_whole):
    ((leads, uses, wrong_days),) = built_whole.query(
        "select sum(leads), sum(collateral_uses), count(*) filter (where is_customer"
        " and conversion_days <> acquired_date - first_touched_date)"
        " from marts.mart_organization_economics"
    )
    ((of_leads, of_uses),) = built_whole.query(
        "select (select count(*) from intermediate.int_leads__funnel"
        "  join intermediate.int_people__owners using (person_key)),"
        " (select count(*) from intermediate.int_content__uses"
        "  where customer_account_id is not null)"
    )

    assert (leads, uses, wrong_days) == (of_leads, of_uses, 0)
    assert min(leads, uses) > 100

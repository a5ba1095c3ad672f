"""What Marketo and Facebook say of campaigns and content is what the log says."""

from __future__ import annotations

from collections import Counter


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

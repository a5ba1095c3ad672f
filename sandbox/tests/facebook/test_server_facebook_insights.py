"""Insights: sums, levels, breakdowns, windows, what is refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

JANUARY = {"since": "2018-01-01", "until": "2018-01-31"}
AUTUMN = {"since": "2017-11-01", "until": "2018-01-31"}
BREAKDOWNS = [
    ["age", "gender"],
    ["country"],
    ["region"],
    ["comscore_market"],
    ["publisher_platform", "platform_position", "impression_device"],
    ["hourly_stats_aggregated_by_advertiser_time_zone"],
]


def daily(facebook, level="ad", **given):
    return facebook.rows(
        f"{facebook.accounts[0]}/insights",
        **{
            "level": level,
            "time_increment": 1,
            "time_range": AUTUMN,
            "fields": f"{level}_id,spend,impressions,clicks,actions",
            "limit": 500,
            **given,
        },
    )


def spend(rows):
    return sum(Decimal(row["spend"]) for row in rows)


def actions(rows, kind, key="value"):
    return sum(
        int(entry.get(key) or 0)
        for row in rows
        for entry in row.get("actions", ())
        if entry["action_type"] == kind
    )


def test_spend_adds_up_the_same_at_every_level(facebook):
    facebook.set(shows_deleted_in_insights=True, sync_budget=10_000_000)
    whole = {"since": "2016-02-01", "until": "2018-01-31"}
    sums = {
        level: spend(
            daily(
                facebook,
                level,
                time_range=whole,
                fields="spend",
                time_increment="monthly",
            )
        )
        for level in ("account", "campaign", "adset", "ad")
    }
    assert len(set(sums.values())) == 1
    assert sums["ad"] > 1_000


def test_an_account_spent_what_its_days_say(facebook):
    facebook.set(shows_deleted_in_insights=True, sync_budget=10_000_000)
    for path in facebook.accounts:
        whole = facebook.ok(
            f"{path}/insights",
            time_range={"since": "2016-02-01", "until": "2018-01-31"},
        )["data"]
        minor_units = facebook.ok(path, fields="amount_spent")["amount_spent"]
        assert spend(whole) * 100 == int(minor_units)


def test_deleted_ads_are_left_out_unless_asked_for(facebook):
    whole = {"time_range": {"since": "2016-02-01", "until": "2018-01-31"}}
    shape = {"level": "ad", "fields": "ad_id,spend", "limit": 500, **whole}
    path = f"{facebook.accounts[0]}/insights"
    shown = facebook.rows(path, **shape)
    hidden = {
        "field": "ad.effective_status",
        "operator": "IN",
        "value": ["DELETED", "ARCHIVED"],
    }
    rest = facebook.rows(path, filtering=[hidden], **shape)
    assert not {row["ad_id"] for row in shown} & {row["ad_id"] for row in rest}
    (account,) = facebook.rows(path, fields="spend", **whole)
    assert spend(shown) < Decimal(account["spend"])
    assert spend(shown) + spend(rest) == Decimal(account["spend"])
    facebook.set(shows_deleted_in_insights=True)
    assert spend(facebook.rows(path, **shape)) == Decimal(account["spend"])
    ad_id = rest[0]["ad_id"]
    facebook.set(shows_deleted_in_insights=False)
    assert facebook.rows(f"{ad_id}/insights", fields="spend", **whole)


@pytest.mark.parametrize("breakdowns", BREAKDOWNS, ids=lambda names: names[0])
def test_a_breakdown_adds_up_to_the_day(facebook, breakdowns):
    facebook.set(sync_budget=10_000_000)
    parts = daily(facebook, breakdowns=breakdowns, time_range=JANUARY)
    whole = daily(facebook, time_range=JANUARY)
    assert all(set(breakdowns) <= row.keys() for row in parts)
    for name in ("spend", "impressions", "clicks"):
        divided = defaultdict(Decimal)
        for row in parts:
            divided[row["ad_id"], row["date_start"]] += Decimal(row.get(name, "0"))
        assert divided == {
            (row["ad_id"], row["date_start"]): Decimal(row.get(name, "0"))
            for row in whole
        }
    keys = [
        tuple(row[n] for n in ("ad_id", "date_start", *breakdowns)) for row in parts
    ]
    assert len(keys) == len(set(keys))


def test_pixel_leads_are_unknown_by_region_and_hour(facebook):
    pixel = "offsite_conversion.fb_pixel_lead"
    whole = daily(facebook)
    assert actions(whole, pixel) > 0
    by_country = daily(facebook, breakdowns="country")
    by_region = daily(facebook, breakdowns="region")
    assert actions(by_country, pixel) > 0
    assert actions(by_region, pixel) == 0
    assert actions(by_region, "onsite_conversion.lead_grouped") > 0


def test_lead_is_the_total_of_its_parts(facebook):
    rows = daily(facebook)
    parts = ("onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead")
    assert actions(rows, "lead") == sum(actions(rows, part) for part in parts) > 0
    facebook.set(has_lead_total=False)
    again = daily(facebook)
    assert actions(again, "lead") == 0
    assert actions(again, parts[0]) == actions(rows, parts[0])


def test_windows_widen(facebook):
    windows = ["1d_click", "7d_click", "28d_click", "1d_view"]
    rows = daily(
        facebook, action_attribution_windows=windows, action_report_time="impression"
    )
    counts = [actions(rows, "lead", window) for window in windows]
    assert 0 < counts[0] < counts[1] < counts[2]
    assert counts[3] > 0
    assert actions(rows, "lead") == counts[1] + counts[3]


def test_stopped_windows_are_null(facebook):
    rows = daily(facebook, action_attribution_windows=["7d_view", "28d_view"])
    entries = [entry for row in rows for entry in row.get("actions", ())]
    assert entries
    assert all(entry["7d_view"] is None is entry["28d_view"] for entry in entries)


def test_conversions_are_reported_at_click_or_at_conversion(facebook):
    def by_day(report_time):
        rows = daily(
            facebook, action_report_time=report_time, level="account", fields="actions"
        )
        return Counter({r["date_start"]: actions([r], "lead") for r in rows})

    at_click, at_conversion = by_day("impression"), by_day("conversion")
    mixed = by_day("mixed")
    assert at_click != at_conversion
    assert mixed not in (at_click, at_conversion)


def test_conversions_of_a_day_grow_as_time_goes_on(facebook):
    week = {"since": "2017-12-04", "until": "2017-12-10"}
    shape = {
        "time_range": week,
        "fields": "actions",
        "level": "account",
        "action_report_time": "impression",
        "action_attribution_windows": ["28d_click"],
        "time_increment": 7,
    }
    counts = []
    for moved in ("2017-12-10", "2017-12-13", "2017-12-20", "2018-01-10", "2018-01-31"):
        facebook.move(moved)
        rows = facebook.rows(f"{facebook.accounts[0]}/insights", **shape)
        counts.append(actions(rows, "lead", "28d_click"))
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert counts[-1] == counts[-2]


def test_spend_is_restated_within_28_days(facebook):
    facebook.set(sync_budget=10_000_000)
    first = {(r["ad_id"], r["date_start"]): r["spend"] for r in _december(facebook, 15)}
    later = {(r["ad_id"], r["date_start"]): r["spend"] for r in _december(facebook, 31)}
    changed = [key for key in first if first[key] != later[key]]
    assert changed
    assert all(Decimal(later[key]) < Decimal(first[key]) for key in changed)
    oldest = date(2017, 12, 15) - timedelta(days=28)
    assert all(date.fromisoformat(day) > oldest for _, day in changed)


def _december(facebook, day):
    facebook.move(f"2017-12-{day}")
    until = {"since": "2017-10-01", "until": "2017-12-15"}
    return daily(facebook, fields="ad_id,spend", time_range=until)


def test_today_may_be_partial(facebook):
    today = {"since": "2018-01-31", "until": "2018-01-31"}
    (whole,) = daily(facebook, "account", time_range=today, fields="spend")
    facebook.set(is_today_partial=True)
    (part,) = daily(facebook, "account", time_range=today, fields="spend")
    # 23:59:59 UTC is 15:59:59 in Los Angeles: two thirds of the day.
    share = Decimal(part["spend"]) / Decimal(whole["spend"])
    assert abs(share - Decimal(2) / 3) < Decimal("0.01")


def test_days_without_delivery_have_no_row(facebook):
    rows = daily(facebook, time_range={"since": "2017-12-01", "until": "2017-12-31"})
    assert all(int(row["impressions"]) > 0 for row in rows)
    assert (
        daily(facebook, time_range={"since": "2015-06-01", "until": "2015-06-30"}) == []
    )


def test_numbers_are_texts_and_zeros_are_absent(facebook):
    fields = "spend,impressions,clicks,reach,frequency,ctr,cpc,cpm,purchase_roas"
    rows = daily(facebook, fields=fields)
    for row in rows:
        assert "purchase_roas" not in row
        assert all(isinstance(value, str) for value in row.values())
        assert row.get("clicks") != "0"
    row = next(r for r in rows if "clicks" in r)
    ratio = Decimal(row["clicks"]) * 100 / Decimal(row["impressions"])
    assert abs(Decimal(row["ctr"]) - ratio) < Decimal("0.000001")
    assert int(row["reach"]) <= int(row["impressions"])


def test_reach_is_not_additive(facebook):
    fields = "reach,impressions"
    (whole,) = facebook.rows(
        f"{facebook.accounts[0]}/insights", fields=fields, time_range=AUTUMN
    )
    parts = daily(facebook, "account", fields=fields)
    total = sum(int(row["reach"]) for row in parts)
    assert max(int(row["reach"]) for row in parts) < int(whole["reach"]) < total


def test_old_reach_by_breakdown_is_left_out(facebook):
    shape = {
        "fields": "reach,impressions",
        "time_range": {"since": "2016-03-01", "until": "2016-03-31"},
        "time_increment": "all_days",
    }
    assert all("reach" in row for row in daily(facebook, **shape))
    assert not any("reach" in row for row in daily(facebook, breakdowns="age", **shape))


def test_names_go_with_their_level(facebook):
    fields = (
        "account_id,account_name,account_currency,campaign_id,campaign_name,"
        "adset_id,ad_id,objective"
    )
    keys = {
        level: set(daily(facebook, level, fields=fields)[0])
        for level in ("account", "campaign", "adset", "ad")
    }
    assert "campaign_id" not in keys["account"]
    assert "adset_id" not in keys["campaign"]
    assert {"campaign_id", "adset_id"} <= keys["adset"]
    assert {"campaign_id", "adset_id", "ad_id", "objective"} <= keys["ad"]
    assert all(
        {"account_id", "date_start", "date_stop"} <= found for found in keys.values()
    )


@pytest.mark.parametrize(("increment", "days"), [("1", 1), ("7", 7), ("30", 30)])
def test_increments_cut_the_range(facebook, increment, days):
    rows = daily(facebook, "account", time_increment=increment)
    lengths = Counter(
        (date.fromisoformat(r["date_stop"]) - date.fromisoformat(r["date_start"])).days
        for r in rows
    )
    assert lengths.most_common(1)[0][0] == days - 1


def test_months_and_presets(facebook):
    months = daily(facebook, "account", time_increment="monthly")
    assert {r["date_start"] for r in months} == {
        "2017-11-01",
        "2017-12-01",
        "2018-01-01",
    }
    path = f"{facebook.accounts[0]}/insights"
    (last,) = facebook.rows(path, date_preset="last_7d")
    assert (last["date_start"], last["date_stop"]) == ("2018-01-24", "2018-01-30")
    (year,) = facebook.rows(path, date_preset="last_year")
    assert (year["date_start"], year["date_stop"]) == ("2017-01-01", "2017-12-31")
    assert facebook.error(path, date_preset="last_century")["code"] == 100


def test_several_ranges_at_once(facebook):
    january = {"since": "2018-01-01", "until": "2018-01-31"}
    week = {"since": "2018-01-08", "until": "2018-01-14"}
    path = f"{facebook.accounts[0]}/insights"
    rows = facebook.rows(path, time_ranges=[january, week], fields="spend")
    each = [
        facebook.rows(path, time_range=r, fields="spend")[0] for r in (january, week)
    ]
    assert sorted(rows, key=lambda row: row["date_start"]) == each
    assert facebook.error(path, time_ranges="[]")["code"] == 100


def test_assets_are_objects(facebook):
    rows = daily(facebook, breakdowns="image_asset", fields="ad_id,impressions")
    assert rows
    assert all({"id", "hash", "url"} == row["image_asset"].keys() for row in rows)


def test_filters_of_entities_values_and_actions(facebook):
    rows = daily(facebook)
    campaign = daily(facebook, fields="campaign_id")[0]["campaign_id"]
    one = {"field": "campaign.id", "operator": "IN", "value": [campaign]}
    of_campaign = daily(facebook, filtering=[one], fields="campaign_id")
    assert {row["campaign_id"] for row in of_campaign} == {campaign}
    dear = {"field": "spend", "operator": "GREATER_THAN", "value": 30}
    assert len(daily(facebook, filtering=[dear])) == sum(
        Decimal(row["spend"]) > 30 for row in rows
    )
    leads = {"field": "action_type", "operator": "IN", "value": ["lead"]}
    kinds = {
        entry["action_type"]
        for row in daily(facebook, filtering=[leads])
        for entry in row.get("actions", ())
    }
    assert kinds == {"lead"}


def test_rows_come_unsorted_unless_asked_for(facebook):
    days = [row["date_start"] for row in daily(facebook, "account")]
    assert days != sorted(days)
    ordered = daily(facebook, "account", sort=["date_start_descending"])
    assert [row["date_start"] for row in ordered] == sorted(days, reverse=True)


def test_devices_divide_actions_and_hide_pixel_leads(facebook):
    pixel, link = "offsite_conversion.fb_pixel_lead", "link_click"
    whole = daily(facebook)
    shape = {"action_breakdowns": ["action_type", "action_device"]}
    divided = daily(facebook, **shape)
    assert actions(divided, link) == actions(whole, link)
    assert actions(divided, pixel) == 0
    devices = {e["action_device"] for r in divided for e in r.get("actions", ())}
    assert {"iphone", "desktop"} <= devices
    facebook.set(breaks_down_pixel_actions=True)
    assert actions(daily(facebook, **shape), pixel) == actions(whole, pixel)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"level": "keyword"}, "level must be one of"),
        ({"breakdowns": "dma"}, "breakdowns[0] must be one of"),
        ({"breakdowns": "age,region"}, "combination of data breakdown columns"),
        ({"action_attribution_windows": ["90d_click"]}, "windows[0] must be one of"),
        ({"action_report_time": "dawn"}, "action_report_time must be one of"),
        ({"action_breakdowns": ["action_mood"]}, "action_breakdowns[0] must be one of"),
        ({"fields": "spend,wish_bid"}, "nonexisting field (wish_bid)"),
        ({"time_increment": 91}, "time_increment"),
        ({"time_range": "yesterday"}, "valid JSON"),
        ({"time_range": {"since": "2018-01-01"}}, "since and until"),
        (
            {"time_range": {"since": "2018-01-02", "until": "2018-01-01"}},
            "before the end",
        ),
        ({"filtering": [{"field": "mood", "operator": "EQUAL", "value": 1}]}, "mood"),
    ],
)
def test_bad_parameters_are_refused_with_code_100(facebook, given, words):
    shape = {"time_range": JANUARY, **given}
    error = facebook.error(f"{facebook.accounts[0]}/insights", **shape)
    assert (error["code"], error["status"]) == (100, 400)
    assert words in error["message"]


def test_beyond_37_months_is_3018(facebook):
    path = f"{facebook.accounts[0]}/insights"
    old = {"time_range": {"since": "2014-12-30", "until": "2018-01-31"}}
    assert facebook.error(path, **old)["code"] == 3018
    edge = {"time_range": {"since": "2014-12-31", "until": "2015-01-31"}}
    assert facebook.ok(path, **edge) == {"data": []}
    facebook.set(old_range_code=100)
    assert facebook.error(path, **old)["code"] == 100


def test_the_insights_edge_may_word_unknown_fields_its_own_way(facebook):
    facebook.set(unknown_insight_field="not_valid")
    error = facebook.error(f"{facebook.accounts[0]}/insights", fields="wish_bid")
    assert "wish_bid is not valid for fields param" in error["message"]


def test_too_much_at_once_is_refused(facebook):
    long = {"since": "2016-02-01", "until": "2018-01-31"}
    shape = {
        "level": "ad",
        "time_increment": 1,
        "time_range": long,
        "breakdowns": "age,gender",
    }
    error = facebook.error(f"{facebook.accounts[0]}/insights", **shape)
    assert (error["code"], error["status"]) == (1, 500)
    assert error["message"].startswith("Please reduce the amount of data")


def test_recorded_daily_rows_have_our_names(facebook, recorded_table):
    recorded = set(recorded_table("basic_ad")["columns"]) - {"date"}
    row = daily(
        facebook, fields="ad_id,account_id,impressions,inline_link_clicks,spend,reach"
    )[0]
    assert recorded == row.keys() - {"date_start", "date_stop"}
    kinds = set(recorded_table("basic_ad_actions")["action_types"])
    ours = {e["action_type"] for r in daily(facebook) for e in r.get("actions", ())}
    assert kinds & ours

"""Configs of this tap and of the public ones; bad ones are told by name."""

from __future__ import annotations

from datetime import date

import pytest

from reading_kit.config_validation import check_config, normalize_config
from reading_kit.errors import SettingsError
from tap_facebook_ads.config_schema import CONFIG_SCHEMA, IGNORED_SETTINGS
from tap_facebook_ads.reports import DEFAULT_WINDOWS
from tap_facebook_ads.settings import parse_settings, translate_config

LEAST = {"access_token": "t", "account_id": "act_1", "start_date": "2024-01-01"}


def settings_of(**changes):
    raw = translate_config({**LEAST, **changes})
    config = normalize_config(raw, CONFIG_SCHEMA, ignored=IGNORED_SETTINGS)
    errors = check_config(config, CONFIG_SCHEMA)
    if errors:
        raise SettingsError("; ".join(errors))
    return parse_settings(config)


def report_of(**entry):
    return settings_of(insight_reports_list=[{"name": "own", **entry}]).reports[0]


def test_defaults_are_the_specified_ones():
    settings = settings_of()
    assert settings.account_ids == ("1",)
    assert settings.api_version == "v25.0"
    assert settings.api_url == "https://graph.facebook.com"
    assert settings.days_per_job == 7
    assert settings.job_timeout_s == 3600
    assert settings.max_concurrent_jobs == 5
    assert settings.are_deleted_included
    assert settings.page_rows == 100
    assert settings.request_timeout_s == 300
    assert settings.throttle_percent == 90
    assert settings.insights_mode == "async"
    report = settings.reports[0]
    assert report.stream == "adsinsights_default"
    assert (report.level, report.period_days, report.lookback_days) == ("ad", 1, 28)
    assert report.windows == DEFAULT_WINDOWS
    assert report.action_breakdowns == ("action_type",)
    assert report.report_time == "mixed"


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"account_id": " act_12 "}, ("12",)),
        ({"account_id": 12}, ("12",)),
        ({"account_id": "12, act_13"}, ("12", "13")),
        ({"account_id": ["12", "act_13", "12"]}, ("12", "13")),
        ({"account_id": None, "account_ids": ["act_14"]}, ("14",)),
        ({"account_ids": [15]}, ("1", "15")),
        ({"account_ids": '["16"]'}, ("1", "16")),
    ],
)
def test_accounts_may_be_given_in_every_form(changes, ids):
    assert settings_of(**changes).account_ids == ids


MELTANO = {
    "access_token": "t",
    "account_id": "1",
    "api_version": "v21.0",
    "start_date": "2024-01-01T00:00:00Z",
    "end_date": "2024-02-01",
    "insight_reports_list": [
        {
            "name": "default",
            "level": "ad",
            "action_breakdowns": [],
            "breakdowns": [],
            "time_increment_days": 1,
            "action_attribution_windows_view": "1d_view",
            "action_attribution_windows_click": "7d_click",
            "action_report_time": "mixed",
            "lookback_window": 28,
        },
        {"name": "weekly", "level": "campaign", "time_increment_days": 7},
    ],
    "stream_maps": {},
}
SINGER = {
    "start_date": "2024-01-01T00:00:00Z",
    "account_id": "1",
    "access_token": "t",
    "app_id": "5",
    "insights_buffer_days": "7",
    "result_return_limit": "250",
    "include_deleted": "true",
    "request_timeout": "200",
    "end_date": "",
}
CONNECTOR = {
    "account_ids": ["1", "2"],
    "credentials": {"auth_type": "Service", "access_token": "t"},
    "start_date": "2024-01-01T00:00:00Z",
    "page_size": 50,
    "insights_lookback_window": 14,
    "insights_job_timeout": 30,
    "fetch_thumbnail_images": False,
    "custom_insights": [
        {
            "name": "own",
            "level": "adset",
            "breakdowns": ["country"],
            "time_increment": 2,
        }
    ],
}


def parse(raw):
    config = normalize_config(
        translate_config(raw), CONFIG_SCHEMA, ignored=IGNORED_SETTINGS
    )
    assert check_config(config, CONFIG_SCHEMA) == []
    return parse_settings(config)


def test_a_config_of_the_meltano_tap_is_taken_as_it_is():
    settings = parse(MELTANO)
    assert settings.end_date == date(2024, 2, 1)
    default, weekly = settings.reports[:2]
    assert default.stream == "adsinsights_default"
    assert default.windows == ("1d_view", "7d_click")
    assert default.action_breakdowns == ()
    assert weekly.key_properties == ["date_start", "account_id", "campaign_id"]
    assert weekly.period_days == 7


def test_a_config_of_the_first_singer_tap_is_taken_as_it_is():
    settings = parse(SINGER)
    assert settings.page_rows == 250
    assert settings.reports[0].lookback_days == 7
    assert settings.reports[-1].lookback_days == 7
    assert settings.request_timeout_s == 200
    assert settings.end_date is None


def test_a_config_of_the_other_connector_is_taken_as_it_is():
    settings = parse(CONNECTOR)
    assert settings.access_token == "t"
    assert settings.account_ids == ("1", "2")
    assert settings.job_timeout_s == 1800
    own = settings.reports[0]
    assert (own.level, own.breakdowns, own.period_days) == ("adset", ("country",), 2)
    assert own.lookback_days == 14


def test_keys_follow_level_and_breakdowns():
    assert report_of(level="account").key_properties == ["date_start", "account_id"]
    assert report_of(level="adset", breakdowns=["age", "gender"]).key_properties == [
        "date_start",
        "account_id",
        "adset_id",
        "age",
        "gender",
    ]
    report = report_of(breakdowns=["image_asset"])
    assert report.key_properties[-1] == "image_asset_id"
    names = [field.name for field in report.columns]
    assert {"image_asset", "image_asset_id", "date_start", "ad_id"} <= set(names)
    account = {field.name for field in report_of(level="account").columns}
    assert not {"ad_id", "adset_id", "campaign_id", "quality_ranking"} & account


def test_windows_may_be_a_list_a_pair_or_nothing():
    assert report_of(action_attribution_windows=["1d_ev"]).windows == ("1d_ev",)
    assert report_of().windows == ("1d_view", "7d_click")
    pair = {"action_attribution_windows_click": "28d_click"}
    assert report_of(**pair).windows == ("1d_view", "28d_click")


def test_windows_without_values_are_left_out_with_a_warning(caplog):
    report = report_of(action_attribution_windows_view="7d_view")
    assert report.windows == ("7d_click",)
    assert "7d_view has no values" in caplog.text


def test_fields_no_version_has_are_left_out_with_a_warning(caplog):
    report = report_of(fields=["spend", "wish_bid"])
    assert report.fields == ("spend",)
    assert "wish_bid" in caplog.text
    assert [field.name for field in report.columns] == [
        "date_start",
        "account_id",
        "date_stop",
        "ad_id",
        "spend",
    ]


def test_the_fingerprint_is_of_what_decides_the_rows():
    one = report_of()
    assert one.fingerprint == report_of(name="other", lookback_window=3).fingerprint
    assert one.fingerprint != report_of(level="adset").fingerprint
    assert one.fingerprint != report_of(fields=["spend"]).fingerprint


BAD = [
    ({"access_token": None}, "access_token"),
    ({"account_id": None}, "account_id"),
    ({"account_id": "acme"}, "account_id"),
    ({"start_date": None}, "start_date"),
    ({"start_date": "soon"}, "start_date"),
    ({"end_date": "later"}, "end_date"),
    ({"api_version": "new"}, "api_version"),
    ({"api_url": "http://graph.example.com"}, "https"),
    ({"page_size": 0}, "page_size"),
    ({"max_concurrent_jobs": "many"}, "max_concurrent_jobs"),
    ({"insights_mode": "fast"}, "insights_mode"),
    ({"page_ids": ["x"]}, "page_ids"),
    ({"insight_reports_list": [{"level": "ad"}]}, "name"),
    ({"insight_reports_list": [{"name": "a"}, {"name": "a"}]}, "adsinsights_a"),
    ({"insight_reports_list": [{"name": "a", "level": "page"}]}, "level"),
    (
        {"insight_reports_list": [{"name": "a", "breakdowns": ["dma"]}]},
        "use comscore_market",
    ),
    (
        {"insight_reports_list": [{"name": "a", "time_increment_days": 91}]},
        "time_increment_days",
    ),
    (
        {"insight_reports_list": [{"name": "a", "lookback_window": -1}]},
        "lookback_window",
    ),
    (
        {
            "insight_reports_list": [
                {"name": "a", "action_attribution_windows_click": "2d_click"}
            ]
        },
        "2d_click",
    ),
]


@pytest.mark.parametrize(("changes", "word"), BAD, ids=[str(case[1]) for case in BAD])
def test_bad_settings_are_told_by_name(changes, word):
    with pytest.raises(SettingsError, match=word):
        settings_of(**changes)


def test_secrets_are_in_no_repr():
    settings = settings_of(access_token="hidden-token", app_secret="hidden-secret")
    assert "hidden" not in repr(settings)

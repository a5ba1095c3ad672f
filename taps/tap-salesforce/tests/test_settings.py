"""Configs of this tap and of others become settings, or say what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from reading_kit.config_validation import (
    check_config,
    find_unknown_settings,
    normalize_config,
)
from reading_kit.endpoints import check_endpoint
from reading_kit.errors import SettingsError
from tap_salesforce.auth_jwt import read_private_key
from tap_salesforce.config_schema import CONFIG_SCHEMA, SECRET_SETTINGS
from tap_salesforce.settings import IGNORED_SETTINGS, parse_settings

REFRESH = {"client_id": "i", "client_secret": "s", "refresh_token": "r"}


def normalize(config):
    return normalize_config(config, CONFIG_SCHEMA, ignored=IGNORED_SETTINGS)


def parse(**changes):
    config = normalize({**REFRESH, **changes})
    assert check_config(config, CONFIG_SCHEMA) == []
    return parse_settings(config)


@pytest.mark.parametrize(
    ("config", "method"),
    [
        ({**REFRESH, "username": "u", "password": "p"}, "refresh_token"),
        ({"client_id": "i", "username": "u", "private_key": "k"}, "jwt"),
        (
            {"client_id": "i", "client_secret": "s", "domain": "acme.my"},
            "client_credentials",
        ),
        ({"username": "u", "password": "p", "client_id": "i"}, "password"),
        (
            {
                "client_id": "i",
                "client_secret": "s",
                "refresh_token_path": "/tmp/t",
                "auth_method": "refresh_token",
            },
            "refresh_token",
        ),
    ],
)
def test_the_flow_is_the_first_whose_settings_are_there(config, method):
    assert parse_settings(normalize(config)).credentials.method == method


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({}, "client_id"),
        ({"client_id": "i"}, "client_secret"),
        ({"client_id": "i", "client_secret": "s"}, "domain"),
        ({"username": "u"}, "no login settings"),
        ({**REFRESH, "auth_method": "jwt"}, "private_key"),
        ({**REFRESH, "start_date": "yesterday"}, "start_date"),
        ({**REFRESH, "api_version": "latest"}, "api_version"),
        ({**REFRESH, "login_url": "http://login.example.com"}, "https"),
        ({**REFRESH, "login_url": "https://u:p@login.example.com"}, "host only"),
        ({**REFRESH, "domain": "acme.my/x?y"}, "domain"),
    ],
)
def test_a_config_that_cannot_work_names_the_setting(config, word):
    with pytest.raises(SettingsError, match=word):
        parse_settings(normalize(config))


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ({}, "https://login.salesforce.com"),
        ({"is_sandbox": True}, "https://test.salesforce.com"),
        ({"is_sandbox": "true"}, "https://test.salesforce.com"),
        ({"domain": "acme.my"}, "https://acme.my.salesforce.com"),
        ({"domain": "acme.my.salesforce.com"}, "https://acme.my.salesforce.com"),
        ({"domain": "test"}, "https://test.salesforce.com"),
        (
            {"domain": "acme.my", "is_sandbox": True},
            "https://acme.my.salesforce.com",
        ),
        (
            {"login_url": "http://127.0.0.1:99/", "domain": "acme.my"},
            "http://127.0.0.1:99",
        ),
    ],
)
def test_where_to_log_in(config, url):
    assert parse(**config).credentials.login_url == url


@pytest.mark.parametrize("text", ["64", "v64.0", "64.0", 64, 64.0])
def test_the_api_version_may_be_written_in_many_ways(text):
    assert parse(api_version=text).api_version == "64.0"


def test_bulk_is_another_name_for_bulk2():
    assert parse(api_type="BULK").api_type == "BULK2"
    assert parse(api_type="rest").api_type == "REST"


def test_numbers_and_lists_may_come_as_text_and_empty_text_is_absent():
    settings = parse(
        max_workers="4",
        quota_percent_total="50.5",
        quota_percent_per_run=Decimal("12.5"),
        lookback_window="",
        streams_to_discover="Lead, User",
        state_message_threshold=None,
        bulk_max_records="9000",
        request_timeout="60",
        token="ignored",
    )
    assert settings.bulk_max_records == 9000
    assert settings.request_timeout_s == 60
    assert settings.max_workers == 4
    assert settings.quota_total_percent == 50.5
    assert settings.quota_run_percent == 12.5
    assert settings.lookback_s == 600
    assert settings.streams_to_discover == ("Lead", "User")
    assert settings.state_rows == 1000
    assert parse(streams_to_discover='["Lead"]').streams_to_discover == ("Lead",)


def test_a_start_date_is_an_instant_and_not_before_1700():
    assert parse(start_date="2024-01-01").start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert parse(start_date="1200-01-01").start_date == datetime(1700, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("max_workers", "many", "max_workers: must be a whole number"),
        ("max_workers", 99, "max_workers: must be at most 32"),
        ("api_type", "SOAP", "api_type: must be one of BULK2, REST, BULK"),
        ("is_sandbox", "perhaps", "is_sandbox: must be true or false"),
        ("streams_to_discover", 5, "streams_to_discover: must be a list"),
        ("client_secret", ["hidden"], "client_secret: must be text"),
    ],
)
def test_a_wrong_value_is_named_but_never_shown(name, value, text):
    errors = check_config(normalize({**REFRESH, name: value}), CONFIG_SCHEMA)
    assert errors == [text]


def test_an_unknown_setting_gets_the_nearest_name():
    unknown = find_unknown_settings({"clientid": 1, "zzz": 2}, CONFIG_SCHEMA)
    assert unknown == {"clientid": "client_id", "zzz": None}


def test_no_secret_is_in_a_repr():
    settings = parse(password="hidden-p", private_key="hidden-k", username="u")
    text = repr(settings) + repr(parse(refresh_token="hidden-r"))
    assert "hidden" not in text
    assert {"client_secret", "refresh_token", "password", "private_key"} < (
        SECRET_SETTINGS
    )


def test_a_private_key_may_lie_in_a_file(tmp_path):
    path = tmp_path / "key.pem"
    given = {"username": "u", "private_key_path": str(path), "refresh_token": ""}
    credentials = parse(**given).credentials
    assert credentials.method == "jwt"
    with pytest.raises(SettingsError, match=r"private_key_path: .*No such file"):
        read_private_key(credentials)
    path.write_text("PEM")
    assert read_private_key(credentials) == "PEM"


@pytest.mark.parametrize("url", ["ftp://x", "http://example.com", "example.com", ""])
def test_plain_http_is_for_loopback_only(url):
    with pytest.raises(SettingsError):
        check_endpoint(url, name="instance_url")
    assert check_endpoint("http://[::1]:8/", name="x") == "http://[::1]:8"
    assert check_endpoint("http://localhost:8", name="x") == "http://localhost:8"

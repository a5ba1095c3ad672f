"""Configs: this tap's own, those of the public taps, and those that cannot be used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reading_kit.config_validation import check_config, normalize_config
from reading_kit.errors import SettingsError
from tap_gitlab.config_schema import CONFIG_SCHEMA
from tap_gitlab.settings import IGNORED_SETTINGS, apply_aliases, parse_settings


def parse(raw):
    config = normalize_config(
        apply_aliases(raw), CONFIG_SCHEMA, ignored=IGNORED_SETTINGS
    )
    assert check_config(config, CONFIG_SCHEMA) == []
    return parse_settings(config, version="1.2.3")


def test_a_config_of_meltanolabs_is_taken_as_it_is():
    settings = parse(
        {
            "api_url": "https://gitlab.com",
            "private_token": "t",
            "groups": "one two/three",
            "projects": "four/five 6",
            "start_date": "2024-01-01T00:00:00Z",
            "ultimate_license": False,
            "fetch_merge_request_commits": "true",
            "requests_cache_path": "/nowhere",
            "include_license_info_for_projects": True,
        }
    )
    assert settings.site.api_url == "https://gitlab.com/api/v4"
    assert settings.groups == ("one", "two/three")
    assert settings.projects == ("four/five", "6")
    assert settings.start == datetime(2024, 1, 1, tzinfo=UTC)
    assert settings.is_gitlab_com
    assert settings.is_license_included


def test_every_switch_of_meltanolabs_is_taken():
    settings = parse(
        {
            "api_url": "https://gitlab.example.com",
            "private_token": "t",
            "groups": "one",
            "projects": "",
            "start_date": "2024-01-01T00:00:00Z",
            "fetch_merge_request_commits": True,
            "fetch_pipelines_extended": True,
            "fetch_group_variables": False,
            "fetch_project_variables": "false",
            "fetch_site_users": False,
            "include_license_info_for_projects": False,
            "ultimate_license": "true",
            "user_agent": "warehouse",
            "requests_cache_path": None,
            "stream_maps": {},
            "flattening_enabled": False,
        }
    )
    assert settings.projects == ()
    assert settings.user_agent == "warehouse"


def test_a_config_of_the_first_singer_tap_is_taken_as_it_is():
    settings = parse(
        {
            "api_url": "https://gitlab.com/api/v3",
            "private_token": "t",
            "groups": "myorg mygroup",
            "projects": "myorg/repo-a myorg/repo-b",
            "start_date": "2018-01-01T00:00:00Z",
        }
    )
    assert settings.groups == ("myorg", "mygroup")
    assert settings.projects == ("myorg/repo-a", "myorg/repo-b")
    # The old version of the API in its documentation is gone from all instances.
    assert settings.site.api_url == "https://gitlab.com/api/v4"


def test_a_config_of_airbyte_is_taken_as_it_is():
    settings = parse(
        {
            "api_url": "gitlab.company.org",
            "credentials": {"auth_type": "access_token", "access_token": "t"},
            "groups_list": ["one"],
            "projects_list": ["two/three", 4],
            "start_date": "2024-01-01T00:00:00Z",
        }
    )
    assert settings.site.api_url == "https://gitlab.company.org/api/v4"
    assert settings.site.credentials.private_token == "t"
    assert (settings.groups, settings.projects) == (("one",), ("two/three", "4"))


def test_oauth_credentials_of_airbyte_are_taken():
    credentials = {
        "auth_type": "oauth2.0",
        "client_id": "i",
        "client_secret": "s",
        "refresh_token": "r",
        "access_token": "a",
        "token_expiry_date": "2021-06-26T03:36:42.239Z",
    }
    found = parse({"credentials": credentials, "groups": "g"}).site.credentials
    assert found.oauth_access_token == "a"
    assert found.oauth is not None
    assert found.oauth.refresh_token == "r"
    assert "'s'" not in repr(found)
    assert "'r'" not in repr(found)


@pytest.mark.parametrize(
    "given", ["a,b/c", "a b/c", "a, b/c", ["a", "b/c"], '["a", "b/c"]', "/a/ b/c/"]
)
def test_groups_may_be_a_list_or_text(given):
    assert parse({"private_token": "t", "groups": given}).groups == ("a", "b/c")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("gitlab.example.com", "https://gitlab.example.com/api/v4"),
        ("https://gitlab.example.com/", "https://gitlab.example.com/api/v4"),
        ("https://host/git/lab", "https://host/git/lab/api/v4"),
        ("https://host/git/lab/api/v4/", "https://host/git/lab/api/v4"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v4"),
    ],
)
def test_the_address_may_be_bare_or_below_a_path(given, wanted):
    settings = parse({"api_url": given, "private_token": "t", "groups": "g"})
    assert settings.site.api_url == wanted


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"groups": "g"}, "no credentials"),
        ({"private_token": "t", "include_usage_data": False}, "nothing to read"),
        ({"api_url": "http://gitlab.example.com", "private_token": "t"}, "https://"),
        ({"api_url": "https://u:p@host", "private_token": "t"}, "api_url"),
        ({"private_token": "t", "start_date": "yesterday"}, "start_date"),
        (
            {"oauth_credentials": {"client_id": "i"}, "groups": "g"},
            "client_secret, refresh_token missing",
        ),
    ],
)
def test_a_config_that_cannot_work_is_refused_with_what_is_wrong(raw, message):
    with pytest.raises(SettingsError, match=message):
        parse(raw)


def test_instances_need_names_of_their_own():
    entry = {"name": "one", "api_url": "https://one.example", "private_token": "t"}
    with pytest.raises(SettingsError, match="used twice: one"):
        parse({"instances": [entry, entry]})
    settings = parse({"instances": [{**entry, "customer_id": "c"}]})
    assert settings.instances[0].customer_id == "c"
    assert not settings.site.credentials.are_given


def test_the_wrong_type_is_told_without_the_value():
    config = normalize_config({"page_size": "many-secret"}, CONFIG_SCHEMA)
    (problem,) = check_config(config, CONFIG_SCHEMA)
    assert problem == "page_size: must be a whole number"

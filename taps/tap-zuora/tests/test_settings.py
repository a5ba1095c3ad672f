"""Configs of this and of the public Zuora taps become settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reading_kit.errors import SettingsError
from tap_zuora.settings import Settings, normalize, parse_settings, warn_about

CLIENT = {"client_id": "id", "client_secret": "secret", "start_date": "2024-01-01"}


def parse(**config) -> Settings:
    return parse_settings(normalize(config))


#: As the public taps' documentation shows them; values made up.
PUBLIC = {
    "singer with a user": {
        "username": "api@acme.example",
        "password": "secret",
        "start_date": "2017-01-01T00:00:00Z",
        "partner_id": "stitch",
        "api_type": "REST",
        "sandbox": "true",
        "european": "false",
    },
    "singer with a client": {
        "username": "id",
        "password": "secret",
        "auth_type": "OAUTH",
        "start_date": "2017-01-01T00:00:00Z",
        "sandbox": True,
        "request_timeout": "300.0",
        "disable_collection": True,
    },
    "airbyte": {
        "start_date": "2022-01-01",
        "window_in_days": "90",
        "tenant_endpoint": "EU API Sandbox",
        "data_query": "Unlimited",
        "client_id": "id",
        "client_secret": "secret",
    },
}


@pytest.mark.parametrize("config", PUBLIC.values(), ids=PUBLIC.keys())
def test_configs_of_the_public_taps_are_taken_as_they_are(config):
    settings = parse(**config)
    assert settings.credentials.secret == "secret"
    assert settings.start_date.tzinfo is UTC


def test_what_they_mean_is_kept():
    user = parse(**PUBLIC["singer with a user"])
    assert not user.credentials.is_oauth
    assert not user.is_data_query
    assert user.partner_id is None
    assert user.base_urls[0] == "https://rest.apisandbox.zuora.com"
    client = parse(**PUBLIC["singer with a client"])
    assert client.credentials.is_oauth
    assert client.credentials.identity == "id"
    assert client.request_timeout_s == 300
    airbyte = parse(**PUBLIC["airbyte"])
    assert airbyte.base_urls == ("https://rest.sandbox.eu.zuora.com",)
    assert airbyte.is_warehouse
    assert airbyte.window == timedelta(days=90)


def test_what_is_read_differently_is_told(caplog):
    warn_about(normalize(PUBLIC["singer with a user"]))
    assert "api_type REST" in caplog.text
    assert "partner_id is ignored" in caplog.text
    warn_about(normalize({**CLIENT, "aqua_stateful": True}))
    assert "needs a partner_id" in caplog.text


def test_defaults_are_those_of_the_documentation():
    settings = parse(**CLIENT)
    assert settings.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert settings.safety_lag == timedelta(hours=2)
    assert settings.lookback == timedelta(days=1)
    assert settings.late_lookback["InvoiceItem"] == timedelta(days=14)
    assert settings.late_lookback["CreditMemoItem"] == timedelta(days=90)
    assert settings.late_resync_interval == timedelta(days=7)
    assert settings.window == timedelta(days=90)
    assert settings.page_rows == 250_000
    assert settings.max_queries_per_job == 25
    assert settings.max_concurrent_jobs == 4
    assert (settings.poll_interval_s, settings.poll_interval_max_s) == (10, 60)
    assert settings.job_timeout_s == 180 * 60
    assert settings.headers == {"Zuora-Version": "2025-08-12"}
    assert settings.base_urls == (
        "https://rest.zuora.com",
        "https://rest.na.zuora.com",
    )


def test_late_lookbacks_are_merged_and_may_be_turned_off():
    late = parse(
        **CLIENT, late_objects_lookback_days={"InvoiceItem": 0, "Usage": 20}
    ).late_lookback
    assert "InvoiceItem" not in late
    assert late["Usage"] == timedelta(days=20)
    assert late["TaxationItem"] == timedelta(days=14)


def test_an_address_wins_over_all_that_names_a_data_centre():
    settings = parse(
        **CLIENT,
        base_url="https://rest.example.com/",
        tenant_endpoint="EU Production",
        sandbox=True,
    )
    assert settings.base_urls == ("https://rest.example.com",)


def test_the_path_of_batch_queries_may_be_set():
    assert parse(**CLIENT).batch_query_paths[0] == "/v1/batch-query"
    given = parse(**CLIENT, batch_query_path="/apps/api/batch-query/")
    assert given.batch_query_paths == ("/apps/api/batch-query",)
    with pytest.raises(SettingsError, match="batch_query_path"):
        parse(**CLIENT, batch_query_path="https://elsewhere/")


def test_a_secret_is_in_no_repr():
    settings = parse(**CLIENT)
    assert "secret" not in repr(settings).replace("secret=", "")

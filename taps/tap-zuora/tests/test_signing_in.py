"""Signing in: clients and users, data centres, tokens that end."""

from __future__ import annotations

import threading

import pytest

from reading_kit.clock import SystemClock
from reading_kit.errors import CredentialsError
from tap_zuora.client import ZuoraClient
from tap_zuora.hosts import DATA_CENTRES, list_candidates
from tap_zuora.settings import normalize, parse_settings

USER = {
    "client_id": None,
    "client_secret": None,
    "username": "integration@acme.example",
    "password": "sandbox-zuora-password",
}


def make_client(zuora, *base_urls, **changes):
    config = normalize(zuora.config(**changes))
    settings = parse_settings(config)
    if base_urls:
        fields = {name: getattr(settings, name) for name in settings.__slots__}
        settings = type(settings)(**{**fields, "base_urls": base_urls})
    return ZuoraClient(settings, clock=SystemClock(threading.Event()))


WAYS = {
    "a client": {},
    "a client under the names of a user": {
        "auth_type": "OAUTH",
        "client_id": None,
        "client_secret": None,
        "username": "sandbox-zuora-client-id",
        "password": "sandbox-zuora-client-secret",
    },
    "a user": USER,
    "a user beside a client": {
        "auth_type": "BASIC",
        "username": USER["username"],
        "password": USER["password"],
    },
}


@pytest.mark.parametrize("changes", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_every_way_to_sign_in_reads_the_same(zuora, changes, api_type):
    outcome = zuora.run(catalog=zuora.select("Account"), api_type=api_type, **changes)
    assert outcome.status == 0, outcome.log
    assert outcome.table("Account") == zuora.expected("Account")
    tokens = zuora.requests("POST", "/oauth/token")
    assert len(tokens) == (
        1 if changes.get("auth_type") == "OAUTH" or not changes else 0
    )


def test_one_token_serves_a_whole_run_and_is_renewed_before_it_ends(zuora):
    zuora.set(token_s=2)
    client = make_client(zuora)
    for _ in range(3):
        client.exchange("GET", "/v1/describe", lambda _: None)
    assert len(zuora.requests("POST", "/oauth/token")) == 1
    client.clock.sleep(1.1)
    client.exchange("GET", "/v1/describe", lambda _: None)
    assert len(zuora.requests("POST", "/oauth/token")) == 2


def test_threads_that_meet_a_dead_token_fetch_one_together(zuora):
    client = make_client(zuora)
    client.exchange("GET", "/v1/describe", lambda _: None)
    zuora.arm({"fault": "token_expired"})
    threads = [
        threading.Thread(
            target=client.exchange, args=("GET", "/v1/describe", lambda _: None)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(zuora.requests("POST", "/oauth/token")) <= 3


@pytest.mark.parametrize("changes", [{}, USER], ids=["client", "user"])
def test_the_first_of_two_hosts_that_knows_the_credentials_is_kept(zuora, changes):
    other = zuora.url.replace("127.0.0.1", "localhost")
    zuora.set(refused_hosts=["localhost"])
    client = make_client(zuora, other, zuora.url, **changes)
    client.exchange("GET", "/v1/describe", lambda _: None)
    client.exchange("GET", "/v1/describe", lambda _: None)
    if not changes:
        assert len(zuora.requests("POST", "/oauth/token")) == 2


def test_all_hosts_tried_are_named_when_none_knows_the_credentials(zuora):
    other = zuora.url.replace("127.0.0.1", "localhost")
    client = make_client(zuora, other, zuora.url, client_secret="wrong-secret")
    with pytest.raises(CredentialsError, match="tenant_endpoint") as caught:
        client.exchange("GET", "/v1/describe", lambda _: None)
    assert "localhost" in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


def test_each_data_centre_has_its_host():
    assert len(DATA_CENTRES) == 11
    assert DATA_CENTRES["APAC Central Sandbox"] == "https://rest.test.ap.zuora.com"
    assert all(url.startswith("https://rest.") for url in DATA_CENTRES.values())


@pytest.mark.parametrize(
    ("is_sandbox", "is_european", "hosts"),
    [
        (False, False, ("https://rest.zuora.com", "https://rest.na.zuora.com")),
        (
            True,
            False,
            ("https://rest.apisandbox.zuora.com", "https://rest.sandbox.na.zuora.com"),
        ),
        (False, True, ("https://rest.eu.zuora.com",)),
        (
            True,
            True,
            ("https://rest.sandbox.eu.zuora.com", "https://rest.test.eu.zuora.com"),
        ),
    ],
)
def test_the_older_host_is_tried_first(is_sandbox, is_european, hosts):
    found = list_candidates(is_sandbox=is_sandbox, is_european=is_european)
    assert found == hosts


def test_headers_for_entities_and_versions_are_sent(zuora):
    zuora.run(
        catalog=zuora.select("Account"),
        entity_ids="2c92,2c93",
        org_ids="o-1",
        zuora_version="230.0",
    )
    for entry in zuora.requests("GET", "/v1/"):
        headers = {name.lower(): value for name, value in entry["headers"].items()}
        assert headers["zuora-version"] == "230.0"
        assert headers["zuora-entity-ids"] == "2c92,2c93"
        assert headers["zuora-org-ids"] == "o-1"


def test_the_rate_limit_is_waited_for_before_it_is_exceeded(zuora):
    client = make_client(zuora)
    client.usage.note({"ratelimit-remaining": "0", "ratelimit-reset": "1"})
    started_s = client.clock.monotonic_s()
    client.exchange("GET", "/v1/describe", lambda _: None)
    assert client.clock.monotonic_s() - started_s >= 0.9

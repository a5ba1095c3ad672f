from __future__ import annotations

import pytest
import yaml

READ, ADMIN = "glpat-sandbox-read", "glpat-sandbox-admin"


def _pinging(gitlab):
    """The instances with a payload in the cache, and the payloads."""
    found = []
    for instance in gitlab.instances():
        url = f"{instance['api_url']}/usage_data/service_ping"
        payload = gitlab.get(url).json()
        if payload:
            found.append((instance, payload))
    return found


def test_an_instance_gives_the_payload_in_its_cache(gitlab):
    pinging = _pinging(gitlab)
    assert 0 < len(pinging) < len(gitlab.instances()) + 1
    instance, payload = pinging[0]
    for name in (
        "uuid", "hostname", "version", "edition", "recorded_at", "active_user_count",
        "historical_max_users", "license_md5", "license_id", "licensee",
        "license_user_count", "license_plan", "license_subscription_id", "counts",
        "counts_weekly", "counts_monthly", "usage_activity_by_stage",
        "usage_activity_by_stage_monthly", "redis_hll_counters", "topology",
        "settings", "database",
    ):  # fmt: skip
        assert name in payload
    assert instance["name"] == f"{payload['hostname']} {payload['uuid'][:8]}"
    assert payload["uuid"] in instance["api_url"]
    assert payload["active_user_count"] <= payload["historical_max_users"]
    assert payload["recorded_at"] >= "2018-01-17"
    assert payload["counts"]["projects_imported_from_phabricator"] == -1_000


def test_the_payload_of_an_earlier_day_counts_less(gitlab):
    later = {payload["uuid"]: payload for _, payload in _pinging(gitlab)}
    gitlab.move("2017-12-15")
    earlier = {payload["uuid"]: payload for _, payload in _pinging(gitlab)}
    both = set(earlier) & set(later)
    assert both
    for uuid in both:
        assert earlier[uuid]["recorded_at"] < "2017-12-16" < later[uuid]["recorded_at"]
        counts = earlier[uuid]["counts"]["issues"], later[uuid]["counts"]["issues"]
        assert min(counts) < 0 or counts[0] <= counts[1]


def test_a_ping_needs_its_scope(gitlab):
    url = f"{gitlab.instances()[0]['api_url']}/usage_data/service_ping"
    assert gitlab.get(url, token="glpat-sandbox-ping-only").status_code == 200
    refused = gitlab.get(url, token="glpat-sandbox-api-only")
    assert refused.status_code == 403
    assert refused.json()["error"] == "insufficient_scope"
    assert gitlab.get(url, token=None).status_code == 401


def test_the_companys_own_site_has_no_ping_in_one_of_three_ways(gitlab):
    path = "/usage_data/service_ping"
    assert gitlab.get(path).status_code == 404
    gitlab.set(own_ping="forbidden")
    assert gitlab.get(path).status_code == 403
    gitlab.set(own_ping="empty")
    assert gitlab.get(path).json() == {}


def test_a_fault_strikes_the_pings_of_instances_only(gitlab):
    instance, _ = _pinging(gitlab)[0]
    url = f"{instance['api_url']}/usage_data/service_ping"
    match = {"host": "instance", "object": "service_ping"}
    gitlab.arm({"fault": "status", "status": 502, "match": match, "count": None})
    assert gitlab.get(url).status_code == 502
    assert gitlab.get(f"{instance['api_url']}/version").status_code == 200
    assert gitlab.get("/usage_data/service_ping").status_code == 404


def test_an_empty_cache_and_a_value_by_fault(gitlab):
    instance, _ = _pinging(gitlab)[0]
    url = f"{instance['api_url']}/usage_data/service_ping"
    gitlab.arm(
        {"fault": "ping_value", "key_path": "counts.issues", "value": -2},
        {"fault": "ping_value", "key_path": "counts.boards", "value": "Infinity"},
    )
    counts = gitlab.get(url).json()["counts"]
    assert (counts["issues"], counts["boards"]) == (-2, "Infinity")
    gitlab.arm({"fault": "ping_empty"})
    assert gitlab.get(url).json() == {}


def test_a_licence_is_for_administrators(gitlab):
    instance, payload = _pinging(gitlab)[0]
    url = f"{instance['api_url']}/license"
    assert gitlab.get(url, token=READ).status_code == 403
    license_ = gitlab.get(url, token=ADMIN).json()
    assert license_["id"] == payload["license_id"]
    assert license_["plan"] == payload["license_plan"]
    assert license_["user_limit"] == payload["license_user_count"]
    assert license_["expires_at"] == payload["license_expires_at"]
    assert license_["overage"] == max(
        payload["historical_max_users"] - license_["user_limit"], 0
    )
    every = gitlab.get(f"{instance['api_url']}/licenses", token=ADMIN).json()
    assert every[0] == license_
    assert gitlab.get("/license").status_code == 403


def test_definitions_are_a_yaml_list_that_names_every_counter(gitlab):
    answer = gitlab.get("/usage_data/metric_definitions")
    assert answer.headers["Content-Type"].startswith("application/yaml")
    assert answer.text.startswith("---")
    documents = {row["key_path"]: row for row in yaml.safe_load(answer.text)}
    assert {row["status"] for row in documents.values()} == {
        "active", "removed", "broken",
    }  # fmt: skip
    _, payload = _pinging(gitlab)[0]
    for group in ("counts", "counts_monthly", "counts_weekly"):
        for name in payload[group]:
            assert f"{group}.{name}" in documents
    plain = next(iter(documents.values()))
    assert "file_path" not in plain
    with_paths = gitlab.get(
        "/usage_data/metric_definitions", params={"include_paths": "true"}
    )
    assert yaml.safe_load(with_paths.text)[0]["file_path"].endswith(".yml")


@pytest.mark.parametrize("name", ["queries", "non_sql_metrics"])
def test_what_is_behind_a_flag_is_not_found_until_it_is_set(gitlab, name):
    instance, _ = _pinging(gitlab)[0]
    url = f"{instance['api_url']}/usage_data/{name}"
    assert gitlab.get(url, token=ADMIN).status_code == 404
    gitlab.set(usage_flags=True)
    assert gitlab.get(url, token=READ).status_code == 403
    counted = gitlab.get(url, token=ADMIN).json()["counts"]["issues"]
    assert counted == -3 if name == "non_sql_metrics" else "SELECT COUNT" in counted


def test_statistics_are_text_with_thousands_apart(gitlab):
    assert gitlab.get("/application/statistics").status_code == 403
    own = gitlab.get("/application/statistics", token=ADMIN).json()
    assert all(isinstance(value, str) for value in own.values())
    total = gitlab.get("/groups/brightloom/merge_requests").headers["X-Total"]
    assert own["merge_requests"].replace(",", "") == total
    instance, payload = _pinging(gitlab)[0]
    theirs = gitlab.get(f"{instance['api_url']}/application/statistics", token=ADMIN)
    assert theirs.json()["active_users"] == f"{payload['active_user_count']:,}"


def test_an_old_version_has_no_metadata(gitlab):
    instance = gitlab.instances()[0]
    for base in (gitlab.api, instance["api_url"]):
        assert gitlab.get(f"{base}/metadata").json()["version"]
    gitlab.set(has_metadata=False)
    assert gitlab.get("/metadata").status_code == 404
    assert gitlab.get("/version").status_code == 200


def test_an_instance_has_nothing_of_the_companys_and_must_exist(gitlab):
    instance = gitlab.instances()[0]
    assert gitlab.get(f"{instance['api_url']}/groups").status_code == 404
    nowhere = f"{gitlab.base_url}/instances/nobody/api/v4/version"
    assert gitlab.get(nowhere).status_code == 404

"""Service Ping, licences and versions of several instances, with real processes."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

USAGE = ("service_ping", "service_ping_metrics", "license", "licenses", "metadata")


def usage_only(site, *streams, **changes):
    """Run without the company's own site: instances only."""
    config = {"private_token": None, "groups": None, "instances": site.instances}
    return site.read(*(streams or USAGE), **{**config, **changes})


def test_a_customers_ping_bears_the_subscription_of_its_licence(site, rows_of):
    entries = site.instances
    entries[0]["customer_id"] = "A-1"
    outcome = usage_only(site, instances=entries)
    assert outcome.status == 0, outcome.log
    (ping,) = outcome.records("service_ping")
    (payload,) = [row["payload"] for row in rows_of("2018-01-31", "service_ping")]
    assert ping["license_subscription_id"] == payload["license_subscription_id"]
    assert ping["customer_id"] == "A-1"
    assert ping["instance"] == entries[0]["name"]
    assert ping["recorded_at"] == "2018-01-26T13:59:04.000Z"
    long = outcome.table("service_ping_metrics", "key_path")
    assert len(long) == len(outcome.records("service_ping_metrics")) > 50
    for row in long.values():
        assert row["license_subscription_id"] == ping["license_subscription_id"]
    assert long["counts.issues"]["value_number"] == payload["counts"]["issues"]
    removed = long["counts.projects_imported_from_phabricator"]
    assert (removed["value_number"], removed["value_status"]) == (None, "removed")
    assert payload["licensee"]["Email"] not in json.dumps(
        list(long.values()), default=str
    )
    license_ids = {row["id"] for row in outcome.records("licenses")}
    assert ping["license_id"] in license_ids


def test_each_payload_is_asked_for_once_although_two_streams_read_it(site):
    usage_only(site, "service_ping", "service_ping_metrics")
    asked = site.requests("GET", "/usage_data/service_ping")
    assert len(asked) == len(site.instances)


def test_a_ping_read_before_does_not_come_again(site):
    first = usage_only(site, "service_ping", "service_ping_metrics")
    again = usage_only(site, "service_ping", "service_ping_metrics", state=first.state)
    assert again.status == 0, again.log
    assert again.records() == []
    assert again.state == first.state


def test_an_empty_cache_gives_no_row_and_moves_no_bookmark(site):
    site.arm({"fault": "ping_empty"})
    outcome = usage_only(site, "service_ping", "service_ping_metrics")
    assert outcome.status == 0, outcome.log
    assert "no Service Ping in its cache" in outcome.log
    assert outcome.records() == []
    assert "recorded_at" not in json.dumps(outcome.state)
    site.calm()
    state = outcome.state
    assert usage_only(site, "service_ping", state=state).records("service_ping")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (-1, (None, None, "failed")),
        (-2, (None, None, "error")),
        ({"-1": -1}, (None, None, "failed")),
        ("Infinity", (None, "Infinity", None)),
        (12.5, (Decimal("12.5"), None, None)),
    ],
)
def test_what_could_not_be_counted_is_told_as_such(site, value, wanted):
    site.arm({"fault": "ping_value", "key_path": "counts.issues", "value": value})
    outcome = usage_only(site, "service_ping_metrics", "service_ping")
    assert outcome.status == 0, outcome.log
    row = outcome.table("service_ping_metrics", "key_path")["counts.issues"]
    names = ("value_number", "value_string", "value_status")
    assert tuple(row[name] for name in names) == wanted


def test_saved_files_give_the_same_rows_as_the_instance(site, rows_of, tmp_path):
    (payload,) = [row["payload"] for row in rows_of("2018-01-31", "service_ping")]
    path = tmp_path / "sent-by-customer.json"
    path.write_text(json.dumps(payload), encoding="utf-8")
    config = {"private_token": None, "groups": None, "service_ping_files": [str(path)]}
    streams = ("service_ping", "service_ping_metrics")
    outcome = site.read(*streams, **config)
    assert outcome.status == 0, outcome.log
    live = usage_only(site, *streams)
    for stream in streams:
        keys = ("uuid", "recorded_at", "key_path")[: 2 + (stream != streams[0])]
        saved, asked = outcome.table(stream, *keys), live.table(stream, *keys)
        for row in (*saved.values(), *asked.values()):
            del row["instance"]
        assert saved == asked
    again = site.read(*streams, state=outcome.state, **config)
    assert again.records() == []
    path.write_text(json.dumps([payload, {**payload, "uuid": "u"}]), encoding="utf-8")
    assert (
        len(site.read(*streams, state=outcome.state, **config).records(streams[0])) == 2
    )


def test_a_saved_file_that_is_not_there_is_told_before_anything_is_read(site):
    outcome = site.read("service_ping", service_ping_files=["/nowhere/ping.json"])
    assert outcome.status == 2
    assert "service_ping_files: not found: /nowhere/ping.json" in outcome.log


def test_a_token_without_the_scope_leaves_service_ping_out(site):
    outcome = site.read("service_ping", "users", private_token="glpat-sandbox-api-only")
    assert outcome.status == 0, outcome.log
    assert "service_ping of instance" in outcome.log
    assert "insufficient_scope" in outcome.log
    assert outcome.records("users")


def test_statistics_with_thousands_apart_become_numbers(site):
    outcome = site.read("application_statistics", "project_statistics")
    (row,) = outcome.records("application_statistics")
    assert row["snapshot_date"] == "2018-01-31"
    assert isinstance(row["issues"], int)
    sizes = outcome.table("project_statistics", "project_id", "snapshot_date")
    assert sizes[26, "2018-01-31"]["commit_count"] > 30


def test_queries_of_an_instance_are_read_where_it_gives_them(site):
    names = ("usage_data_queries", "usage_data_non_sql_metrics")
    assert usage_only(site, *names).records() == []
    site.serve_as(usage_flags=True)
    outcome = usage_only(site, *names)
    assert outcome.status == 0, outcome.log
    (row,) = outcome.records("usage_data_queries")
    assert row["payload"]["counts"]["issues"].startswith("SELECT COUNT")
    (row,) = outcome.records("usage_data_non_sql_metrics")
    assert row["payload"]["counts"]["issues"] == -3


def test_an_old_version_is_asked_for_its_version_only(site):
    site.serve_as(has_metadata=False)
    outcome = usage_only(site, "metadata")
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("metadata")) == len(site.instances)
    assert {row["enterprise"] for row in outcome.records("metadata")} == {None}


def test_licences_are_left_out_where_the_token_is_no_administrators(site):
    outcome = site.read("license", "users", private_token="glpat-sandbox-read")
    assert outcome.status == 0, outcome.log
    assert "license of instance" in outcome.log
    assert outcome.records("license") == []

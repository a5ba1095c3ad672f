"""The SDK's standard tests, and what the command says of itself."""

from __future__ import annotations

import json

from reading_kit.testing.standard import run_standard_suite
from tap_gitlab.stream_table import STREAMS


def test_the_sdks_standard_tests_pass(site, tmp_path):
    site.serve_as(usage_flags=True)
    config = site.config(instances=site.instances)
    result = run_standard_suite("tap_gitlab.tap:TapGitlab", config, directory=tmp_path)
    assert result.is_good, result.output
    assert result.passed >= 20


def test_discovery_asks_nothing_and_offers_every_stream(site):
    flags = {
        "ultimate_license": True,
        "fetch_merge_request_commits": True,
        "fetch_pipelines_extended": True,
        "fetch_group_variables": True,
        "fetch_project_variables": True,
    }
    catalog = site.discover(**flags)
    assert site.requests("", "/") == []
    found = {entry["stream"]: entry for entry in catalog["streams"]}
    assert set(found) == {spec.name for spec in STREAMS}
    for spec in STREAMS:
        entry = found[spec.name]
        assert tuple(entry["key_properties"]) == spec.keys
        assert entry.get("replication_key") == spec.replication_key
        assert set(entry["schema"]["properties"]) == {c.name for c in spec.columns}


def test_streams_that_cost_a_call_for_each_row_are_off_unless_asked_for(site):
    names = {entry["stream"] for entry in site.discover()["streams"]}
    for name in ("merge_request_commits", "pipelines_extended", "epics"):
        assert name not in names
    assert {"users", "service_ping"} <= names
    assert "users" not in {
        entry["stream"] for entry in site.discover(fetch_site_users=False)["streams"]
    }


def test_usage_data_can_be_left_out(site):
    names = {e["stream"] for e in site.discover(include_usage_data=False)["streams"]}
    assert not names & {"service_ping", "metric_definitions", "license", "metadata"}


def test_about_tells_the_settings_without_asking_anybody(site):
    outcome = site.run_with(["--about", "--format=json"])
    assert outcome.status == 0
    about = json.loads("\n".join(outcome.lines))
    assert about["name"] == "tap-gitlab"
    assert "instances" in about["settings"]["properties"]


def test_a_connection_test_reads_a_little_of_each_stream(site):
    outcome = site.run("--test")
    assert outcome.status == 0, outcome.log
    streams = {m["stream"] for m in outcome.messages if m["type"] == "RECORD"}
    assert {"users", "merge_requests", "commits"} <= streams
    assert len(outcome.records("jobs")) <= 7


def test_a_catalog_may_leave_columns_out(site):
    catalog = site.select("merge_requests")
    (entry,) = [e for e in catalog["streams"] if e["stream"] == "merge_requests"]
    for each in entry["metadata"]:
        if each["breadcrumb"] in (
            ["properties", "description"],
            ["properties", "author"],
        ):
            each["metadata"]["selected"] = False
    outcome = site.run(catalog=catalog)
    row = outcome.records("merge_requests")[0]
    assert "description" not in row
    assert "author" not in row
    assert {"id", "updated_at", "title"} <= set(row)


def test_a_stream_a_catalog_selects_but_the_settings_switch_off_is_told(site):
    catalog = site.select("epics", ultimate_license=True)
    outcome = site.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "epics is left out: set ultimate_license" in outcome.log

"""The SDK's standard tests, and what --about and --test say."""

from __future__ import annotations

import json

from reading_kit.testing.processes import run_program
from reading_kit.testing.standard import run_standard_suite

#: Types of activities nobody has in the smallest sample company.
EMPTY = (
    "activities_email_bounced",
    "activities_email_bounced_soft",
    "activities_interesting_moment",
    "activities_remove_from_list",
)


def test_the_sdks_standard_tests_pass(instance, tmp_path):
    config = instance.config(start_date="2016-02-01")
    result = run_standard_suite(
        "tap_marketo.tap:TapMarketo",
        config,
        directory=tmp_path,
        empty_streams=EMPTY,
    )
    assert result.is_good, result.output
    assert result.passed >= 20


def test_a_connection_test_reads_a_little_of_each_stream_and_costs_no_quota(instance):
    outcome = instance.run("--test")
    assert outcome.status == 0, outcome.log
    assert instance.calls("POST", "create.json") == 0


def test_discovery_costs_three_calls(instance):
    catalog = instance.discover()
    assert instance.calls("", "/rest/") == 3
    assert instance.calls("", "/bulk/") == 0
    streams = {entry["tap_stream_id"]: entry for entry in catalog["streams"]}
    assert streams["leads"]["key_properties"] == ["id"]
    assert streams["activities_send_email"]["replication_key"] == "activityDate"
    assert streams["programs"]["replication_method"] == "INCREMENTAL"
    assert streams["forms"]["replication_method"] == "FULL_TABLE"
    selected = {
        name
        for name, entry in streams.items()
        for item in entry["metadata"]
        if not item["breadcrumb"] and item["metadata"].get("selected-by-default")
    }
    assert {"leads", "programs", "campaigns", "lists", "emails"} <= selected
    assert "activities_merge_leads" in selected
    assert not {"program_members", "activities_scan_badge", "forms"} & selected


def test_about_tells_settings_and_marks_secrets():
    outcome = run_program(["tap-marketo", "--about", "--format=json"])
    assert outcome.status == 0
    about = json.loads("\n".join(outcome.lines))
    settings = about["settings"]["properties"]
    assert settings["client_secret"]["secret"] is True
    assert settings["poll_interval"]["default"] == 60


def test_a_user_without_permission_for_activities_still_reads_the_rest(instance):
    instance.arm(
        {
            "fault": "error",
            "code": "603",
            "match": {"path": "*/activities/types.json"},
            "count": None,
        }
    )
    catalog = instance.discover()
    names = {entry["tap_stream_id"] for entry in catalog["streams"]}
    assert "leads" in names
    assert not any(name.startswith("activities_") for name in names)


def test_settings_may_come_from_the_environment_as_text(instance, monkeypatch):
    for name, value in instance.config(start_date="2030-01-01").items():
        monkeypatch.setenv(f"TAP_MARKETO_{name.upper()}", str(value))
    monkeypatch.setenv("TAP_MARKETO_MAX_DAILY_CALLS", "39999")
    outcome = instance.run_with(["--config=ENV"])
    assert outcome.status == 0, outcome.log
    assert "max_daily_calls 39999" in outcome.log


def test_batches_maps_and_flattening_carry_the_same_rows(hard, tmp_path):
    names = ("leads", "activities_click_link", "emails")
    catalog = hard.select(*names)
    plain = hard.run(catalog=catalog)
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri(), "prefix": "b-"},
    }
    batched = hard.run(catalog=catalog, batch_config=batch)
    assert batched.status == 0, batched.log
    manifests = [m for m in batched.messages if m["type"] == "BATCH"]
    assert {m["stream"] for m in manifests} == set(names)
    mapped = hard.run(catalog=catalog, stream_maps={"leads": {"email": "__NULL__"}})
    assert mapped.status == 0, mapped.log
    rows = mapped.table("leads", "id")
    assert set(rows) == set(plain.table("leads", "id"))
    assert "email" not in next(iter(rows.values()))
    flat = hard.run(catalog=catalog, flattening_enabled=True, flattening_max_depth=2)
    assert flat.status == 0, flat.log
    assert flat.table("leads", "id") == plain.table("leads", "id")
    assert flat.state == plain.state == batched.state

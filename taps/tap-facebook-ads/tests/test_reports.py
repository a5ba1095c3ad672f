"""Reports of every level and breakdown: their keys are keys, their parts add up."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tap_facebook_ads.reports import PRESETS

DEFAULT = "adsinsights_default"
KEY = ("date_start", "account_id", "ad_id")
SINCE = "2018-01-17"


def run_reports(facebook, *reports, select=None, **changes):
    """Read reports of these definitions."""
    settings = {"insight_reports_list": list(reports), "start_date": SINCE, **changes}
    catalog = facebook.discover(**settings)
    names = select or [f"adsinsights_{report['name']}" for report in reports]
    for entry in catalog["streams"]:
        root = next(m for m in entry["metadata"] if not m["breadcrumb"])
        root["metadata"]["selected"] = entry["tap_stream_id"] in names
    outcome = facebook.run(catalog=catalog, **settings)
    assert outcome.status == 0, outcome.log
    return outcome


def keys_of(outcome, stream):
    message = next(
        m for m in outcome.messages if m["type"] == "SCHEMA" and m["stream"] == stream
    )
    return message["key_properties"]


def spend_by_day(records):
    sums = defaultdict(Decimal)
    for record in records:
        sums[record["account_id"], record["date_start"]] += record["spend"]
    return {key: value for key, value in sums.items() if value}


@pytest.fixture(scope="module")
def _spend():
    return {}


@pytest.fixture
def spend(facebook, _spend):
    """Give what each account spent each day."""
    if not _spend:
        outcome = facebook.read(DEFAULT, start_date=SINCE)
        _spend.update(spend_by_day(outcome.records(DEFAULT)))
    return _spend


def test_every_level_has_its_key_and_the_same_spend(facebook, spend):
    levels = ("account", "campaign", "adset", "ad")
    reports = [{"name": level, "level": level} for level in levels]
    outcome = run_reports(facebook, *reports)
    counts = []
    for level in levels:
        stream = f"adsinsights_{level}"
        records = outcome.records(stream)
        keys = keys_of(outcome, stream)
        assert keys[2:] == ([] if level == "account" else [f"{level}_id"])
        assert len(outcome.table(stream, *keys)) == len(records)
        assert spend_by_day(records) == spend
        counts.append(len(records))
    assert counts == sorted(counts)


def test_every_preset_has_its_key_and_the_same_spend(facebook, spend):
    names = [name for name, _ in PRESETS]
    outcome = facebook.read(*names, start_date=SINCE)
    assert outcome.status == 0, outcome.log
    for name, breakdowns in PRESETS:
        records = outcome.records(name)
        keys = keys_of(outcome, name)
        assert tuple(keys[3:]) == breakdowns
        assert len(outcome.table(name, *keys)) == len(records)
        assert spend_by_day(records) == spend


def test_objects_as_breakdowns_are_keyed_by_their_id(facebook):
    outcome = run_reports(
        facebook, {"name": "titles", "breakdowns": ["title_asset", "age"]}
    )
    records = outcome.records()
    assert keys_of(outcome, "adsinsights_titles")[3:] == ["title_asset_id", "age"]
    assert records
    assert all(r["title_asset"]["id"] == r["title_asset_id"] for r in records)


def test_rows_of_several_days_grow_under_the_same_key(facebook):
    report = {"name": "weeks", "time_increment_days": 7, "level": "account"}
    facebook.move("2018-01-19")
    first = run_reports(facebook, report, start_date="2018-01-08")
    starts = {record["date_start"] for record in first.records()}
    assert starts == {"2018-01-08", "2018-01-15"}
    facebook.move("2018-01-31")
    catalog_run = run_reports(facebook, report, start_date="2018-01-08")
    spans = {(r["date_start"], r["date_stop"]) for r in catalog_run.records()}
    assert ("2018-01-15", "2018-01-21") in spans
    assert {start for start, _ in spans} == {
        "2018-01-08",
        "2018-01-15",
        "2018-01-22",
        "2018-01-29",
    }


def test_windows_and_action_breakdowns_are_asked_for_and_kept(facebook):
    report = {
        "name": "devices",
        "action_breakdowns": ["action_type", "action_device"],
        "action_attribution_windows": ["1d_click", "28d_click"],
    }
    outcome = run_reports(facebook, report, start_date="2017-11-01")
    actions = [a for r in outcome.records() for a in r["actions"] or []]
    assert {"action_type", "action_device", "value"} <= set(actions[0])
    assert {a["action_device"] for a in actions} >= {"iphone", "desktop"}
    assert any("28d_click" in action for action in actions)
    assert not any("7d_click" in action for action in actions)


def test_a_report_may_name_its_fields_even_some_not_known_here(facebook):
    report = {"name": "own", "fields": ["spend", "buying_type", "social_spend"]}
    outcome = run_reports(facebook, report)
    assert set(outcome.records()[0]) == {
        "date_start",
        "account_id",
        "date_stop",
        "ad_id",
        "spend",
        "buying_type",
        "social_spend",
    }


def test_the_instant_a_slice_was_asked_for_can_be_a_column(facebook):
    outcome = run_reports(facebook, {"name": "own"}, emit_slice_started_at=True)
    stamps = {record["_slice_started_at"] for record in outcome.records()}
    assert stamps == {"2018-01-31T23:59:59+00:00"}


def test_reach_is_not_asked_for_where_the_service_leaves_it_out(facebook):
    stream = "ads_insights_country"
    outcome = facebook.read(
        stream, start_date="2016-12-26", end_date="2017-01-08", insights_days_per_job=1
    )
    assert outcome.status == 0, outcome.log
    told = {
        record["date_start"] for record in outcome.records(stream) if record["reach"]
    }
    assert told
    assert min(told) >= "2016-12-31"
    posts = [p["body"] for p in facebook.requests("POST", "/insights")]
    old = [body for body in posts if "2016-12-27" in body]
    assert old
    assert not any("reach" in body for body in old)


def test_stream_maps_and_batches_carry_the_same_rows(facebook, tmp_path):
    plain = facebook.read("campaigns", DEFAULT, start_date=SINCE)
    mapped = facebook.read(
        "campaigns",
        DEFAULT,
        start_date=SINCE,
        stream_maps={"campaigns": {"name": "__NULL__"}, DEFAULT: {"spend": "spend"}},
    )
    assert mapped.status == 0, mapped.log
    assert mapped.table(DEFAULT, *KEY) == plain.table(DEFAULT, *KEY)
    assert "name" not in mapped.records("campaigns")[0]
    batched = facebook.read(
        "campaigns",
        start_date=SINCE,
        batch_config={
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": f"file://{tmp_path}"},
        },
    )
    assert batched.status == 0, batched.log
    assert [m["type"] for m in batched.messages].count("BATCH") == 1
    assert (
        batched.state == plain.states[-1] or "campaigns" in batched.state["bookmarks"]
    )


def with_replication(catalog, stream, method, key=None):
    entry = next(e for e in catalog["streams"] if e["tap_stream_id"] == stream)
    entry["replication_method"] = method
    if key:
        entry["replication_key"] = key
    return catalog


def test_a_report_read_whole_each_time_has_one_version_and_no_bookmark_to_start_from(
    facebook,
):
    first = facebook.read(DEFAULT, start_date=SINCE)
    catalog = with_replication(facebook.choose(DEFAULT), DEFAULT, "FULL_TABLE")
    whole = facebook.run(catalog=catalog, start_date=SINCE, state=first.state)
    assert whole.status == 0, whole.log
    assert whole.table(DEFAULT, *KEY) == first.table(DEFAULT, *KEY)
    versions = {m["version"] for m in whole.messages if "version" in m}
    assert len(versions) == 1
    assert whole.messages[-1]["type"] == "ACTIVATE_VERSION"


def test_pictures_may_be_read_by_their_time_which_the_service_does_not_filter(facebook):
    facebook.move("2017-12-31")
    catalog = facebook.choose("adimages")
    with_replication(catalog, "adimages", "INCREMENTAL", "updated_time")
    first = facebook.run(catalog=catalog)
    facebook.move("2018-01-31")
    second = facebook.run(catalog=catalog, state=first.state)
    assert second.status == 0, second.log
    assert 0 < len(second.records("adimages")) < len(first.records("adimages"))
    everything = {**first.table("adimages", "id"), **second.table("adimages", "id")}
    assert everything == facebook.read("adimages").table("adimages", "id")

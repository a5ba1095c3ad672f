"""Pages in the service's own shapes become valid records.

The shapes are those of the vendor's public description of fields (v25), of a public
warehouse package's sample tables, and of error bodies in public bug reports; all
values are made up.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reading_kit.jsonlines import LineEncoder
from tap_facebook_ads.fields import build_schema
from tap_facebook_ads.objects import OBJECTS
from tap_facebook_ads.problems import Cause, classify, read_graph_problem
from tap_facebook_ads.reports import Report
from tap_facebook_ads.rows import RowCodec

SAMPLES = Path(__file__).with_name("samples")
REPORT = Report("adsinsights_default")
STREAMS = {spec.stream: (spec.fields, ["id"]) for spec in OBJECTS}
STREAMS["insights"] = (REPORT.columns, REPORT.key_properties)


def records_of(name):
    fields, keys = STREAMS[name]
    codec = RowCodec(name, fields, keys=keys, action_keys=REPORT.windows)
    rows = codec.decode((SAMPLES / f"{name}.json").read_bytes()).rows
    lines = LineEncoder(name, time_extracted=datetime(2020, 12, 11, tzinfo=UTC))
    return [
        json.loads(line, parse_float=Decimal)["record"]
        for line in lines.encode(rows).splitlines()
    ]


@pytest.mark.parametrize("name", ["insights", "campaigns", "creatives", "leads"])
def test_a_page_becomes_valid_records_and_nothing_is_lost(name):
    fields, keys = STREAMS[name]
    schema = build_schema(fields, keys=keys, windows=REPORT.windows)
    given = json.loads((SAMPLES / f"{name}.json").read_text())["data"]
    records = records_of(name)
    assert len(records) == len(given)
    for record, original in zip(records, given, strict=True):
        plain = json.loads(json.dumps(record, default=float))
        Draft202012Validator(schema).validate(plain)
        assert {k for k, v in record.items() if v is not None} == set(original)


def test_figures_of_a_report_are_numbers_with_their_digits():
    first, second = records_of("insights")
    assert first["spend"] == Decimal("76.53")
    assert first["impressions"] == 4233
    assert first["actions"][0] == {
        "action_type": "offsite_conversion.fb_pixel_lead",
        "value": 2,
        "1d_view": 2,
    }
    assert first["actions"][2]["inline"] == 1
    assert first["cost_per_action_type"][0]["value"] == Decimal("38.265")
    assert second["spend"] == 0
    assert second["clicks"] is None


def test_budgets_are_whole_numbers_and_times_are_utc():
    (campaign,) = records_of("campaigns")
    assert campaign["daily_budget"] == 5000
    assert campaign["updated_time"] == "2020-12-09T04:20:46+00:00"


def test_an_error_body_of_a_run_that_cannot_be_read_yet_is_known():
    body = {
        "error": {
            "message": "Error accessing adreport job.",
            "type": "OAuthException",
            "is_transient": True,
            "code": 2601,
            "error_subcode": 1815107,
            "error_user_title": "Loading Async Job Failed",
            "error_user_msg": "Sorry, the loading of your async job run failed.",
            "fbtrace_id": "A0",
        }
    }
    problem = read_graph_problem(400, json.dumps(body))
    assert classify(problem) is Cause.RUN_UNREADABLE

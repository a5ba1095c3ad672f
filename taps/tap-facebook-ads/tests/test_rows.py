"""Pages become rows: digits kept, types as declared, nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import ValueFormatError
from reading_kit.jsonlines import LineEncoder
from reading_kit.sending import MalformedAnswerError
from tap_facebook_ads.fields import Field, Kind, build_schema, make_fields
from tap_facebook_ads.rows import RowCodec, to_utc

FIELDS = make_fields(
    text="id name",
    whole="impressions",
    number="spend",
    flag="is_paid",
    day="date_start",
    moment="updated_time",
    actions="actions",
    object="targeting",
    list="labels",
)
ACTION_KEYS = ("1d_click", "7d_click", "action_device")


def codec(**more):
    return RowCodec("stream", FIELDS, keys=("id",), action_keys=ACTION_KEYS, **more)


def records_of(page, **more):
    body = page if isinstance(page, bytes) else json.dumps(page).encode()
    rows = codec(**more).decode(body).rows
    encoder = LineEncoder("stream", time_extracted=datetime(2018, 1, 31, tzinfo=UTC))
    lines = encoder.encode(rows).splitlines()
    return [json.loads(line, parse_float=Decimal)["record"] for line in lines]


def record_of(**values):
    return records_of({"data": [{"id": "1", **values}]})[0]


def test_a_row_has_every_field_and_unset_ones_are_null():
    record = record_of(name="null", impressions="12", spend="12.340")
    assert record == {
        "id": "1",
        "name": "null",
        "impressions": 12,
        "spend": Decimal("12.340"),
        "is_paid": None,
        "date_start": None,
        "updated_time": None,
        "actions": None,
        "targeting": None,
        "labels": None,
    }
    assert str(record["spend"]) == "12.340"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_amounts_keep_every_digit(amount):
    text = f"{amount:f}"
    body = json.dumps({"data": [{"id": "1", "spend": text}]}).encode()
    encoder = LineEncoder("stream", time_extracted=datetime(2018, 1, 31, tzinfo=UTC))
    line = encoder.encode(codec().decode(body).rows)
    assert f'"spend":{text},'.encode() in line.replace(b"-0.000000", text.encode())


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner),
            max_leaves=8,
        ),
    ),
    st.text(max_size=20),
)
def test_objects_and_text_come_through_as_they_are(targeting, name):
    record = record_of(targeting=targeting, name=name)
    assert record["targeting"] == targeting
    assert record["name"] == name


def test_a_page_that_is_written_over_many_lines_makes_lines_of_its_own():
    page = {"data": [{"id": "1", "targeting": {"a": [1, {"b": "x\u2028y"}]}}]}
    records = records_of(json.dumps(page, indent=2, ensure_ascii=False).encode())
    assert records[0]["targeting"] == page["data"][0]["targeting"]


def test_actions_hold_numbers_and_their_breakdowns():
    entry = {
        "action_type": "lead",
        "action_device": "iphone",
        "value": "2",
        "1d_click": "1",
        "7d_click": "1.50",
    }
    (action,) = record_of(actions=[entry])["actions"]
    assert action == {
        "action_type": "lead",
        "action_device": "iphone",
        "value": 2,
        "1d_click": 1,
        "7d_click": Decimal("1.50"),
    }


def test_what_actions_hold_beyond_expectation_is_kept():
    entry = {
        "action_type": "lead",
        "value": "2",
        "28d_view": "0.10",
        "skan_click": "1",
        "action_target_id": "0012",
        "details": {"x": "1"},
    }
    record = record_of(actions=[entry], spend="1.10", impressions="5")
    (action,) = record["actions"]
    assert action["28d_view"] == Decimal("0.10")
    assert action["skan_click"] == 1
    assert action["action_target_id"] == "0012"
    assert action["details"] == {"x": "1"}
    assert record["spend"] == Decimal("1.10")


@pytest.mark.parametrize(
    ("given_value", "wanted"),
    [
        ({"name": 5}, {"name": "5"}),
        ({"name": ["a"]}, {"name": '["a"]'}),
        ({"spend": ""}, {"spend": None}),
        ({"spend": 1.5}, {"spend": Decimal("1.5")}),
        ({"impressions": 7}, {"impressions": 7}),
        ({"is_paid": "true"}, {"is_paid": True}),
        ({"is_paid": 0}, {"is_paid": False}),
        ({"labels": {"a": 1}}, {"labels": [{"a": 1}]}),
        ({"targeting": "x"}, {"targeting": {"value": "x"}}),
        ({"targeting": [1]}, {"targeting": {"value": [1]}}),
        ({"date_start": "2018-01-31T00:00:00+0000"}, {"date_start": "2018-01-31"}),
        (
            {"updated_time": "2020-04-13T18:04:59-0700"},
            {"updated_time": "2020-04-14T01:04:59+00:00"},
        ),
        ({"actions": None}, {"actions": None}),
    ],
)
def test_values_of_another_form_are_brought_into_ours(given_value, wanted):
    record = record_of(**given_value)
    assert {name: record[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "bad",
    [
        {"spend": "NaN"},
        {"spend": "Infinity"},
        {"spend": "much"},
        {"spend": ["1"]},
        {"impressions": True},
        {"is_paid": "perhaps"},
        {"date_start": "soon, I think"},
        {"updated_time": "soon"},
        {"actions": "none"},
        {"actions": ["x"]},
        {"actions": [{"value": "many"}]},
        {"id": None},
    ],
)
def test_values_that_cannot_be_what_they_should_stop_the_stream_by_name(bad):
    (name,) = bad
    with pytest.raises(ValueFormatError, match=rf"stream\.{name}: ") as caught:
        record_of(**bad)
    assert "soon" not in str(caught.value)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data": 5}', b'{"data": [5]}', b"{"])
def test_what_is_no_page_is_asked_for_again(body):
    with pytest.raises(MalformedAnswerError):
        codec().decode(body)


def test_the_end_of_a_list_is_told_by_next_alone():
    answer = codec().decode(b'{"data":[],"paging":{"cursors":{"after":"a"}}}')
    assert (answer.after, answer.next_url) == ("a", None)


def test_a_missing_breakdown_and_the_id_of_an_asset_become_keys():
    fields = [Field("id"), Field("image_asset", Kind.JSON), Field("image_asset_id")]
    reader = RowCodec(
        "report",
        fields,
        keys=("image_asset_id",),
        defaults={"image_asset_id": "unknown"},
        id_sources={"image_asset_id": "image_asset"},
    )
    page = {"data": [{"id": "1", "image_asset": {"id": "7", "hash": "x"}}, {"id": "2"}]}
    rows = reader.decode(json.dumps(page).encode()).rows
    attribute = reader.attribute("image_asset_id")
    assert [getattr(row, attribute) for row in rows] == ["7", "unknown"]


def test_instants_are_written_in_utc():
    assert to_utc("2018-01-31T23:59:59") == "2018-01-31T23:59:59+00:00"
    with pytest.raises(ValueError, match="soon"):
        to_utc("soon")


def test_the_schema_says_what_rows_are():
    schema = build_schema(FIELDS, keys=("id",), windows=("1d_click",))
    properties = schema["properties"]
    assert properties["id"] == {"type": "string"}
    assert properties["impressions"] == {"type": ["integer", "null"]}
    assert properties["updated_time"]["format"] == "date-time"
    items = properties["actions"]["items"]
    assert items["properties"]["1d_click"] == {"type": ["number", "null"]}
    assert items["additionalProperties"] is True

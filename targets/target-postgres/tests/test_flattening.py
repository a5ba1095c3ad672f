"""Objects may become columns of their own; what a schema lacks may be kept together."""

from __future__ import annotations

from typing import Any

import pytest
from target_runs import Database, raw_record, record, schema

PLACE = {
    "type": ["null", "object"],
    "properties": {
        "city": {"type": ["null", "string"]},
        "at": {
            "type": ["object", "null"],
            "properties": {
                "lat": {"type": "number"},
                "seen": {"type": "string", "format": "date-time"},
            },
        },
        "tags": {"type": "array"},
    },
}
HEAD = schema(id="integer", place=PLACE, after="string")
CITY = {"city": "Łódź\t", "at": {"lat": 1.10, "seen": "2024-01-01"}, "tags": [1]}
ROWS = [
    record(id=1, place=CITY, after="x"),
    record(id=2, place=None, after="y"),
    record(id=3, place={"at": None}, after="z"),
    record(id=4, after="w"),
]


def columns(db: Database) -> set[str]:
    return {name for name in db.types("s") if not name.startswith("_sdc")}


def test_objects_stay_whole_unless_flattening_is_asked_for(db: Database) -> None:
    assert db.load([HEAD, *ROWS]).status == 0
    assert columns(db) == {"id", "place", "after"}


@pytest.mark.parametrize("exact", [False, True])
def test_flattened_objects_are_columns_and_null_where_there_is_none(
    db: Database, exact: bool
) -> None:
    # A number in a text column sends the whole block the exact way.
    rows = [*ROWS, record(id=5, after=5)] if exact else ROWS
    assert db.load([HEAD, *rows], flattening_enabled=True).status == 0
    names = ("id", "place__city", "place__at__lat", "place__at__seen", "place__tags")
    assert columns(db) == {*names, "after"}
    assert db.types("s")["place__at__lat"] == "numeric"
    assert db.rows("s", *names, "after")[:4] == [
        ("1", "Łódź\t", "1.1", "2024-01-01 00:00:00+00", "[1]", "x"),
        ("2", None, None, None, None, "y"),
        ("3", None, None, None, None, "z"),
        ("4", None, None, None, None, "w"),
    ]


def test_depth_and_separator_are_heeded(db: Database) -> None:
    settings = {"flattening_max_depth": 1, "flattening_separator": "."}
    assert db.load([HEAD, *ROWS], **settings).status == 0
    assert columns(db) == {"id", "place.city", "place.at", "place.tags", "after"}
    assert db.types("s")["place.at"] == "jsonb"
    assert db.rows("s", "place.at")[0] == (None,)
    assert db.rows("s", "id", "place.at")[0][1] is not None


def test_two_properties_that_flatten_to_one_name_stop_with_3(db: Database) -> None:
    head = schema(id="integer", place=PLACE, place__city="string")
    outcome = db.load([head], flattening_max_depth=3)
    assert outcome.status == 3
    assert "'place__city'" in outcome.message
    assert db.load([head]).status == 0


@pytest.mark.parametrize(
    ("place", "field"), [("x", "place"), ({"at": 1}, "place.at"), ([1], "place")]
)
def test_what_is_no_object_where_one_is_flattened_stops_with_3(
    db: Database, place: Any, field: str
) -> None:
    lines = [HEAD, record(id=1, place=place)]
    outcome = db.load(lines, flattening_max_depth=3)
    assert outcome.status == 3
    assert f"field '{field}" in outcome.message


def test_a_key_inside_an_object_may_be_named_by_its_column(db: Database) -> None:
    head = schema(keys=["place__city"], place=PLACE, n="integer")
    lines = [head, record(place=CITY, n=1), record(place=CITY, n=2)]
    assert db.load(lines, flattening_max_depth=3).status == 0
    assert db.rows("s", "place__city", "n") == [("Łódź\t", "2")]
    assert db.load([head]).status == 3


def test_unions_and_open_objects_are_not_flattened(db: Database) -> None:
    union = {"anyOf": [PLACE, {"type": "string"}]}
    head = schema(id="integer", u=union, o="object", r={"$ref": "#/definitions/p"})
    head["schema"]["definitions"] = {"p": PLACE}
    lines = [head, record(id=1, u="x", o={"a": 1}, r={"city": "y"})]
    assert db.load(lines, flattening_max_depth=1).status == 0
    assert columns(db) == {"id", "u", "o", "r__city", "r__at", "r__tags"}
    assert db.rows("s", "u", "o", "r__city") == [('"x"', '{"a": 1}', "y")]


def test_a_value_inside_an_object_widens_its_column(db: Database) -> None:
    inner = {"type": "object", "properties": {"n": {"type": "integer"}}}
    lines = [schema(id="integer", o=inner), record(id=1, o={"n": 1})]
    lines += [record(id=2, o={"n": 2.5})]
    assert db.load(lines, flattening_max_depth=1).status == 0
    assert db.rows("s", "id", "o__n") == [("1", "1"), ("2", "2.5")]


CAPTURE = {"extra_properties": "capture"}


def test_r33_properties_outside_the_schema_may_be_captured(db: Database) -> None:
    lines = [schema(id="integer", v="string"), record(id=1, v="a")]
    lines += [raw_record('{"id": 2, "v": "b", "x": 1.10, "y": {"z": [null, "\\t"]}}')]
    lines += [record(id=3, v="c")]
    assert db.load(lines, **CAPTURE).status == 0
    assert db.types("s")["_sdc_extra"] == "jsonb"
    assert db.rows("s", "id", "v", "_sdc_extra") == [
        ("1", "a", None),
        ("2", "b", '{"x": 1.10, "y": {"z": [null, "\\t"]}}'),
        ("3", "c", None),
    ]
    later = [schema(id="integer", v="string"), record(id=2, v="b")]
    assert db.load(later, **CAPTURE).status == 0
    assert db.rows("s", "id", "_sdc_extra")[1] == ("2", None)


def test_r33_what_a_flattened_object_has_beside_its_columns_is_captured_too(
    db: Database,
) -> None:
    place = {"city": "x", "zip": 1, "at": {"lat": 2, "alt": 3}}
    lines = [HEAD, record(id=1, place=place)]
    settings = {**CAPTURE, "flattening_max_depth": 2, "add_record_metadata": False}
    assert db.load(lines, **settings).status == 0
    assert db.rows("s", "place__city", "place__at__lat", "_sdc_extra") == [
        ("x", "2", '{"place": {"at": {"alt": 3}, "zip": 1}}')
    ]


def test_r33_a_property_of_that_name_is_not_ours(db: Database) -> None:
    lines = [schema(id="integer", _sdc_extra="string"), record(id=1, _sdc_extra="t")]
    assert db.load(lines, **CAPTURE).status == 0
    others = [n for n in db.types("s") if n.startswith("_sdc_extra_")]
    assert db.rows("s", *others, "_sdc_extra") == [("t", None)]

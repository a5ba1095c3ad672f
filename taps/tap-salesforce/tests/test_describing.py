"""Describe answers become streams: keys, types, the way to read."""

from __future__ import annotations

import logging

import pytest
from jsonschema import Draft202012Validator

from tap_salesforce.describing import (
    build_schema,
    is_replicable,
    parse_describe,
    select_readable,
)


def describe(*fields, name="Thing__c", **changes):
    return {
        "name": name,
        "fields": [
            {"name": field, "type": kind, "filterable": True, **more}
            for field, kind, more in [(*field, {})[:3] for field in fields]
        ],
        **changes,
    }


ID = ("Id", "id")
STAMP = ("SystemModstamp", "datetime")


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ([ID, STAMP], ("Id",)),
        ([("DurableId", "string"), STAMP], ("DurableId",)),
        (
            [("Id", "id", {"filterable": False}), ("DurableId", "string")],
            ("DurableId",),
        ),
        ([ID, ("DurableId", "string")], ("Id",)),
        ([("EventIdentifier", "string")], ("EventIdentifier",)),
        ([("Label", "string")], ()),
    ],
)
def test_the_primary_key(fields, keys):
    assert parse_describe(describe(*fields)).key_properties == keys


@pytest.mark.parametrize(
    ("name", "fields", "key"),
    [
        ("A", [ID, ("CreatedDate", "datetime"), STAMP], "SystemModstamp"),
        ("AShare", [ID, ("LastModifiedDate", "datetime")], "LastModifiedDate"),
        ("AHistory", [ID, ("CreatedDate", "datetime")], "CreatedDate"),
        ("LoginHistory", [ID, ("LoginTime", "datetime")], "LoginTime"),
        ("A", [ID, ("SystemModstamp", "datetime", {"filterable": False})], None),
        ("LoginEvent", [ID, ("CreatedDate", "datetime")], None),
        ("A", [ID], None),
    ],
)
def test_the_replication_key(name, fields, key):
    assert parse_describe(describe(*fields, name=name)).replication_key == key


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("picklist", {"type": ["string", "null"]}),
        ("multipicklist", {"type": ["string", "null"]}),
        ("time", {"type": ["string", "null"]}),
        ("anyType", {"type": ["string", "null"]}),
        ("boolean", {"type": ["boolean", "null"]}),
        ("int", {"type": ["integer", "null"]}),
        ("long", {"type": ["integer", "null"]}),
        ("double", {"type": ["number", "null"]}),
        ("currency", {"type": ["number", "null"]}),
        ("percent", {"type": ["number", "null"]}),
        ("date", {"type": ["string", "null"], "format": "date"}),
        ("datetime", {"type": ["string", "null"], "format": "date-time"}),
    ],
)
def test_each_field_type_has_its_schema(kind, schema):
    built = build_schema(parse_describe(describe(ID, ("Value__c", kind))))
    assert built["properties"]["Value__c"] == schema
    assert built["properties"]["Id"] == {"type": ["string"]}
    assert built["required"] == ["Id"]


def test_an_unknown_type_is_text_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        spec = parse_describe(describe(ID, ("Value__c", "hologram")))
    assert spec.fields[1].kind == "string"
    assert "hologram" in caplog.text


def test_compound_fields_are_for_rest_and_binary_ones_for_nobody():
    spec = parse_describe(
        describe(ID, ("Address", "address"), ("Place__c", "location"), ("B", "base64"))
    )
    bulk = select_readable(spec, is_bulk=True, are_formulas_included=True)
    rest = select_readable(spec, is_bulk=False, are_formulas_included=True)
    assert [field.name for field in bulk] == ["Id"]
    assert [field.name for field in rest] == ["Id", "Address", "Place__c"]


def test_formula_fields_say_so_and_can_be_left_out():
    formula = ("Rate__c", "double", {"calculated": True})
    spec = parse_describe(describe(ID, formula))
    assert "Formula" in build_schema(spec)["properties"]["Rate__c"]["description"]
    fields = select_readable(spec, is_bulk=True, are_formulas_included=False)
    assert [field.name for field in fields] == ["Id"]


@pytest.mark.parametrize("name", ["TaskStatus", "OpportunityStage", "Foo__Tag"])
def test_some_objects_go_through_rest(name):
    assert not parse_describe(describe(ID, name=name)).is_bulk_capable
    assert parse_describe(describe(ID, name="Lead")).is_bulk_capable


@pytest.mark.parametrize(
    ("entry", "is_kept"),
    [
        ({"name": "Lead"}, True),
        ({"name": "ns__X__c"}, True),
        ({"name": "ContentDocumentLink"}, True),
        ({"name": "LeadChangeEvent"}, False),
        ({"name": "X__ChangeEvent"}, False),
        ({"name": "X__e"}, False),
        ({"name": "LoginEventStream"}, False),
        ({"name": "FieldDefinition"}, False),
        ({"name": "ActivityHistory"}, False),
        ({"name": "Lead", "queryable": False}, False),
        ({"name": "Lead", "deprecatedAndHidden": True}, False),
    ],
)
def test_what_can_be_a_stream(entry, is_kept):
    assert is_replicable({"queryable": True, **entry}) is is_kept


def test_a_recorded_description_becomes_a_valid_schema(recorded):
    spec = parse_describe(recorded("sobject_describe_success_response.json"))
    assert spec.key_properties == ("Id",)
    assert spec.replication_key == "SystemModstamp"
    Draft202012Validator.check_schema(build_schema(spec))


def test_a_recorded_list_of_objects_is_filtered(recorded):
    answer = recorded("describe_sobjects_success_response.json")
    assert [e["name"] for e in answer["sobjects"] if is_replicable(e)] == ["Account"]

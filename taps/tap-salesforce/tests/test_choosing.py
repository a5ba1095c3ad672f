"""Discovery, catalogs, and which fields and streams a run takes from them."""

from __future__ import annotations

from jsonschema import Draft202012Validator


def test_discovery_gives_a_catalog_of_the_whole_org_in_few_calls(hard_org):
    catalog = hard_org.discover(streams_to_discover=[])
    streams = {entry["tap_stream_id"]: entry for entry in catalog["streams"]}
    assert {"Lead", "User", "Empty__c", "TaskStatus"} <= set(streams)
    assert not {"AccountChangeEvent", "ActivityHistory"} & set(streams)
    assert len(hard_org.requests("POST", "composite/batch")) == 1
    assert not hard_org.requests("GET", "describe")
    lead = streams["Lead"]
    assert lead["key_properties"] == ["Id"]
    assert lead["replication_key"] == "SystemModstamp"
    assert streams["TaskStatus"]["replication_method"] == "FULL_TABLE"
    for entry in catalog["streams"]:
        Draft202012Validator.check_schema(entry["schema"])


def metadata_of(catalog: dict, stream: str) -> dict[tuple, dict]:
    (entry,) = [e for e in catalog["streams"] if e["tap_stream_id"] == stream]
    return {tuple(m["breadcrumb"]): m["metadata"] for m in entry["metadata"]}


def test_the_catalog_says_what_is_selected_and_what_cannot_be(hard_org):
    catalog = hard_org.discover(streams_to_discover=[])
    lead = metadata_of(catalog, "Lead")
    assert lead[()]["selected-by-default"] is True
    assert lead["properties", "Id"]["inclusion"] == "automatic"
    assert lead["properties", "SystemModstamp"]["inclusion"] == "automatic"
    assert lead["properties", "CurrencyIsoCode"]["inclusion"] == "automatic"
    assert lead["properties", "Address"]["inclusion"] == "unsupported"
    assert lead["properties", "City"]["inclusion"] == "available"
    assert metadata_of(catalog, "Wide__c")[()]["selected-by-default"] is False


def test_fields_can_be_off_by_default(hard_org):
    catalog = hard_org.discover(select_fields_by_default=False)
    lead = metadata_of(catalog, "Lead")
    assert lead["properties", "City"]["selected-by-default"] is False
    outcome = hard_org.run(catalog=catalog)
    assert set(outcome.records("Lead")[0]) == {
        "Id",
        "SystemModstamp",
        "CurrencyIsoCode",
    }


def test_objects_to_discover_are_found_whatever_their_case(hard_org):
    catalog = hard_org.discover(streams_to_discover=["lead", "EMPTY__C"])
    names = [entry["tap_stream_id"] for entry in catalog["streams"]]
    assert sorted(names) == ["Empty__c", "Lead"]


def test_deselected_fields_are_neither_read_nor_written(hard_org):
    catalog = hard_org.discover()
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if item["breadcrumb"] == ["properties", "City"]:
                item["metadata"]["selected"] = False
    outcome = hard_org.run(catalog=catalog)
    assert "City" not in outcome.records("Lead")[0]
    (schema,) = [
        m["schema"]
        for m in outcome.messages
        if m["type"] == "SCHEMA" and m["stream"] == "Lead"
    ]
    assert "City" not in schema["properties"]


def test_a_field_that_is_gone_since_discovery_is_left_out_with_a_warning(hard_org):
    catalog = hard_org.discover()
    hard_org.arm({"fault": "field_removed", "object": "Lead", "field": "City"})
    outcome = hard_org.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "fields are gone: City" in outcome.log
    assert "City" not in outcome.records("Lead")[0]


def test_a_field_added_since_discovery_is_logged(hard_org):
    hard_org.arm({"fault": "field_removed", "object": "Lead", "field": "City"})
    catalog = hard_org.discover()
    hard_org.calm()
    outcome = hard_org.run(catalog=catalog)
    assert "fields are new: City" in outcome.log

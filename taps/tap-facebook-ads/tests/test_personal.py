"""What fields tell about persons stands in catalogs."""

from __future__ import annotations


def test_what_people_typed_into_forms_is_told(facebook):
    found = {
        (entry["stream"], name): spec["x-personal"]
        for entry in facebook.discover()["streams"]
        for name, spec in entry["schema"]["properties"].items()
        if "x-personal" in spec
    }
    assert found == {
        ("leads", "field_data"): "free text",
        ("leads", "custom_disclaimer_responses"): "free text",
    }

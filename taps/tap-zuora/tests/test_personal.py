"""What fields tell about persons stands in catalogs."""

from __future__ import annotations

import pytest

from tap_zuora.objects import PERSONAL_FIELDS
from tap_zuora.personal import personal_class


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("WorkEmail", "email"),
        ("LastName", "name"),
        ("Address1", "address"),
        ("HomePhone__c", "phone"),
        ("Comments", "free text"),
        ("Name", None),
        ("Country", None),
        ("Amount", None),
    ],
)
def test_a_field_is_told_by_its_name(name, kind):
    assert personal_class(name) == kind


def test_what_is_deselected_as_personal_is_told_as_personal():
    for fields in PERSONAL_FIELDS.values():
        assert all(map(personal_class, fields))


def test_the_catalog_tells_it(zuora):
    streams = {entry["stream"]: entry for entry in zuora.discover()["streams"]}
    properties = streams["Contact"]["schema"]["properties"]
    assert properties["WorkEmail"]["x-personal"] == "email"
    assert "x-personal" not in properties["Id"]

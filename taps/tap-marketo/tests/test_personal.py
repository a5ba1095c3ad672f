"""What fields tell about persons stands in catalogs and schemas."""

from __future__ import annotations

import pytest

from tap_marketo.personal import personal_class


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("leads.email", "email"),
        ("leads.secondEmail", "email"),
        ("leads.mobilePhone", "phone"),
        ("leads.lastName", "name"),
        ("leads.dateOfBirth", "birth"),
        ("leads.linkedInId", "id"),
        ("leads.emailInvalid", None),
        ("leads.emailCount", None),
        ("leads.doNotCall", None),
        ("leads.company", None),
        ("program_members.firstName", "name"),
        ("activities_click_link.client_ip_address", "network"),
        ("activities_change_data_value.new_value", "free text"),
        ("activities_change_score.new_value", None),
        ("activities_delete_lead.primary_attribute_value", "name"),
        ("activities_visit_webpage.primary_attribute_value", None),
        ("emails.fromEmail", "email"),
        ("programs.name", None),
    ],
)
def test_a_field_is_told_by_stream_and_name(place, kind):
    stream, _, name = place.partition(".")
    assert personal_class(stream, name) == kind


def test_catalogs_and_schemas_tell_it(instance):
    catalog = instance.select("leads")
    (leads,) = [e for e in catalog["streams"] if e["stream"] == "leads"]
    assert leads["schema"]["properties"]["email"]["x-personal"] == "email"
    properties = instance.run(catalog=catalog).schema("leads")["properties"]
    assert properties["email"]["x-personal"] == "email"
    assert "x-personal" not in properties["id"]

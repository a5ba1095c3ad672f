"""What fields tell about persons stands in catalogs and schemas."""

from __future__ import annotations

import pytest

from tap_salesforce.describing import FieldSpec
from tap_salesforce.personal import personal_class


@pytest.mark.parametrize(
    ("place", "salesforce_type", "kind"),
    [
        ("Contact.Email", "email", "email"),
        ("Invoice__c.Second_Email__c", "email", "email"),
        ("Lead.MobilePhone", "phone", "phone"),
        ("Lead.Name", "string", "name"),
        ("Contact.MailingStreet", "textarea", "address"),
        ("Contact.MailingAddress", "address", "address"),
        ("Lead.PostalCode", "string", "address"),
        ("Contact.Birthdate", "date", "birth"),
        ("Account.PersonMailingCity", "string", "address"),
        ("User.Username", "string", "id"),
        ("LoginHistory.SourceIp", "string", "network"),
        ("Opportunity.Description", "textarea", "free text"),
        ("LeadHistory.NewValue", "anyType", "free text"),
        ("Account.Name", "string", None),
        ("Account.BillingStreet", "textarea", None),
        ("Opportunity.Amount", "currency", None),
        ("Contact.Id", "id", None),
    ],
)
def test_a_field_is_told_by_its_type_and_name(place, salesforce_type, kind):
    object_name, _, name = place.partition(".")
    field = FieldSpec(name, "string", salesforce_type)
    assert personal_class(object_name, field) == kind


def test_catalogs_and_schemas_tell_it(hard_org):
    catalog = hard_org.discover()
    (lead,) = [e for e in catalog["streams"] if e["stream"] == "Lead"]
    assert lead["schema"]["properties"]["LastName"]["x-personal"] == "name"
    properties = hard_org.run(catalog=catalog).schema("Lead")["properties"]
    assert properties["LastName"]["x-personal"] == "name"
    assert "x-personal" not in properties["SystemModstamp"]

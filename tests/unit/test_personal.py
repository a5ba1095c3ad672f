"""Fields about people are known by their names, others are not."""

from __future__ import annotations

import pytest

from bizops_cli.singer.personal import personal_class


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("Email", "email"), ("work_email", "email"), ("EmailAddress", "email")),
        *(("PersonEmail__c", "email"), ("e-mail", "email"), ("emails", "email")),
        *(("Phone", "phone"), ("MobilePhone", "phone"), ("fax_number", "phone")),
        *(("FirstName", "name"), ("last_name", "name"), ("Username", "name")),
        *(("MailingStreet", "address"), ("BillingPostalCode", "address")),
        *(
            ("zipCode", "address"),
            ("MailingAddress", "address"),
            ("address1", "address"),
        ),
        *(("Birthdate", "birth"), ("ip_address", "network"), ("IP", "network")),
        *(("Description", "free text"), ("internal_notes", "free text")),
        *(("Name", None), ("AccountId", None), ("EmailOptedOut", None)),
        *(("HasOptedOutOfEmail", None), ("IsEmailBounced", None), ("Amount", None)),
        *(("CampaignName", None), ("StageName", None), ("zip_id", None)),
        *(("Shipment", None), ("equipment", None), ("DescriptionId", None)),
    ],
)
def test_a_name_tells_what_a_field_is_about(name: str, expected: str | None) -> None:
    assert personal_class(name) == expected

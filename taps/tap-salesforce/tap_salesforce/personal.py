"""What fields tell about persons: by the type an org gives them, and by name. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reading_kit.personal import fields_by_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.personal import PersonalClass
    from tap_salesforce.describing import FieldSpec

#: Types whose fields are about persons in any object, those a company made too.
_BY_TYPE: Mapping[str, PersonalClass] = {
    "email": "email",
    "phone": "phone",
    "textarea": "free text",
}
_PERSONS = frozenset({"Contact", "Lead", "User", "Individual"})
#: In any object: those of an account only where it is a person.
_ANYWHERE = fields_by_class(
    name="FirstName MiddleName LastName Salutation Suffix",
    birth="Birthdate PersonBirthdate",
    email="FromAddress ToAddress CcAddress BccAddress ValidatedFromAddress",
    network="SourceIp ClientIp IpAddress ForwardedForIp LoginIp",
    free_text="Subject TextBody HtmlBody CommentBody",
)
_OF_PERSONS = fields_by_class(
    name="Name",
    id="Username CommunityNickname Alias FederationIdentifier",
)
_ADDRESS = re.compile(
    r"(?:Mailing|Other|Person(?:Mailing|Other)?)?"
    r"(?:Street|City|PostalCode|Latitude|Longitude|Address)"
)
_OLD_VALUES = frozenset({"OldValue", "NewValue"})


def personal_class(object_name: str, field: FieldSpec) -> PersonalClass | None:
    """Tell what a field of an object says about a person, if anything."""
    if (kind := _BY_TYPE.get(field.salesforce_type)) is not None:
        is_address = field.name.endswith("Street")
        return _address_class(object_name, field.name) if is_address else kind
    if (kind := _ANYWHERE.get(field.name)) is not None:
        return kind
    if object_name in _PERSONS and (kind := _OF_PERSONS.get(field.name)) is not None:
        return kind
    if object_name.endswith("History") and field.name in _OLD_VALUES:
        return "free text"
    return _address_class(object_name, field.name)


def _address_class(object_name: str, name: str) -> PersonalClass | None:
    """Give the class of a part of an address; those of companies are none."""
    is_persons = object_name in _PERSONS or name.startswith("Person")
    return "address" if is_persons and _ADDRESS.fullmatch(name) else None

"""What fields tell about persons, by stream. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reading_kit.personal import fields_by_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.personal import PersonalClass

#: Fields of people, in leads and in program members.
_OF_PEOPLE = fields_by_class(
    name="firstName middleName lastName salutation mktoName",
    address="address city postalCode",
    birth="dateOfBirth",
    network="cookies anonymousIP",
    free_text="mktoPersonNotes unsubscribedReason emailInvalidCause statusReason "
    "originalReferrer originalSourceInfo registrationSourceInfo",
)
#: How companies call fields of their own.
_OWN_FIELDS: tuple[tuple[PersonalClass, re.Pattern[str]], ...] = (
    ("email", re.compile(r"(?:.*_)?e-?mail(?:address)?|.*Email(?:Address)?")),
    (
        "phone",
        re.compile(r"(?i:(?:.*_)?(?:phone|mobile|fax)|.*phone)|.*(?:Fax|Mobile)"),
    ),
    ("id", re.compile(r"(?i)(?:mkto)?(?:twitter|facebook|linkedin|skype).*")),
)
#: Columns of activities, whatever their type.
_OF_ACTIVITIES = fields_by_class(
    network="client_ip_address user_agent",
    free_text="attributes_raw form_fields query_parameters referrer_url search_query "
    "details comment description reason",
    email="email",
    name="booth_staff",
    id="modifying_user",
)
_VALUES = fields_by_class(free_text="old_value new_value")
#: Where the thing an activity is about is the person.
_ABOUT_PERSONS = fields_by_class(name="primary_attribute_value")
_BY_STREAM: Mapping[str, Mapping[str, PersonalClass]] = {
    "activities_change_data_value": _VALUES,
    "activities_new_lead": _ABOUT_PERSONS,
    "activities_delete_lead": _ABOUT_PERSONS,
    "activities_merge_leads": _ABOUT_PERSONS,
    "daily_usage": fields_by_class(id="users"),
    "emails": fields_by_class(email="fromEmail replyEmail", name="fromName"),
}


def personal_class(stream: str, name: str) -> PersonalClass | None:
    """Tell what a column of a stream says about a person, if anything."""
    own = _BY_STREAM.get(stream, {})
    if name in own:
        return own[name]
    if stream.startswith("activities_"):
        return _OF_ACTIVITIES.get(name)
    if stream not in {"leads", "program_members"}:
        return None
    if name in _OF_PEOPLE:
        return _OF_PEOPLE[name]
    return next((kind for kind, rule in _OWN_FIELDS if rule.fullmatch(name)), None)

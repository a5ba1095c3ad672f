"""Which fields are about a person: as their tap declares it, else by their names.

A tap declares it by the keyword `x-personal` in a property's JSON Schema, as BizOps's
own do. Where a catalog has it anywhere, its author has thought of every field. Other
taps share no way to say it, and a name says it well: `Email`, `FirstName`,
`MailingStreet`. Free text is a class of its own, because anything may stand in it; so
is an id or handle by which somebody is known elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

PersonalClass = Literal[
    "email", "phone", "name", "address", "birth", "network", "free text", "id"
]
Fields = dict[tuple[str, str], "PersonalClass"]
"""Stream and field to what it tells about a person."""

KEYWORD = "x-personal"
_CLASSES = frozenset(get_args(PersonalClass))

_RULES: tuple[tuple[PersonalClass, str], ...] = (
    ("email", r"e_?mails?(_?address(es)?)?$"),
    ("network", r"(^|_)(ip|ip_?address|user_?agent|cookies?)$"),
    ("phone", r"(phone|mobile|fax)(_?number)?$"),
    (
        "name",
        r"(^|_)(first|last|middle|full|given|family|maiden|sur|nick|user|contact)_?"
        r"name$|^salutation$|^sold_?to_?name$|^bill_?to_?name$",
    ),
    (
        "address",
        r"(street|address(_?line)?_?\d?|postal_?code|zip(_?code)?|latitude|longitude)$",
    ),
    ("birth", r"birth_?(date|day)?$|date_?of_?birth$"),
    ("free text", r"(^|_)(description|comments?|notes?|body|message|remarks?)$"),
)
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in _RULES]
_FLAGS = re.compile(r"^(is|has|do|can)_|_(id|is|count|type|status|verified|opted.*)$")


def declared_class(schema: object) -> PersonalClass | None:
    """Return what a property's schema says it tells about a person."""
    said = schema.get(KEYWORD) if isinstance(schema, dict) else None
    return cast("PersonalClass", said) if said in _CLASSES else None


def classify(declared: Mapping[tuple[str, str], str | None]) -> Fields:
    """Return the fields about people.

    Args:
        declared: Every stream and field of a catalog, to the class declared for it.
    """
    if any(declared.values()):
        return {
            place: cast("PersonalClass", kind)
            for place, kind in declared.items()
            if kind is not None
        }
    named = {(stream, field): personal_class(field) for stream, field in declared}
    return {place: kind for place, kind in named.items() if kind is not None}


def personal_class(name: str) -> PersonalClass | None:
    """Return what a field tells about a person; None if nothing."""
    words = re.sub(r"__c$", "", name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if _FLAGS.search(plain):
        return None
    return next((kind for kind, rule in _COMPILED if rule.search(plain)), None)

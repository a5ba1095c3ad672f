"""Which fields are about a person, judged by their names.

No tap says it in a way all taps share, and a name says it well: `Email`, `FirstName`,
`MailingStreet`. Free text is a class of its own, because anything may stand in it.
"""

from __future__ import annotations

import re
from typing import Literal

PersonalClass = Literal[
    "email", "phone", "name", "address", "birth", "network", "free text"
]

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


def personal_class(name: str) -> PersonalClass | None:
    """Return what a field tells about a person; None if nothing."""
    words = re.sub(r"__c$", "", name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if _FLAGS.search(plain):
        return None
    return next((kind for kind, rule in _COMPILED if rule.search(plain)), None)

"""Salesforce record ids: 15 case-sensitive characters and their 3-character checksum.

An id is a pure function of the object and the record's key in the event log, so no
record's id depends on any other record.
"""

from __future__ import annotations

import hashlib
from functools import cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "4x0"
_SERIAL_LENGTH = 9
_CHUNK = 5
KEY_PREFIXES = {
    "Organization": "00D",
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityStage": "01J",
    "OpportunityContactRole": "00K",
    "Campaign": "701",
    "CampaignMember": "00v",
    "User": "005",
    "UserRole": "00E",
}


def checksum(id_15: str) -> str:
    """The three characters that make a 15-character id safe to compare caselessly.

    Each stands for five characters: bit n is set when the n-th is a capital letter.
    """
    result = ""
    for start in range(0, len(id_15), _CHUNK):
        chunk = id_15[start : start + _CHUNK]
        bits = sum(1 << place for place, char in enumerate(chunk) if "A" <= char <= "Z")
        result += _CHECK_DIGITS[bits]
    return result


@cache
def salesforce_id(object_name: str, key: str) -> str:
    """The 18-character id of the record with this key."""
    digest = hashlib.sha256(f"{object_name}|{key}".encode()).digest()
    number = int.from_bytes(digest[:16], "big")
    serial = ""
    for _ in range(_SERIAL_LENGTH):
        number, place = divmod(number, len(_DIGITS))
        serial += _DIGITS[place]
    id_15 = f"{KEY_PREFIXES[object_name]}{_POD}{serial}"
    return id_15 + checksum(id_15)

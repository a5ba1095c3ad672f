"""Ids of the Graph API: strings of digits, a pure function of what they name.

The ids of what the company owns once (its app, business, ad accounts, pages) are
constants, so that a client's settings do not depend on the seed.
"""

from __future__ import annotations

import hashlib
from functools import cache

APP_ID = "732915560447821"
BUSINESS_ID = "590413278816035"
SYSTEM_USER_ID = "122094477310286"
ACCOUNT_IDS = {"us": "415200177340981", "emea": "280314905512967"}
PAGE_IDS = {"us": "104882716390542", "emea": "109337245881706"}
_OBJECT_PREFIX = "12"
_OBJECT_DIGITS = 15


@cache
def graph_id(kind: str, key: str) -> str:
    """The 17-digit id of the object of this kind with this key."""
    digest = hashlib.sha256(f"facebook|{kind}|{key}".encode()).digest()
    number = int.from_bytes(digest[:16], "big") % 10**_OBJECT_DIGITS
    return f"{_OBJECT_PREFIX}{number:0{_OBJECT_DIGITS}d}"


@cache
def image_hash(key: str) -> str:
    """The 32 hexadecimal digits that name an image."""
    return hashlib.sha256(f"facebook|image|{key}".encode()).hexdigest()[:32]

"""Salesforce record ids: a key prefix, a number in base 62, three check characters."""

from __future__ import annotations

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def record_id(key_prefix: str, number: int) -> str:
    """Make an 18-character id, e.g. `record_id("750", 1)`."""
    digits = ""
    for _ in range(15 - len(key_prefix)):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return with_check(key_prefix + digits)


def with_check(short: str) -> str:
    """Append the three check characters, which tell upper from lower case."""
    suffix = ""
    for start in range(0, 15, 5):
        chunk = short[start : start + 5]
        bits = sum(1 << i for i, letter in enumerate(chunk) if letter.isupper())
        suffix += _CHECK[bits]
    return short + suffix

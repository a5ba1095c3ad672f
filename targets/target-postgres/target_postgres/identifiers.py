"""Names of tables and columns: any text in, a legal and stable name out (P7).

A name that PostgreSQL cannot hold as it is becomes a prefix and 8 hex digits of the
SHA-256 of the whole name. The result depends on the name alone, never on the order of
names or on what else is there, so that every run finds the same column again.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME_LIMIT_BYTES = 63
_HASH_LENGTH = 8
_SUFFIX_LENGTH = 1 + _HASH_LENGTH
_LONGEST_CHARACTER_BYTES = 4
_HASHED = re.compile(r"(.*)_[0-9a-f]{8}", re.DOTALL)
SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})


def legal_name(full_name: str, *, reserved: frozenset[str] = frozenset()) -> str:
    """Turn a name of the tap into a name PostgreSQL keeps unchanged.

    Args:
        full_name: Any text.
        reserved: Names that mean something else in this table.

    Returns:
        The name itself if it is legal and cannot be mistaken for a shortened one,
        else a prefix of at most 63 bytes UTF-8 ending in `_` and 8 hex digits.
    """
    clean = full_name.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if clean == full_name and clean and not _needs_hash(clean, reserved):
        return clean
    prefix = clean.encode()[: NAME_LIMIT_BYTES - _SUFFIX_LENGTH]
    digest = hashlib.sha256(full_name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{prefix.decode('utf-8', 'ignore')}_{digest[:_HASH_LENGTH]}"


def _needs_hash(name: str, reserved: frozenset[str]) -> bool:
    size_bytes = len(name.encode())
    if size_bytes > NAME_LIMIT_BYTES or name in reserved:
        return True
    match = _HASHED.fullmatch(name)
    if match is None:
        return False
    # A legal name that looks like one of our shortened names is hashed as well:
    # otherwise the two could meet in one table.
    could_be_cut = size_bytes > NAME_LIMIT_BYTES - _LONGEST_CHARACTER_BYTES
    return could_be_cut or match[1] in reserved or not match[1]


def column_names(
    properties: Iterable[str], *, reserved: frozenset[str]
) -> Mapping[str, str]:
    """Name the column of each property.

    Args:
        properties: Property names of one schema.
        reserved: Names of our own columns in this table.

    Returns:
        Column name by property name.

    Raises:
        ValueError: If two properties cannot be told apart.
    """
    taken = reserved | SYSTEM_COLUMNS
    names = {name: legal_name(name, reserved=taken) for name in properties}
    seen: dict[str, str] = {}
    for full_name, column in names.items():
        if column in seen:
            raise ValueError(
                f"properties {seen[column]!r} and {full_name!r} both become"
                f" column {column!r}"
            )
        seen[column] = full_name
    return names

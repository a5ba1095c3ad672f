"""What a field holds, in the words of a contract between a tap and dbt."""

from __future__ import annotations

import re

_WORDS = {
    "text": ("text", "varchar", "character varying", "char", "string", "uuid"),
    "integer": ("integer", "int", "bigint", "smallint", "int4", "int8"),
    "numeric": ("numeric", "decimal", "number", "double precision", "float", "real"),
    "boolean": ("boolean", "bool"),
    "timestamp": ("timestamp", "timestamptz", "date-time", "timestamp with time zone"),
    "date": ("date",),
    "json": ("json", "jsonb", "object", "array"),
}
_KNOWN = {word: kind for kind, words in _WORDS.items() for word in words}


_WIDER = {("integer", "numeric"), ("date", "timestamp")}


def is_wider(kind: str, than: str) -> bool:
    """Tell whether a column of one kind is made into the other (doc/target.md)."""
    if than in {kind, "json"}:
        return False
    return kind in {"text", "json"} or (than, kind) in _WIDER


def contract_type(text: str | None) -> str | None:
    """Return the kind of a declared or a JSON Schema type; None if it is not known.

    A type with several kinds is text, because that is what a column for it holds.
    """
    if text is None:
        return None
    plain = re.sub(r"\(.*?\)", "", text.lower()).strip()
    if " or " in plain:
        kinds = {contract_type(part) for part in plain.split(" or ")}
        return kinds.pop() if len(kinds) == 1 else "text"
    if plain.startswith("timestamp"):
        return "timestamp"
    return _KNOWN.get(plain)

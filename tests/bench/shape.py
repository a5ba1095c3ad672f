"""The columns of the workload: a CRM's opportunities, as wide as asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.bench import draws

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "key", "text", "decimal", "integer", "boolean", "datetime", "object", "array"
]

_POSTGRES_TYPES: Mapping[Kind, str] = {
    "key": "text",
    "text": "text",
    "decimal": "numeric",
    "integer": "bigint",
    "boolean": "boolean",
    "datetime": "timestamptz",
    "object": "jsonb",
    "array": "jsonb",
}
_TEXT: Mapping[str, Any] = {"type": ["null", "string"]}
_ADDRESS = ("street", "city", "postal_code", "country")
_JSON_TYPES: Mapping[Kind, Mapping[str, Any]] = {
    "key": {"type": ["string"]},
    "text": _TEXT,
    "decimal": {"type": ["null", "number"]},
    "integer": {"type": ["null", "integer"]},
    "boolean": {"type": ["null", "boolean"]},
    "datetime": {"type": ["null", "string"], "format": "date-time"},
    "object": {
        "type": ["null", "object"],
        "properties": dict.fromkeys(_ADDRESS, _TEXT),
    },
    "array": {"type": ["null", "array"], "items": _TEXT},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what its values are, and how they are drawn."""

    name: str
    kind: Kind
    draw: draws.Draw

    @property
    def postgres_type(self) -> str:
        """Return the type a person would give the column in PostgreSQL."""
        return _POSTGRES_TYPES[self.kind]


KEY = Column("id", "key", draws.nothing)

# The first five are the narrow table.
_BASE = (
    KEY,
    Column("name", "text", draws.phrase(words=4)),
    Column("amount", "decimal", draws.amount(null_share=0.1)),
    Column("is_closed", "boolean", draws.truth(share=0.5)),
    Column("last_modified_date", "datetime", draws.moment()),
    Column("account_id", "text", draws.reference("001", count=5_000)),
    Column("owner_id", "text", draws.reference("005", count=200)),
    Column("stage_name", "text", draws.choice(draws.STAGES)),
    Column("type", "text", draws.choice(draws.TYPES)),
    Column("lead_source", "text", draws.choice(draws.SOURCES)),
    Column("description", "text", draws.phrase(words=12, null_share=0.4)),
    Column("next_step", "text", draws.phrase(words=3, null_share=0.6)),
    Column("probability", "decimal", draws.percent()),
    Column("fiscal_year", "integer", draws.whole(2019, 2026)),
    Column("fiscal_quarter", "integer", draws.whole(1, 4)),
    Column("is_won", "boolean", draws.truth(share=0.25)),
    Column("created_date", "datetime", draws.moment()),
    Column("close_date", "datetime", draws.moment()),
    Column("address", "object", draws.address()),
    Column("tags", "array", draws.words(most=3)),
)
_COPIED = _BASE[1:]


def columns_of_width(width: int) -> tuple[Column, ...]:
    """Return `width` columns; the key comes first.

    Beyond twenty the same mix comes again under numbered names.
    """
    columns = list(_BASE[:width])
    while len(columns) < width:
        turn, index = divmod(len(columns) - len(_BASE), len(_COPIED))
        column = _COPIED[index]
        columns.append(replace(column, name=f"{column.name}_{turn + 2}"))
    return tuple(columns)


def json_schema(columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the JSON Schema a tap declares for the columns."""
    return {
        "type": "object",
        "properties": {column.name: _JSON_TYPES[column.kind] for column in columns},
    }

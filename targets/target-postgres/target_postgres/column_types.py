"""Column types: what PostgreSQL calls them, and which one holds both of two.

Types form a lattice; a column only ever moves up in it (promise P6):
smallint, integer, bigint, numeric; date, timestamptz; time, timetz; any scalar, text;
anything, jsonb when the schema declares an object or array.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from psycopg2 import sql

Kind = Literal[
    "bool",
    "int2",
    "int4",
    "int8",
    "numeric",
    "float8",
    "text",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "uuid",
    "jsonb",
    "bytea",
    "other",
]

INTEGER_KINDS: tuple[Kind, ...] = ("int2", "int4", "int8")
INTEGER_RANGES: dict[Kind, tuple[int, int]] = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(2**63), 2**63 - 1),
}
NUMERIC_PRECISION_LIMIT = 1000

_NAMES: dict[Kind, str] = {
    "bool": "boolean",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "numeric": "numeric",
    "float8": "double precision",
    "text": "text",
    "date": "date",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "uuid": "uuid",
    "jsonb": "jsonb",
    "bytea": "bytea",
}
_KINDS: dict[str, Kind] = {name: kind for kind, name in _NAMES.items()}
_ALIASES: dict[str, Kind] = {
    "int": "int4",
    "int2": "int2",
    "int4": "int4",
    "int8": "int8",
    "decimal": "numeric",
    "bool": "bool",
    "float8": "float8",
    "double": "float8",
    "timestamptz": "timestamptz",
    "timestamp": "timestamptz",
    "time": "time",
    "timetz": "timetz",
    "varchar": "text",
    "character varying": "text",
    "string": "text",
}
_WITH_ARGUMENTS = re.compile(r"([a-z ]+?) ?\( ?(\d{1,4}) ?(?:, ?(-?\d{1,4}) ?)?\)")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type.

    Attributes:
        kind: The family; `other` is a type of a table we did not make.
        precision: Digits in all, of numeric(p,s).
        scale: Digits after the point, of numeric(p,s).
        spelled: The catalogue's own spelling, for `other` and for variants of text.
    """

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    spelled: str | None = None

    def __str__(self) -> str:
        """Spell the type as PostgreSQL does."""
        if self.spelled is not None:
            return self.spelled
        if self.precision is not None:
            return f"numeric({self.precision},{self.scale or 0})"
        return _NAMES[self.kind]

    def as_sql(self) -> sql.SQL:
        """Give the type for a statement.

        The text is one of a closed list, or numbers in numeric(p,s): nothing of the
        input reaches a statement this way.

        Raises:
            ValueError: If the type is not one we make.
        """
        if self.kind == "other":
            raise ValueError(f"cannot make a column of type {self.spelled}")
        if self.precision is not None:
            return sql.SQL(f"numeric({int(self.precision)},{int(self.scale or 0)})")
        return sql.SQL(_NAMES[self.kind])


TEXT = ColumnType("text")
JSONB = ColumnType("jsonb")
NUMERIC = ColumnType("numeric")
BIGINT = ColumnType("int8")
TIMESTAMPTZ = ColumnType("timestamptz")


def parse_catalog_type(spelled: str) -> ColumnType:
    """Read a type as `format_type` spells it in PostgreSQL's catalogue."""
    kind = _KINDS.get(spelled)
    if kind is not None:
        return ColumnType(kind)
    if spelled == "character varying":
        return ColumnType("text", spelled=spelled)
    if (match := _WITH_ARGUMENTS.fullmatch(spelled)) and match[1] == "numeric":
        return ColumnType("numeric", int(match[2]), int(match[3] or 0))
    if spelled == "real":
        return ColumnType("float8", spelled=spelled)
    return ColumnType("other", spelled=spelled)


def parse_declared_type(declared: str) -> ColumnType | None:
    """Read an `x-sql-datatype`.

    Returns:
        The type, or None when it is not on the list of types a schema may ask for.
    """
    text = " ".join(declared.lower().split())
    if kind := _KINDS.get(text) or _ALIASES.get(text):
        return ColumnType(kind)
    match = _WITH_ARGUMENTS.fullmatch(text)
    if match is None:
        return None
    if match[1] in {"numeric", "decimal"}:
        return decimal_type(int(match[2]), int(match[3] or 0))
    if match[1] in {"varchar", "character varying"} and match[3] is None:
        return TEXT
    return None


def decimal_type(precision: int | None, scale: int | None) -> ColumnType:
    """Give numeric(precision,scale), or numeric when PostgreSQL has no such one."""
    if precision is None or scale is None:
        return NUMERIC
    if not 1 <= precision <= NUMERIC_PRECISION_LIMIT or not 0 <= scale <= precision:
        return NUMERIC
    return ColumnType("numeric", precision, scale)


def widest(existing: ColumnType, incoming: ColumnType) -> ColumnType | None:
    """Find the type that holds every value of both.

    Args:
        existing: What the column is now.
        incoming: What the schema, or a value, asks for.

    Returns:
        `existing` itself when it is wide enough; None when no type holds both.
    """
    if existing.kind == incoming.kind == "numeric":
        return _wider_numeric(existing, incoming)
    if existing.kind == incoming.kind or existing.kind in {"jsonb", "other"}:
        return existing
    if incoming.kind == "jsonb":
        return JSONB if existing.kind != "bytea" else None
    if "bytea" in {existing.kind, incoming.kind}:
        return None
    return _wider_scalar(existing, incoming)


def _wider_scalar(existing: ColumnType, incoming: ColumnType) -> ColumnType:
    kinds = {existing.kind, incoming.kind}
    if kinds <= set(INTEGER_KINDS):
        order = INTEGER_KINDS.index
        wider = max(existing, incoming, key=lambda each: order(each.kind))
    elif kinds <= {*INTEGER_KINDS, "numeric", "float8"}:
        wider = NUMERIC
    elif kinds <= {"date", "timestamp", "timestamptz"}:
        wider = TIMESTAMPTZ
    elif kinds == {"time", "timetz"}:
        wider = ColumnType("timetz")
    else:
        wider = TEXT
    return existing if existing.kind == wider.kind == "text" else wider


def _wider_numeric(existing: ColumnType, incoming: ColumnType) -> ColumnType:
    if existing.precision is None or existing == incoming:
        return existing
    if incoming.precision is None:
        return NUMERIC
    scale = max(existing.scale or 0, incoming.scale or 0)
    whole = max(
        existing.precision - (existing.scale or 0),
        incoming.precision - (incoming.scale or 0),
    )
    wider = decimal_type(whole + scale, scale)
    return existing if wider == existing else wider


def cast_expression(column: str, *, old: ColumnType, new: ColumnType) -> sql.Composed:
    """Give the USING expression that turns a stored column into the wider type.

    Args:
        column: The column's name.
        old: Its type.
        new: The wider type, from `widest`.
    """
    name = sql.Identifier(column)
    if new.kind == "jsonb":
        return sql.SQL("pg_catalog.to_jsonb({})").format(name)
    if new.kind == "text" and old.kind == "timestamptz":
        # ISO 8601, as taps write it; a plain cast would depend on DateStyle.
        return sql.SQL("pg_catalog.to_json({}) operator(pg_catalog.#>>) '{{}}'").format(
            name
        )
    if new.kind == "timestamptz":
        return sql.SQL("{}::timestamp at time zone 'UTC'").format(name)
    if new.kind == "numeric" and old.kind == "float8":
        # By way of text: the direct cast keeps 15 digits only.
        return sql.SQL("{}::text::numeric").format(name)
    return sql.SQL("{}::{}").format(name, new.as_sql())

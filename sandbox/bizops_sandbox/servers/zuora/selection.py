"""Running a query against the rows of an object."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.servers.zuora.instants import (
    IgnoredLiteral,
    InstantError,
    parse_day,
    parse_instant,
    parse_sql_instant,
)
from bizops_sandbox.servers.zuora.query_text import (
    Comparison,
    Junction,
    Membership,
    QueryError,
    Typed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bizops_sandbox.projections.zuora_tenant import FieldSpec, ObjectTable, Row
    from bizops_sandbox.servers.zuora.query_text import (
        Column,
        Condition,
        Literal,
        Statement,
    )
    from bizops_sandbox.servers.zuora.settings import Settings

    Predicate = Callable[[Row], bool]
    Reader = Callable[[Row], Any]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = frozenset({"decimal", "number", "integer"})
INSTANTS = frozenset({"datetime", "timestamp"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a result: its header, its type, and how a row gives its value."""

    header: str
    type: str
    read: Reader
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The object a query is about, and how its names are understood.

    `resolve` turns a name into a cell or raises QueryError; `star` are the names a
    `*` stands for.
    """

    table: ObjectTable
    resolve: Callable[[str], Cell]
    star: tuple[str, ...]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Selection:
    """A query bound to an object: known cells and a ready predicate."""

    statement: Statement
    scope: Scope
    cells: tuple[Cell, ...]
    predicate: Predicate | None

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """Return those rows asked for; without an order they come in none."""
        found = rows if self.predicate is None else filter(self.predicate, rows)
        listed = sorted(found, key=_shuffled)
        for name, is_descending in reversed(self.statement.order_by):
            cell = self.scope.resolve(name)
            listed = _ordered(listed, cell.read, is_descending=is_descending)
        limit = self.statement.limit
        return listed if limit is None else listed[:limit]


def bind(statement: Statement, scope: Scope) -> Selection:
    """Check a query's names and literals against an object.

    Raises:
        QueryError: for a name or a literal that does not fit.
    """
    columns = [(name, None) for name in scope.star] if statement.has_star else []
    cells = [scope.resolve(name) for name, _ in columns]
    cells += [_named(column, scope) for column in statement.columns]
    for name, _ in statement.order_by:
        scope.resolve(name)
    where = statement.where
    predicate = None if where is None else _predicate(where, scope)
    return Selection(statement, scope, tuple(cells), predicate)


def field_cell(spec: FieldSpec, header: str) -> Cell:
    """The cell of an object's own field."""
    name = spec.name
    return Cell(header, spec.type, lambda row: row[name])


def is_living(row: Row) -> bool:
    """Whether a row is not deleted."""
    return row[DELETED_AT] is None


def _named(column: Column, scope: Scope) -> Cell:
    cell = scope.resolve(column.field)
    header = column.alias or cell.header
    return Cell(header, cell.type, cell.read, column.zone)


def _shuffled(row: Row) -> str:
    # The end of an Id has nothing to do with its order.
    return str(row["Id"])[::-1]


def _ordered(rows: Sequence[Row], read: Reader, *, is_descending: bool) -> list[Row]:
    empty = [row for row in rows if read(row) is None]
    filled = [row for row in rows if read(row) is not None]
    filled.sort(key=read, reverse=is_descending)
    return filled + empty if is_descending else empty + filled


def _predicate(condition: Condition, scope: Scope) -> Predicate | None:
    """Make a predicate; None for a condition the service passes over."""
    if isinstance(condition, Junction):
        return _junction(condition, scope)
    cell = scope.resolve(condition.field)
    if isinstance(condition, Membership):
        wanted = {_value(literal, cell, scope) for literal in condition.literals}
        if condition.is_negated:
            return lambda row: cell.read(row) not in wanted
        return lambda row: cell.read(row) in wanted
    try:
        return _comparison(condition, cell, scope)
    except IgnoredLiteral:
        return None


def _junction(condition: Junction, scope: Scope) -> Predicate | None:
    made = [_predicate(part, scope) for part in condition.parts]
    parts = [part for part in made if part is not None]
    if not parts:
        return None
    test = all if condition.is_all else any
    return lambda row: test(holds(row) for holds in parts)


def _comparison(condition: Comparison, cell: Cell, scope: Scope) -> Predicate:
    read, symbol = cell.read, condition.symbol
    if symbol == "like":
        pattern = _like_pattern(str(condition.literal))
        return lambda row: pattern.fullmatch(str(read(row) or "")) is not None
    wanted = _value(condition.literal, cell, scope)
    if symbol == "=":
        return lambda row: bool(read(row) == wanted)
    if symbol == "!=":
        return lambda row: bool(read(row) != wanted)
    if wanted is None:
        raise QueryError(f"null cannot be compared by {symbol}")
    compare = _COMPARE[symbol]

    def holds(row: Row) -> bool:
        actual = read(row)
        return actual is not None and bool(compare(actual, wanted))

    return holds


def _like_pattern(value: str) -> re.Pattern[str]:
    escaped = re.escape(value).replace("%", ".*").replace("_", ".")
    return re.compile(escaped, re.IGNORECASE | re.DOTALL)


def _value(literal: Literal, cell: Cell, scope: Scope) -> Any:  # noqa: ANN401
    """Bring a literal to the form the cell's values have.

    Raises:
        QueryError: when it cannot be.
    """
    if literal is None:
        return None
    try:
        return _converted(literal, cell.type, scope.settings)
    except (InstantError, ArithmeticError, TypeError) as error:
        shown = literal.text if isinstance(literal, Typed) else literal
        problem = f"'{shown}' is no valid value of {cell.header}, a {cell.type}"
        raise QueryError(problem) from error


def _converted(literal: Literal, kind: str, settings: Settings) -> Any:  # noqa: ANN401
    if isinstance(literal, Typed):
        return _typed(literal, kind, settings)
    if kind in NUMBERS:
        return _number(literal)
    if kind == "boolean":
        return _boolean(literal)
    if not isinstance(literal, str):
        raise TypeError(kind)
    if kind in INSTANTS:
        return parse_instant(literal, settings)
    return parse_day(literal) if kind == "date" else literal


def _typed(literal: Typed, kind: str, settings: Settings) -> Any:  # noqa: ANN401
    if kind not in INSTANTS | {"date"}:
        raise TypeError(kind)
    instant = parse_sql_instant(literal.text, ZoneInfo(settings.tenant_zone))
    return instant if kind in INSTANTS else parse_day(literal.text)


def _number(literal: Literal) -> Decimal:
    if isinstance(literal, (bool, Typed)) or literal is None:
        raise TypeError("number")
    return Decimal(literal)


def _boolean(literal: Literal) -> bool:
    text = str(literal).lower()
    if text not in {"true", "false"}:
        raise TypeError("boolean")
    return text == "true"

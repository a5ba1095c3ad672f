"""Running a SOQL statement against the rows of an object."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.salesforce.formats import COMPOUND_TYPES, NUMBER_TYPES
from bizops_sandbox.servers.salesforce.soql import (
    Both,
    Comparison,
    Condition,
    Either,
    Literal,
    Membership,
    Name,
    Negation,
    Ordering,
    SelectStatement,
    SoqlError,
    malformed,
    pointed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bizops_sandbox.projections.salesforce_org import FieldSpec, ObjectTable, Row

    Predicate = Callable[[Row], bool]

_ADVICE = (
    "If you are attempting to use a custom {kind}, be sure to append the '__{suffix}' "
    "after the {what} name. Please reference your WSDL or the describe call for the "
    "appropriate names."
)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ID_TYPES = frozenset({"id", "reference"})


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement bound to an object: known fields and a ready predicate."""

    statement: SelectStatement
    table: ObjectTable
    fields: tuple[FieldSpec, ...]
    predicate: Predicate | None

    def rows(self, *, include_deleted: bool) -> list[Row]:
        """Return the rows asked for, in the statement's order or else by Id."""
        rows: Iterable[Row] = self.table.rows
        if not include_deleted:
            rows = (row for row in rows if not row.get("IsDeleted", False))
        if self.predicate is not None:
            rows = filter(self.predicate, rows)
        found = list(rows)
        for ordering in reversed(self.statement.order_by):
            found = _ordered(found, ordering, _field(self.table, ordering.field, ""))
        start = self.statement.offset
        limit = self.statement.limit
        return found[start:] if limit is None else found[start : start + limit]


def bind(statement: SelectStatement, table: ObjectTable | None) -> Selection:
    """Check a statement's names and values against an object.

    Raises:
        SoqlError: INVALID_TYPE without an object, INVALID_FIELD for an unknown field or
            a value of the wrong type, MALFORMED_QUERY for a field selected twice.
    """
    if table is None:
        name = statement.object
        advice = _ADVICE.format(kind="object", suffix="c", what="entity")
        problem = f"sObject type '{name.text}' is not supported. {advice}"
        raise SoqlError("INVALID_TYPE", pointed(statement.text, name.position, problem))
    fields = tuple(_field(table, name, statement.text) for name in statement.fields)
    _refuse_repeated(statement)
    for ordering in statement.order_by:
        _refuse_unsortable(_field(table, ordering.field, statement.text), statement)
    where = statement.where
    predicate = None if where is None else _predicate(where, table, statement.text)
    return Selection(statement, table, fields, predicate)


def _field(table: ObjectTable, name: Name, text: str) -> FieldSpec:
    wanted = name.text.lower()
    for field in table.fields:
        if field.name.lower() == wanted:
            return field
    if "." in wanted:
        relation = name.text.split(".", 1)[0]
        advice = _ADVICE.format(
            kind="relationship", suffix="r", what="custom relationship"
        )
        problem = f"Didn't understand relationship '{relation}' in field path. {advice}"
    else:
        advice = _ADVICE.format(kind="field", suffix="c", what="custom field")
        problem = f"No such column '{name.text}' on entity '{table.name}'. {advice}"
    raise SoqlError("INVALID_FIELD", pointed(text, name.position, problem))


def _refuse_repeated(statement: SelectStatement) -> None:
    seen: set[str] = set()
    for name in statement.fields:
        if name.text.lower() in seen:
            raise malformed(
                statement.text, name.position, f"duplicate field selected: {name.text}"
            )
        seen.add(name.text.lower())


def _refuse_unsortable(field: FieldSpec, statement: SelectStatement) -> None:
    if field.type in COMPOUND_TYPES or not field.is_filterable:
        raise SoqlError(
            "MALFORMED_QUERY",
            f"\n{statement.text[-80:]}\nfield '{field.name}' can not be sorted in a "
            "query call",
        )


def _predicate(condition: Condition, table: ObjectTable, text: str) -> Predicate:
    match condition:
        case Both(parts):
            every = [_predicate(part, table, text) for part in parts]
            return lambda row: all(holds(row) for holds in every)
        case Either(parts):
            some = [_predicate(part, table, text) for part in parts]
            return lambda row: any(holds(row) for holds in some)
        case Negation(part):
            inner = _predicate(part, table, text)
            return lambda row: not inner(row)
        case Membership(name, values, is_negated):
            return _membership(
                _filterable(table, name, text), values, is_negated=is_negated
            )
        case Comparison(name, symbol, value):
            return _comparison(_filterable(table, name, text), symbol, value)


def _filterable(table: ObjectTable, name: Name, text: str) -> FieldSpec:
    field = _field(table, name, text)
    if field.type in COMPOUND_TYPES or not field.is_filterable:
        problem = f"field '{field.name}' can not be filtered in a query call"
        raise SoqlError("INVALID_FIELD", pointed(text, name.position, problem))
    return field


def _membership(
    field: FieldSpec, values: tuple[Literal, ...], *, is_negated: bool
) -> Predicate:
    wanted = {_comparable(field, value) for value in values}
    name, key = field.name, _key(field)
    if is_negated:
        return lambda row: key(row[name]) not in wanted
    return lambda row: key(row[name]) in wanted


def _comparison(field: FieldSpec, symbol: str, value: Literal) -> Predicate:
    name, key = field.name, _key(field)
    if symbol == "LIKE":
        if not isinstance(value, str) or field.type in _ID_TYPES:
            raise _wrong_operator(field)
        pattern = _like_pattern(value)
        return lambda row: pattern.fullmatch(str(row[name] or "")) is not None
    wanted = _comparable(field, value)
    if symbol == "=":
        return lambda row: bool(key(row[name]) == wanted)
    if symbol == "!=":
        return lambda row: bool(key(row[name]) != wanted)
    if wanted is None or field.type in _ID_TYPES | {"boolean"}:
        raise _wrong_operator(field)
    compare = _COMPARE[symbol]

    def holds(row: Row) -> bool:
        actual = key(row[name])
        return actual is not None and bool(compare(actual, wanted))

    return holds


def _wrong_operator(field: FieldSpec) -> SoqlError:
    return SoqlError(
        "INVALID_QUERY_FILTER_OPERATOR",
        f"invalid operator on {field.type} field '{field.name}'",
    )


def _like_pattern(value: str) -> re.Pattern[str]:
    escaped = re.escape(value).replace("%", ".*").replace("_", ".")
    return re.compile(escaped, re.IGNORECASE | re.DOTALL)


def _comparable(field: FieldSpec, value: Literal) -> Any:  # noqa: ANN401
    """Check a literal against the field's type and bring it to comparable form."""
    if value is None:
        return None
    wanted = _literal_type(field)
    if type(value) is not wanted:
        quoted = (
            "should be enclosed in quotes"
            if wanted is str
            else "should not be enclosed in quotes"
        )
        raise SoqlError(
            "INVALID_FIELD",
            f"value of filter criterion for field '{field.name}' must be of type "
            f"{field.type} and {quoted}",
        )
    if isinstance(value, datetime):
        return _checked_instant(value)
    return _key(field)(value)


def _checked_instant(value: datetime) -> datetime:
    # The service knows the years 1700 to 4000.
    if not 1700 <= value.year <= 4000:
        raise SoqlError("MALFORMED_QUERY", f"Invalid dateTime: {value.isoformat()}")
    return value.astimezone(UTC)


def _literal_type(field: FieldSpec) -> type:
    if field.type == "boolean":
        return bool
    if field.type == "int" or field.type in NUMBER_TYPES:
        return Decimal
    return {"date": date, "datetime": datetime}.get(field.type, str)


def _key(field: FieldSpec) -> Callable[[Any], Any]:
    if field.type in _ID_TYPES:
        return lambda value: value[:15] if value else value
    if _literal_type(field) is str:
        return lambda value: value.lower() if value else None
    return lambda value: value


def _ordered(rows: list[Row], ordering: Ordering, field: FieldSpec) -> list[Row]:
    key, name = _key(field), field.name
    empty = [row for row in rows if key(row[name]) is None]
    filled = [row for row in rows if key(row[name]) is not None]
    filled.sort(key=lambda row: key(row[name]), reverse=ordering.is_descending)
    return filled + empty if ordering.are_nulls_last else empty + filled

"""How each of the three query languages understands the names of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.servers.zuora.query_text import QueryError
from bizops_sandbox.servers.zuora.selection import Cell, Scope, field_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bizops_sandbox.projections.zuora_tenant import (
        FieldSpec,
        ObjectTable,
        Relation,
        Row,
        Value,
    )
    from bizops_sandbox.servers.zuora.settings import Settings

    FindTable = Callable[[str], ObjectTable | None]


def export_scope(table: ObjectTable, find: FindTable, settings: Settings) -> Scope:
    """Names of Export ZOQL: own fields, `Related.Field`, headers with the object."""
    return Scope(
        table=table,
        resolve=lambda name: _export_cell(table, find, name),
        star=tuple(f.name for f in table.fields if _is_exported(f)),
        settings=settings,
    )


def zoql_scope(table: ObjectTable, settings: Settings) -> Scope:
    """Names of ZOQL: own fields and the Ids of related objects (`AccountId`)."""
    return Scope(
        table=table,
        resolve=lambda name: _zoql_cell(table, name),
        star=(),
        settings=settings,
    )


def sql_scope(table: ObjectTable, settings: Settings) -> Scope:
    """Names of Data Query: lower case, Ids of related objects, `deleted`."""
    cells = sql_cells(table)
    return Scope(
        table=table,
        resolve=lambda name: _sql_cell(table, cells, name),
        star=tuple(name for name in cells if name != "deleted"),
        settings=settings,
    )


def sql_table_name(table: ObjectTable) -> str:
    """The name of an object in Data Query."""
    return "orders" if table.name == "Order" else table.name.lower()


def sql_cells(table: ObjectTable) -> dict[str, Cell]:
    """All columns Data Query has of an object, by name."""
    cells = {
        field.name.lower(): field_cell(field, field.name.lower())
        for field in table.fields
        if field.is_selectable
    }
    for relation in table.relations:
        name = f"{relation.name}Id".lower()
        if relation.is_to_one and relation.name != table.name:
            cells.setdefault(name, _relation_cell(relation, name))
    if table.has_deleted_support:
        cells["deleted"] = Cell("deleted", "boolean", _is_deleted)
    return cells


def _is_exported(field: FieldSpec) -> bool:
    return field.is_exportable and field.is_selectable


def _is_deleted(row: Row) -> bool:
    return row[DELETED_AT] is not None


def _relation_cell(relation: Relation, header: str) -> Cell:
    key = relation.key
    return Cell(header, "text", lambda row: row.get(key))


def _field(table: ObjectTable, name: str) -> FieldSpec | None:
    wanted = name.lower()
    return next((f for f in table.fields if f.name.lower() == wanted), None)


def _export_cell(table: ObjectTable, find: FindTable, name: str) -> Cell:
    prefix, _, rest = name.rpartition(".")
    if not prefix or prefix.lower() == table.name.lower():
        field = _field(table, rest)
        if field is None or not _is_exported(field):
            raise QueryError(f"There is no field named {rest}")
        return field_cell(field, f"{table.name}.{field.name}")
    relation = _relation(table, prefix)
    target = None if relation is None else find(relation.object_name)
    if relation is None or target is None or not relation.is_to_one:
        raise QueryError(f"The requested data source could not be found: {prefix}")
    if rest.lower() == "id":
        return _relation_cell(relation, f"{relation.name}.Id")
    field = _field(target, rest)
    if field is None or not _is_exported(field):
        raise QueryError(f"There is no field named {rest}")
    return _related_cell(relation, target, field)


def _relation(table: ObjectTable, name: str) -> Relation | None:
    wanted = name.lower()
    return next((r for r in table.relations if r.name.lower() == wanted), None)


def _related_cell(relation: Relation, target: ObjectTable, field: FieldSpec) -> Cell:
    values: Mapping[object, Value] = {row["Id"]: row[field.name] for row in target.rows}
    key = relation.key
    return Cell(
        f"{relation.name}.{field.name}",
        field.type,
        lambda row: values.get(row.get(key)),
    )


def _zoql_cell(table: ObjectTable, name: str) -> Cell:
    field = _field(table, name)
    if field is not None and field.is_selectable:
        return field_cell(field, field.name)
    for relation in table.relations:
        own_name = f"{relation.name}Id"
        if own_name.lower() == name.lower() and relation.is_to_one:
            return _relation_cell(relation, own_name)
    raise QueryError(f"invalid field for query: {table.name}.{name.lower()}")


def _sql_cell(table: ObjectTable, cells: Mapping[str, Cell], name: str) -> Cell:
    prefix, _, column = name.lower().rpartition(".")
    if (prefix and prefix != sql_table_name(table)) or column not in cells:
        raise QueryError(f"Column '{name.lower()}' cannot be resolved")
    return cells[column]

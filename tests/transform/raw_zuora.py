"""The raw tables of Zuora, as tap-zuora and the target leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_tables import COLUMN_TYPES, RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from bizops_sandbox.projections.zuora_tenant import ObjectTable
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


def zuora_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the tables by `zuora.` and the name of their object."""
    from bizops_sandbox.projections.zuora import project_zuora

    tenant = project_zuora(events, parameters, day)
    return {
        f"zuora.{name}": _table(table, extracted_at=tenant.as_of)
        for name, table in tenant.objects.items()
    }


def _table(table: ObjectTable, *, extracted_at: datetime) -> RawTable:
    """Give a table as tap-zuora reads it: related objects by `<relation>Id`."""
    columns = {
        spec.name: COLUMN_TYPES.get(spec.type, "text")
        for spec in table.fields
        if spec.is_exportable
    }
    joined = {
        f"{relation.name}Id": relation.key
        for relation in table.relations
        if relation.is_to_one and f"{relation.name}Id" not in columns
    }
    rows = [
        {**row, **{name: row.get(key) for name, key in joined.items()}}
        | {"_sdc_deleted_at": row["deleted_at"]}
        for row in table.rows
    ]
    columns |= dict.fromkeys(joined, "text")
    return loaded_table(
        table.name, columns, rows, extracted_at=extracted_at, schema="raw_zuora"
    )

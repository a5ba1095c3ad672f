"""The raw tables of Salesforce, as tap-salesforce and the target leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_tables import COLUMN_TYPES, RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from bizops_sandbox.projections.salesforce_org import ObjectTable
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


def salesforce_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the tables by the name of their object."""
    from bizops_sandbox.projections.salesforce import project_salesforce

    org = project_salesforce(events, parameters, day)
    return {
        name: _table(table, extracted_at=org.as_of)
        for name, table in org.objects.items()
    }


def _table(table: ObjectTable, *, extracted_at: datetime) -> RawTable:
    columns = {
        spec.name: COLUMN_TYPES.get(spec.type, "text")
        for spec in table.fields
        if spec.type != "address"
    }
    return loaded_table(table.name, columns, table.rows, extracted_at=extracted_at)

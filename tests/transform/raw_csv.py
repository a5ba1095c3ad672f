"""The raw tables of the CSV inputs, as tap-csv and the target leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_tables import RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


def csv_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the tables by `csv.` and the name of their file; all columns are text."""
    from bizops_sandbox.inputs.columns import INPUT_COLUMNS
    from bizops_sandbox.inputs.write import cell_text, input_rows
    from bizops_sandbox.world.moments import day_end

    rows_by_name = input_rows(events, parameters, day)
    return {
        f"csv.{name}": loaded_table(
            name,
            dict.fromkeys(columns, "text"),
            [
                dict(
                    zip(columns, (cell_text(cell) or None for cell in row), strict=True)
                )
                for row in rows_by_name[name]
            ],
            extracted_at=day_end(day),
            schema="raw_csv",
        )
        for name, (_, columns) in INPUT_COLUMNS.items()
    }

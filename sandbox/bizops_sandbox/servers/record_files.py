"""Writing an org's records as JSON lines, one file an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bizops_sandbox.servers.salesforce.formats import COMPOUND_TYPES, rest_value

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_sandbox.projections.salesforce_org import (
        ObjectTable,
        Row,
        SalesforceOrg,
    )


def write_records(org: SalesforceOrg, directory: Path) -> dict[str, int]:
    """Write `<object>.jsonl` for each object, values as the REST API gives them.

    Returns:
        How many records each file has.
    """
    directory.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.Encoder().encode_lines
    counts: dict[str, int] = {}
    for name, table in org.objects.items():
        lines = encode([_record(table, row) for row in table.rows])
        (directory / f"{name}.jsonl").write_bytes(lines)
        counts[name] = len(table.rows)
    return counts


def _record(table: ObjectTable, row: Row) -> dict[str, Any]:
    return {
        field.name: rest_value(field, row)
        for field in table.fields
        if field.type not in COMPOUND_TYPES
    }

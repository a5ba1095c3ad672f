"""dlt: the same rows as JSON lines, merged by key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measuring import Command
from tests.bench.programs.program import Program

if TYPE_CHECKING:
    from tests.bench.programs.program import LoadJob
    from tests.bench.shape import Kind

_SCRIPT = Path(__file__).parent / "in_their_environment" / "dlt_load.py"
_TYPES: dict[Kind, str] = {
    "key": "text",
    "text": "text",
    "decimal": "decimal",
    "integer": "bigint",
    "boolean": "bool",
    "datetime": "timestamp",
    "object": "json",
    "array": "json",
}


def _command(job: LoadJob) -> Command:
    plan = job.directory / "plan.json"
    columns = {
        column.name: {"data_type": _TYPES[column.kind]}
        for column in job.workload.columns
    }
    tables = {table: str(path) for table, path in job.files.json_lines.items()}
    plan.write_text(
        json.dumps({"schema": job.schema, "columns": columns, "tables": tables}),
        "utf-8",
    )
    return Command(
        (job.programs / "python", _SCRIPT, plan, job.directory),
        variables={
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
            "DESTINATION__POSTGRES__CREDENTIALS": job.database.url,
            "NORMALIZE__WORKERS": "1",
        },
    )


DLT = Program(
    name="dlt",
    title="dlt, JSON lines, merge (upsert), CSV files",
    role="peer",
    requirements=("dlt[postgres]==1.31.0",),
    distribution="dlt",
    form="jsonl",
    command=_command,
)

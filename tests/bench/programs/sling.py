"""sling, a compiled program: CSV files, and JSON lines."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING, Any

from tests.bench.measuring import Command
from tests.bench.programs.program import Program
from tests.bench.shape import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench.programs.program import LoadJob
    from tests.bench.shape import Kind

# The distribution `sling` downloads its program at the first start; these bring it.
_SYSTEM = "mac" if platform.system() == "Darwin" else platform.system().lower()
_MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(
    platform.machine(), platform.machine()
)
_DISTRIBUTION = f"sling-{_SYSTEM}-{_MACHINE}"
_REQUIREMENTS = (f"{_DISTRIBUTION}>=1.4.10,<1.5",)
_TYPES: dict[Kind, str] = {
    "key": "text",
    "text": "text",
    "decimal": "decimal",
    "integer": "bigint",
    "boolean": "bool",
    "datetime": "timestampz",
    "object": "json",
    "array": "json",
}


def _csv(job: LoadJob) -> Command:
    return _command(job, job.files.csv, source={"header": True, "empty_as_null": True})


def _json_lines(job: LoadJob) -> Command:
    return _command(
        job, job.files.json_lines, source={"format": "jsonlines", "flatten": 1}
    )


def _command(
    job: LoadJob, tables: Mapping[str, Path], *, source: Mapping[str, Any]
) -> Command:
    replication = job.directory / "replication.json"
    is_load = job.mode == "load"
    plan = {
        "source": "LOCAL",
        "target": "WAREHOUSE",
        "defaults": {
            "mode": "full-refresh" if is_load else "incremental",
            "primary_key": [KEY.name],
            "source_options": source,
            "target_options": {"table_keys": {"primary": [KEY.name]}},
            "columns": {c.name: _TYPES[c.kind] for c in job.workload.columns},
        },
        "streams": {
            f"file://{path}": {"object": f"{job.schema}.{table}"}
            for table, path in tables.items()
        },
    }
    replication.write_text(json.dumps(plan), "utf-8")
    package = job.programs.parent.glob(f"lib/*/site-packages/*/bin/{_DISTRIBUTION}")
    return Command(
        (next(package), "run", "--replication", replication),
        variables={
            "WAREHOUSE": _url(job.database.url),
            "SLING_DISABLE_TELEMETRY": "true",
            "SLING_HOME_DIR": str(job.directory),
        },
    )


def _url(url: str) -> str:
    """Return the URL as its driver wants it, which insists on TLS unless told."""
    url = url.replace("postgresql://", "postgres://")
    if "sslmode=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}sslmode=disable"


SLING = Program(
    name="sling",
    title="sling, CSV",
    role="peer",
    requirements=_REQUIREMENTS,
    distribution=_DISTRIBUTION,
    form="csv",
    command=_csv,
)
SLING_JSON = Program(
    name="sling-json",
    title="sling, JSON lines",
    role="peer",
    requirements=_REQUIREMENTS,
    distribution=_DISTRIBUTION,
    form="jsonl",
    command=_json_lines,
)

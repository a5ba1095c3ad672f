"""PostgreSQL's own limit: psql copying the same rows as CSV into a keyed table."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.bench.measuring import Command
from tests.bench.programs.program import Program
from tests.bench.shape import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.programs.program import LoadJob


def find_psql() -> Path | str:
    """Return psql: the wheel's, which is as old as its server, or the system's.

    Raises:
        FileNotFoundError: There is none.
    """
    from bizops_cli.errors import ConfigError
    from bizops_cli.warehouse.binaries import find_programs

    try:
        program = find_programs() / "psql"
        if program.is_file():
            return program
    except ConfigError:
        pass
    found = shutil.which("psql")
    if found is None:
        raise FileNotFoundError("psql")
    return found


def _command(job: LoadJob) -> Command:
    script = job.directory / "load.sql"
    statements = _load if job.mode == "load" else _upsert
    lines = ["\\set ON_ERROR_STOP on", "set timezone to 'UTC';"]
    for table in job.files.csv:
        lines += statements(job, f'"{job.schema}"."{table}"', table)
    script.write_text("\n".join(lines) + "\n", "utf-8")
    return Command(
        (find_psql(), "--no-psqlrc", "--quiet", "--file", script, job.database.url)
    )


def _load(job: LoadJob, target: str, table: str) -> list[str]:
    columns = ", ".join(
        f'"{column.name}" {column.postgres_type}' for column in job.workload.columns
    )
    return [
        f'create table {target} ({columns}, primary key ("{KEY.name}"));',
        _copy(job, target, table),
    ]


def _upsert(job: LoadJob, target: str, table: str) -> list[str]:
    staging = f'"staging_{table}"'
    names = [f'"{column.name}"' for column in job.workload.columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return [
        "begin;",
        f"create temporary table {staging} (like {target}) on commit drop;",
        _copy(job, staging, table),
        f"insert into {target} select * from {staging} on conflict ({names[0]})"
        f" do update set {changes};",
        "commit;",
    ]


def _copy(job: LoadJob, target: str, table: str) -> str:
    return f"\\copy {target} from '{job.files.csv[table]}' (format csv, header)"


PSQL = Program(
    name="psql",
    title="limit: psql \\copy CSV, keyed table",
    role="limit",
    requirements=(),
    distribution="",
    form="csv",
    command=_command,
)

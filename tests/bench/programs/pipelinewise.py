"""pipelinewise-target-postgres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.programs.program import Program
from tests.bench.programs.singer import target_command

if TYPE_CHECKING:
    from tests.bench.measuring import Command
    from tests.bench.programs.program import LoadJob

_DISTRIBUTION = "pipelinewise-target-postgres"


def _command(job: LoadJob) -> Command:
    database = job.database
    return target_command(
        job,
        {
            "host": database.host,
            "port": database.port,
            "user": database.user,
            "password": database.password or "unused",
            "dbname": database.name,
            "default_target_schema": job.schema,
            "batch_size_rows": 100_000,
            "add_metadata_columns": True,
            "temp_dir": str(job.directory),
        },
    )


PIPELINEWISE = Program(
    name="pipelinewise",
    title=f"{_DISTRIBUTION}, batch 100k",
    role="peer",
    requirements=(f"{_DISTRIBUTION}==2.1.2",),
    distribution=_DISTRIBUTION,
    form="singer",
    command=_command,
)

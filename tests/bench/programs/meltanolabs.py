"""meltanolabs-target-postgres: at its best settings, and as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bench.programs.program import Program
from tests.bench.programs.singer import target_command

if TYPE_CHECKING:
    from tests.bench.measuring import Command
    from tests.bench.programs.program import LoadJob

_DISTRIBUTION = "meltanolabs-target-postgres"
_REQUIREMENTS = (f"{_DISTRIBUTION}==0.8.1",)
_BEST = {"use_copy": True, "validate_records": False, "batch_size_rows": 100_000}


def _config(job: LoadJob) -> dict[str, Any]:
    database = job.database
    return {
        "host": database.host,
        "port": database.port,
        "user": database.user,
        "password": database.password or "unused",
        "database": database.name,
        "default_target_schema": job.schema,
    }


def _best(job: LoadJob) -> Command:
    return target_command(job, _config(job) | _BEST)


def _default(job: LoadJob) -> Command:
    return target_command(job, _config(job))


MELTANOLABS = Program(
    name="meltanolabs",
    title=f"{_DISTRIBUTION}, use_copy, no validation, batch 100k",
    role="peer",
    requirements=_REQUIREMENTS,
    distribution=_DISTRIBUTION,
    form="singer",
    command=_best,
)
MELTANOLABS_DEFAULT = Program(
    name="meltanolabs-default",
    title=f"{_DISTRIBUTION}, as it comes",
    role="peer",
    requirements=_REQUIREMENTS,
    distribution=_DISTRIBUTION,
    form="singer",
    command=_default,
    is_default=False,
)

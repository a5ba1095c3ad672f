"""Our target, from the checkout, with all it has switched on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.programs.program import Program
from tests.bench.programs.singer import target_command

if TYPE_CHECKING:
    from tests.bench.measuring import Command
    from tests.bench.programs.program import LoadJob

CHECKOUT = Path(__file__).parents[3]


def _command(job: LoadJob) -> Command:
    return target_command(
        job,
        {
            "url": job.database.url,
            "default_target_schema": job.schema,
            "state_id": f"bench:{job.schema}:tap",
            "run_id": f"bench-{job.mode}",
        },
    )


BIZOPS = Program(
    name="bizops",
    title="bizops-target-postgres, state in the warehouse",
    role="ours",
    requirements=(str(CHECKOUT / "targets" / "target-postgres"),),
    distribution="bizops-target-postgres",
    command=_command,
)

"""All programs, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.programs.bizops import BIZOPS, BIZOPS_BATCH, BIZOPS_COPY
from tests.bench.programs.dlt import DLT
from tests.bench.programs.meltanolabs import MELTANOLABS, MELTANOLABS_DEFAULT
from tests.bench.programs.pipelinewise import PIPELINEWISE
from tests.bench.programs.psql import PSQL
from tests.bench.programs.sling import SLING, SLING_JSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.programs.program import Program

PROGRAMS: tuple[Program, ...] = (
    PSQL,
    BIZOPS,
    BIZOPS_BATCH,
    BIZOPS_COPY,
    SLING,
    SLING_JSON,
    MELTANOLABS,
    MELTANOLABS_DEFAULT,
    PIPELINEWISE,
    DLT,
)


def find_programs(names: Sequence[str]) -> tuple[Program, ...]:
    """Return the programs named, in the table's order; the usual ones for no name.

    Raises:
        ValueError: A name is not known.
    """
    known = {program.name: program for program in PROGRAMS}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(
            f"no program {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return tuple(
        program
        for program in PROGRAMS
        if (program.name in names if names else program.is_default)
    )

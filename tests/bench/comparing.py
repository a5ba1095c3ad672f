"""The rounds: every program loads and upserts the same rows, in turn."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.contents import check_contents
from tests.bench.database import connect, drop_schema, make_schema, settle
from tests.bench.environments import EnvironmentFailedError, make_environment
from tests.bench.files import write_files
from tests.bench.measuring import run_measured
from tests.bench.programs.program import MODES, LoadJob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from tests.bench.files import WorkloadFiles
    from tests.bench.measuring import Cost
    from tests.bench.programs.program import Database, Mode, Program
    from tests.bench.workload import Workload


@dataclass(frozen=True, slots=True)
class Measurement:
    """One program, once.

    Attributes:
        program: Its name.
        mode: What it did.
        round: Which repeat it was, from 0.
        cost: What it cost; None when it did not run to its end.
        fault: What was wrong; None when the tables hold what they must.
    """

    program: str
    mode: Mode
    round: int
    cost: Cost | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare, and where.

    Attributes:
        workload: What every program loads.
        programs: Who takes part.
        repeats: How many rounds.
        database: Where to load to.
        cache: Folder of environments and workloads.
        timeout_s: When a single load is given up.
        installed: Folders of programs that are there already.
    """

    workload: Workload
    programs: Sequence[Program]
    repeats: int
    database: Database
    cache: Path
    timeout_s: float
    installed: Mapping[str, Path] = field(default_factory=dict)


def compare(
    comparison: Comparison, *, say: Callable[[str], None]
) -> tuple[Measurement, ...]:
    """Install the programs, make the workload and run all rounds.

    Each round begins with another program, and every load comes after a checkpoint.
    """
    cache, workload = comparison.cache, comparison.workload
    say(f"workload {workload.name}: {workload.total_rows:,} rows")
    installed, measurements = _install_all(comparison, say=say)
    programs = [program for program in comparison.programs if program.name in installed]
    forms = {program.form for program in programs}
    files = {
        mode: write_files(workload, edition, cache / "workloads", forms=forms)
        for mode, edition in MODES.items()
    }
    with closing(connect(comparison.database.url)) as connection:
        for turn in range(comparison.repeats):
            first = turn % max(1, len(programs))
            for program in programs[first:] + programs[:first]:
                bin_folder = installed[program.name]
                one = _Turn(comparison, program, bin_folder, turn, connection, files)
                for measurement in _load_and_upsert(one):
                    say(_told(measurement, workload))
                    measurements.append(measurement)
    return tuple(measurements)


def _install_all(
    comparison: Comparison, *, say: Callable[[str], None]
) -> tuple[dict[str, Path], list[Measurement]]:
    installed = dict(comparison.installed)
    failures: list[Measurement] = []
    for program in comparison.programs:
        if program.name in installed:
            continue
        say(f"installing {program.name}")
        try:
            installed[program.name] = make_environment(
                program.distribution or program.name,
                program.requirements,
                comparison.cache / "environments",
            )
        except EnvironmentFailedError as error:
            fault = f"could not be installed: {str(error).splitlines()[-1]}"
            say(f"{program.name}: {error}")
            failures += [
                Measurement(program.name, mode, 0, None, fault) for mode in MODES
            ]
    return installed, failures


@dataclass(frozen=True, slots=True)
class _Turn:
    comparison: Comparison
    program: Program
    programs: Path
    round: int
    connection: Connection
    files: Mapping[Mode, WorkloadFiles]

    @property
    def schema(self) -> str:
        return f"bench_{self.program.name.replace('-', '_')}"

    def job(self, mode: Mode) -> LoadJob:
        directory = self.comparison.cache / "work" / self.program.name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True, mode=0o700)
        return LoadJob(
            workload=self.comparison.workload,
            files=self.files[mode],
            mode=mode,
            database=self.comparison.database,
            schema=self.schema,
            programs=self.programs,
            directory=directory,
        )


def _load_and_upsert(turn: _Turn) -> list[Measurement]:
    """Load into nothing, then upsert; the upsert only after a load that was right."""
    done: list[Measurement] = []
    make_schema(turn.connection, turn.schema)
    try:
        for mode in MODES:
            done.append(_measure(turn, mode))
            if done[-1].fault is not None:
                break
    finally:
        drop_schema(turn.connection, turn.schema)
    return done


def _measure(turn: _Turn, mode: Mode) -> Measurement:
    job = turn.job(mode)
    settle(turn.connection)
    cost: Cost | None = None
    try:
        cost = run_measured(
            turn.program.command(job),
            home=turn.comparison.cache / "home",
            timeout_s=turn.comparison.timeout_s,
        )
        fault = _fault_of(turn, job, cost)
    except subprocess.TimeoutExpired as error:
        fault = f"took longer than {error.timeout:.0f} s"
    finally:
        shutil.rmtree(job.directory, ignore_errors=True)
    return Measurement(turn.program.name, mode, turn.round, cost, fault)


def _fault_of(turn: _Turn, job: LoadJob, cost: Cost) -> str | None:
    if cost.exit_code:
        last_line = (cost.last_words.splitlines() or [""])[-1]
        return f"exit code {cost.exit_code}: {last_line}"
    check = check_contents(
        turn.connection,
        schema=turn.schema,
        columns=job.workload.columns,
        expected=job.files.facts,
    )
    if check.is_right:
        return None
    rows_per_s = job.workload.total_rows / cost.wall_s
    return f"wrong content, at {rows_per_s:,.0f} rows/s: {check}"


def _told(measurement: Measurement, workload: Workload) -> str:
    head = f"{measurement.program} {measurement.mode} {measurement.round + 1}"
    if measurement.fault is not None or measurement.cost is None:
        return f"{head}: {measurement.fault}"
    rows_per_s = workload.total_rows / measurement.cost.wall_s
    return f"{head}: {rows_per_s:,.0f} rows/s"

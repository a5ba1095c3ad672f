"""The benchmark of loading: our target, its peers and PostgreSQL's limit."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tests.bench.budgets import budget_table, load_verdicts
from tests.bench.comparing import Comparison, compare
from tests.bench.database import bench_database
from tests.bench.machine import describe_machine
from tests.bench.programs.registry import find_programs
from tests.bench.ratios import make_lines
from tests.bench.report import Report, note
from tests.bench.table import comparison_table
from tests.bench.workload import EDITIONS, Workload

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.comparing import Measurement
    from tests.bench.machine import Machine
    from tests.bench.ratios import Line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `load`."""
    parser.add_argument("--rows", type=int, default=200_000, help="rows in all")
    parser.add_argument("--width", type=int, default=20, help="columns")
    parser.add_argument(
        "--streams", type=int, default=1, help="streams sharing the rows"
    )
    parser.add_argument(
        "--state-every", type=int, default=10_000, help="records between STATE messages"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the values")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument("--timeout-s", type=float, default=1800.0, help="for one load")
    parser.add_argument(
        "--programs",
        default="",
        help="names with commas between; default the usual ones",
    )
    parser.add_argument(
        "--url", help="a PostgreSQL to use instead of one of the bench's own"
    )


def measure_load(arguments: argparse.Namespace, cache: Path) -> Report:
    """Compare loading.

    Raises:
        ValueError: A program is not known.
    """
    programs = find_programs([name for name in arguments.programs.split(",") if name])
    workload = Workload(
        rows=arguments.rows,
        width=arguments.width,
        streams=arguments.streams,
        state_every=arguments.state_every,
        seed=arguments.seed,
    )
    with bench_database(arguments.url, cache) as database:
        machine = describe_machine(database)
        comparison = Comparison(
            workload=workload,
            programs=programs,
            repeats=arguments.repeats,
            database=database,
            cache=cache,
            timeout_s=arguments.timeout_s,
        )
        measurements = compare(comparison, say=note)
    lines = make_lines(measurements, programs, rows=workload.total_rows)
    return _report(workload, machine, measurements=measurements, lines=lines)


def _report(
    workload: Workload,
    machine: Machine,
    *,
    measurements: Sequence[Measurement],
    lines: Sequence[Line],
) -> Report:
    rounds = max((line.runs for line in lines), default=0)
    shape = (
        f"{workload.total_rows:,} rows of {workload.width} columns in "
        f"{workload.streams:,} stream{'s' if workload.streams > 1 else ''}, "
        f"STATE every {workload.state_every:,} records; median of {rounds}."
    )
    # The budget is for one table of usual width.
    verdicts = load_verdicts(lines) if _shape(workload) == (20, 1) else []
    tables = [shape, comparison_table(lines)]
    if verdicts:
        tables.append(budget_table(verdicts))
    return Report(
        name=f"load {workload.streams}x{workload.rows_per_stream}x{workload.width}"
        f" state {workload.state_every}",
        title=f"Loading {shape.partition(';')[0]}",
        machine=machine,
        tables="\n\n".join(tables),
        data=_data(workload, machine, measurements=measurements, lines=lines),
    )


def _shape(workload: Workload) -> tuple[int, int]:
    return workload.width, workload.streams


def _data(
    workload: Workload,
    machine: Machine,
    *,
    measurements: Sequence[Measurement],
    lines: Sequence[Line],
) -> dict[str, Any]:
    return {
        "benchmark": "load",
        "workload": asdict(workload),
        "editions": len(EDITIONS),
        "machine": asdict(machine),
        "lines": [asdict(line) for line in lines],
        "measurements": [asdict(measurement) for measurement in measurements],
    }

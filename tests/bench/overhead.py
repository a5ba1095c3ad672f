"""The benchmark of orchestration: `bizops elt run` against the same pipe in a shell."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.budgets import OVERHEAD, budget_table
from tests.bench.database import bench_database, connect
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns
from tests.bench.project import BIZOPS, CHECKOUT, make_project
from tests.bench.report import Report
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse

    from tests.bench.measuring import Cost
    from tests.bench.programs.program import Database

_TAP, _TARGET = "tap-three-records", "target-postgres"
_RUN, _PIPE = "bizops elt run", "tap | target in a shell"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `overhead`."""
    parser.add_argument("--repeats", type=int, default=7, help="runs of each")
    parser.add_argument(
        "--url", help="a PostgreSQL to use instead of one of the bench's own"
    )


def measure_overhead(arguments: argparse.Namespace, cache: Path) -> Report:
    """Run a tap of three records both ways, in turns."""
    directory = cache / "overhead"
    with bench_database(arguments.url, cache) as database:
        machine = describe_machine(database)
        variables = {"BIZOPS_WAREHOUSE_URL": database.url}
        _install(directory, variables)
        commands = {
            _RUN: Command(
                (BIZOPS, "elt", "run"), directory=directory, variables=variables
            ),
            _PIPE: _pipe(directory, database),
        }
        run_in_turns(commands, repeats=1, home=cache / "home")  # the tables are made
        costs = run_in_turns(
            commands,
            repeats=arguments.repeats,
            home=cache / "home",
            check=lambda _: _check(database),
        )
    return Report(
        name="overhead",
        title="Orchestration",
        machine=machine,
        tables=_tables(costs),
        data={
            "benchmark": "overhead",
            "machine": asdict(machine),
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )


def _tables(costs: dict[str, list[Cost]]) -> str:
    pairs = zip(costs[_RUN], costs[_PIPE], strict=True)
    overhead_s = median(run.wall_s - pipe.wall_s for run, pipe in pairs)
    overhead_cpu_s = _cpu_s(costs[_RUN]) - _cpu_s(costs[_PIPE])
    rows = [
        (name, f"{median(c.wall_s for c in runs):.3f}", f"{_cpu_s(runs):.3f}")
        for name, runs in costs.items()
    ]
    rows.append(("overhead", f"{overhead_s:.3f}", f"{overhead_cpu_s:.3f}"))
    table = markdown_table(("three records", "median s", "CPU s"), rows)
    return f"{table}\n\n{budget_table([(OVERHEAD, overhead_s)])}"


def _cpu_s(costs: list[Cost]) -> float:
    return median(cost.cpu_s for cost in costs)


def _install(directory: Path, variables: dict[str, str]) -> None:
    project = {
        "version": 1,
        "project": "bench",
        "default_environment": "dev",
        "warehouse": {"type": "postgres", "url": "${BIZOPS_WAREHOUSE_URL}"},
        "taps": {
            _TAP: {
                "install": str(Path(__file__).with_name("three_records")),
                "schema": "raw_three",
            }
        },
        "target": {
            "name": _TARGET,
            "install": str(CHECKOUT / "targets" / "target-postgres"),
        },
        "jobs": {"default": {"taps": [_TAP], "transform": "none"}},
    }
    make_project(directory, project, variables)


def _pipe(directory: Path, database: Database) -> Command:
    config = directory / "target.json"
    config.touch(mode=0o600)
    settings = {
        "url": database.url,
        "default_target_schema": "raw_three",
        "state_id": "bench:shell:tap",
    }
    config.write_text(json.dumps(settings), "utf-8")
    tap, target = _installed(directory, _TAP), _installed(directory, _TARGET)
    script = '"$1" | "$2" --config "$3" > "$4"'
    out = directory / "state.jsonl"
    return Command(("/bin/sh", "-c", script, "sh", tap, target, config, out))


def _installed(directory: Path, name: str) -> str:
    pointer = directory / ".bizops" / "plugins" / name / "current.json"
    executable: str = json.loads(pointer.read_bytes())["executable"]
    return executable


def _check(database: Database) -> None:
    with closing(connect(database.url)) as connection, connection.cursor() as cursor:
        cursor.execute('select count(*) from raw_three."thing"')
        (count,) = cursor.fetchone() or (0,)
    if count != 3:
        raise RuntimeError(f"there are {count} rows instead of 3")

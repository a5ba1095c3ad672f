"""The benchmark of the models: a warm dbt build of the sample company."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

from bizops_cli.process.sandbox import serve_sandbox
from tests.bench.budgets import TRANSFORM, budget_table
from tests.bench.database import bench_database
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns
from tests.bench.project import BIZOPS, CHECKOUT, make_project, run_bizops
from tests.bench.report import Report, note
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tests.bench.measuring import Cost

_LOAD, _BUILD = "bizops elt run --only el, nothing new", "bizops elt run --only t"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `transform`."""
    parser.add_argument("--repeats", type=int, default=3, help="warm builds")
    parser.add_argument("--scale", choices=("tiny", "small"), default="small")
    parser.add_argument(
        "--url", help="a PostgreSQL to use instead of one of the bench's own"
    )


def measure_transform(arguments: argparse.Namespace, cache: Path) -> Report:
    """Load the sample company, build its models once, then measure building again."""
    directory = cache / "company"
    with (
        bench_database(arguments.url, cache) as database,
        serve_sandbox(scale=arguments.scale, directory=cache / "sandbox") as sandbox,
    ):
        machine = describe_machine(database)
        variables = {**sandbox.variables, "BIZOPS_WAREHOUSE_URL": database.url}
        make_project(directory, _project(), variables)
        note("the first run: loading and building")
        run_bizops(directory, ["elt", "run"], variables)
        commands = {
            name: Command(
                (BIZOPS, "elt", "run", "--only", part),
                directory=directory,
                variables=variables,
            )
            for name, part in ((_LOAD, "el"), (_BUILD, "t"))
        }
        costs = run_in_turns(commands, repeats=arguments.repeats, home=cache / "home")
    return Report(
        name="transform",
        title="Building the models",
        machine=machine,
        tables=_tables(costs, arguments.scale),
        data={
            "benchmark": "transform",
            "machine": asdict(machine),
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )


def _tables(costs: dict[str, list[Cost]], scale: str) -> str:
    rows = [
        (
            name,
            f"{median(cost.wall_s for cost in runs):.2f}",
            f"{median(cost.cpu_s for cost in runs):.2f}",
            f"{max(cost.peak_rss_bytes for cost in runs) / 1e6:.0f}",
        )
        for name, runs in costs.items()
    ]
    header = (f"sample company, {scale}", "median s", "CPU s", "peak RSS MB")
    build_s = median(cost.wall_s for cost in costs[_BUILD])
    table = markdown_table(header, rows)
    return f"{table}\n\n{budget_table([(TRANSFORM, build_s)])}"


def _project() -> dict[str, Any]:
    """Return the checkout's project file with paths that hold elsewhere."""
    text = (CHECKOUT / "bizops.yml").read_text("utf-8")
    project: dict[str, Any] = yaml.safe_load(text)
    tap = project["taps"]["tap-salesforce"]
    tap["install"] = str(CHECKOUT / "taps" / "tap-salesforce")
    project["target"]["install"] = str(CHECKOUT / "targets" / "target-postgres")
    project["transform"]["project"] = str(CHECKOUT / "transform")
    return project

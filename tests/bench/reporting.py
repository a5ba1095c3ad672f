"""The benchmark of the report: how long it takes and how large it is.

It reads a warehouse whose models are built: name it by its address. The page of the
second call has the charts' library from the cache of the project.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING

import yaml

from tests.bench.budgets import REPORT, REPORT_SIZE, budget_table
from tests.bench.database import connect, database_at
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns
from tests.bench.project import BIZOPS
from tests.bench.report import Report
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_FIRST, _AGAIN = "bizops report, the first of a project", "bizops report, again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `report`."""
    parser.add_argument("--repeats", type=int, default=3, help="reports of each kind")
    parser.add_argument(
        "--url", required=True, help="a warehouse whose models are built"
    )


def measure_report(arguments: argparse.Namespace, cache: Path) -> Report:
    """Write the report several times, with and without what a project caches."""
    directory = cache / "reported"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    content = {
        "version": 1,
        "project": "bench",
        "warehouse": {"type": "postgres", "url": "${BIZOPS_WAREHOUSE_URL}"},
    }
    (directory / "bizops.yml").write_text(yaml.safe_dump(content), "utf-8")
    state, page = directory / ".bizops", directory / "page.html"
    command = Command(
        (BIZOPS, "report", "--output", page),
        directory=directory,
        variables={"BIZOPS_WAREHOUSE_URL": arguments.url},
    )

    def forget(name: str) -> None:
        """Make the next report a first one again."""
        if name == _AGAIN:
            shutil.rmtree(state, ignore_errors=True)

    costs = run_in_turns(
        {_FIRST: command, _AGAIN: command},
        repeats=arguments.repeats,
        home=cache / "home",
        check=forget,
    )
    rows = [
        (
            name,
            f"{median(cost.wall_s for cost in runs):.2f}",
            f"{median(cost.cpu_s for cost in runs):.2f}",
            f"{max(cost.peak_rss_bytes for cost in runs) / 1e6:.0f}",
            f"{page.stat().st_size / 1e6:.2f}",
        )
        for name, runs in costs.items()
    ]
    header = (
        f"{_figures(arguments.url):,} figures",
        *("median s", "CPU s", "peak RSS MB", "page MB"),
    )
    verdicts = budget_table(
        [
            (REPORT, median(cost.wall_s for cost in costs[_FIRST])),
            (REPORT_SIZE, page.stat().st_size / 1e6),
        ]
    )
    machine = describe_machine(database_at(arguments.url))
    return Report(
        name="report",
        title="Writing the report",
        machine=machine,
        tables=f"{markdown_table(header, rows)}\n\n{verdicts}",
        data={
            "benchmark": "report",
            "machine": asdict(machine),
            "size_bytes": page.stat().st_size,
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )


def _figures(url: str) -> int:
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from marts.mtr_metric_values")
        (count,) = cursor.fetchone() or (0,)
    return int(count)

"""The benchmark of the models: warm dbt builds of the sample company."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

from tests.bench.budgets import LINEAR, ONE_DAY, TRANSFORM, budget_table
from tests.bench.company import LoadedCompany, load_company, load_last_day_again
from tests.bench.database import bench_database, connect
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns
from tests.bench.project import BIZOPS, CHECKOUT, run_bizops
from tests.bench.report import Report, note
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tests.bench.budgets import Budget
    from tests.bench.measuring import Cost
    from tests.bench.programs.program import Database

_FIRST, _SECOND = "small", "medium"


@dataclass(frozen=True, slots=True)
class Build:
    """How long the same build took.

    Attributes:
        what: What was built.
        rows: Rows of the raw tables, or of those that were loaded last.
        costs: Of each repeat.
    """

    what: str
    rows: int
    costs: list[Cost]

    @property
    def wall_s(self) -> float:
        """Return the median."""
        return median(cost.wall_s for cost in self.costs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `transform`."""
    parser.add_argument("--repeats", type=int, default=2, help="builds of each kind")
    parser.add_argument(
        "--scale",
        choices=("tiny", _FIRST, _SECOND),
        default=_SECOND,
        help="the largest company that is built; at tiny nothing else is",
    )
    parser.add_argument(
        "--url", help="a PostgreSQL to use instead of one of the bench's own"
    )


def measure_transform(arguments: argparse.Namespace, cache: Path) -> Report:
    """Build the sample company of two sizes again, and after one more day's rows."""
    scales = [arguments.scale]
    if arguments.scale == _SECOND:
        scales.insert(0, _FIRST)
    builds: dict[str, Build] = {}
    with bench_database(arguments.url, cache) as database:
        machine = describe_machine(database)
        for scale in scales:
            whole, one_day = _measure(database, scale, arguments.repeats, cache)
            builds |= {scale: whole, f"{scale}, one day": one_day}
    return Report(
        name="transform",
        title="Building the models",
        machine=machine,
        tables=_tables(list(builds.values()), _verdicts(builds, scales)),
        data={
            "benchmark": "transform",
            "machine": asdict(machine),
            "builds": [asdict(build) for build in builds.values()],
        },
    )


def _measure(
    database: Database, scale: str, repeats: int, cache: Path
) -> tuple[Build, Build]:
    directory = cache / "company"
    variables = {"BIZOPS_WAREHOUSE_URL": database.url}

    def measured(what: str, rows: int, *arguments: str) -> Build:
        note(what)
        command = Command(
            (BIZOPS, "transform", "build", *arguments),
            directory=directory,
            variables=variables,
        )
        costs = run_in_turns({what: command}, repeats=repeats, home=cache / "home")
        return Build(what, rows, costs[what])

    with closing(connect(database.url)) as connection:
        company = load_company(connection, scale)
        _write_project(directory, company)
        note("building it the first time")
        run_bizops(directory, ["transform", "build"], variables)
        whole = measured(f"{scale}: everything", company.rows)
        rows = load_last_day_again(connection, company)
    fed = [f"source:{source}+" for source in company.schemas]
    return whole, measured(f"{scale}: after one day's rows", rows, *fed)


def _verdicts(
    builds: dict[str, Build], scales: list[str]
) -> list[tuple[Budget, float]]:
    whole, one_day = builds[scales[-1]], builds[f"{scales[-1]}, one day"]
    found: list[tuple[Budget, float]] = []
    if _FIRST in scales:
        small = builds[_FIRST]
        found.append((TRANSFORM, small.wall_s))
        if _SECOND in scales:
            per_row = whole.wall_s / whole.rows, small.wall_s / small.rows
            found.append((LINEAR, per_row[0] / per_row[1]))
    return [*found, (ONE_DAY, one_day.wall_s / whole.wall_s)]


def _tables(builds: list[Build], verdicts: list[tuple[Budget, float]]) -> str:
    rows = [
        (
            build.what,
            f"{build.rows:,}",
            f"{build.wall_s:.2f}",
            f"{median(cost.cpu_s for cost in build.costs):.2f}",
            f"{max(cost.peak_rss_bytes for cost in build.costs) / 1e6:.0f}",
        )
        for build in builds
    ]
    header = (
        "sample company, all sources, warm",
        "raw rows",
        "median s",
        "CPU s",
        "peak RSS MB",
    )
    return f"{markdown_table(header, rows)}\n\n{budget_table(verdicts)}"


def _write_project(directory: Path, company: LoadedCompany) -> None:
    """Write the project file of a company that is loaded: no tap of it ever runs."""
    sample: dict[str, Any] = yaml.safe_load((CHECKOUT / "bizops.yml").read_text())
    content = {
        "version": 1,
        "project": "bench",
        "warehouse": {"type": "postgres", "url": "${BIZOPS_WAREHOUSE_URL}"},
        "taps": {
            f"tap-{source}": {
                "install": str(CHECKOUT / "taps" / "tap-csv"),
                "schema": schema,
            }
            for source, schema in company.schemas.items()
        },
        "target": {
            "name": "target-postgres",
            "install": str(CHECKOUT / "targets" / "target-postgres"),
        },
        "transform": {
            "project": str(CHECKOUT / "transform"),
            "vars": sample["transform"]["vars"],
        },
        "jobs": {"default": {"transform": "build"}},
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bizops.yml").write_text(yaml.safe_dump(content), "utf-8")

"""The benchmark of starting: what a person waits for before anything happens."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.budgets import HELP, budget_table
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns
from tests.bench.report import Report
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse

_SCRIPTS = Path(sys.executable).parent
_HELP = "bizops --help"
_COMMANDS = {
    "python -c pass": ("python", "-c", "pass"),
    _HELP: ("bizops", "--help"),
    "bizops elt run --help": ("bizops", "elt", "run", "--help"),
    "target-postgres --version": ("target-postgres", "--version"),
    "tap-salesforce --version": ("tap-salesforce", "--version"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `start`."""
    parser.add_argument("--repeats", type=int, default=20, help="runs of each command")


def measure_start(arguments: argparse.Namespace, cache: Path) -> Report:
    """Start the programs of the running environment, which `make` has installed."""
    machine = describe_machine()
    commands = {
        name: Command((_SCRIPTS / words[0], *words[1:]))
        for name, words in _COMMANDS.items()
    }
    costs = run_in_turns(commands, repeats=arguments.repeats, home=cache / "home")
    rows = [
        (
            name,
            f"{median(cost.wall_s for cost in runs):.3f}",
            f"{min(cost.wall_s for cost in runs):.3f}",
            f"{median(cost.cpu_s for cost in runs):.3f}",
            f"{max(cost.peak_rss_bytes for cost in runs) / 1e6:.0f}",
        )
        for name, runs in costs.items()
    ]
    header = ("command", "median s", "best s", "CPU s", "peak RSS MB")
    verdict = budget_table([(HELP, median(cost.wall_s for cost in costs[_HELP]))])
    return Report(
        name="start",
        title="Starting",
        machine=machine,
        tables=f"{markdown_table(header, rows)}\n\n{verdict}",
        data={
            "benchmark": "start",
            "machine": asdict(machine),
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )

"""The command line of the benchmarks: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import emission, load, overhead, starting
from tests.bench.report import hand_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.report import Report

_CHECKOUT = Path(__file__).parents[2]
_CACHE = _CHECKOUT / ".bizops" / "bench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a benchmark; return the exit code."""
    parsed = _parser().parse_args(arguments)
    measure: Callable[[argparse.Namespace, Path], Report] = parsed.measure
    try:
        report = measure(parsed, parsed.cache)
    except ValueError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    hand_over(report, json_path=parsed.json, writes_page=parsed.page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="How fast BizOps is, beside its peers and PostgreSQL's own limit.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", metavar="FILE", help="write JSON; - prints it")
    common.add_argument(
        "--page", action="store_true", help="replace the section in doc/benchmarks.md"
    )
    common.add_argument(
        "--cache", type=Path, default=_CACHE, help="environments and workloads"
    )
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK")
    for name, module, measure in (
        ("load", load, load.measure_load),
        ("start", starting, starting.measure_start),
        ("emission", emission, emission.measure_emission),
        ("overhead", overhead, overhead.measure_overhead),
    ):
        command = commands.add_parser(name, parents=[common], help=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(measure=measure)
    return parser

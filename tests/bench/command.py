"""The command line of the benchmarks: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import (
    emission,
    load,
    overhead,
    reporting,
    starting,
    sync,
    transforming,
)
from tests.bench.report import hand_over, note
from tests.bench.tap_programs import TAPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.report import Report

_CACHE = Path(__file__).parents[2] / ".bizops" / "bench"

_BENCHMARKS = {
    "load": (load, load.measure_load),
    "start": (starting, starting.measure_start),
    "overhead": (overhead, overhead.measure_overhead),
    "emission": (emission, emission.measure_emission),
    "sync": (sync, sync.measure_sync),
    "transform": (transforming, transforming.measure_transform),
    "report": (reporting, reporting.measure_report),
}
# What `all` runs. The peers that are slow take part in the first table only.
_FAST = ("--programs", "psql,bizops,bizops-copy,sling,sling-json,meltanolabs")
_SINGER = ("--programs", "psql,bizops,bizops-copy,meltanolabs")
_ALL: tuple[tuple[str, ...], ...] = (
    ("start",),
    ("overhead",),
    ("emission",),
    ("sync",),
    *(("sync", "--tap", tap, "--scale", "medium", "--repeats", "2") for tap in TAPS),
    ("transform",),
    ("load",),
    ("load", "--width", "5", *_FAST),
    ("load", "--width", "200", "--rows", "20000", *_FAST),
    ("load", "--streams", "200", "--rows", "100000", *_SINGER),
    ("load", "--state-every", "100", *_SINGER),
    ("load", "--rows", "1000000", "--programs", "psql,bizops"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a benchmark, or all of them; return the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parsed = _parser().parse_args(given or ["all"])
    parsed.cache.mkdir(parents=True, exist_ok=True)
    with (parsed.cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"bench: another one is running in {parsed.cache}; see --cache")
            return 6
        # So that what was started ends too.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        return _run_given(given, parsed)


def _run_given(given: Sequence[str], parsed: argparse.Namespace) -> int:
    if parsed.measure is not None:
        return _run(parsed, command=told(given))
    shared = ["--cache", str(parsed.cache), *(["--page"] if parsed.page else [])]
    statuses = []
    for words in _ALL:
        note(f"\n== {' '.join(words)}")
        statuses.append(
            _run(_parser().parse_args([*words, *shared]), command=told(words))
        )
    return max(statuses)


def told(words: Sequence[str]) -> str:
    """Return the command without where its results go."""
    told = ["python -m tests.bench"]
    remaining = iter(words)
    for word in remaining:
        if word in {"--json", "--cache", "--url"}:
            next(remaining, None)
        elif word != "--page":
            told.append(word)
    return " ".join(told)


def _run(parsed: argparse.Namespace, *, command: str) -> int:
    measure: Callable[[argparse.Namespace, Path], Report] = parsed.measure
    try:
        report = measure(parsed, parsed.cache)
    except (ValueError, RuntimeError) as error:
        note(f"bench: {error}")
        return 2 if isinstance(error, ValueError) else 1
    hand_over(report, command=command, json_path=parsed.json, writes_page=parsed.page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="How fast BizOps is, beside its peers and PostgreSQL's own limit.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--page", action="store_true", help="replace the section in doc/benchmarks.md"
    )
    shared.add_argument(
        "--cache", type=Path, default=_CACHE, help="environments and workloads"
    )
    single = argparse.ArgumentParser(add_help=False, parents=[shared])
    single.add_argument("--json", metavar="FILE", help="write JSON; - prints it")
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK")
    for name, (module, measure) in _BENCHMARKS.items():
        command = commands.add_parser(name, parents=[single], help=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(measure=measure)
    everything = commands.add_parser(
        "all", parents=[shared], help="All of them, an hour; the default."
    )
    everything.set_defaults(measure=None, json=None)
    return parser

"""`bizops benchmark`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, say

if TYPE_CHECKING:
    from bizops_cli.usecases.benchmark import Benchmark


@click.command(
    epilog=examples(
        "bizops benchmark tap-salesforce --seconds 60",
        "bizops benchmark target-postgres --rows 1000000",
        "bizops benchmark target-postgres --json",
    )
)
@click.argument("plugin", shell_complete=complete_plugin)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="How long a tap may read; it is ended then.",
)
@click.option(
    "--rows",
    type=click.IntRange(1, 10_000_000),
    default=100_000,
    show_default=True,
    help="How many rows the target is given.",
)
@json_option
@common_options
@pass_common
def benchmark(
    common: CommonOptions, *, plugin: str, seconds: float, rows: int, as_json: bool
) -> None:
    """Measure how fast a tap reads, or the target writes, each by itself.

    A tap reads what is selected, from its start, and what it reads goes nowhere; it
    makes API calls as a run does. The target writes made-up rows into a schema of its
    own in the warehouse, which is dropped afterwards. No state is kept.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.benchmark import benchmark as measure

    found = measure(
        common.open(),
        plugin,
        seconds=seconds,
        rows=rows,
        on_event=choose_lines(common),
    )
    if as_json:
        more = {
            "rows_per_s": found.rows_per_s,
            "cpu_us_per_row": found.cpu_us_per_row,
        }
        print_json({**asdict(found), **more})
    else:
        print_benchmark(found)


def print_benchmark(found: Benchmark) -> None:
    """Print what a plugin did, and what it took."""
    size_mb = found.size_bytes / 1e6
    say(
        f"{found.plugin}: {found.rows:,} rows, {size_mb:,.1f} MB "
        f"in {found.duration_s:.1f} s: {found.rows_per_s:,.0f} rows/s"
    )
    if found.first_row_s is not None:
        say(f"  first row after   {found.first_row_s:.1f} s")
    if found.cpu_us_per_row is not None:
        say(f"  processor         {found.cpu_us_per_row:,.1f} millionths of a s a row")
    if found.was_cut_short:
        say("  the time was up before everything was read (--seconds)")

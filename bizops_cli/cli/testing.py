"""`bizops test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_tap,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_error, print_json, say

if TYPE_CHECKING:
    from bizops_cli.usecases.testing import PluginTest


@click.command(
    epilog=examples(
        "bizops test                      warehouse and every tap",
        "bizops test tap-salesforce       one tap",
    )
)
@click.argument("taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest a tap may take to read a little.",
)
@json_option
@common_options
@pass_common
def test(
    common: CommonOptions, *, taps: tuple[str, ...], timeout_s: float, as_json: bool
) -> int:
    """Try whether taps reach their sources and the warehouse answers.

    Each tap logs in and looks at what there is; one that can test itself also reads a
    few rows of every selected stream. Nothing is loaded. The exit status is the first
    failure's.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.testing import try_plugins

    project = common.open()

    def on_result(result: PluginTest) -> None:
        if not as_json:
            print_result(result)

    results = try_plugins(
        project,
        taps,
        timeout_s=timeout_s,
        on_event=choose_lines(common),
        on_result=on_result,
    )
    if as_json:
        print_json(
            [
                {
                    "subject": r.subject,
                    "is_well": r.is_well,
                    "message": r.message,
                    "duration_s": r.duration_s,
                    "exit_status": r.error.status if r.error else 0,
                }
                for r in results
            ]
        )
    return next((r.error.status for r in results if r.error), 0)


def print_result(result: PluginTest) -> None:
    """Print a line, and below it why it failed."""
    if result.error is None:
        say(f"ok       {result.subject}: {result.message} ({result.duration_s:.1f} s)")
    else:
        say(f"PROBLEM  {result.subject}: {result.message}")
        print_error(result.error)

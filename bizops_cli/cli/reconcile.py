"""`bizops reconcile`."""

from __future__ import annotations

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_tap,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say


@click.command(
    epilog=examples(
        "bizops reconcile                                      every tap",
        "bizops reconcile tap-salesforce --stream Opportunity",
    )
)
@click.argument("taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap)
@click.option("--stream", "streams", multiple=True, metavar="STREAM", help="Only this.")
@json_option
@common_options
@pass_common
def reconcile(
    common: CommonOptions,
    *,
    taps: tuple[str, ...],
    streams: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare what the sources have with what the warehouse has.

    Where they differ the exit status is 9. Each source is read from its start, so that
    this costs as many API calls as a full refresh; nothing is loaded. Rows are
    compared, and sums that `reconcile:` in bizops.yml declares, in the raw table and
    in staging. Run it after `elt run`.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.reconcile import raise_differences
    from bizops_cli.usecases.reconcile import reconcile as compare

    project = common.open()
    found = compare(project, taps, streams=streams, on_event=choose_lines(common))
    if as_json:
        print_json(found)
    else:
        print_table(
            ["tap", "stream", "place", "source", "there", "sum", "sum there", ""],
            [
                (
                    *(c.tap, c.stream, c.place, c.source_rows, c.rows),
                    *(c.source_sum, c.sum, c.verdict),
                )
                for c in found
            ],
        )
        equal = sum(c.verdict == "equal" for c in found)
        say(f"{equal} of {len(found)} equal.")
    raise_differences(found)

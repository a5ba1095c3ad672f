"""`bizops contract check`."""

from __future__ import annotations

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_tap,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, say


@click.group(cls=SuggestingGroup)
def contract() -> None:
    """Hold what taps bring against what dbt is told they bring."""


@contract.command(
    epilog=examples(
        "bizops contract check                    before anything is loaded",
        "bizops contract check tap-salesforce --write",
    )
)
@click.argument("taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap)
@click.option(
    "--write",
    "writes",
    is_flag=True,
    help="Declare in the sources' files what models use, as the taps have it now.",
)
@json_option
@common_options
@pass_common
def check(
    common: CommonOptions, *, taps: tuple[str, ...], writes: bool, as_json: bool
) -> None:
    """Hold taps' catalogs against dbt's sources, and name the models that would break.

    Looked for are streams that are gone or not selected, and declared columns that
    are gone or of another type. What is broken gives exit status 7.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.contract import check_contract, raise_breaches

    project = common.open()
    found = check_contract(project, taps, writes=writes, on_event=choose_lines(common))
    if as_json:
        print_json(found)
    else:
        for breach in found.breaches:
            say(f"{breach.name}: {breach.kind}: {breach.detail}")
            if breach.breaks:
                shown = ", ".join(breach.breaks[:5])
                more = len(breach.breaks) - 5
                say(f"    breaks {shown}" + (f" and {more} more" if more > 0 else ""))
        for file in found.written:
            say(f"wrote {file}")
        say(
            f"{found.tables} source tables, {found.declared} declared columns, "
            f"{len(found.breaches)} broken."
        )
    raise_breaches(found)

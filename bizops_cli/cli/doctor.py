"""`bizops doctor`."""

from __future__ import annotations

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json


@click.command(
    epilog=examples(
        "bizops doctor             what is wrong, and what to do",
        "bizops doctor --fix       put right what can be without asking",
    )
)
@click.option(
    "--fix",
    "fixes",
    is_flag=True,
    help="Install broken or changed plugins anew, remove what killed runs left, "
    "close .env to others, complete .gitignore.",
)
@json_option
@common_options
@pass_common
def doctor(common: CommonOptions, *, fixes: bool, as_json: bool) -> int:
    """Look at machine, folder, plugins and warehouse; more than `check`.

    The exit status is the first problem's.
    """
    from bizops_cli.cli.check import print_findings
    from bizops_cli.usecases.check import worst_status
    from bizops_cli.usecases.doctor import examine

    findings = examine(common.open, fixes=fixes)
    print_json(findings) if as_json else print_findings(findings)
    return worst_status(findings)

"""`bizops check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, say

if TYPE_CHECKING:
    from bizops_cli.usecases.check import Finding


@click.command(
    epilog=examples(
        "bizops check                 this project, its default environment",
        "bizops check -e prod         another environment",
        "bizops check --json          for a program to read",
    )
)
@json_option
@common_options
@pass_common
def check(common: CommonOptions, *, as_json: bool) -> int:
    """Check all that can be known without running.

    That is: bizops.yml and its variables, plugins and their settings, the warehouse
    and the dbt project. The exit status is the first problem's.
    """
    from bizops_cli.usecases.check import check as look
    from bizops_cli.usecases.check import worst_status

    findings = look(common.open)
    print_json(findings) if as_json else print_findings(findings)
    return worst_status(findings)


def print_findings(findings: list[Finding]) -> None:
    """Print a line per finding, and what to do about it."""
    mark = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}
    for finding in findings:
        say(f"{mark[finding.verdict]}  {finding.subject}: {finding.message}")
        if finding.next_step:
            say(f"         {finding.next_step}")
    count = sum(finding.verdict == "problem" for finding in findings)
    if count:
        say(f"{count} problem{'s' if count > 1 else ''}.")
    else:
        say("Everything is as it should be.")

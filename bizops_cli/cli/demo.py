"""`bizops demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import CommonOptions, common_options, examples, pass_common
from bizops_cli.cli.output import note, say

if TYPE_CHECKING:
    from bizops_cli.usecases.demo import DemoResult


@click.command(
    epilog=examples(
        "bizops demo                  the sample company of 300 organisations",
        "bizops demo --scale tiny     of 5, in a few seconds",
    )
)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "small"]),
    default="small",
    show_default=True,
    help="Size of the sample company.",
)
@common_options
@pass_common
def demo(common: CommonOptions, *, scale: str) -> None:
    """Run the sample company from its API to its metrics.

    Runs in a checkout of BizOps, always into the embedded warehouse. A second
    demo reads only what is new.
    """
    from bizops_cli.cli.install import note_end
    from bizops_cli.cli.progress import choose_display
    from bizops_cli.usecases.demo import run_demo

    result = run_demo(
        directory=common.project_dir,
        scale=scale,
        on_step=lambda step: note(f"· {step}"),
        on_installed=note_end,
        on_event=choose_display(common),
    )
    _print_metrics(result)
    _print_what_next(result)
    _print_report(result)


def _print_metrics(result: DemoResult) -> None:
    from bizops_cli.cli.metrics import print_figures
    from bizops_cli.cli.summary import print_verdict
    from bizops_cli.usecases.metrics import show_metrics

    print_verdict(result.record)
    say()
    say(f"The sample company up to {result.as_of}:")
    say()
    print_figures(show_metrics(result.project), result.project)


def _print_what_next(result: DemoResult) -> None:
    project = result.project
    say()
    say("Where everything is")
    for what, where in (
        ("project file", project.directory / "bizops.yml"),
        ("models", project.transform.project),
        ("this run", project.state_directory / "runs" / result.record.run_id),
        ("warehouse", "bizops warehouse status"),
    ):
        say(f"  {what:<14}{where}")
    say()
    say("What to try next (bizops is .venv/bin/bizops)")
    for command, what in (
        ("bizops metrics show --period fiscal_quarter", "the company over time"),
        ("bizops metrics show cac --dimension channel", "what a customer costs, where"),
        ("bizops metrics list", "what each figure means"),
        ("bizops report --open", "all of it as a page, with pictures"),
        ("bizops warehouse psql", "SQL over everything, schema marts first"),
        ("make demo", "again: reads only what is new"),
        ("bizops warehouse stop", "end the embedded PostgreSQL"),
    ):
        say(f"  {command:<45}{what}")
    say("  Your own company: doc/quickstart.md")


def _print_report(result: DemoResult) -> None:
    """Write the report and end with where it is, so that it is easily opened."""
    from bizops_cli.usecases.report import (
        ReportRequest,
        default_path,
        make_report,
        write_report,
    )

    path = default_path(result.project)
    write_report(make_report(ReportRequest(result.project)).text, path)
    say()
    say("The report: open it in a browser, it needs nothing else")
    say(f"  {path}")

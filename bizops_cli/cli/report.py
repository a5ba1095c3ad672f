"""`bizops report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import CommonOptions, common_options, examples, pass_common
from bizops_cli.cli.output import note, say

if TYPE_CHECKING:
    from bizops_cli.usecases.report import ReportFormat


@click.command(
    epilog=examples(
        "bizops report --open                           a page, in the browser",
        "bizops report --output /srv/www/report.html",
        "bizops report --period FY2018-Q4 --channel webinar",
        "bizops report --format markdown                for a chat or a CI run",
        "bizops report --format json --period 2018-01   for a program",
    )
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it. Default: .bizops/report.html; Markdown and JSON are "
    "printed.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "json"]),
    default="html",
    show_default=True,
    help="A page for people, text for chats, data for programs.",
)
@click.option(
    "--period",
    metavar="PERIOD",
    help="all, FY2018, FY2018-Q4 or 2018-01. Default: the fiscal year of the latest "
    "quarter that is over.",
)
@click.option("--segment", metavar="NAME", help="Look at one segment.")
@click.option("--channel", metavar="NAME", help="Look at one channel.")
@click.option("--open", "is_opened", is_flag=True, help="Open the page in the browser.")
@common_options
@pass_common
def report(
    common: CommonOptions,
    *,
    output: Path | None,
    form: ReportFormat,
    period: str | None,
    segment: str | None,
    channel: str | None,
    is_opened: bool,
) -> None:
    """Write what the metrics say as one page, as Markdown or as JSON.

    The page needs no network and can show every period, segment and channel; the
    options only say what it opens with.
    """
    from bizops_cli.usecases.report import (
        ReportRequest,
        default_path,
        make_report,
        write_report,
    )

    if is_opened and form != "html":
        raise click.UsageError("--open is for pages: use it with --format html.")
    project = common.open()
    made = make_report(ReportRequest(project, form, period, segment, channel))
    for item in made.notices:
        note(f"{item.severity}: {item.text} {item.next_step}".rstrip())
    path = output or (default_path(project) if form == "html" else None)
    if path is None:
        say(made.text.rstrip("\n"))
        return
    write_report(made.text, path)
    say(str(path.resolve()))
    if is_opened:
        click.launch(path.resolve().as_uri())

"""`bizops elt run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note
from bizops_cli.cli.run_options import what_options


@click.group(cls=SuggestingGroup)
def elt() -> None:
    """Load sources and build the models."""


@elt.command(
    epilog=examples(
        "bizops elt run                               the job called default",
        "bizops elt run tap-salesforce --only el      load one source, build nothing",
        "bizops elt run --full-refresh Account        read one stream from the start",
        "bizops elt run tap-x --since 2026-01-01      read a window again",
        "bizops elt run --plan plan.json              what a plan says, or nothing",
        "bizops elt run --job nightly -e prod --log-format json",
    )
)
@what_options
@click.option("--parallel", type=click.IntRange(1, 64), help="How many taps at once.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop loading after this time, as by SIGTERM (exit status 143).",
)
@click.option(
    "--no-state-update",
    "updates_state",
    flag_value=False,
    default=True,
    help="Do not keep how far this run came; the next one reads the same again.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 20),
    metavar="N",
    help="Run a tap again after a failure that may pass.  [default: the job's]",
)
@click.option(
    "--frozen",
    is_flag=True,
    help="Install nothing: a plugin that is not installed is an error.",
)
@click.option("--run-id", metavar="ID", help="Name of this run, for orchestrators.")
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Do what this plan says, if the world is still as it was then.",
)
@json_option
@common_options
@pass_common
def run(
    common: CommonOptions,
    /,
    *,
    as_json: bool,
    plan_file: Path | None,
    frozen: bool,
    **words: Any,  # noqa: ANN401 (the fields of EltRequest)
) -> None:
    """Load the taps of a job into the warehouse, then build the models.

    Rows and bookmarks are committed together: after a failure, a kill or Ctrl-C the
    next run goes on from what was committed. Ctrl-C once stops gracefully, twice at
    once. Plugins that are not installed yet are installed first.
    """
    from bizops_cli.cli.install import note_end
    from bizops_cli.cli.progress import choose_display
    from bizops_cli.cli.summary import print_summary
    from bizops_cli.runlog.events import Event, RunEnded
    from bizops_cli.usecases.elt import run_elt
    from bizops_cli.usecases.install import install_missing
    from bizops_cli.usecases.run_plan import EltRequest, needed_plugins

    project = common.open()
    request = EltRequest(project=project, **words)
    if not frozen:
        install_missing(
            project,
            needed_plugins(request),
            on_start=lambda name: note(f"{name} is not installed yet ..."),
            on_end=note_end,
        )
    show = choose_display(common)
    if plan_file is not None:
        from bizops_cli.usecases.plan_file import check_plan, planned_request

        request = planned_request(plan_file, request)
        check_plan(plan_file, request, on_event=show)

    def on_event(event: Event) -> None:
        show(event)
        if isinstance(event, RunEnded):
            print_summary(event.record, as_json=as_json)

    run_elt(request, on_event=on_event)

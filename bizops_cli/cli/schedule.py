"""`bizops schedule`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

KINDS = ("cron", "systemd", "gitlab-ci", "github", "airflow", "luigi")


@click.group(cls=SuggestingGroup)
def schedule() -> None:
    """See when jobs run, and hand that to what runs them."""


@schedule.command("list", epilog=examples("bizops schedule list"))
@json_option
@common_options
@pass_common
def list_(common: CommonOptions, *, as_json: bool) -> None:
    """List schedules with when each comes next."""
    from bizops_cli.usecases.schedules import list_schedules

    found = list_schedules(common.open())
    if as_json:
        print_json(found)
    elif not found:
        say("bizops.yml has no schedules.")
    else:
        print_table(
            ["schedule", "job", "cron", "time zone", "next (UTC)"],
            [(s.name, s.job, s.cron, s.timezone, s.next_at) for s in found],
        )


@schedule.command(epilog=examples("bizops schedule run nightly"))
@click.argument("name")
@json_option
@common_options
@pass_common
def run(common: CommonOptions, *, name: str, as_json: bool) -> None:
    """Run the job of a schedule now."""
    from bizops_cli.cli.progress import choose_display
    from bizops_cli.cli.summary import print_summary
    from bizops_cli.runlog.events import Event, RunEnded
    from bizops_cli.usecases.elt import run_elt
    from bizops_cli.usecases.run_plan import EltRequest
    from bizops_cli.usecases.schedules import choose_schedule

    project = common.open()
    job = choose_schedule(project, name).job
    show = choose_display(common)

    def on_event(event: Event) -> None:
        show(event)
        if isinstance(event, RunEnded):
            print_summary(event.record, as_json=as_json)

    run_elt(EltRequest(project=project, job=job), on_event=on_event)


@schedule.command(
    epilog=examples(
        "bizops schedule export cron | crontab -",
        "bizops schedule export systemd nightly -e prod",
        "bizops schedule export airflow --out dags/bizops.py",
    )
)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("names", nargs=-1, metavar="[SCHEDULE]...")
@click.option("--directory", metavar="PATH", help="The project's folder there.")
@click.option("--bizops", metavar="COMMAND", help="The command there.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; else it is printed.",
)
@common_options
@pass_common
def export(
    common: CommonOptions,
    *,
    kind: str,
    names: tuple[str, ...],
    directory: str | None,
    bizops: str | None,
    out: Path | None,
) -> None:
    """Write schedules as cron, systemd, GitLab, GitHub, Airflow or Luigi read them.

    In Airflow and Luigi each tap is a task of its own, then the models.
    """
    from bizops_cli.files import write_atomically
    from bizops_cli.usecases.schedules import export_schedules

    in_ci = kind in {"gitlab-ci", "github"}
    here = "bizops" if in_ci else str(Path(sys.argv[0]).absolute())
    text = export_schedules(
        common.open(), kind, names, directory=directory, bizops=bizops or here
    )
    if out is None:
        say(text.rstrip("\n"))
    else:
        write_atomically(out, text.encode())

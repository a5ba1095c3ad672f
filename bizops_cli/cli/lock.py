"""`bizops lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_job,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.usecases.locks import HeldLock


@click.group(cls=SuggestingGroup)
def lock() -> None:
    """See who is at work on the warehouse."""


@lock.command(epilog=examples("bizops lock show", "bizops lock show -e prod --json"))
@json_option
@common_options
@pass_common
def show(common: CommonOptions, *, as_json: bool) -> None:
    """Show who holds jobs and states: which run, since when, from where."""
    from bizops_cli.usecases.locks import list_locks

    held = list_locks(common.open())
    if as_json:
        print_json(held)
    elif not held:
        say("Nobody is at work.")
    else:
        print_locks(held)


@lock.command(
    "break",
    epilog=examples(
        "bizops lock break --yes",
        "bizops lock break nightly -e prod",
    ),
)
@click.argument("job", default="default", shell_complete=complete_job)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also a run that is alive on this machine.")
@common_options
@pass_common
def break_(common: CommonOptions, *, job: str, yes: bool, force: bool) -> None:
    """Cut the run that holds a job off from the warehouse, as if its machine had died.

    A lock goes with its connection by itself; this is for a connection that a lost
    machine has left open. What was committed stays, and the next run goes on from it.
    """
    from bizops_cli.usecases.locks import break_lock

    project = common.open()
    if not yes:
        click.confirm(f"Cut off whoever holds the job {job}?", abort=True, err=True)
    print_locks(break_lock(project, job, force=force))
    say(f"The job {job} is free.")


def print_locks(held: list[HeldLock]) -> None:
    """Print a line per lock."""
    print_table(
        ["lock", "held by", "alive here", "since (UTC)", "from", "server process"],
        [
            (
                *(h.what, h.run_id or h.holder.application_name, h.is_alive_here),
                *(h.holder.since, h.holder.address, str(h.holder.server_process)),
            )
            for h in held
        ],
    )

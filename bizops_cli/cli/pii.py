"""`bizops pii`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

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
from bizops_cli.cli.output import note, print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.model import Project
    from bizops_cli.usecases.personal import Erasure


@click.group(cls=SuggestingGroup)
def pii() -> None:
    """See what is kept about people, and erase a person."""


@pii.command(
    "list", epilog=examples("bizops pii list", "bizops pii list tap-salesforce --json")
)
@click.argument("taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap)
@click.option("--all", "shows_all", is_flag=True, help="Also what is not read.")
@json_option
@common_options
@pass_common
def list_(
    common: CommonOptions, *, taps: tuple[str, ...], shows_all: bool, as_json: bool
) -> None:
    """List fields about people, and what becomes of them.

    Taps that declare it, as BizOps's own do, say what a field tells about a person; of
    other taps the names of fields are judged.

    To hash or drop one, see `mapping:` in doc/config.md; not to read it at all, see
    `bizops select`.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.personal import list_personal

    found = list_personal(common.open(), taps, on_event=choose_lines(common))
    shown = [f for f in found if shows_all or f.treatment != "not read"]
    if as_json:
        print_json(shown)
        return
    print_table(
        ["field", "about", "told by", "treatment"],
        [
            (f"{f.tap} {f.stream}.{f.field}", f.kind, f.told_by, f.treatment)
            for f in shown
        ],
    )
    kept = sum(f.treatment == "kept" for f in shown)
    say(f"{kept} of {len(shown)} are kept as they are.")


@pii.command(
    epilog=examples(
        "bizops pii erase --email ann@example.com --dry-run",
        "bizops pii erase --email ann@example.com --yes",
    )
)
@click.option("--email", required=True, help="The person's email.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only look.")
@click.option("--no-rebuild", is_flag=True, help="Do not build the models anew.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@common_options
@pass_common
def erase(
    common: CommonOptions,
    *,
    email: str,
    is_dry_run: bool,
    no_rebuild: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase a person from raw tables, models and logs, and prove it.

    Fields about people are emptied in raw rows with this email (or its hash), the email
    is masked in any other text and in logs, the models are built anew, snapshots and
    records of runs are treated alike, and every table of the warehouse is searched.
    Erase the person at the source too: the next run brings back what is still there.
    """
    from bizops_cli.usecases.personal import (
        erase_in_built,
        erase_person,
        find_left,
        raise_left,
    )

    project = common.open()
    if not is_dry_run and not yes:
        click.confirm("Erase this person for ever?", abort=True, err=True)
    done = erase_person(project, email, is_dry_run=is_dry_run)
    if not is_dry_run and not no_rebuild:
        _rebuild(project)
        done = dataclasses.replace(done, built=erase_in_built(project, email))
    done = dataclasses.replace(done, left=find_left(project, email))
    print_json(done) if as_json else print_erasure(done)
    raise_left(done)


def print_erasure(done: Erasure) -> None:
    """Print what was found, what became of it, and what is left."""
    verb = "would be" if done.is_dry_run else "were"
    for table, rows in done.rows.items():
        say(f"{table}: {rows} rows of the person {verb} emptied")
    for table, rows in done.mentions.items():
        say(f"{table}: {rows} other rows {verb} masked")
    for table, rows in done.built.items():
        say(f"{table}: {rows} rows of the past were emptied or masked")
    for file in done.files:
        say(f"{file} {'would be' if done.is_dry_run else 'was'} masked")
    if done.left:
        for table, rows in done.left.items():
            say(f"{table}: {rows} rows have the email")
    else:
        say("No table of the warehouse has the email.")


def _rebuild(project: Project) -> None:
    """Build the models anew, if a job has any."""
    from bizops_cli.cli.progress import describe
    from bizops_cli.usecases.elt import run_elt
    from bizops_cli.usecases.run_plan import EltRequest

    job = next((j for j in project.jobs.values() if j.transform != "none"), None)
    if job is None:
        return
    run_elt(
        EltRequest(project=project, job=job.name, only="t"),
        on_event=lambda event: note(text) if (text := describe(event)) else None,
    )

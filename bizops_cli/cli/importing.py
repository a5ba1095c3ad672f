"""`bizops import meltano`."""

from __future__ import annotations

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
from bizops_cli.cli.output import note, print_json, say


@click.group("import", cls=SuggestingGroup)
def import_() -> None:
    """Take over a project of another program."""


@import_.command(
    epilog=examples(
        "bizops import meltano                        ./meltano.yml, into this folder",
        "bizops import meltano ../old/meltano.yml --to acme",
    )
)
@click.argument(
    "file", default="meltano.yml", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option(
    "--to",
    "directory",
    default=".",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the new project.  [default: this one]",
)
@json_option
@common_options
@pass_common
def meltano(
    common: CommonOptions, *, file: Path, directory: Path, as_json: bool
) -> None:
    """Make a bizops.yml of a meltano.yml, and take its states along.

    Extractors, loader, jobs, schedules and environments are translated; nothing of
    Meltano's is changed. What has no counterpart is told.
    """
    from bizops_cli.usecases.meltano import import_meltano

    del common
    done = import_meltano(file, directory)
    if as_json:
        print_json(done)
        return
    for written in done.files:
        note(f"wrote {written}")
    say(f"{len(done.taps)} taps: {', '.join(done.taps) or 'none'}")
    for text in done.notes:
        say(f"- {text}")
    say("Next: bizops check, bizops install")
    for environment in done.states:
        states = f".bizops/meltano-states.{environment}.json"
        say(f"      bizops state import {states} -e {environment}")

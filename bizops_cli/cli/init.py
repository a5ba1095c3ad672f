"""`bizops init`."""

from __future__ import annotations

from pathlib import Path

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json, say


@click.command(
    epilog=examples(
        "bizops init                          this folder",
        "bizops init acme                     a new folder",
        "bizops init acme --tap tap-salesforce --tap tap-zuora",
    )
)
@click.argument(
    "directory", default=".", type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--name", metavar="NAME", help="Name of the project; else the folder's.")
@click.option(
    "--tap", "taps", multiple=True, metavar="TAP", help="Also add and install this."
)
@json_option
@common_options
@pass_common
def init(
    common: CommonOptions,
    *,
    directory: Path,
    name: str | None,
    taps: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a project: bizops.yml, .env.example, .gitignore, a schema for editors."""
    from bizops_cli.cli.add import add_one
    from bizops_cli.usecases.add import AddRequest
    from bizops_cli.usecases.init import init_project
    from bizops_cli.usecases.project import open_project

    del common
    written = init_project(directory, name=name)
    for file in written:
        note(f"wrote {file}")
    added = [
        add_one(open_project(directory=directory), AddRequest(tap)) for tap in taps
    ]
    if as_json:
        print_json({"files": [str(file) for file in written], "added": added})
        return
    where = "" if directory == Path() else f"cd {directory}, then "
    say(f"Next: {where}bizops add tap-salesforce (or another tap), bizops doctor")

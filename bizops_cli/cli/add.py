"""`bizops add` and `bizops remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json, say

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.usecases.add import Added


@click.command(
    epilog=examples(
        "bizops add tap-salesforce                             one of BizOps's own",
        "bizops add tap-github --install meltanolabs-tap-github",
        "bizops add tap-legacy --executable /opt/tap/bin/tap-legacy",
    )
)
@click.argument("plugin")
@click.option(
    "--install",
    "requirements",
    multiple=True,
    metavar="REQUIREMENT",
    help="What pip installs: name, name==version, path, git+https address.",
)
@click.option(
    "--executable", metavar="COMMAND", help="Its command, if named otherwise."
)
@click.option("--no-install", is_flag=True, help="Only write it into bizops.yml.")
@json_option
@common_options
@pass_common
def add(
    common: CommonOptions,
    *,
    plugin: str,
    requirements: tuple[str, ...],
    executable: str | None,
    no_install: bool,
    as_json: bool,
) -> None:
    """Put a tap or target into bizops.yml and install it.

    Any Singer tap or target will do. If it cannot be installed, bizops.yml stays as
    it was.
    """
    added = add_one(
        common.project_dir,
        common.environment,
        plugin,
        install=requirements,
        executable=executable,
        installs=not no_install,
    )
    print_json(added) if as_json else print_added(added)


def add_one(
    directory: Path | None,
    environment: str | None,
    name: str,
    *,
    install: tuple[str, ...] = (),
    executable: str | None = None,
    installs: bool = True,
) -> Added:
    """Add one plugin to the project in a folder."""
    from bizops_cli.cli.install import note_end
    from bizops_cli.usecases.add import AddRequest, add_plugin
    from bizops_cli.usecases.project import open_project

    return add_plugin(
        open_project(directory=directory, environment=environment),
        AddRequest(name, install, executable, installs),
        on_start=lambda plugin: note(f"{plugin} ..."),
        on_end=note_end,
    )


def print_added(added: Added) -> None:
    """Print what a new plugin still needs."""
    say(f"{added.plugin} is in bizops.yml.")
    missing = [setting for setting in added.needs if not setting.is_given]
    if missing:
        say("It needs these settings; give each as a variable, in .env for example:")
        for setting in missing:
            about = f"   # {setting.description}" if setting.description else ""
            say(f"  {setting.variable}={about}")
    if not added.is_installed:
        say(f"Next: bizops install {added.plugin}")
    elif missing:
        say(f"Next: bizops config set {added.plugin}.{missing[0].name} VALUE")
    else:
        say(f"Next: bizops test {added.plugin}")


@click.command(epilog=examples("bizops remove tap-salesforce"))
@click.argument("plugin", shell_complete=complete_plugin)
@common_options
@pass_common
def remove(common: CommonOptions, *, plugin: str) -> None:
    """Take a tap or target out of bizops.yml and remove its environment.

    What it has loaded stays in the warehouse, and so does its state.
    """
    from bizops_cli.usecases.add import remove_plugin
    from bizops_cli.usecases.project import open_project

    project = open_project(directory=common.project_dir, environment=common.environment)
    remove_plugin(project, plugin)
    say(f"{plugin} is removed; its data and state stay in the warehouse.")

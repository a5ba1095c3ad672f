"""`bizops add` and `bizops remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    complete_tap,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json, say

if TYPE_CHECKING:
    from bizops_cli.model import Project
    from bizops_cli.usecases.add import Added, AddRequest


@click.command(
    epilog=examples(
        "bizops add tap-salesforce                             one of BizOps's own",
        "bizops add tap-github --install meltanolabs-tap-github",
        "bizops add tap-legacy --executable /opt/tap/bin/tap-legacy",
        "bizops add tap-salesforce --as tap-salesforce-emea    a second one, by itself",
        "bizops add tap-salesforce-apac --inherit-from tap-salesforce",
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
@click.option("--as", "name", metavar="NAME", help="Its name in the project.")
@click.option(
    "--inherit-from",
    metavar="TAP",
    shell_complete=complete_tap,
    help="A tap of the project: what the new one has not itself, it has from there.",
)
@click.option(
    "--python",
    metavar="VERSION",
    help="Python to install it with, a version or a path; else one that fits.",
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
    name: str | None,
    inherit_from: str | None,
    python: str | None,
    no_install: bool,
    as_json: bool,
) -> None:
    """Put a tap or target into bizops.yml and install it.

    Any Singer tap or target will do. If it cannot be installed, bizops.yml stays as
    it was.
    """
    from bizops_cli.usecases.add import AddRequest

    request = AddRequest(
        plugin,
        name=name,
        install=requirements,
        executable=executable,
        python=python,
        inherit_from=inherit_from,
        installs=not no_install,
    )
    added = add_one(common.open(), request)
    print_json(added) if as_json else print_added(added)


def add_one(project: Project, request: AddRequest) -> Added:
    """Add one plugin to a project, telling how it goes."""
    from bizops_cli.cli.install import note_end
    from bizops_cli.usecases.add import add_plugin

    return add_plugin(
        project,
        request,
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

    project = common.open()
    remove_plugin(project, plugin)
    say(f"{plugin} is removed; its data and state stay in the warehouse.")

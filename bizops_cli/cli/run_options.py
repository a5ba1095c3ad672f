"""Options that say what a run does, for `elt run` and `plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from bizops_cli.cli.options import complete_job, complete_tap

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., object]")


def what_options(command: _F) -> _F:
    """Add the taps, and options for what is loaded, what is built, and from when."""
    options = (
        click.argument(
            "taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap
        ),
        click.option(
            "--job",
            metavar="NAME",
            help="Job of bizops.yml.  [default: default]",
            shell_complete=complete_job,
        ),
        click.option(
            "--only",
            type=click.Choice(["el", "t"]),
            help="el: load and build nothing. t: build and load nothing.",
        ),
        click.option(
            "--models",
            type=click.Choice(["loaded", "all"]),
            help="Build what the loaded sources feed, or all.  [default: the "
            "project's; all with --only t]",
        ),
        click.option(
            "--full-refresh",
            multiple=True,
            metavar="STREAM",
            help="Read this stream from the start; may be given again; '*' is every "
            "stream.",
        ),
        click.option(
            "--since",
            metavar="DAY",
            help="Read from this day on, whatever has been read; moves no bookmark.",
        ),
        click.option(
            "--until", metavar="DAY", help="With --since: read up to this day."
        ),
        click.option(
            "--refresh-catalog",
            "refreshes_catalog",
            is_flag=True,
            help="Look anew at what the sources have.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command

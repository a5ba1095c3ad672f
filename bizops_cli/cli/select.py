"""`bizops select`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_tap,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.usecases.discover import TapCatalog
    from bizops_cli.usecases.select import SelectionChange


@click.command(
    epilog=examples(
        "bizops select tap-salesforce                         what is read",
        "bizops select tap-salesforce --list                  each field of it",
        "bizops select tap-salesforce --add Task --add 'Event.*'",
        "bizops select tap-salesforce --remove Contact.MailingAddress",
        "bizops select tap-salesforce --only Account --only Opportunity",
    )
)
@click.argument("tap", shell_complete=complete_tap)
@click.option("--list", "lists", is_flag=True, help="List every field.")
@click.option("--add", multiple=True, metavar="PATTERN", help="Read this too.")
@click.option("--remove", multiple=True, metavar="PATTERN", help="Do not read this.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Read nothing else.")
@click.option(
    "--refresh-catalog",
    "refreshes",
    is_flag=True,
    help="Look anew at what the source has.",
)
@json_option
@common_options
@pass_common
def select(
    common: CommonOptions,
    *,
    tap: str,
    lists: bool,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    only: tuple[str, ...],
    refreshes: bool,
    as_json: bool,
) -> None:
    """Show or change which streams and fields of a tap are read.

    A pattern is `Stream` or `Stream.field`, each part with * and ?. Changes go into
    bizops.yml, where comments stay as they are.
    """
    from bizops_cli.cli.discover import print_catalog
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.discover import look_at
    from bizops_cli.usecases.select import SelectionRequest, change_selection

    project = common.open()
    on_event = choose_lines(common)
    if add or remove or only:
        request = SelectionRequest(add, remove, only)
        change = change_selection(project, tap, request, on_event=on_event)
        print_json(change) if as_json else print_change(tap, change)
        return
    found = look_at(project, tap, refreshes=refreshes, on_event=on_event)
    if as_json:
        print_json(found)
    elif lists:
        print_fields(found)
    else:
        print_catalog(found)


def print_fields(found: TapCatalog) -> None:
    """Print a line per field."""
    print_table(
        ["field", "read", "type", "note"],
        [
            (
                *(f"{s.name}.{f.name}", s.is_selected and f.is_selected, f.type),
                "" if f.inclusion == "available" else f.inclusion,
            )
            for s in found.streams
            for f in s.fields
        ],
    )


def print_change(tap: str, change: SelectionChange) -> None:
    """Print what is read now and was not, and the reverse."""
    for name in change.added:
        say(f"+ {name}")
    for name in change.removed:
        say(f"- {name}")
    if not change.added and not change.removed:
        say(f"Nothing changes: {tap} reads the same.")
    say(f"{change.file.name}: select of {tap} is {list(change.patterns)}")

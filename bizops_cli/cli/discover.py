"""`bizops discover`."""

from __future__ import annotations

from datetime import UTC, datetime
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
from bizops_cli.cli.output import note, print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.usecases.discover import CatalogDiff, TapCatalog

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@click.command(
    epilog=examples(
        "bizops discover tap-salesforce              what the source has now",
        "bizops discover tap-salesforce --diff       what has changed there",
        "bizops discover tap-salesforce --kept       without asking the source",
        "bizops discover tap-salesforce --json       every field with its type",
    )
)
@click.argument("tap", shell_complete=complete_tap)
@click.option(
    "--diff",
    "compares",
    is_flag=True,
    help="Show what differs from the catalog kept; that one stays.",
)
@click.option("--kept", is_flag=True, help="Show the catalog kept, if it still holds.")
@json_option
@common_options
@pass_common
def discover(
    common: CommonOptions, *, tap: str, compares: bool, kept: bool, as_json: bool
) -> None:
    """Show the streams and fields a tap has, and which of them are read.

    The answer is kept: runs use it until the tap or its settings change, or until
    you look again.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.discover import compare_with_kept, look_at

    if compares and kept:
        raise click.UsageError("--diff and --kept exclude one another.")
    project = common.open()
    on_event = choose_lines(common)
    if compares:
        diff = compare_with_kept(project, tap, on_event=on_event)
        print_json(diff) if as_json else print_diff(tap, diff)
        return
    found = look_at(project, tap, refreshes=not kept, on_event=on_event)
    print_json(found) if as_json else print_catalog(found)


def print_catalog(found: TapCatalog) -> None:
    """Print a line per stream."""
    print_table(
        ["stream", "read", "fields read", "of", "key", "replication"],
        [
            (
                *(s.name, s.is_selected),
                sum(f.is_selected for f in s.fields) if s.is_selected else 0,
                *(len(s.fields), ", ".join(s.keys) or None),
                " by ".join(filter(None, (s.replication_method, s.replication_key))),
            )
            for s in found.streams
        ],
    )
    if found.is_from_cache:
        note(
            f"Discovered {age_in_words(found.discovered_at)} ago; "
            f"to look again: bizops discover {found.tap}"
        )


def print_diff(tap: str, diff: CatalogDiff | None) -> None:
    """Print a line per change."""
    if diff is None:
        say(f"No catalog of {tap} is kept yet. Next: bizops discover {tap}")
        return
    for change in diff.changes:
        values = " -> ".join(filter(None, (change.before, change.after)))
        say(f"{_SIGNS[change.kind]} {change.name}" + (f": {values}" if values else ""))
    age = age_in_words(diff.kept_at)
    if diff.changes:
        say(f"{len(diff.changes)} changes in {age}. To use them: bizops discover {tap}")
    else:
        say(f"Nothing has changed in {age}.")


def age_in_words(at: datetime) -> str:
    """Return how long ago an instant is, in its largest unit."""
    seconds = max(0, int((datetime.now(UTC) - at).total_seconds()))
    for name, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        count = seconds // length
        if count:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"

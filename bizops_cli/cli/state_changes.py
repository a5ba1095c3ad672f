"""`bizops state set|clear|copy|move|export|import|merge|history|rollback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

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
from bizops_cli.cli.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.usecases.state_changes import StateChange

_F = TypeVar("_F", bound="Callable[..., object]")

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@state.command(
    "set",
    epilog=examples(
        'bizops state set tap-x Account \'{"cutoff": "2026-01-01T00:00:00Z"}\'',
        "bizops state show tap-salesforce --json      how it looks now",
    ),
)
@click.argument("tap", shell_complete=complete_tap)
@click.argument("stream")
@click.argument("bookmark", metavar="JSON")
@json_option
@common_options
@pass_common
def set_(
    common: CommonOptions, *, tap: str, stream: str, bookmark: str, as_json: bool
) -> None:
    """Put a stream's bookmark in place, so that the next run starts there."""
    from bizops_cli.usecases.state_changes import set_bookmark

    _tell([set_bookmark(common.open(), tap, stream, bookmark)], as_json=as_json)


@state.command(
    epilog=examples(
        "bizops state clear tap-salesforce Account Lead",
        "bizops state clear tap-salesforce --yes       everything is read anew",
    )
)
@click.argument("tap", shell_complete=complete_tap)
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@yes_option
@json_option
@common_options
@pass_common
def clear(
    common: CommonOptions,
    *,
    tap: str,
    streams: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Forget how far streams have been read, so that they are read from the start.

    The loaded rows stay; they are updated by the next run.
    """
    from bizops_cli.usecases.state_changes import clear_state

    project = common.open()
    if not yes:
        what = ", ".join(streams) or "every stream"
        click.confirm(f"Forget the bookmarks of {what} of {tap}?", abort=True, err=True)
    _tell([clear_state(project, tap, streams)], as_json=as_json)


def _two_taps(command: _F) -> _F:
    options = (
        click.argument("source", metavar="FROM"),
        click.argument("tap", metavar="TO", shell_complete=complete_tap),
        click.argument("streams", nargs=-1, metavar="[STREAM]..."),
        yes_option,
        json_option,
        common_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


@state.command(
    epilog=examples(
        "bizops state copy tap-crm tap-crm-emea             the whole state",
        "bizops state copy tap-crm tap-crm-emea Account     one stream's",
    )
)
@_two_taps
@pass_common
def copy(common: CommonOptions, /, **words: Any) -> None:  # noqa: ANN401 (of _two_taps)
    """Give a tap the bookmarks of another one, so that it goes on from there.

    Between environments: bizops state export -e dev | bizops state import - -e prod.
    """
    _hand_over(common, removes=False, **words)


@state.command(
    epilog=examples(
        "bizops state move tap-crm tap-crm-emea       after the tap was given that name"
    )
)
@_two_taps
@pass_common
def move(common: CommonOptions, /, **words: Any) -> None:  # noqa: ANN401 (of _two_taps)
    """Give a tap the bookmarks of another one, and forget them there.

    FROM may have left bizops.yml: this is for a tap that has got another name.
    """
    _hand_over(common, removes=True, **words)


def _hand_over(
    common: CommonOptions,
    *,
    removes: bool,
    source: str,
    tap: str,
    streams: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    from bizops_cli.usecases.state_changes import copy_state

    project = common.open()
    if not yes:
        what = ", ".join(streams) or "the whole state"
        verb = "Move" if removes else "Copy"
        click.confirm(f"{verb} {what} of {source} to {tap}?", abort=True, err=True)
    changes = copy_state(project, source, tap, streams, removes=removes)
    _tell(changes, as_json=as_json)


@state.command(
    epilog=examples(
        "bizops state export > states.json",
        "bizops state export tap-salesforce --out states.json",
    )
)
@click.argument("taps", nargs=-1, metavar="[TAP]...", shell_complete=complete_tap)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; else it is printed.",
)
@common_options
@pass_common
def export(common: CommonOptions, *, taps: tuple[str, ...], out: Path | None) -> None:
    """Write the states of taps as JSON, to keep or for `bizops state import`."""
    from bizops_cli.files import write_atomically
    from bizops_cli.usecases.state_changes import export_states

    text = export_states(common.open(), taps)
    if out is None:
        say(text)
        return
    write_atomically(out, f"{text}\n".encode())
    note(f"wrote {out}")


@state.command(
    "import",
    epilog=examples(
        "bizops state import states.json",
        "bizops state import state.json --tap tap-salesforce    a Singer state",
        "bizops state export -e dev | bizops state import - -e prod --yes",
    ),
)
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--tap", shell_complete=complete_tap, help="Only, or as, this tap's.")
@yes_option
@json_option
@common_options
@pass_common
def import_(
    common: CommonOptions,
    *,
    file: TextIO,
    tap: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Put states in place that were exported, or that another runner has kept.

    They replace what is there as a whole.
    """
    from bizops_cli.usecases.state_changes import import_states

    project = common.open()
    text = file.read()
    if not yes:
        click.confirm(
            f"Replace states in environment {project.environment}?",
            abort=True,
            err=True,
        )
    _tell(import_states(project, text, tap), as_json=as_json)


@state.command(
    epilog=examples(
        "bizops state merge states.json",
        "bizops state merge state.json --tap tap-salesforce    a Singer state",
    )
)
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--tap", shell_complete=complete_tap, help="Only, or as, this tap's.")
@json_option
@common_options
@pass_common
def merge(
    common: CommonOptions, *, file: TextIO, tap: str | None, as_json: bool
) -> None:
    """Add the bookmarks of a file to those there are; where both have one, its wins."""
    from bizops_cli.usecases.state_changes import import_states

    changes = import_states(common.open(), file.read(), tap, merges=True)
    _tell(changes, as_json=as_json)


@state.command(
    epilog=examples(
        "bizops state history tap-salesforce",
        "bizops state history tap-salesforce --limit 100 --json",
    )
)
@click.argument("tap", shell_complete=complete_tap)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@common_options
@pass_common
def history(common: CommonOptions, *, tap: str, limit: int, as_json: bool) -> None:
    """Show which run left which state, and whose bookmarks it moved."""
    from bizops_cli.usecases.state_changes import read_past

    found = read_past(common.open(), tap, limit=limit)
    if as_json:
        print_json(found)
    elif not found:
        note(f"{tap} has not been loaded yet.")
    else:
        print_table(
            ["", "run", "committed (UTC)", "streams", "moved"],
            [
                (
                    *("*" if past.is_current else "", past.run_id, past.committed_at),
                    *(len(past.bookmarks), ", ".join(past.moved) or None),
                )
                for past in found
            ],
        )


@state.command(
    epilog=examples(
        "bizops state rollback tap-salesforce --to 20260131T02",
        "bizops state rollback tap-salesforce Lead --to 20260131T02 --yes",
    )
)
@click.argument("tap", shell_complete=complete_tap)
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option(
    "--to", "run_id", required=True, metavar="RUN", help="As it was after this run."
)
@yes_option
@json_option
@common_options
@pass_common
def rollback(
    common: CommonOptions,
    *,
    tap: str,
    streams: tuple[str, ...],
    run_id: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Put the state in place that a run left, of some streams or as a whole.

    Rows loaded since stay; the next run reads them again and updates them.
    """
    from bizops_cli.usecases.state_changes import roll_back

    project = common.open()
    if not yes:
        click.confirm(f"Go back to the state after {run_id}?", abort=True, err=True)
    _tell([roll_back(project, tap, run_id, streams)], as_json=as_json)


def _tell(changes: list[StateChange], *, as_json: bool) -> None:
    from bizops_cli.singer.states import bookmark_texts

    if as_json:
        print_json(changes)
        return
    for change in changes:
        before, after = bookmark_texts(change.before), bookmark_texts(change.after)
        rows = [
            (change.tap, stream, before.get(stream), after.get(stream))
            for stream in sorted(before.keys() | after.keys())
            if before.get(stream) != after.get(stream)
        ]
        if rows:
            print_table(["tap", "stream", "before", "after"], rows)
        elif change.before == change.after:
            say(f"{change.tap}: nothing changes.")
        if change.before != change.after:
            say(f"To undo: see bizops state history {change.tap}")

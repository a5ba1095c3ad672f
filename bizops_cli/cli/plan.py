"""`bizops plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json, say
from bizops_cli.cli.run_options import what_options
from bizops_cli.singer.bookmarks import readable_bookmark

if TYPE_CHECKING:
    from bizops_cli.usecases.forecast import Forecast, PlannedStream, PlannedTap


@click.command(
    epilog=examples(
        "bizops plan                                  what elt run would do",
        "bizops plan tap-salesforce --full-refresh Account",
        "bizops plan --out plan.json && bizops elt run --plan plan.json",
    )
)
@what_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the plan into, for `bizops elt run --plan`.",
)
@json_option
@common_options
@pass_common
def plan(
    common: CommonOptions,
    /,
    *,
    out: Path | None,
    as_json: bool,
    **words: Any,  # noqa: ANN401 (fields of EltRequest)
) -> None:
    """Show what `elt run` would do: streams, columns, tables, models; do nothing.

    + is new, ~ changes, = is as it was. Expected rows are the median of the last runs.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.files import write_atomically
    from bizops_cli.usecases.forecast import forecast
    from bizops_cli.usecases.run_plan import EltRequest

    project = common.open()
    found = forecast(
        EltRequest(project=project, **words), on_event=choose_lines(common)
    )
    print_json(found.to_dict()) if as_json else print_forecast(found)
    if out is not None:
        text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False)
        write_atomically(out, f"{text}\n".encode())
        note(f"wrote {out}; to do it: bizops elt run --plan {out}")


def print_forecast(found: Forecast) -> None:
    """Print a plan."""
    say(f"Job {found.job}, environment {found.environment}, by {found.target or '-'}")
    for tap in found.taps:
        _print_tap(tap)
    counts: dict[str, int] = {}
    for node in found.nodes:
        kind = node.partition(".")[0]
        counts[kind] = counts.get(kind, 0) + 1
    if counts:
        said = ", ".join(f"{count} {kind}s" for kind, count in sorted(counts.items()))
        of = f" of what {', '.join(found.sources)} feed" if found.sources else ""
        say(f"Then dbt {found.transform}{of}: {said}")


def _print_tap(tap: PlannedTap) -> None:
    changed = "; its sources have changed: bizops install" if tap.has_changed else ""
    say(f"{tap.tap} {tap.version} into {tap.schema}{changed}")
    if tap.streams is None:
        say("  ? it does not say what it has; everything is read")
    for stream in tap.streams or ():
        mark = "+" if stream.is_new else "~" if stream.ddl else "="
        since = readable_bookmark(stream.since)
        start = f"from {since}" if since else "from the start"
        say(f"  {mark} {stream.stream}: {start}{_rows(stream)}")
        if stream.ddl:
            say(f"      {stream.ddl}")
        if stream.new_columns and not stream.is_new and stream.since:
            again = f"bizops elt run {tap.tap} --full-refresh {stream.stream}"
            say(f"      filled for records that change; for all of them: {again}")
        if stream.unfilled_columns:
            names = ", ".join(stream.unfilled_columns)
            again = f"bizops elt run {tap.tap} --full-refresh {stream.stream}"
            say(f"      {names}: only in records read since; in all of them: {again}")
        if stream.unread_columns:
            names = ", ".join(stream.unread_columns)
            say(f"      not read, kept as they are: {names}")
    _say_what_is_older(tap)


def _say_what_is_older(tap: PlannedTap) -> None:
    """Name the command that reads what a start date moved back asks for."""
    behind = [s for s in tap.streams or () if s.covers_from is not None]
    for covered in dict.fromkeys(stream.covers_from for stream in behind):
        names = ", ".join(s.stream for s in behind if s.covers_from == covered)
        until = f" --until {covered}" if tap.can_end else ""
        say(f"  ! start_date is {tap.start_date} now; {names}: read from {covered} on")
        older = f"bizops elt run {tap.tap} --since {tap.start_date}{until}"
        say(f"      what is older: {older}")


def _rows(stream: PlannedStream) -> str:
    if stream.expected_rows is None or not stream.since:
        return ""
    return f", about {stream.expected_rows:,} rows"

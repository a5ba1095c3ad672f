"""`bizops state`."""

from __future__ import annotations

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
from bizops_cli.singer.bookmarks import readable_bookmark

if TYPE_CHECKING:
    from bizops_cli.usecases.state import TapState

_NOTHING_YET = "Nothing has been loaded yet."


@click.group(cls=SuggestingGroup)
@common_options
def state() -> None:
    """Look at, and change, what has been loaded up to where."""


@state.command(name="list", epilog=examples("bizops state list --json"))
@json_option
@common_options
@pass_common
def list_(common: CommonOptions, *, as_json: bool) -> None:
    """List the taps that have a state."""
    from bizops_cli.usecases.state import list_tap_states

    found = list_tap_states(common.open())
    if as_json:
        print_json([_summary(item) for item in found])
        return
    if not found:
        note(_NOTHING_YET)
        return
    print_table(
        ("tap", "streams", "run", "updated (UTC)"),
        [(s.tap, len(s.bookmarks), s.run_id, s.updated_at) for s in found],
    )


@state.command(
    epilog=examples(
        "bizops state show", "bizops state show tap-salesforce --json > state.json"
    )
)
@click.argument("tap", required=False, shell_complete=complete_tap)
@json_option
@common_options
@pass_common
def show(common: CommonOptions, tap: str | None, *, as_json: bool) -> None:
    """Show each stream's bookmark; as JSON the state itself, exactly."""
    from bizops_cli.usecases.state import list_tap_states, show_tap_state

    project = common.open()
    if tap is None:
        found = list_tap_states(project)
    else:
        one = show_tap_state(project, tap)
        found = [one] if one else []
    if as_json:
        say(_json_text(found, only_one=tap is not None))
        return
    if not found:
        note(f"{tap} has not been loaded yet." if tap else _NOTHING_YET)
        return
    rows = [
        (item.tap, stream, readable_bookmark(bookmark), item.updated_at)
        for item in found
        for stream, bookmark in sorted(item.bookmarks.items())
    ]
    print_table(("tap", "stream", "bookmark", "updated (UTC)"), rows)


def _summary(item: TapState) -> dict[str, object]:
    return {
        "state_id": item.state_id,
        "tap": item.tap,
        "streams": sorted(item.bookmarks),
        "run_id": item.run_id,
        "updated_at": item.updated_at,
    }


def _json_text(found: list[TapState], *, only_one: bool) -> str:
    """Return states as JSON text, every number as it is stored."""
    import msgspec

    if only_one:
        text = found[0].value if found else "{}"
    else:
        values = {item.tap: msgspec.Raw(item.value.encode()) for item in found}
        text = msgspec.json.encode(values).decode()
    return msgspec.json.format(text, indent=2)

"""`bizops display`."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from bizops_cli.errors import UnreachableError

if TYPE_CHECKING:
    from bizops_cli.usecases.display import DisplayStatus

_CONF = "config/bizops.conf"


@click.group(cls=SuggestingGroup)
@common_options
def display() -> None:
    """Serve the dashboards (Apache Superset) over the warehouse."""


@display.command(epilog=examples("bizops display up"))
@click.option("--reinstall", is_flag=True, help="Make Superset's environment anew.")
@common_options
@pass_common
def up(common: CommonOptions, *, reinstall: bool) -> None:
    """Start the dashboards; bring them to what project and warehouse have now.

    The first time Superset is installed into an environment of its own. Administrator
    and port stand in config/bizops.conf. After a run has loaded a new source, `up`
    again shows its charts.
    """
    from bizops_cli.usecases.display import start_display

    found = start_display(
        common.open(), on_step=lambda step: note(f"· {step}"), reinstall=reinstall
    )
    _say_status(found)
    say(f"  log in as   {found.administrator}; the password is in {_CONF}")


@display.command(epilog=examples("bizops display down"))
@common_options
@pass_common
def down(common: CommonOptions) -> None:
    """Stop the dashboards; users, charts and the warehouse stay."""
    from bizops_cli.usecases.display import stop_display

    say("stopped" if stop_display(common.open()) else "they did not run")


@display.command(
    epilog=examples(
        "bizops display status",
        "bizops display status --json",
        "bizops display status --log-in    for a monitor: 0 only if people can work",
    )
)
@click.option("--log-in", is_flag=True, help="Also log in as the administrator.")
@json_option
@common_options
@pass_common
def status(common: CommonOptions, *, log_in: bool, as_json: bool) -> int:
    """Say whether the dashboards run, and where; status 5 when they do not answer."""
    from bizops_cli.usecases.display import display_status

    found = display_status(common.open(), log_in=log_in)
    if as_json:
        print_json(_plain(found))
    else:
        _say_status(found)
    is_bad = not found.answers if log_in else found.is_running and not found.answers
    return UnreachableError.exit_status if is_bad else 0


def _say_status(found: DisplayStatus) -> None:
    if not found.is_running:
        say("stopped")
        return
    say(f"{'running' if found.answers else 'running, but silent'} on {found.url}")
    for title, url in found.dashboards:
        say(f"  {title:<16}{url}")
    say(f"  log         {found.log}")


def _plain(found: DisplayStatus) -> dict[str, object]:
    return {
        "is_running": found.is_running,
        "answers": found.answers,
        "url": found.url,
        "administrator": found.administrator,
        "dashboards": [{"title": t, "url": url} for t, url in found.dashboards],
        "log": str(found.log),
    }

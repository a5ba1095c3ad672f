"""The CSV inputs as files."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from typing import TYPE_CHECKING

from bizops_sandbox.inputs import audience, ledger, people
from bizops_sandbox.inputs.columns import INPUT_COLUMNS
from bizops_sandbox.world.log import LogUntil
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bizops_sandbox.inputs.people import Cells
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


def cell_text(value: object) -> str:
    """A value as the files have it: empty for none, true/false, ISO dates in UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def input_rows(
    events: Iterable[Event], params: Parameters, as_of: date
) -> Mapping[str, Iterable[Cells]]:
    """The rows of every input at the end of a day, by the input's name."""
    known = LogUntil(events, day_end(as_of))
    team = people.read_team(known)
    return {
        "finance_monthly": ledger.finance_monthly(known),
        "marketing_spend": ledger.marketing_spend(known),
        "budget_targets": ledger.budget_targets(known),
        "fx_rates": ledger.fx_rates(known, params),
        "web_daily": audience.web_daily(known),
        "web_monthly": audience.web_monthly(known),
        "features": audience.features(params),
        "social_posts": audience.social_posts(known),
        "experiments": audience.experiments(known),
        "lift_tests": audience.lift_tests(known),
        "headcount_monthly": people.headcount_monthly(team, params.start_date, as_of),
        "team_members": people.team_members(team),
        "applicants": people.applicants(team),
        "interviews": people.interviews(known),
        "scorecards": people.scorecards(known),
        "offers": people.offers(team),
        "surveys": people.surveys(known),
        "terminations": people.terminations(team),
        "pips": people.pips(team),
        "order_overrides": ledger.order_overrides(known),
    }


def write_inputs(
    events: Iterable[Event], params: Parameters, as_of: date, directory: Path
) -> Mapping[Path, int]:
    """Write every input as it is at the end of a day; the rows of each file.

    The files bear the time of that end, as if they had been written then.

    Args:
        events: The log, in time order.
        params: The parameters that made it.
        as_of: The day.
        directory: Where to write; it is made when it is not there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written_at_s = day_end(as_of).timestamp()
    written: dict[Path, int] = {}
    rows_by_name = input_rows(events, params, as_of)
    for name, (_, columns) in INPUT_COLUMNS.items():
        path = directory / f"{name}.csv"
        count = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for row in rows_by_name[name]:
                writer.writerow([cell_text(value) for value in row])
                count += 1
        os.utime(path, (written_at_s, written_at_s))
        written[path] = count
    return written

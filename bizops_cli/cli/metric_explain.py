"""`bizops metrics explain|check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.metrics import metrics, print_figures
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.model import Project
    from bizops_cli.usecases.metric_check import Subject
    from bizops_cli.usecases.metric_explain import Change, Explanation

_SHOWN_RUNS = 5
_PARTS = ("before", "after", "change", "new", "late", "restated", "code", "time")


@metrics.command(
    epilog=examples(
        "bizops metrics explain iacv",
        "bizops metrics explain win_rate --period FY2018-Q4 --dimension channel",
        "bizops metrics explain iacv --period 2018-01 --since 20180131T030000",
        "bizops metrics explain cac --dimension channel=webinar --json",
    )
)
@click.argument("code")
@click.option(
    "--period",
    default="all",
    show_default=True,
    metavar="PERIOD",
    help="2018-01, FY2018-Q4, FY2018, all; every month, fiscal_quarter, ...; any.",
)
@click.option(
    "--dimension",
    default="total",
    show_default=True,
    metavar="TYPE[=ID]",
    help="What it is split by, such as channel or channel=webinar.",
)
@click.option("--since", metavar="RUN", help="Split what has changed since this run.")
@json_option
@common_options
@pass_common
def explain(
    common: CommonOptions,
    *,
    code: str,
    period: str,
    dimension: str,
    since: str | None,
    as_json: bool,
) -> None:
    """Say what a figure means, what it rests on, and why it has changed.

    With --since the metrics are built again beside the real ones, two or three times,
    so that the change since a run is split into parts that add up to it: new records,
    late ones (for a time that was over), restated ones (changed or deleted at the
    source), the models' code, and the passing of time. The run is one at whose end the
    metrics were kept: explain lists the last ones. Its records are told by the instant
    their source made them; those that do not tell it count as restated.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.metric_explain import Wanted, explain_metric

    project = common.open()
    found = explain_metric(
        project,
        code,
        wanted=Wanted(period, dimension),
        since=since,
        on_event=choose_lines(common),
    )
    if as_json:
        print_json(found)
    else:
        _print(code, found, project)


def _print(code: str, found: Explanation, project: Project) -> None:
    definition = found.definition
    if definition is not None:
        say(f"{code}: {definition.name}")
        say(f"  {definition.formula}.")
        better = {"up": ", more is better", "down": ", less is better"}
        say(
            f"  A {definition.kind} of {definition.department}, in {definition.unit}"
            f"{better.get(definition.direction, '')}."
        )
    for source in found.sources:
        loaded = f"{source.loaded_at:%Y-%m-%d %H:%M} UTC" if source.loaded_at else "-"
        say(f"  From {source.source}, last loaded {loaded}.")
    for check in found.limits:
        limit = f"{check.limit.op} {check.limit.limit_value.normalize():f}"
        say(f"  Wanted {limit}: {check.verdict}.")
    for test in found.failed_tests:
        say(f"  Test {test.name}: {test.status} {test.message}".rstrip())
    say()
    print_figures(found.figures, project)
    say()
    if found.change is not None:
        unit = definition.unit if definition is not None else None
        _print_change(found.change, project, unit)
    elif found.earlier:
        runs = ", ".join(reading.run_id for reading in found.earlier[:_SHOWN_RUNS])
        say(f"Kept at the end of these runs, for --since: {runs}")
    else:
        say("No run has kept the metrics yet; the next one will.")


def _print_change(change: Change, project: Project, unit: str | None) -> None:
    from bizops_cli.formatting import format_period, format_value, right_aligned
    from bizops_cli.usecases.metric_explain import fiscal_month

    since = change.since
    say(
        f"Since {since.run_id} ({since.read_at:%Y-%m-%d %H:%M} UTC, "
        f"as of {since.as_of_date}):"
    )
    month = fiscal_month(project)
    splits = change.splits
    columns: dict[str, list[str]] = {
        "period": [
            format_period(
                s.key.period_type, s.key.period_start, fiscal_year_start_month=month
            )
            for s in splits
        ],
        "of": [s.key.dimension_id for s in splits],
    }
    is_apart = all(split.is_code_apart for split in splits)
    headings = {"restated": "restated" if is_apart else "restated or code"}
    for part in _PARTS:
        cells = [format_value(getattr(split, part), unit) for split in splits]
        columns[headings.get(part, part)] = right_aligned(cells)
    print_table(list(columns), list(zip(*columns.values(), strict=True)))
    if not is_apart:
        say("The models of that run are not kept: restated and code are one part.")


@metrics.command(
    epilog=examples(
        "bizops metrics check                          after elt run, in CI",
        "bizops metrics check win_rate --only limits",
        "bizops metrics check --only sources --max-age 26",
    )
)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option(
    "--only",
    "subjects",
    multiple=True,
    type=click.Choice(["limits", "sources", "tests"]),
    help="Look at this alone; may be given twice.",
)
@click.option(
    "--max-age",
    type=click.FloatRange(min=0, min_open=True),
    default=48,
    show_default=True,
    metavar="HOURS",
    help="How long ago a source may have been loaded.",
)
@click.option("--all", "shows_all", is_flag=True, help="Also show tests that passed.")
@json_option
@common_options
@pass_common
def check(
    common: CommonOptions,
    *,
    codes: tuple[str, ...],
    subjects: tuple[Subject, ...],
    max_age: float,
    shows_all: bool,
    as_json: bool,
) -> None:
    """Check what figures rest on: limits, fresh sources, data tests.

    A limit of the seed metric_thresholds is held against the total of the latest fiscal
    quarter that is over (else month, year, all time). What is missed, stale or failed
    gives exit status 7.
    """
    from bizops_cli.usecases.metric_check import SUBJECTS, check_metrics, raise_findings

    project = common.open()
    found = check_metrics(
        project, codes, subjects=subjects or SUBJECTS, max_age_hours=max_age
    )
    if as_json:
        print_json(found)
    else:
        shown = [f for f in found if shows_all or f.subject != "tests" or f.is_bad]
        print_table(
            ["what", "name", "verdict", "detail"],
            [(f.subject[:-1], f.name, f.verdict, f.detail) for f in shown],
        )
        passed = sum(not finding.is_bad for finding in found)
        say(f"{passed} of {len(found)} are as they should be.")
    raise_findings(found)

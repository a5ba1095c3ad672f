"""`bizops metrics`."""

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
from bizops_cli.cli.output import note, print_json, print_table, say
from bizops_cli.formatting import (
    format_number,
    format_period,
    format_value,
    right_aligned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bizops_cli.model import Project
    from bizops_cli.warehouse.metrics import MetricValue

_ANY = "any"


@click.group(cls=SuggestingGroup)
@common_options
def metrics() -> None:
    """Read the metrics."""


@metrics.command(name="list", epilog=examples("bizops metrics list"))
@json_option
@common_options
@pass_common
def list_(common: CommonOptions, *, as_json: bool) -> None:
    """List the metrics with what they mean."""
    from bizops_cli.usecases.metrics import list_metrics

    found = list_metrics(common.open())
    if as_json:
        print_json(found)
        return
    print_table(
        ("metric", "name", "department", "unit", "formula"),
        [(m.metric_code, m.name, m.department, m.unit, m.formula) for m in found],
    )


@metrics.command(
    epilog=examples(
        "bizops metrics show",
        "bizops metrics show win_rate --period month --since 2017-06-01",
        "bizops metrics show cac cost_per_lead --dimension channel --json",
        "bizops metrics show stage_win_rate time_in_stage --dimension stage",
        "bizops metrics show iacv --period month --as-known-on 2018-01-31",
        "bizops metrics show --period any --dimension any --json     all there is",
    )
)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option(
    "--period",
    default="all",
    show_default=True,
    metavar="TYPE",
    help="Length of the periods: week, month, fiscal_quarter, fiscal_year, all, any.",
)
@click.option(
    "--dimension",
    default="total",
    show_default=True,
    metavar="TYPE",
    help="By what to split: total, segment, channel, ...; any for all there are.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Leave out periods that start before this day.",
)
@click.option(
    "--as-known-on",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="As the last run of this day (UTC), or of one before it, had found them.",
)
@json_option
@common_options
@pass_common
def show(
    common: CommonOptions,
    codes: tuple[str, ...],
    period: str,
    dimension: str,
    *,
    since: datetime | None,
    known_on: datetime | None,
    as_json: bool,
) -> None:
    """Show figures with what they are made of; without a code all metrics."""
    from bizops_cli.usecases.metrics import show_metrics

    project = common.open()
    found = show_metrics(
        project,
        codes=codes,
        period_type=None if period == _ANY else period,
        dimension_type=None if dimension == _ANY else dimension,
        since=since.date() if since else None,
        known_on=known_on.date() if known_on else None,
    )
    if as_json:
        say(_json_text(found))
    elif found:
        print_figures(found, project)
    else:
        note("There are no figures for that; try another period or dimension.")


def print_figures(found: Sequence[MetricValue], project: Project) -> None:
    """Print figures as a table, periods named by the project's fiscal year."""
    fiscal_start = project.transform.vars.get("fiscal_year_start_month", 1)
    month = fiscal_start if isinstance(fiscal_start, int) else 1
    columns: dict[str, list[str]] = {"metric": [item.metric_code for item in found]}
    columns["name"] = [item.name for item in found]
    if any(item.period_type != "all" for item in found):
        columns["period"] = [
            format_period(
                item.period_type,
                item.period_start,
                fiscal_year_start_month=month,
            )
            for item in found
        ]
    dimensions = {item.dimension_type for item in found}
    if len(dimensions) > 1:
        columns["dimension"] = [item.dimension_type for item in found]
    if dimensions != {"total"}:
        heading = dimensions.pop() if len(dimensions) == 1 else "of"
        columns[heading] = [item.dimension_name for item in found]
    columns["value"] = right_aligned(format_value(i.value, i.unit) for i in found)
    columns["numerator"] = right_aligned(format_number(i.numerator) for i in found)
    columns["denominator"] = right_aligned(format_number(i.denominator) for i in found)
    columns["as of"] = [item.as_of_date.isoformat() for item in found]
    columns["note"] = [_note(item) for item in found]
    print_table(list(columns), list(zip(*columns.values(), strict=True)))


def _note(item: MetricValue) -> str:
    is_preliminary = item.period_type != "all" and item.is_mature is False
    notes = [item.quality_note or "", "preliminary" if is_preliminary else ""]
    return ", ".join(text for text in notes if text)


def _json_text(found: Sequence[MetricValue]) -> str:
    """Return the figures as JSON, numbers written out to their last digit."""
    import msgspec

    encoder = msgspec.json.Encoder(decimal_format="number")
    return msgspec.json.format(encoder.encode(list(found)), indent=2).decode()

"""`metrics explain`: what a figure is, what it rests on, and why it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.formatting import format_period
from bizops_cli.usecases.explaining import split_change
from bizops_cli.usecases.metric_check import check_limits
from bizops_cli.usecases.metrics import connection_to_metrics
from bizops_cli.usecases.warehouse import find_warehouse
from bizops_cli.warehouse.readings import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.explaining import Split
    from bizops_cli.usecases.metric_check import LimitCheck
    from bizops_cli.warehouse.metrics import MetricDefinition, MetricValue
    from bizops_cli.warehouse.readings import Reading
    from bizops_cli.warehouse.standing import SourceStanding, TestStanding


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures of a metric.

    Attributes:
        period: A period's name such as `2017-11`, `FY2018-Q4`, `FY2018` or `all`, its
            first day, a type of period such as `month`, or `any`.
        dimension: `total`, a type such as `channel`, or `channel=webinar`.
    """

    period: str = "all"
    dimension: str = "total"


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed since an earlier run, figure by figure."""

    since: Reading
    until: Reading
    splits: tuple[Split, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to know of a metric's figures.

    Attributes:
        definition: What it is; None if nobody has defined it.
        figures: The figures asked for.
        limits: What it is held against.
        sources: How fresh the sources are that it comes from.
        failed_tests: Data tests of the latest build that did not pass.
        earlier: Runs at whose end the metrics were kept, the latest first.
        change: Since an earlier run, when that was asked for.
    """

    definition: MetricDefinition | None
    figures: tuple[MetricValue, ...]
    limits: tuple[LimitCheck, ...]
    sources: tuple[SourceStanding, ...]
    failed_tests: tuple[TestStanding, ...]
    earlier: tuple[Reading, ...]
    change: Change | None


def explain_metric(
    project: Project,
    code: str,
    *,
    wanted: Wanted,
    since: str | None,
    on_event: OnEvent,
) -> Explanation:
    """Return what figures of a metric are, and what changed them since a run.

    Args:
        project: The project.
        code: The metric.
        wanted: Which of its figures.
        since: A run's id or the first part of it; None compares nothing.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such metric, period, dimension or run.
        LockedError: A run is under way, so that figures may change meanwhile.
        TransformError: Metrics could not be built again.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    from bizops_cli.warehouse.metrics import (
        MetricSelection,
        read_definitions,
        read_values,
    )
    from bizops_cli.warehouse.readings import list_readings
    from bizops_cli.warehouse.standing import read_limits, read_sources, read_tests

    with connection_to_metrics(project, [code]) as connection:
        values = read_values(connection, MetricSelection((code,), None, None, None))
        figures = chosen(values, wanted, month=fiscal_month(project))
        limits = [each for each in read_limits(connection) if each.metric_code == code]
        sources = set(",".join(f.sources for f in figures).replace(" ", "").split(","))
        taps = [
            tap
            for tap in project.taps.values()
            if {tap.source_name, tap.raw_schema.removeprefix("raw_")} & sources
        ]
        readings = list_readings(connection)
        definitions = {d.metric_code: d for d in read_definitions(connection)}
        return Explanation(
            definition=definitions.get(code),
            figures=tuple(figures),
            limits=tuple(check_limits(limits, values)),
            sources=tuple(read_sources(connection, project, taps)),
            failed_tests=tuple(
                test
                for test in read_tests(connection, project)
                if test.status != "pass"
            ),
            earlier=tuple(readings),
            change=None
            if since is None
            else _change(project, connection, code, figures, readings, since, on_event),
        )


def fiscal_month(project: Project) -> int:
    """Return the month a fiscal year begins in, 1 to 12."""
    month = project.transform.vars.get("fiscal_year_start_month", 1)
    return month if isinstance(month, int) else 1


def chosen(
    values: Sequence[MetricValue], wanted: Wanted, *, month: int
) -> list[MetricValue]:
    """Return the figures of a period and a dimension, by period and dimension.

    Args:
        values: All figures of a metric.
        wanted: Which of them.
        month: First month of the fiscal year.

    Raises:
        ConfigError: There are none.
    """
    kind, _, member = wanted.dimension.partition("=")
    of_kind = [
        value
        for value in values
        if value.dimension_type == kind
        and (not member or member in {value.dimension_id, value.dimension_name})
    ]
    if not of_kind:
        known = sorted({value.dimension_type for value in values})
        if member and kind in known:
            ids = [v.dimension_id for v in values if v.dimension_type == kind]
            known = [f"{kind}={each}" for each in dict.fromkeys(ids)]
        raise ConfigError(
            f"the metric has no dimension {wanted.dimension!r}",
            suggestion(wanted.dimension, known, what="dimension"),
        )
    found = [
        value
        for value in of_kind
        if wanted.period.lower() in {n.lower() for n in ("any", *_names(value, month))}
    ]
    if not found:
        names = [_names(value, month)[0] for value in of_kind]
        raise ConfigError(
            f"the metric has no figure of the period {wanted.period!r}",
            suggestion(wanted.period, list(dict.fromkeys(names)), what="period"),
        )
    return found


def _names(value: MetricValue, month: int) -> tuple[str, str, str]:
    name = format_period(
        value.period_type, value.period_start, fiscal_year_start_month=month
    )
    return name, value.period_type, value.period_start.isoformat()


def _change(
    project: Project,
    connection: Connection,
    code: str,
    figures: Sequence[MetricValue],
    readings: Sequence[Reading],
    since: str,
    on_event: OnEvent,
) -> Change:
    from bizops_cli.locks.postgres import hold_run_locks
    from bizops_cli.usecases.metric_stages import Builder

    then = _reading(readings, since)
    address = find_warehouse(project)
    with hold_run_locks(connection, project):
        builder = Builder(project, address, connection, then, readings[0], on_event)
        stages = builder.stages(code)
    keys = [
        Key(f.period_type, f.period_start, f.dimension_type, f.dimension_id)
        for f in figures
    ]
    splits = [split_change(stages, key, as_of=then.as_of_date) for key in keys]
    return Change(then, readings[0], tuple(splits))


def _reading(readings: Sequence[Reading], run_id: str) -> Reading:
    found = [reading for reading in readings if reading.run_id == run_id]
    found = found or [r for r in readings if r.run_id.startswith(run_id)]
    if found and len({reading.run_id for reading in found}) == 1:
        return found[0]
    if found:
        raise ConfigError(
            f"{len(found)} runs begin with {run_id!r}",
            f"Write more of it: {found[0].run_id}, {found[1].run_id}, ...",
        )
    raise ConfigError(
        f"no metrics are kept of a run {run_id!r}",
        suggestion(run_id, [r.run_id for r in readings], what="run"),
    )

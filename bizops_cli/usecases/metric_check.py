"""`metrics check`: limits that are met or missed, stale sources, failed data tests."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import TransformError
from bizops_cli.usecases.metrics import connection_to_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.warehouse.metrics import MetricValue
    from bizops_cli.warehouse.standing import Limit, SourceStanding, TestStanding

Subject = Literal["limits", "sources", "tests"]
SUBJECTS: tuple[Subject, ...] = ("limits", "sources", "tests")
Verdict = Literal["met", "missed", "no value", "ok", "stale", "failed", "warned"]
_BAD = frozenset({"missed", "stale", "failed"})
# A limit is held against the latest period of these that is over, in this order.
_PERIODS = ("fiscal_quarter", "month", "fiscal_year", "all")
_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """A limit and the figure held against it; None if there is none."""

    limit: Limit
    figure: MetricValue | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check.

    Attributes:
        subject: What was looked at.
        name: A metric, a raw table or a test.
        verdict: How it stands.
        detail: Figures behind it.
    """

    subject: Subject
    name: str
    verdict: Verdict
    detail: str

    @property
    def is_bad(self) -> bool:
        """Tell whether it fails the check."""
        return self.verdict in _BAD


def check_metrics(
    project: Project,
    codes: Sequence[str] = (),
    *,
    subjects: Collection[Subject] = SUBJECTS,
    max_age_hours: float = 48,
) -> list[Finding]:
    """Look at everything figures rest on.

    Args:
        project: The project.
        codes: Metrics whose limits are looked at; empty means all.
        subjects: What to look at.
        max_age_hours: How long ago a source may have been loaded.

    Raises:
        ConfigError: There are no metrics yet, or none of a given code.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    from bizops_cli.warehouse.metrics import MetricSelection, read_values
    from bizops_cli.warehouse.standing import read_limits, read_sources, read_tests

    found: list[Finding] = []
    with connection_to_metrics(project, codes) as connection:
        if "limits" in subjects:
            selection = MetricSelection(tuple(codes), None, "total", None)
            values = read_values(connection, selection)
            limits = [
                limit
                for limit in read_limits(connection)
                if not codes or limit.metric_code in codes
            ]
            found += [_limit(check) for check in check_limits(limits, values)]
        if "sources" in subjects:
            for source in read_sources(connection, project, taps_of_jobs(project)):
                found.append(_source(source, max_age_hours))
        if "tests" in subjects:
            found += [_test(test) for test in read_tests(connection, project)]
    return found


def taps_of_jobs(project: Project) -> list[PluginSettings]:
    """Return the taps that any job loads."""
    names = {name for job in project.jobs.values() for name in job.taps}
    return [tap for name, tap in project.taps.items() if name in names]


def raise_findings(found: Iterable[Finding]) -> None:
    """Raise an error if something is not as it should be.

    Raises:
        TransformError: It is not.
    """
    bad = [finding for finding in found if finding.is_bad]
    if bad:
        raise TransformError(
            f"{len(bad)} of what metrics are held against is not as it should be",
            "`bizops metrics explain CODE` tells what a figure is made of; "
            "`bizops runs show` tells what failed.",
            {f"{f.subject[:-1]} {f.name}": f"{f.verdict}, {f.detail}" for f in bad[:9]},
        )


def check_limits(
    limits: Iterable[Limit], values: Sequence[MetricValue]
) -> list[LimitCheck]:
    """Hold each limit against the latest total of its metric that is final."""
    checks = []
    for limit in limits:
        figure = _latest([v for v in values if v.metric_code == limit.metric_code])
        verdict: Verdict = "no value"
        if figure is not None and figure.value is not None:
            is_met = _COMPARISONS[limit.op](figure.value, limit.limit_value)
            verdict = "met" if is_met else "missed"
        checks.append(LimitCheck(limit, figure, verdict))
    return checks


def _latest(values: Sequence[MetricValue]) -> MetricValue | None:
    for period_type in _PERIODS:
        over = [
            value
            for value in values
            if value.period_type == period_type
            and value.dimension_type == "total"
            and value.value is not None
            and (value.is_mature or period_type == "all")
        ]
        if over:
            return max(over, key=lambda value: value.period_start)
    return None


def _limit(check: LimitCheck) -> Finding:
    from bizops_cli.formatting import format_value

    limit, figure = check.limit, check.figure
    wanted = f"{limit.op} {limit.limit_value.normalize():f}"
    if figure is None:
        return Finding("limits", limit.metric_code, check.verdict, f"wanted {wanted}")
    place = figure.period_type
    if place != "all":
        place = f"{place} from {figure.period_start}"
    value = format_value(figure.value, figure.unit)
    detail = f"{value} in {place}, wanted {wanted}"
    return Finding("limits", limit.metric_code, check.verdict, detail)


def _source(source: SourceStanding, max_age_hours: float) -> Finding:
    if source.loaded_at is None or source.age_hours is None:
        return Finding("sources", source.source, "stale", "no run has loaded it")
    is_old = source.age_hours > max_age_hours
    detail = f"loaded {source.age_hours:.1f} hours ago"
    if source.latest_at is not None:
        rows = source.rows or 0
        detail += f", {rows:,} rows, the latest of {source.latest_at:%Y-%m-%d %H:%M}"
    return Finding("sources", source.source, "stale" if is_old else "ok", detail)


def _test(test: TestStanding) -> Finding:
    verdict: Verdict = "failed"
    if test.status in {"pass", "warn"}:
        verdict = "ok" if test.status == "pass" else "warned"
    return Finding("tests", test.name, verdict, test.message or test.status)

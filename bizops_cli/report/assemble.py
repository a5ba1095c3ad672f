"""Making a report of what the warehouse holds."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.formatting import format_period
from bizops_cli.report.calendar import default_period, make_periods
from bizops_cli.report.document import (
    Block,
    Curve,
    Figure,
    Listing,
    Member,
    Metric,
    Report,
    Section,
    Selection,
    Threshold,
)
from bizops_cli.report.gaps import find_gaps, has_figures
from bizops_cli.report.health import find_notices, health_section, loaded_sources
from bizops_cli.report.sections import SECTIONS, SUMMARY
from bizops_cli.report.survival import Duration, estimate_curve

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from bizops_cli.model import RunRecord
    from bizops_cli.report.document import Figures, Period
    from bizops_cli.warehouse.reporting import CatalogueRow, DurationRow, ReportRows

_DEPARTMENTS = ("sales", "marketing", "finance", "product", "engineering", "people")
_ACRONYMS = {name.lower(): name for name in ("CE", "CI", "EE", "PIP", "SMB")}
_CURVE_DIMENSIONS = {"conversion_time": "channel", "time_to_close": "segment"}


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose report it is, and how its calendar and curves are made.

    Attributes:
        project: Name of the project.
        environment: Its environment.
        version: Version of bizops.
        made_at: When the report is made.
        fiscal_year_start_month: Where the warehouse has no calendar, 1 to 12.
        min_at_risk: Where survival curves end.
        horizon_days: No conversion is waited for longer.
    """

    project: str
    environment: str
    version: str
    made_at: datetime
    fiscal_year_start_month: int = 1
    min_at_risk: int = 10
    horizon_days: int = 365


def assemble_report(
    rows: ReportRows, runs: Sequence[RunRecord], setting: Setting
) -> Report:
    """Return the report, its selection being the default one.

    Args:
        rows: What the warehouse holds.
        runs: The latest runs, the latest first.
        setting: Whose report it is.
    """
    month = rows.fiscal_year_start_month or setting.fiscal_year_start_month
    periods = make_periods(
        {(row.period_type, row.period_start) for row in rows.figures},
        as_of=rows.as_of,
        fiscal_year_start_month=month,
    )
    metrics = {row.code: _metric(row) for row in rows.catalogue}
    figures = _figures(rows, {(p.type, p.start): p for p in periods})
    loaded = loaded_sources(rows)
    currency = metrics["iacv"].unit if "iacv" in metrics else ""
    sections = [
        _completed(section, metrics=metrics, figures=figures, loaded=loaded)
        for section in (SUMMARY, *SECTIONS, *_departments(metrics, figures))
    ]
    return Report(
        project=setting.project,
        environment=setting.environment,
        version=setting.version,
        made_at=setting.made_at,
        as_of=rows.as_of,
        selection=Selection(default_period(periods)),
        periods=periods,
        dimensions=_dimensions(rows),
        metrics=metrics,
        figures=figures,
        curves=tuple(_curves(rows.durations, setting, month)),
        notices=find_notices(rows, runs, now=setting.made_at),
        sections=(
            *(_with_open_deals(section, rows, month, currency) for section in sections),
            health_section(rows, runs),
        ),
        period_index={period.key: period for period in periods},
    )


def _metric(row: CatalogueRow) -> Metric:
    threshold = None
    if row.limit_op is not None and row.limit_value is not None:
        threshold = Threshold(row.limit_op, row.limit_value, row.limit_origin or "")
    return Metric(
        code=row.code,
        name=row.name,
        department=row.department,
        formula=row.formula,
        unit=row.unit,
        direction=row.direction,
        kind=row.kind,
        origin=row.origin,
        sources=tuple(name.strip() for name in row.sources.split(",")),
        threshold=threshold,
    )


def _figures(
    rows: ReportRows, periods: Mapping[tuple[str, date], Period]
) -> dict[str, dict[str, dict[str, tuple[Figure, ...]]]]:
    found: dict[str, dict[str, dict[str, list[Figure]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in rows.figures:
        period = periods.get((row.period_type, row.period_start))
        if period is not None:
            found[row.code][row.dimension_type][row.dimension_id].append(
                Figure(
                    period.key,
                    row.numerator,
                    row.denominator,
                    row.value,
                    row.is_mature,
                    row.note,
                )
            )
    return {
        code: {
            dimension: {member: tuple(items) for member, items in members.items()}
            for dimension, members in dimensions.items()
        }
        for code, dimensions in found.items()
    }


def _dimensions(rows: ReportRows) -> dict[str, tuple[Member, ...]]:
    """Return the values of each dimension, channels and segments by their names."""
    channels = dict(rows.channels)
    found: dict[str, dict[str, Member]] = defaultdict(dict)
    for row in rows.figures:
        if (
            row.dimension_type == "total"
            or row.dimension_id in (found[row.dimension_type])
        ):
            continue
        name = row.dimension_name
        if row.dimension_type == "channel":
            name = channels.get(row.dimension_id) or _spoken(row.dimension_id)
        elif name == row.dimension_id:
            name = _spoken(name)
        found[row.dimension_type][row.dimension_id] = Member(row.dimension_id, name)
    return {
        dimension: tuple(sorted(members.values(), key=lambda m: m.name.lower()))
        for dimension, members in found.items()
        if members
    }


def _spoken(code: str) -> str:
    """Return `paid_search` as `Paid search`; names that have capitals stay."""
    if code != code.lower():
        return code
    step = re.fullmatch(r"(\d+)>(\d+)", code)
    if step:
        return f"Level {step[1]} to {step[2]}"
    words = code.replace("_", " ").replace(":", ", ").capitalize().split(" ")
    return " ".join(_ACRONYMS.get(word.lower(), word) for word in words)


def _curves(
    durations: Sequence[DurationRow], setting: Setting, fiscal_start: int
) -> Iterator[Curve]:
    """Yield a curve per cohort and part, where anything converted at all."""
    groups: dict[tuple[str, str, str, str], list[Duration]] = defaultdict(list)
    for row in durations:
        year = format_period(
            "fiscal_year", row.cohort_start, fiscal_year_start_month=fiscal_start
        )
        item = Duration(row.days, row.is_event, row.count)
        dimension = _CURVE_DIMENSIONS[row.metric]
        for cohort in ("all", year):
            groups[row.metric, cohort, "total", "all"].append(item)
            groups[row.metric, cohort, dimension, row.member].append(item)
    for (metric, cohort, dimension, member), items in sorted(groups.items()):
        found = estimate_curve(
            items,
            min_at_risk=setting.min_at_risk,
            horizon_days=setting.horizon_days,
        )
        if found.points:
            yield Curve(
                metric=metric,
                cohort=cohort,
                dimension=dimension,
                member=member,
                subjects=found.subjects,
                events=found.events,
                median_days=found.median_days,
                points=found.points,
            )


def _departments(metrics: Mapping[str, Metric], figures: Figures) -> Iterator[Section]:
    """Yield a section per department; what has no total is shown by its parts."""
    by_department: dict[str, list[str]] = defaultdict(list)
    for metric in metrics.values():
        by_department[metric.department].append(metric.code)
    known = [name for name in _DEPARTMENTS if name in by_department]
    for name in [*known, *sorted(set(by_department) - set(known))]:
        codes = by_department[name]
        by_part: dict[str, list[str]] = defaultdict(list)
        for code in codes:
            dimensions = figures.get(code, {})
            if dimensions and "total" not in dimensions:
                by_part[min(dimensions)].append(code)
        parted = {code for part in by_part.values() for code in part}
        totals = tuple(code for code in codes if code not in parted)
        yield Section(
            f"department-{name}",
            f"{name.capitalize()} department",
            "Every metric of the department.",
            (
                Block("table", metrics=totals),
                *(
                    Block(
                        "members",
                        f"By {dimension.replace('_', ' ')}",
                        metrics=tuple(part),
                        dimension=dimension,
                    )
                    for dimension, part in sorted(by_part.items())
                ),
            ),
        )


def _completed(
    section: Section,
    *,
    metrics: Mapping[str, Metric],
    figures: Figures,
    loaded: Collection[str],
) -> Section:
    """Return the section with what there is, and with what it lacks as gaps."""
    if not metrics:
        return dataclasses.replace(section, blocks=())
    if section.id == SUMMARY.id:
        limits = tuple(code for code, metric in metrics.items() if metric.threshold)
        section = dataclasses.replace(
            section,
            blocks=tuple(
                dataclasses.replace(block, metrics=limits)
                if block.kind == "thresholds"
                else block
                for block in section.blocks
            ),
        )
    wanted = [code for block in section.blocks for code in block.metrics]
    blocks = tuple(
        _with_what_there_is(block, metrics=metrics, figures=figures)
        for block in section.blocks
    )
    return dataclasses.replace(
        section,
        blocks=tuple(b for b in blocks if b.metrics or b.kind == "listing"),
        gaps=find_gaps(wanted, metrics=metrics, figures=figures, loaded=loaded),
    )


def _with_what_there_is(
    block: Block, *, metrics: Mapping[str, Metric], figures: Figures
) -> Block:
    """Return the block without metrics that have no figure for it.

    A split table says which of its metrics are known for the whole company alone.
    """
    known = [code for code in block.metrics if code in metrics]
    shown = tuple(code for code in known if _is_shown(code, block, figures))
    whole = [
        metrics[code].name
        for code in known
        if code not in shown and has_figures(code, figures)
    ]
    text = block.text
    if block.kind == "members" and whole:
        text = f"{text} Kept for the whole company alone: {', '.join(whole)}.".strip()
    return dataclasses.replace(block, metrics=shown, text=text)


def _is_shown(code: str, block: Block, figures: Figures) -> bool:
    if block.kind == "members":
        return block.dimension in figures.get(code, {})
    return block.kind == "thresholds" or has_figures(code, figures)


def _with_open_deals(
    section: Section, rows: ReportRows, month: int, currency: str
) -> Section:
    """Fill the listing of open opportunities, or leave it out when there are none."""
    if section.id != "pipeline":
        return section
    blocks = [
        dataclasses.replace(
            block,
            text=f"What is open on {rows.as_of}, by the fiscal quarter it is to "
            "close in; overdue is what should have been closed before that day.",
            listing=_open_deals(rows, month, currency),
        )
        if block.kind == "listing"
        else block
        for block in section.blocks
        if block.kind != "listing" or rows.open_deals
    ]
    return dataclasses.replace(section, blocks=tuple(blocks))


def _open_deals(rows: ReportRows, month: int, currency: str) -> Listing:
    return Listing(
        ("To close in", "Stage", "Opportunities", f"Amount, {currency}".strip(", ")),
        tuple(
            (
                "Overdue"
                if row.quarter_start is None
                else format_period(
                    "fiscal_quarter", row.quarter_start, fiscal_year_start_month=month
                ).replace("-", " "),
                row.stage,
                row.deals,
                row.amount,
            )
            for row in rows.open_deals
        ),
    )

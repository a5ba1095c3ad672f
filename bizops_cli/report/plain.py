"""The report as plain values: for programs that read it, and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_cli.report.view import members_shown, show

if TYPE_CHECKING:
    from decimal import Decimal

    from bizops_cli.report.document import Block, Figure, Report, Section, Selection
    from bizops_cli.report.view import Shown

_FILTERS = ("total", "segment", "channel")
"""Parts of the company the page can choose: every metric is there by these."""

_PAGE_DIGITS = 12  # significant digits in the page, far more than it shows


def selected_view(report: Report, selection: Selection) -> dict[str, Any]:
    """Return what a selection shows, each figure with all it is made of."""
    period = report.period_index[selection.period]
    return {
        "project": report.project,
        "environment": report.environment,
        "bizops_version": report.version,
        "made_at": report.made_at,
        "as_of_date": report.as_of,
        "period": {
            "key": period.key,
            "type": period.type,
            "start": period.start,
            "end": period.end,
            "is_over": period.is_over,
        },
        "dimension_type": selection.dimension,
        "dimension_id": selection.member,
        "notices": report.notices,
        "sections": [_section(report, item, selection) for item in report.sections],
    }


def page_data(report: Report, selection: Selection) -> dict[str, Any]:
    """Return all the page needs to show any selection, in few bytes."""
    places = {period.key: index for index, period in enumerate(report.periods)}
    used = _used_dimensions(report)
    return {
        "project": report.project,
        "environment": report.environment,
        "version": report.version,
        "madeAt": f"{report.made_at:%Y-%m-%d %H:%M} UTC",
        "asOf": report.as_of,
        "selection": selection,
        "periods": report.periods,
        "dimensions": report.dimensions,
        "metrics": report.metrics,
        "figures": {
            code: {
                dimension: {
                    member: [_packed(figure, places) for figure in row]
                    for member, row in members.items()
                }
                for dimension, members in dimensions.items()
                if dimension in _FILTERS or (code, dimension) in used
            }
            for code, dimensions in report.figures.items()
            if code in report.metrics
        },
        "curves": [
            {
                "metric": curve.metric,
                "cohort": curve.cohort,
                "dimension": curve.dimension,
                "member": curve.member,
                "subjects": curve.subjects,
                "events": curve.events,
                "median": curve.median_days,
                "points": [
                    [p.days, round(p.share, 5), round(p.low, 5), round(p.high, 5)]
                    for p in curve.points
                ],
            }
            for curve in report.curves
        ],
        "notices": report.notices,
        "sections": report.sections,
    }


def _used_dimensions(report: Report) -> set[tuple[str, str]]:
    """Return by what else the sections split which metrics."""
    return {
        (code, block.dimension)
        for section in report.sections
        for block in section.blocks
        for code in block.metrics
        if block.kind == "members"
    }


def _packed(figure: Figure, places: dict[str, int]) -> list[Any]:
    row = [
        places[figure.period],
        _short(figure.numerator),
        _short(figure.denominator),
        _short(figure.value),
        int(figure.is_mature),
    ]
    return [*row, figure.note] if figure.note else row


def _short(number: Decimal | None) -> float | int | None:
    if number is None:
        return None
    if number == number.to_integral_value():
        return int(number)
    return float(f"{number:.{_PAGE_DIGITS}g}")


def _section(report: Report, section: Section, selection: Selection) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "blocks": [_block(report, block, selection) for block in section.blocks],
        "gaps": section.gaps,
    }


def _block(report: Report, block: Block, selection: Selection) -> dict[str, Any]:
    plain: dict[str, Any] = {"kind": block.kind, "title": block.title}
    if block.listing is not None:
        plain["columns"] = block.listing.columns
        plain["rows"] = block.listing.rows
    elif block.kind == "members":
        plain["dimension_type"] = block.dimension
        plain["members"] = [
            {
                "id": member.id,
                "name": member.name,
                "figures": [shown_figure(item) for item in row if item is not None],
            }
            for member, row in members_shown(
                report, block.metrics, block.dimension, selection
            )
        ]
    else:
        shown = [show(report, code, selection) for code in block.metrics]
        plain["figures"] = [shown_figure(item) for item in shown if item is not None]
    return plain


def shown_figure(shown: Shown) -> dict[str, Any]:
    """Return a figure with its definition, period and parts, numbers exact."""
    metric, figure = shown.metric, shown.figure
    threshold = metric.threshold
    return {
        "metric_code": metric.code,
        "name": metric.name,
        "definition": metric.formula,
        "unit": metric.unit,
        "period": shown.period.key,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "value_before": shown.before.value if shown.before else None,
        "is_mature": figure.is_mature,
        "is_whole_company": shown.is_whole_company,
        "quality_note": figure.note,
        "threshold": None if threshold is None else f"{threshold.op} {threshold.limit}",
        "is_met": shown.is_met,
        "sources": metric.sources,
    }

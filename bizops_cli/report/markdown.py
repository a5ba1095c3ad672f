"""The report as Markdown, for chats, issues and the log of a CI run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.formatting import format_number, format_value
from bizops_cli.report.document import Selection
from bizops_cli.report.view import members_shown, show, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from bizops_cli.report.document import Block, Report, Section
    from bizops_cli.report.view import Shown

_MEMBERS_SHOWN = 20
_SEVERITIES = {"problem": "Problem", "warning": "Warning", "note": "Note"}


def write_markdown(report: Report, selection: Selection) -> str:
    """Return what a selection shows, as tables."""
    lines = [*_head(report, selection)]
    for section in report.sections:
        lines += _section(report, section, selection)
    return "\n".join(lines).rstrip() + "\n"


def _head(report: Report, selection: Selection) -> Iterator[str]:
    period = report.period_index[selection.period]
    part = "the whole company"
    if selection.dimension != "total":
        name = next(
            member.name
            for member in report.dimensions[selection.dimension]
            if member.id == selection.member
        )
        part = f"{selection.dimension} {name}"
    yield f"# Report of {_text(report.project)}"
    yield ""
    data = f"data as of {report.as_of}" if report.as_of else "no data"
    yield (
        f"{period.label}, {part}; {data}; made {report.made_at:%Y-%m-%d %H:%M} UTC "
        f"from environment {_text(report.environment)}."
    )
    yield ""
    for notice in report.notices:
        step = f" {notice.next_step}" if notice.next_step else ""
        yield f"> **{_SEVERITIES[notice.severity]}:** {notice.text}{step}"
        yield ""


def _section(report: Report, section: Section, selection: Selection) -> Iterator[str]:
    if not section.blocks and not section.gaps:
        return
    yield f"## {section.title}"
    yield ""
    for block in section.blocks:
        if block.kind in ("trend", "curves"):
            continue  # their figures stand in the section's tables
        lines = list(_block(report, block, selection))
        if lines or block.listing is not None:
            if block.title:
                yield f"### {block.title}"
                yield ""
            if block.text:
                yield _text(block.text)
                yield ""
            yield from lines
            yield ""
    for gap in section.gaps:
        yield f"- {_text(gap.what)} {gap.how}"
    if section.gaps:
        yield ""


def _block(report: Report, block: Block, selection: Selection) -> Iterator[str]:
    if block.listing is not None:
        rows = [[_cell(cell) for cell in row] for row in block.listing.rows]
        yield from _table(block.listing.columns, rows)
    elif block.kind == "members":
        yield from _members(report, block, selection)
    elif block.kind == "digest":
        yield from _digest(report, block, selection)
    elif block.kind == "thresholds":
        yield from _thresholds(report, block, selection)
    else:
        shown = (show(report, code, selection) for code in block.metrics)
        yield from _table(
            ("Metric", "Period", "Value", "Numerator", "Denominator", "Before", ""),
            [_figure_row(item) for item in shown if item is not None],
        )


def _figure_row(shown: Shown) -> list[str]:
    metric, figure = shown.metric, shown.figure
    before = shown.before.value if shown.before else None
    return [
        metric.name,
        shown.period.label,
        format_value(figure.value, metric.unit),
        format_number(figure.numerator),
        format_number(figure.denominator),
        format_value(before, metric.unit),
        remarks(shown),
    ]


def remarks(shown: Shown) -> str:
    """Return what to mind about a figure, empty when there is nothing."""
    said = []
    if shown.is_whole_company:
        said.append("whole company")
    if shown.figure.note:
        said.append(shown.figure.note.replace("_", " "))
    if shown.period.type != "all" and not shown.figure.is_mature:
        said.append("preliminary")
    if shown.is_met is not None:
        said.append("threshold met" if shown.is_met else "threshold missed")
    return ", ".join(said)


def _digest(report: Report, block: Block, selection: Selection) -> Iterator[str]:
    """Yield what has become better or worse, and which thresholds are missed."""
    shown = [show(report, code, selection) for code in block.metrics]
    told = [item for item in shown if item is not None]
    for heading, is_good in (("Better", True), ("Worse", False)):
        names = [
            f"{item.metric.name} {format_value(item.figure.value, item.metric.unit)}"
            f" ({item.before_period.label}: "
            f"{format_value(item.before.value, item.metric.unit)})"
            for item in told
            if item.is_better is is_good and item.before and item.before_period
        ]
        if names:
            yield f"- **{heading}:** {_text('; '.join(names))}."
    limits = [
        item
        for code, metric in report.metrics.items()
        if metric.threshold
        for item in (show(report, code, Selection(selection.period)),)
        if item is not None and item.is_met is not None
    ]
    missed = ", ".join(item.metric.name for item in limits if not item.is_met)
    if limits:
        met = sum(1 for item in limits if item.is_met)
        tail = f" Missed: {_text(missed)}." if missed else ""
        yield f"- {met} of {len(limits)} thresholds are met.{tail}"


def _thresholds(report: Report, block: Block, selection: Selection) -> Iterator[str]:
    rows = []
    for code in block.metrics:
        metric, shown = report.metrics[code], show(report, code, selection)
        limit = metric.threshold
        if limit is None:
            continue
        state = "no figure"
        if shown is not None and shown.is_met is not None:
            state = "met" if shown.is_met else "missed"
        rows.append(
            [
                metric.name,
                shown.period.label if shown else "-",
                format_value(shown.figure.value if shown else None, metric.unit),
                f"{limit.op} {format_value(limit.limit, metric.unit)}",
                state,
            ]
        )
    return _table(("Metric", "Period", "Value", "Threshold", "State"), rows)


def _members(report: Report, block: Block, selection: Selection) -> Iterator[str]:
    found = members_shown(report, block.metrics, block.dimension, selection)
    rows = [
        [
            member.name,
            *(
                format_value(item.figure.value, item.metric.unit) if item else "-"
                for item in row
            ),
        ]
        for member, row in found[:_MEMBERS_SHOWN]
    ]
    hidden = found[_MEMBERS_SHOWN:]
    if hidden:
        rows.append(
            [
                f"{len(hidden)} others",
                *(
                    format_value(
                        together(
                            report.metrics[code], [row[place] for _, row in hidden]
                        ),
                        report.metrics[code].unit,
                    )
                    for place, code in enumerate(block.metrics)
                ),
            ]
        )
    names = [report.metrics[code].name for code in block.metrics]
    yield from _table((block.dimension.replace("_", " ").capitalize(), *names), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [list(row) for row in rows]
    if not lines:
        return
    yield _line(headings)
    yield _line(["---"] * len(headings))
    for row in lines:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(cell: str) -> str:
    """Return the text so that it stays in its cell and is no markup."""
    plain = " ".join(cell.split())
    for sign in ("\\", "|", "<", "*", "`"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _cell(value: str | int | Decimal | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,.0f}"

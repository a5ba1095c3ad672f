"""What one selection shows of a report."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.report.document import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.report.document import (
        Figure,
        Member,
        Metric,
        Period,
        Report,
    )

_LENGTH = {"month": 1, "fiscal_quarter": 2, "fiscal_year": 3, "all": 4}
WHOLE_COMPANY = ("total", "all")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a selection shows it.

    Attributes:
        metric: What it is.
        figure: The row; its period may be another than selected, see `find_figure`.
        period: The period the figure is really of.
        before: The figure of the period before, where both are comparable.
        before_period: The period that one is of.
        is_whole_company: Whether it is the company's though a part was selected.
        is_met: Whether its threshold is met; None without threshold or value.
    """

    metric: Metric
    figure: Figure
    period: Period
    before: Figure | None
    before_period: Period | None
    is_whole_company: bool
    is_met: bool | None

    @property
    def is_better(self) -> bool | None:
        """Whether it became better; None if it did not change, or nobody can tell."""
        if self.metric.direction == "none" or self.before is None:
            return None
        now, then = self.figure.value, self.before.value
        if now is None or then is None or now == then:
            return None
        return (now > then) == (self.metric.direction == "up")


def choose(
    report: Report,
    *,
    period: str | None = None,
    segment: str | None = None,
    channel: str | None = None,
) -> Selection:
    """Return the selection the words mean.

    Args:
        report: What there is to select from.
        period: Key or label of a period (`FY2018-Q4`); None for the default.
        segment: Id or name of a segment.
        channel: Id or name of a channel; not with a segment.

    Raises:
        ConfigError: There is no such period, segment or channel, or both are given.
    """
    if segment and channel:
        raise ConfigError(
            "figures are kept by segment or by channel, not by both at once",
            "Give --segment or --channel, not both.",
        )
    key = report.selection.period if period is None else _period(report, period)
    if segment:
        return Selection(key, "segment", _member(report, "segment", segment))
    if channel:
        return Selection(key, "channel", _member(report, "channel", channel))
    return Selection(key)


def find_figure(
    report: Report,
    code: str,
    selection: Selection,
    part: tuple[str, str] = WHOLE_COMPANY,
) -> Figure | None:
    """Return the figure of a part of the company that fits the selected period best.

    It is that of the period itself. A stock that is not kept for periods of that
    length shows its last shorter period within, and what is known for all time alone
    shows that.
    """
    dimension, member = part
    row = report.figures.get(code, {}).get(dimension, {}).get(member, ())
    exact = [figure for figure in row if figure.period == selection.period]
    if exact:
        return exact[0]
    metric = report.metrics.get(code)
    if metric is not None and metric.kind == "stock":
        within = _last_within(report, row, selection.period)
        if within is not None:
            return within
    if all(figure.period == "all" for figure in row):
        return row[0] if row else None
    return None


def show(
    report: Report,
    code: str,
    selection: Selection,
    part: tuple[str, str] | None = None,
) -> Shown | None:
    """Return the figure with what it is compared to; None when there is none.

    Args:
        report: The report.
        code: The metric.
        selection: What is looked at.
        part: Dimension and member; None is the selected one, or the whole company
            where the metric is not kept by it.
    """
    metric = report.metrics.get(code)
    if metric is None:
        return None
    chosen = part or (selection.dimension, selection.member)
    is_whole_company = False
    if part is None and chosen != WHOLE_COMPANY:
        is_whole_company = chosen[0] not in report.figures.get(code, {})
        chosen = WHOLE_COMPANY if is_whole_company else chosen
    figure = find_figure(report, code, selection, chosen)
    if figure is None:
        return None
    period = report.period_index[figure.period]
    before = None
    if period.previous and period.is_over:
        row = report.figures[code][chosen[0]][chosen[1]]
        before = next((f for f in row if f.period == period.previous), None)
    is_met = None
    if metric.threshold and figure.value is not None:
        is_met = metric.threshold.is_met(figure.value)
    before_period = report.period_index[before.period] if before else None
    return Shown(
        metric, figure, period, before, before_period, is_whole_company, is_met
    )


def members_shown(
    report: Report, codes: Sequence[str], dimension: str, selection: Selection
) -> list[tuple[Member, list[Shown | None]]]:
    """Return the members of a dimension that have any of the figures.

    The largest come first, by the first metric; stages and steps go by their names.
    """
    found = []
    for member in report.dimensions.get(dimension, ()):
        row = [show(report, c, selection, (dimension, member.id)) for c in codes]
        if any(item is not None and item.figure.value is not None for item in row):
            found.append((member, row))
    if dimension in ("stage", "step"):
        return found
    return sorted(found, key=lambda item: _rank(item[1]), reverse=True)


def together(metric: Metric, parts: Sequence[Shown | None]) -> Decimal | None:
    """Return what some parts of a split are together; None where nobody can tell.

    Sums add up, and shares are the sums of their parts over each other. Medians and
    stocks cannot be put together.
    """
    rows = [item.figure for item in parts if item is not None]
    rows = [figure for figure in rows if figure.value is not None]
    if metric.kind == "sum" and rows:
        return sum((figure.value or Decimal(0) for figure in rows), Decimal(0))
    below = sum((figure.denominator or Decimal(0) for figure in rows), Decimal(0))
    if metric.kind != "ratio" or not below:
        return None
    return sum((figure.numerator or Decimal(0) for figure in rows), Decimal(0)) / below


def _rank(row: Sequence[Shown | None]) -> tuple[float, ...]:
    return tuple(
        float(item.figure.value)
        if item is not None and item.figure.value is not None
        else float("-inf")
        for item in row
    )


def _last_within(
    report: Report, row: Sequence[Figure], selected_key: str
) -> Figure | None:
    selected = report.period_index.get(selected_key)
    if selected is None:
        return None
    inside = [
        (report.period_index[figure.period], figure)
        for figure in row
        if figure.value is not None and figure.period != "all"
    ]
    fitting = [
        (period, figure)
        for period, figure in inside
        if _LENGTH[period.type] < _LENGTH[selected.type]
        and period.is_over
        and period.end is not None
        and (
            selected.end is None
            or (selected.start <= period.start and period.end <= selected.end)
        )
    ]
    if not fitting:
        return None
    return max(fitting, key=lambda item: (item[0].end, _LENGTH[item[0].type]))[1]


def _period(report: Report, word: str) -> str:
    names = {name.lower(): p.key for p in report.periods for name in (p.key, p.label)}
    return _found(word, names, "period")


def _member(report: Report, dimension: str, word: str) -> str:
    names = {
        name.lower(): member.id
        for member in report.dimensions.get(dimension, ())
        for name in (member.id, member.name)
    }
    return _found(word, names, dimension)


def _found(word: str, names: dict[str, str], what: str) -> str:
    if word.lower() in names:
        return names[word.lower()]
    if not names:
        raise ConfigError(f"there are no figures by {what}", "Leave the option out.")
    near = difflib.get_close_matches(word.lower(), names, n=1)
    hint = f"Did you mean {names[near[0]]}? " if near else ""
    known = ", ".join(dict.fromkeys(names.values()))
    raise ConfigError(f"there is no {what} {word!r}", f"{hint}There are: {known}.")

"""The values a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

PeriodType = Literal["all", "fiscal_year", "fiscal_quarter", "month"]
BlockKind = Literal[
    "digest",
    "cards",
    "thresholds",
    "trend",
    "stack",
    "funnel",
    "members",
    "curves",
    "table",
    "listing",
]
Severity = Literal["problem", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure should be: strictly above or below a limit."""

    op: str
    limit: Decimal
    origin: str = ""

    def is_met(self, value: Decimal) -> bool:
        """Tell whether the value keeps to it; the limit itself does not."""
        return value > self.limit if self.op == ">" else value < self.limit


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is; see seeds.metric_definitions."""

    code: str
    name: str
    department: str
    formula: str
    unit: str
    direction: str
    kind: str
    origin: str
    sources: tuple[str, ...]
    threshold: Threshold | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time figures are about.

    Attributes:
        key: `all`, `FY2018`, `FY2018-Q4` or `2018-01`.
        type: How long it is.
        start: First day.
        end: Last day; None for all time.
        label: Its name for people.
        is_over: Whether it had ended on the as-of date.
        previous: Key of the one before of the same length, if there are figures.
    """

    key: str
    type: PeriodType
    start: date
    end: date | None
    label: str
    is_over: bool
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of mtr_metric_values; which metric and part is where it hangs."""

    period: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    is_mature: bool
    note: str | None = None


Figures = Mapping[str, Mapping[str, Mapping[str, tuple[Figure, ...]]]]
"""Metric code, dimension type, dimension id, figures by time."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of a dimension, such as a channel."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at: a period, and the company or one of its parts."""

    period: str = "all"
    dimension: str = "total"
    member: str = "all"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Share that has converted by a day, with its 95 % band."""

    days: float
    share: float
    low: float
    high: float
    at_risk: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve of one cohort; its time scale is days since the start."""

    metric: str
    cohort: str
    dimension: str
    member: str
    subjects: int
    events: int
    median_days: float | None
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the report cannot show, and how to come by it."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A plain table; cells are text, numbers or None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | Decimal | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a section.

    Attributes:
        kind: How it is shown.
        title: Its heading; empty for none.
        text: What to know about it.
        metrics: What it shows, in order.
        dimension: What `members` splits by.
        listing: The rows of a `listing`.
    """

    kind: BlockKind
    title: str = ""
    text: str = ""
    metrics: tuple[str, ...] = ()
    dimension: str = ""
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the report, with what it lacks."""

    id: str
    title: str
    intro: str
    blocks: tuple[Block, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before reading any figure."""

    severity: Severity
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report holds; see `view` for what one selection shows of it."""

    project: str
    environment: str
    version: str
    made_at: datetime
    as_of: date | None
    selection: Selection
    periods: tuple[Period, ...]
    dimensions: Mapping[str, tuple[Member, ...]]
    metrics: Mapping[str, Metric]
    figures: Figures
    curves: tuple[Curve, ...]
    notices: tuple[Notice, ...]
    sections: tuple[Section, ...]
    period_index: Mapping[str, Period] = field(default_factory=dict)

"""What the warehouse has to show: metrics, what they are split by, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is, as the seed metric_definitions has it.

    Attributes:
        code: Its name in SQL.
        name: Its name for people.
        department: Whose metric it is.
        formula: How it is computed, in words.
        unit: A currency, `ratio`, `days`, or what is counted.
        kind: sum, ratio, median or stock.
        sources: What it needs, with commas between.
    """

    code: str
    name: str
    department: str
    formula: str
    unit: str
    kind: str
    sources: str

    @property
    def is_additive(self) -> bool:
        """Tell whether a longer period is made of the parts of shorter ones."""
        return self.kind in {"sum", "ratio"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be shown.

    Attributes:
        metrics: All that are defined, by code.
        figures: What has a value: metric, dimension type and period type.
        relations: Tables and views that are there, `schema.name`.
    """

    metrics: Mapping[str, Metric]
    figures: frozenset[tuple[str, str, str]]
    relations: frozenset[str]

    def has_figures(self, code: str, dimension: str, period: str) -> bool:
        """Tell whether a metric has a value in a split and a period of that type."""
        return code in self.metrics and (code, dimension, period) in self.figures

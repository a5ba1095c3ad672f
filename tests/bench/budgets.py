"""The speed budget: what a ratio must reach, and what it shall reach one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.table import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.programs.program import Mode
    from tests.bench.ratios import Line


@dataclass(frozen=True, slots=True)
class Budget:
    """A bound on a measured number.

    Attributes:
        what: What is bounded.
        least: The bound that holds now.
        aim: The bound that is aimed at.
        unit: Of all three numbers.
        is_ceiling: Whether less is better.
    """

    what: str
    least: float
    aim: float
    unit: str
    is_ceiling: bool = False

    def verdict(self, value: float) -> str:
        """Say which bound the value reaches."""
        sign = -1 if self.is_ceiling else 1
        if sign * value >= sign * self.aim:
            return "aim reached"
        return "met" if sign * value >= sign * self.least else "missed"


LOAD = Budget("load into a keyed table, of psql \\copy CSV", 0.60, 0.85, "x")
UPSERT = Budget("upsert of the same keys, of \\copy + ON CONFLICT", 0.70, 0.90, "x")
BATCH = Budget("the same load through BATCH files of COPY text", 0.75, 0.95, "x")
MELTANOLABS = Budget("load, of meltanolabs at its best", 6, 10, "x")
CPU = Budget("client CPU per row, load", 15, 9, "µs", is_ceiling=True)
MEMORY = Budget("peak memory", 250, 120, "MB", is_ceiling=True)
HELP = Budget("bizops --help", 0.15, 0.08, "s", is_ceiling=True)
OVERHEAD = Budget(
    "bizops elt run over the same pipe in a shell", 0.4, 0.2, "s", is_ceiling=True
)
EMISSION = Budget("a tap's emission, of singer-sdk's default", 5, 10, "x")
SYNC = Budget("a sync, of curl loading the same pages", 1.3, 1.1, "x", is_ceiling=True)
TAP_MEMORY = Budget("a tap's peak memory", 150, 100, "MB", is_ceiling=True)
TRANSFORM = Budget(
    "dbt build of the sample company, warm", 25, 10, "s", is_ceiling=True
)
LINEAR = Budget(
    "time per raw row at medium, of that at small", 1, 0.5, "x", is_ceiling=True
)
ONE_DAY = Budget(
    "after one day's rows of all sources, of the whole build",
    0.25,
    0.1,
    "x",
    is_ceiling=True,
)
REPORT = Budget("bizops report of scale medium", 5, 2, "s", is_ceiling=True)
REPORT_SIZE = Budget("its page", 5, 2, "MB", is_ceiling=True)


def load_verdicts(lines: Sequence[Line]) -> list[tuple[Budget, float]]:
    """Return the numbers of our target that have a budget."""
    found: list[tuple[Budget, float | None]] = []
    by_place = {(line.program, line.mode): line for line in lines}
    load, upsert = by_place.get(("bizops", "load")), by_place.get(("bizops", "upsert"))
    if load is not None:
        found += [(LOAD, load.to_limit), (MELTANOLABS, _to_meltanolabs(by_place))]
        found += [(CPU, load.cpu_us_per_row), (MEMORY, load.peak_rss_mb)]
    copy = by_place.get(("bizops-copy", "load"))
    if copy is not None:
        found.append((BATCH, copy.to_limit))
    if upsert is not None:
        found.append((UPSERT, upsert.to_limit))
    return [(budget, value) for budget, value in found if value is not None]


def _to_meltanolabs(by_place: dict[tuple[str, Mode], Line]) -> float | None:
    own = by_place["bizops", "load"].rows_per_s
    other = by_place.get(("meltanolabs", "load"))
    if own is None or other is None or other.rows_per_s is None:
        return None
    return own / other.rows_per_s


def budget_table(verdicts: Iterable[tuple[Budget, float]]) -> str:
    """Return a table of budgets and what was measured."""
    rows = [
        (
            budget.what,
            f"{value:.3g} {budget.unit}",
            f"{budget.least:g}",
            f"{budget.aim:g}",
            budget.verdict(value),
        )
        for budget, value in verdicts
    ]
    header = ("budget", "measured", "at least", "aim", "verdict")
    return markdown_table(header, rows, text_columns=1)

"""The periods a day belongs to, calendar and fiscal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bizops_sandbox.world.moments import add_months

ALL_START = date(1970, 1, 1)
_MONTHS = {"month": 1, "fiscal_quarter": 3, "fiscal_year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its type and first day."""

    kind: str
    start: date

    def last_day(self) -> date | None:
        """The last day; None for the period of all days."""
        if self.kind == "week":
            return self.start + timedelta(days=6)
        months = _MONTHS.get(self.kind)
        if months is None:
            return None
        return add_months(self.start, months) - timedelta(days=1)


ALL = Period("all", ALL_START)


def periods_of(day: date, fiscal_year_start_month: int) -> tuple[Period, ...]:
    """Month, fiscal quarter, fiscal year and all."""
    months_into_year = (day.month - fiscal_year_start_month) % 12
    month = day.replace(day=1)
    return (
        Period("month", month),
        Period("fiscal_quarter", add_months(month, -(months_into_year % 3))),
        Period("fiscal_year", add_months(month, -months_into_year)),
        ALL,
    )


def week_of(day: date) -> Period:
    """The ISO week, named by its Monday."""
    return Period("week", day - timedelta(days=day.weekday()))

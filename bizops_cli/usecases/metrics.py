"""`metrics`: reading the figures the transform has made."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project
    from bizops_cli.warehouse.metrics import MetricDefinition, MetricValue
    from bizops_cli.warehouse.readings import Reading


def show_metrics(
    project: Project,
    *,
    codes: Sequence[str] = (),
    period_type: str | None = "all",
    dimension_type: str | None = "total",
    since: date | None = None,
    known_on: date | None = None,
) -> list[MetricValue]:
    """Return figures, by metric, period and dimension.

    Args:
        project: The project.
        codes: Metrics to show; empty means all.
        period_type: week, month, fiscal_quarter, fiscal_year or all; None is any.
        dimension_type: total, or what metrics are split by; None is any.
        since: Leave out periods that start before this day.
        known_on: As the last run of this day, in UTC, or of one before it found them;
            None is as they are now.

    Raises:
        ConfigError: There are no metrics yet, or none of a given code, period or
            dimension, or none were kept by that day.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    from bizops_cli.warehouse.metrics import (
        MetricSelection,
        read_kinds,
        read_values,
    )
    from bizops_cli.warehouse.readings import read_values_at

    selection = MetricSelection(tuple(codes), period_type, dimension_type, since)
    with connection_to_metrics(project, codes) as connection:
        periods, dimensions = read_kinds(connection)
        _check_kind(period_type, periods, what="period")
        _check_kind(dimension_type, dimensions, what="dimension")
        if known_on is None:
            return read_values(connection, selection)
        return read_values_at(connection, selection, _reading_on(connection, known_on))


def list_metrics(project: Project) -> list[MetricDefinition]:
    """Return what the metrics of the warehouse are.

    Raises:
        ConfigError: There are no metrics yet.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    from bizops_cli.warehouse.metrics import read_definitions

    with connection_to_metrics(project) as connection:
        return read_definitions(connection)


@contextmanager
def connection_to_metrics(
    project: Project, codes: Sequence[str] = ()
) -> Iterator[Connection]:
    """Connect to a warehouse that has metrics, those of the codes among them.

    Raises:
        ConfigError: There are no metrics yet, or none of a given code.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    from bizops_cli.warehouse.metrics import has_metrics, read_codes
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops metrics") as connection:
        if not has_metrics(connection):
            raise ConfigError(
                "the warehouse has no metrics yet", "Run `bizops elt run` first."
            )
        if codes:
            _check_codes(codes, read_codes(connection))
        yield connection


def _reading_on(connection: Connection, day: date) -> Reading:
    """Return the last reading of a day, in UTC, or of one before it."""
    from bizops_cli.warehouse.readings import list_readings

    readings = list_readings(connection)
    for reading in readings:
        if reading.read_at.astimezone(UTC).date() <= day:
            return reading
    if not readings:
        raise ConfigError(
            "no run has kept its metrics yet", "`bizops elt run` does when it builds."
        )
    first = readings[-1].read_at.astimezone(UTC)
    raise ConfigError(
        f"no run had kept its metrics by {day}",
        f"The first one that did was on {first:%Y-%m-%d}.",
    )


def _check_codes(wanted: Sequence[str], known: Sequence[str]) -> None:
    for code in wanted:
        if code in known:
            continue
        near = difflib.get_close_matches(code, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ConfigError(
            f"there is no metric {code!r}", f"{hint}See `bizops metrics list`."
        )


def _check_kind(wanted: str | None, known: Sequence[str], *, what: str) -> None:
    if wanted is not None and wanted not in known:
        raise ConfigError(
            f"no metric has the {what} {wanted!r}",
            suggestion(wanted, [*known, "any"], what=what),
        )

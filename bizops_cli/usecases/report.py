"""`report`: what the warehouse's metrics say, in one file."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from bizops_cli import __version__
from bizops_cli.errors import DatabaseRefusedError
from bizops_cli.report.assemble import Setting, assemble_report
from bizops_cli.report.view import choose
from bizops_cli.usecases.runs import with_runs_here
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project, RunRecord
    from bizops_cli.report.document import Notice, Report, Selection
    from bizops_cli.warehouse.reporting import ReportRows

ReportFormat = Literal["html", "markdown", "json"]
_RUNS_SHOWN = 10
_RUNS_READ = 30  # a warehouse may hold runs of other projects too


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What report to make.

    Attributes:
        project: Whose.
        format: html, markdown or json.
        period: Key or label of a period; None for the default.
        segment: Id or name of a segment to look at.
        channel: Id or name of a channel to look at; not with a segment.
    """

    project: Project
    format: ReportFormat = "html"
    period: str | None = None
    segment: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report as text, and what its reader must know first."""

    text: str
    notices: tuple[Notice, ...]


def default_path(project: Project) -> Path:
    """Return where the page goes when nobody says."""
    return project.state_directory / "report.html"


def make_report(request: ReportRequest) -> MadeReport:
    """Read the warehouse and write the report; without data it says what is missing.

    Raises:
        ConfigError: The period, segment or channel is not there.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    rows, runs = _read(request.project)
    report = assemble_report(rows, runs, _setting(request.project))
    selection = choose(
        report,
        period=request.period,
        segment=request.segment,
        channel=request.channel,
    )
    cache = request.project.state_directory / "cache"
    text = _written(report, selection, request.format, cache=cache)
    return MadeReport(text, report.notices)


def write_report(text: str, path: Path) -> None:
    """Write a report to a file, whole or not at all; folders above it are made.

    Raises:
        BizopsError: The file cannot be written.
    """
    from bizops_cli.files import make_directory, write_atomically

    make_directory(path.parent)
    write_atomically(path, text.encode())


def _read(project: Project) -> tuple[ReportRows, list[RunRecord]]:
    from bizops_cli.warehouse.reconciliations import kept_comparisons
    from bizops_cli.warehouse.refusals import connected, translated_errors
    from bizops_cli.warehouse.reporting import read_report_rows

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops report") as connection:
        rows = read_report_rows(connection)
        runs = _read_runs(connection)
        # Another role's tables may be closed to this one: the report does without.
        with contextlib.suppress(DatabaseRefusedError), translated_errors():
            kept = kept_comparisons(connection, project)
            rows = replace(rows, reconciled=tuple(kept))
    return rows, with_runs_here(project, runs, limit=_RUNS_SHOWN)


def _read_runs(connection: Connection) -> list[RunRecord]:
    """Return the runs on record; none when the role may not read them.

    Nor when an older bizops has made their tables: a report changes nothing.
    """
    from bizops_cli.warehouse.refusals import translated_errors
    from bizops_cli.warehouse.runs import list_runs
    from bizops_cli.warehouse.schema import has_table

    with contextlib.suppress(DatabaseRefusedError), translated_errors():
        if has_table(connection, "bizops.runs"):
            return list_runs(connection, limit=_RUNS_READ)
    return []


def _setting(project: Project) -> Setting:
    given = project.transform.vars

    def number(name: str, default: int) -> int:
        value = given.get(name, default)
        return value if isinstance(value, int) else default

    return Setting(
        project=project.name,
        environment=project.environment,
        version=__version__,
        made_at=datetime.now(tz=UTC),
        fiscal_year_start_month=number("fiscal_year_start_month", 1),
        min_at_risk=number("km_min_at_risk", 10),
        horizon_days=number("conversion_horizon_days", 365),
    )


def _written(
    report: Report, selection: Selection, form: ReportFormat, *, cache: Path
) -> str:
    if form == "markdown":
        from bizops_cli.report.markdown import write_markdown

        return write_markdown(report, selection)
    if form == "json":
        import msgspec

        from bizops_cli.report.plain import selected_view

        encoder = msgspec.json.Encoder(decimal_format="number")
        encoded = encoder.encode(selected_view(report, selection))
        return msgspec.json.format(encoded, indent=2).decode() + "\n"
    from bizops_cli.report.page import write_page

    return write_page(report, selection, cache=cache)

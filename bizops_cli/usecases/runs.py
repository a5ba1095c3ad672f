"""`runs`: what past runs were, from their folders and the warehouse."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.runlog.folder import read_records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bizops_cli.model import Project, RunRecord


@dataclass(frozen=True, slots=True)
class LogFile:
    """The log of one process of a run."""

    name: str
    text: str


def list_runs(project: Project, *, limit: int) -> list[RunRecord]:
    """Return the latest runs, of this machine and of any other, the latest first.

    The folders know every run of this machine; the warehouse knows those of other
    machines as well, and is asked if it answers.
    """
    return with_runs_here(project, _from_warehouse(project, limit=limit), limit=limit)


def with_runs_here(
    project: Project, in_warehouse: Iterable[RunRecord], *, limit: int
) -> list[RunRecord]:
    """Return the latest runs of the project: those given, and those of this machine."""
    here = {r.run_id: r for r in read_records(_runs(project), limit=limit)}
    known = {r.run_id: r for r in in_warehouse} | here
    ordered = sorted(known.values(), key=lambda r: r.started_at, reverse=True)
    return [
        record
        for record in ordered
        if record.project == project.name and record.environment == project.environment
    ][:limit]


def show_run(project: Project, run_id: str | None) -> RunRecord:
    """Return one run; None is the latest, and the start of an id is enough.

    Raises:
        ConfigError: There is no such run, or several begin like that.
    """
    return _find(list_runs(project, limit=1000), run_id)


def read_logs(
    project: Project, run_id: str | None, *, plugin: str | None
) -> list[LogFile]:
    """Return the logs of a run of this machine.

    Args:
        project: The project.
        run_id: The run, or the start of its id; None is the latest.
        plugin: Only the logs of this tap or target.

    Raises:
        ConfigError: There is no such run here, or it has no log of the plugin.
    """
    record = _find(read_records(_runs(project), limit=1000), run_id)
    directory = _runs(project) / record.run_id
    files = sorted(directory.glob("*.log"))
    names = sorted({part for file in files for part in _plugins(file)})
    if plugin is not None:
        files = [file for file in files if plugin in _plugins(file)]
        if not files:
            raise ConfigError(
                f"run {record.run_id} has no log of {plugin!r}",
                suggestion(plugin, names, what="log"),
            )
    return [LogFile(f.stem, f.read_text("utf-8", "replace")) for f in files]


def _plugins(file: Path) -> set[str]:
    return {part for part in file.stem.split(".") if part != "discover"} | {file.stem}


def _find(records: list[RunRecord], run_id: str | None) -> RunRecord:
    if not records:
        raise ConfigError("there has been no run yet", "Run `bizops elt run`.")
    if run_id is None:
        return records[0]
    found = [record for record in records if record.run_id.startswith(run_id)]
    exact = [record for record in found if record.run_id == run_id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise ConfigError(
            f"{len(found)} runs begin with {run_id!r}",
            f"Write more of it: {found[0].run_id}, {found[1].run_id}, ...",
        )
    names = [record.run_id for record in records]
    raise ConfigError(
        f"there is no run {run_id!r}", suggestion(run_id, names, what="run")
    )


def _runs(project: Project) -> Path:
    return project.state_directory / "runs"


def _from_warehouse(project: Project, *, limit: int) -> list[RunRecord]:
    from bizops_cli.warehouse import runs as warehouse_runs
    from bizops_cli.warehouse.connect import resolve_warehouse
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.schema import has_table

    directory = project.state_directory / "warehouse"
    if project.warehouse.type == "embedded" and not directory.exists():
        return []
    with contextlib.suppress(BizopsError):
        address = resolve_warehouse(project.warehouse, directory=directory, start=False)
        with connected(
            address.url, application_name="bizops runs", timeout_s=3
        ) as connection:
            if has_table(connection, "bizops.runs"):
                return warehouse_runs.list_runs(connection, limit=limit)
    return []

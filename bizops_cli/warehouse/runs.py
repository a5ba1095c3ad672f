"""Run records in the warehouse."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, TypeVar

from bizops_cli.model import ModelRun, RunRecord, StreamRun, TapRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from bizops_cli.model import Project

_Part = TypeVar("_Part", TapRun, StreamRun, ModelRun)

_RUN_COLUMNS = (
    "run_id",
    "project",
    "environment",
    "job",
    "status",
    "started_at",
    "finished_at",
    "exit_status",
    "message",
    "bizops_version",
    "build",
)
_PARTS: Mapping[str, type[TapRun | StreamRun | ModelRun]] = {
    "run_taps": TapRun,
    "run_streams": StreamRun,
    "run_models": ModelRun,
}


def record_run(connection: Connection, run: RunRecord) -> None:
    """Write a run with all its parts, replacing what was written of it before.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        run: The run as it stands now.
    """
    names = ", ".join(_RUN_COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _RUN_COLUMNS[1:])
    places = ", ".join(["%s"] * len(_RUN_COLUMNS))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"insert into bizops.runs ({names}) values ({places})"  # noqa: S608
            f" on conflict (run_id) do update set {changes}",
            [getattr(run, name) for name in _RUN_COLUMNS],
        )
        _replace_parts(cursor, run.run_id, "run_taps", run.taps)
        _replace_parts(cursor, run.run_id, "run_streams", run.streams)
        _replace_parts(cursor, run.run_id, "run_models", run.models)


def forget_old(connection: Connection, project: Project) -> None:
    """Remove old records of a project's runs, and past states of its taps.

    How many stay, and how old they may become, its `retention` says.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        project: Whose; in its environment alone.
    """
    kept, days = project.retention.history, project.retention.days
    head = f"{project.name}:{project.environment}:"
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from bizops.runs where run_id in (select run_id from ("
            "select run_id, started_at, row_number() over ("
            "order by started_at desc, run_id desc) as place from bizops.runs"
            " where project = %s and environment = %s) as ranked"
            " where place > %s"
            " or (place > 1 and started_at < now() - make_interval(days => %s)))",
            (project.name, project.environment, kept, days),
        )
        cursor.execute(
            "delete from bizops.state_history as past using ("
            "select state_id, run_id, committed_at as at, row_number() over ("
            "partition by state_id order by committed_at desc, run_id desc) as place"
            " from bizops.state_history where starts_with(state_id, %s)) as ranked"
            " where past.state_id = ranked.state_id and past.run_id = ranked.run_id"
            " and (ranked.place > %s or (ranked.place > 1"
            " and ranked.at < now() - make_interval(days => %s)))",
            (head, kept, days),
        )


def list_runs(connection: Connection, *, limit: int) -> list[RunRecord]:
    """Return the latest runs with their parts, newest first."""
    names = ", ".join(_RUN_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {names} from bizops.runs"  # noqa: S608
            " order by started_at desc, run_id desc limit %s",
            (limit,),
        )
        rows = cursor.fetchall()
        ids = [row[0] for row in rows]
        taps = _read_parts(cursor, ids, "run_taps", TapRun)
        streams = _read_parts(cursor, ids, "run_streams", StreamRun)
        models = _read_parts(cursor, ids, "run_models", ModelRun)
    return [
        RunRecord(
            **dict(zip(_RUN_COLUMNS, row, strict=True)),
            taps=tuple(taps[row[0]]),
            streams=tuple(streams[row[0]]),
            models=tuple(models[row[0]]),
        )
        for row in rows
    ]


def _column_names(part: type[TapRun | StreamRun | ModelRun]) -> list[str]:
    return [field.name for field in fields(part)]


def _replace_parts(
    cursor: Cursor,
    run_id: str,
    table: str,
    parts: Sequence[TapRun | StreamRun | ModelRun],
) -> None:
    from psycopg2.extras import execute_values

    cursor.execute(f"delete from bizops.{table} where run_id = %s", (run_id,))  # noqa: S608
    if not parts:
        return
    names = ", ".join(["run_id", *_column_names(_PARTS[table])])
    execute_values(
        cursor,
        f"insert into bizops.{table} ({names}) values %s",  # noqa: S608
        [(run_id, *astuple(part)) for part in parts],
    )


def _read_parts(
    cursor: Cursor, run_ids: Sequence[str], table: str, part: type[_Part]
) -> Mapping[str, list[_Part]]:
    names = _column_names(part)
    columns = ", ".join(
        f"{name}::text" if name.startswith("bookmark_") else name for name in names
    )
    cursor.execute(
        f"select run_id, {columns} from bizops.{table}"  # noqa: S608
        " where run_id = any(%s) order by 1, 2, 3",
        (list(run_ids),),
    )
    found: dict[str, list[_Part]] = defaultdict(list)
    for run_id, *values in cursor.fetchall():
        found[run_id].append(part(*values))
    return found

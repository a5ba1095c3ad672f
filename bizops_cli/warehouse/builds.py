"""Which models stand and what they lack: so that a run builds what its loads feed.

Both tables are unlogged, as most models are: a crash of the server empties them
together with the models, and the next run builds everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project


@dataclass(frozen=True, slots=True)
class WholeBuild:
    """The last build of everything that went well.

    Attributes:
        fingerprint: Of the code and the variables it was made with.
        sources: Raw schema to dbt's names of the sources in it that models read.
        relations: What it made: `schema.table`.
    """

    fingerprint: str
    sources: Mapping[str, tuple[str, ...]]
    relations: tuple[str, ...]


def mark_unbuilt(
    connection: Connection, project: Project, *, job: str, schemas: Sequence[str]
) -> None:
    """Remember that raw schemas get rows which no model has taken up.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        project: Whose; in its environment.
        job: The job that loads. Only its own builds take the mark away: while it loads,
            those of others may come too early.
        schemas: The raw schemas.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into bizops.unbuilt (project, environment, job, schema)"
            " select %s, %s, %s, unnest(%s::text[]) on conflict do nothing",
            (project.name, project.environment, job, list(schemas)),
        )


def read_unbuilt(connection: Connection, project: Project) -> list[str]:
    """Return the raw schemas that any job has loaded since they were built."""
    if not has_table(connection, "bizops.unbuilt"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct schema from bizops.unbuilt"
            " where project = %s and environment = %s order by 1",
            (project.name, project.environment),
        )
        return [schema for (schema,) in cursor.fetchall()]


def forget_unbuilt(
    connection: Connection,
    project: Project,
    *,
    job: str | None = None,
    schemas: Sequence[str] | None = None,
) -> None:
    """Take marks away: of one job or of any, of some raw schemas or of all."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from bizops.unbuilt where project = %s and environment = %s"
            " and (%s::text is null or job = %s)"
            " and (%s::text[] is null or schema = any(%s))",
            (
                *(project.name, project.environment, job, job),
                *([None if schemas is None else list(schemas)] * 2),
            ),
        )


def read_whole_build(connection: Connection, project: Project) -> WholeBuild | None:
    """Return the last build of everything; None when a part of it is not there."""
    if not has_table(connection, "bizops.whole_builds"):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select fingerprint, sources, relations from bizops.whole_builds"
            " where project = %s and environment = %s",
            (project.name, project.environment),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    build = WholeBuild(row[0], {k: tuple(v) for k, v in row[1].items()}, tuple(row[2]))
    are_there = len(_existing(connection, build.relations)) == len(build.relations)
    return build if are_there else None


def keep_whole_build(
    connection: Connection, project: Project, build: WholeBuild
) -> None:
    """Keep it in place of the one before; relations that are not there are left out."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into bizops.whole_builds values (%s, %s, %s, %s, %s)"
            " on conflict (project, environment) do update set"
            " fingerprint = excluded.fingerprint, sources = excluded.sources,"
            " relations = excluded.relations",
            (
                project.name,
                project.environment,
                build.fingerprint,
                json.dumps({k: list(v) for k, v in build.sources.items()}),
                _existing(connection, build.relations),
            ),
        )


def forget_whole_build(connection: Connection, project: Project) -> None:
    """Have the next run build everything."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from bizops.whole_builds where project = %s and environment = %s",
            (project.name, project.environment),
        )


def _existing(connection: Connection, relations: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select wanted from unnest(%s::text[]) as wanted where exists ("
            " select from pg_catalog.pg_class as relation"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where schema.nspname || '.' || relation.relname = wanted)",
            (list(relations),),
        )
        return [name for (name,) in cursor.fetchall()]

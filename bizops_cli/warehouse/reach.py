"""How far back each stream has been read, and with which columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.warehouse.schema import has_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project


@dataclass(frozen=True, slots=True)
class Reach:
    """What the rows of a stream cover.

    Attributes:
        start_date: From when on they were read, as the tap was told; None if not told.
        columns: Columns that all of them have; None when they are not known.
    """

    start_date: str | None
    columns: tuple[str, ...] | None


Reaches = dict[tuple[str, str], Reach]
"""By tap and stream."""


def read_reaches(connection: Connection, project: Project) -> Reaches:
    """Return what is known of the streams of a project in its environment."""
    if not has_table(connection, "bizops.stream_reaches"):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select tap, stream, start_date, columns from bizops.stream_reaches"
            " where project = %s and environment = %s",
            (project.name, project.environment),
        )
        return {
            (tap, stream): Reach(start, None if columns is None else tuple(columns))
            for tap, stream, start, columns in cursor.fetchall()
        }


def keep_reaches(
    connection: Connection,
    project: Project,
    reaches: Mapping[tuple[str, str], Reach],
) -> None:
    """Keep what is known of streams now, in place of what was.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        project: Whose; in its environment.
        reaches: By tap and stream.
    """
    with connection, connection.cursor() as cursor:
        for (tap, stream), reach in reaches.items():
            cursor.execute(
                "insert into bizops.stream_reaches values (%s, %s, %s, %s, %s, %s)"
                " on conflict (project, environment, tap, stream) do update set"
                " start_date = excluded.start_date, columns = excluded.columns",
                (
                    *(project.name, project.environment, tap, stream),
                    reach.start_date,
                    None if reach.columns is None else list(reach.columns),
                ),
            )

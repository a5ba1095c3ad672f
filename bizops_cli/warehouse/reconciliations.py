"""What `reconcile` last found: each stream of the source against each of its places."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project

Verdict = Literal["equal", "near", "differs", "not loaded", "no key"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One stream at one place.

    Attributes:
        tap: The tap.
        stream: The stream.
        place: `raw_x.users`, or the staging relation.
        source_rows: Rows the source has.
        rows: Rows that are there; None if there is no such table.
        source_sum: Sum of the declared field; None if none is declared.
        sum: The same there.
        verdict: `near` is within the tolerance; without a key nothing can be said.
    """

    tap: str
    stream: str
    place: str
    source_rows: int
    rows: int | None
    source_sum: Decimal | None
    sum: Decimal | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class KeptComparison:
    """The last comparison of a stream at a place, and when it was made."""

    comparison: Comparison
    compared_at: datetime


_COLUMNS = tuple(field.name for field in fields(Comparison))


def keep_comparisons(
    connection: Connection, project: Project, found: Sequence[Comparison]
) -> None:
    """Keep what was found just now in place of what was found there before.

    Args:
        connection: In autocommit mode.
        project: Whose streams they are.
        found: The comparisons.

    Raises:
        DatabaseRefusedError: The role may not create or write the table.
    """
    from bizops_cli.warehouse.refusals import translated_errors
    from bizops_cli.warehouse.schema import migrate

    migrate(connection)
    names = ", ".join(_COLUMNS)
    places = ", ".join(["%s"] * len(_COLUMNS))
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
    with translated_errors(), connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into bizops.reconciliations"  # noqa: S608
            f" (project, environment, compared_at, {names})"
            f" values (%s, %s, clock_timestamp(), {places})"
            " on conflict (project, environment, tap, stream, place) do update"
            f" set compared_at = excluded.compared_at, {changes}",
            [(project.name, project.environment, *astuple(item)) for item in found],
        )


def kept_comparisons(connection: Connection, project: Project) -> list[KeptComparison]:
    """Return the last comparison of each stream at each place, ordered by both."""
    from bizops_cli.warehouse.schema import has_table

    if not has_table(connection, "bizops.reconciliations"):
        return []
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select compared_at, {names} from bizops.reconciliations"  # noqa: S608
            " where project = %s and environment = %s order by tap, stream, place",
            (project.name, project.environment),
        )
        return [
            KeptComparison(Comparison(*rest), compared_at)
            for compared_at, *rest in cursor.fetchall()
        ]

"""What past runs have used of their sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812


@dataclass(frozen=True, slots=True)
class CallUsage:
    """API calls of a tap's latest runs, and when the oldest no longer count."""

    calls: int
    freed_in_hours: float


def read_calls(
    connection: Connection, project: str, tap: str, *, hours: int
) -> CallUsage:
    """Return the API calls a project's runs have made through a tap.

    Args:
        connection: On a migrated warehouse.
        project: Whose runs, of all environments: a source counts them together.
        tap: The tap.
        hours: Of which time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(tap.api_calls), 0),"
            " coalesce(extract(epoch from min(run.started_at) + make_interval("
            "hours => %(hours)s) - now()) / 3600, %(hours)s)"
            " from bizops.run_taps as tap join bizops.runs as run using (run_id)"
            " where run.project = %(project)s and tap.tap = %(tap)s"
            " and tap.api_calls > 0"
            " and run.started_at > now() - make_interval(hours => %(hours)s)",
            {"project": project, "tap": tap, "hours": hours},
        )
        calls, freed = cursor.fetchone() or (0, hours)
    return CallUsage(int(calls), float(freed))

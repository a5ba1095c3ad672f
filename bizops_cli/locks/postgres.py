"""Advisory locks in the warehouse: gone with the connection that held them.

A killed holder leaves nothing behind, and workers on many machines see one another.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.ids import StateKey
    from bizops_cli.model import Project

_PAUSE_S = 0.05
_TRY = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended(%s, 0))"
_HOLDER = """
with key as (select hashtextextended(%s, 0) as value)
select activity.pid, activity.application_name, activity.backend_start,
    activity.client_addr::text
from pg_catalog.pg_locks as held
inner join key on
    ((held.classid::bigint << 32) | held.objid::bigint) = key.value
left join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
where held.locktype = 'advisory' and held.objsubid = 1 and held.granted
    and held.database = (
        select oid from pg_catalog.pg_database where datname = current_database()
    )
"""


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The connection that holds a lock.

    Attributes:
        server_process: Process id on the server.
        application_name: `bizops RUN_ID` for a run.
        since: When the connection began.
        address: Where it comes from; None for a local socket.
    """

    server_process: int
    application_name: str
    since: datetime | None
    address: str | None


@contextmanager
def hold_run_lock(
    connection: Connection, *, project: str, environment: str, job: str
) -> Iterator[None]:
    """Hold the lock of a job while the block runs.

    Args:
        connection: In autocommit mode; the lock lives no longer than it.
        project: The project's name.
        environment: The environment's name.
        job: The job's name.

    Raises:
        LockedError: Another run holds it; the error names that run at once.
    """
    name = f"bizops.run:{project}:{environment}:{job}"
    if not _try(connection, name):
        raise LockedError(
            f"another run of job {job} is under way",
            "Wait for it to end; `bizops lock show` tells whether it is alive.",
            _holder(connection, name),
        )
    try:
        yield
    finally:
        _release(connection, name)


@contextmanager
def hold_run_locks(connection: Connection, project: Project) -> Iterator[None]:
    """Hold the locks of all of a project's jobs while the block runs.

    Raises:
        LockedError: A run holds one of them.
    """
    with ExitStack() as stack:
        for job in project.jobs:
            stack.enter_context(
                hold_run_lock(
                    connection,
                    project=project.name,
                    environment=project.environment,
                    job=job,
                )
            )
        yield


def await_state_lock(
    connection: Connection, key: StateKey, *, timeout_s: float = 10
) -> None:
    """Wait until no target writes a state, be it one left by a killed run.

    Raises:
        LockedError: A target still holds the state when the time is over.
    """
    name = f"bizops.state:{key}"
    deadline_s = time.monotonic() + timeout_s
    while not _try(connection, name):
        if time.monotonic() > deadline_s:
            raise LockedError(
                f"a target is still writing rows of {key}",
                "It is the end of an earlier run; wait for it and run again.",
                _holder(connection, name),
            )
        time.sleep(_PAUSE_S)
    _release(connection, name)


@contextmanager
def hold_state_lock(connection: Connection, key: StateKey) -> Iterator[None]:
    """Keep every target from writing a state while the block changes it.

    Raises:
        LockedError: A target is writing it now.
    """
    name = f"bizops.state:{key}"
    if not _try(connection, name):
        raise LockedError(
            f"a target is writing rows of {key}",
            "Wait for its run to end.",
            _holder(connection, name),
        )
    try:
        yield
    finally:
        _release(connection, name)


def is_held(connection: Connection) -> bool:
    """Tell whether a connection, and every lock it took, is still there.

    Costs nothing while it is quiet: only a connection on which something has come is
    asked.
    """
    import select

    import psycopg2

    try:
        if not select.select([connection], [], [], 0)[0]:
            return True
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except (psycopg2.Error, OSError, ValueError):
        return False
    return True


def run_lock_holder(
    connection: Connection, *, project: str, environment: str, job: str
) -> LockHolder | None:
    """Return who holds the lock of a job; None if nobody does."""
    return _lock_holder(connection, f"bizops.run:{project}:{environment}:{job}")


def state_lock_holder(connection: Connection, key: StateKey) -> LockHolder | None:
    """Return which target holds a state; None if none does."""
    return _lock_holder(connection, f"bizops.state:{key}")


def end_holder(connection: Connection, holder: LockHolder) -> bool:
    """Cut a holder's connection, which frees its lock; tell whether it was there.

    The role of the connection must be the holder's, or a superuser.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", (holder.server_process,))
        (was_there,) = cursor.fetchone() or (False,)
    return bool(was_there)


def _lock_holder(connection: Connection, name: str) -> LockHolder | None:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER, (name,))
        row = cursor.fetchone()
    if row is None:
        return None
    pid, application_name, since, address = row
    return LockHolder(int(pid), application_name or "", since, address)


def _try(connection: Connection, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TRY, (name,))
        (is_ours,) = cursor.fetchone() or (False,)
    return bool(is_ours)


def _release(connection: Connection, name: str) -> None:
    import psycopg2

    with (
        suppress(psycopg2.OperationalError, psycopg2.InterfaceError),  # gone with it
        connection.cursor() as cursor,
    ):
        cursor.execute(_UNLOCK, (name,))


def _holder(connection: Connection, name: str) -> dict[str, object]:
    holder = _lock_holder(connection, name)
    if holder is None:
        return {}
    since = holder.since
    facts = {
        "held by": holder.application_name or "unknown",
        "since": f"{since:%Y-%m-%d %H:%M:%S %Z}" if since else None,
        "from": holder.address,
        "server process": holder.server_process,
    }
    return {name: value for name, value in facts.items() if value is not None}

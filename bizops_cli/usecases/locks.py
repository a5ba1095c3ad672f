"""`lock`: who is at work on a warehouse, and freeing what a lost run holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError, LockedError
from bizops_cli.ids import StateKey
from bizops_cli.runlog.folder import is_run_alive
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.locks.postgres import LockHolder
    from bizops_cli.model import Project


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that somebody holds.

    Attributes:
        what: `job default`, or `state of tap-x`.
        run_id: The run that holds it, if it is one.
        is_alive_here: Whether that run is under way on this machine.
        holder: The connection.
    """

    what: str
    run_id: str | None
    is_alive_here: bool
    holder: LockHolder


def list_locks(project: Project) -> list[HeldLock]:
    """Return the locks held on jobs and states of the project in its environment.

    Raises:
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops lock") as connection:
        return list(_held(project, connection))


def break_lock(project: Project, job: str, *, force: bool) -> list[HeldLock]:
    """Cut the connection of the run that holds a job, and of targets it left behind.

    Args:
        project: The project.
        job: Whose lock.
        force: Also if the run is under way on this machine.

    Raises:
        ConfigError: There is no such job, or nobody holds it.
        LockedError: The run is under way on this machine.
    """
    from bizops_cli.locks.postgres import end_holder
    from bizops_cli.warehouse.refusals import connected

    if job not in project.jobs:
        raise ConfigError(
            f"there is no job {job!r}", suggestion(job, project.jobs, what="job")
        )
    taps = project.jobs[job].taps
    wanted = {f"job {job}", *(f"state of {tap}" for tap in taps)}
    address = find_warehouse(project)
    with connected(address.url, application_name="bizops lock") as connection:
        held = [lock for lock in _held(project, connection) if lock.what in wanted]
        if not held:
            raise ConfigError(f"nobody holds the job {job!r}", "Run it.")
        alive = next((lock for lock in held if lock.is_alive_here), None)
        if alive is not None and not force:
            raise LockedError(
                f"run {alive.run_id} is under way on this machine",
                "Stop it with Ctrl-C or kill; --force cuts it off from the warehouse.",
            )
        for lock in held:
            end_holder(connection, lock.holder)
    return held


def _held(project: Project, connection: Connection) -> Iterator[HeldLock]:
    from bizops_cli.locks.postgres import run_lock_holder, state_lock_holder

    for job in project.jobs:
        holder = run_lock_holder(
            connection,
            project=project.name,
            environment=project.environment,
            job=job,
        )
        if holder is not None:
            yield _lock(f"job {job}", holder, project)
    for tap in project.taps:
        key = StateKey(project.name, project.environment, tap)
        holder = state_lock_holder(connection, key)
        if holder is not None:
            yield _lock(f"state of {tap}", holder, project)


def _lock(what: str, holder: LockHolder, project: Project) -> HeldLock:
    words = holder.application_name.split(" ")
    run_id = words[1] if len(words) == 2 and words[0] == "bizops" else None
    is_alive = run_id is not None and is_run_alive(
        project.state_directory / "runs" / run_id
    )
    return HeldLock(what, run_id, is_alive, holder)

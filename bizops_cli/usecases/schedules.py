"""`schedule`: when jobs run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.clock import SystemClock
from bizops_cli.config.cron import parse_cron
from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.usecases.schedule_export import EXPORTS, Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bizops_cli.clock import Clock
    from bizops_cli.model import Project, Schedule


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A schedule and when it comes next, in UTC; None for never."""

    name: str
    job: str
    cron: str
    timezone: str
    next_at: datetime | None


def list_schedules(project: Project, clock: Clock | None = None) -> list[ScheduledJob]:
    """Return the project's schedules with when each comes next."""
    now = (clock or SystemClock()).now()
    return [
        ScheduledJob(
            schedule.name,
            schedule.job,
            schedule.cron,
            schedule.timezone,
            parse_cron(schedule.cron).next_after(now, schedule.timezone),
        )
        for schedule in project.schedules.values()
    ]


def choose_schedule(project: Project, name: str) -> Schedule:
    """Return a schedule by its name.

    Raises:
        ConfigError: There is none.
    """
    if name not in project.schedules:
        raise ConfigError(
            f"there is no schedule {name!r}",
            suggestion(name, project.schedules, what="schedule"),
        )
    return project.schedules[name]


def export_schedules(
    project: Project,
    kind: str,
    names: Sequence[str],
    *,
    directory: str | None,
    bizops: str,
) -> str:
    """Return schedules as another program reads them.

    Args:
        project: The project.
        kind: One of `EXPORTS`.
        names: Only these; none means all.
        directory: The project's folder where they run; None is this one.
        bizops: The command there.

    Raises:
        ConfigError: There is no such schedule, or the program cannot do it.
    """
    chosen = [choose_schedule(project, name) for name in names]
    schedules = chosen or list(project.schedules.values())
    if not schedules:
        raise ConfigError(
            "bizops.yml has no schedules",
            'Add `schedules: {nightly: {job: default, cron: "0 3 * * *"}}`.',
        )
    place = Place(directory or str(project.directory), bizops, project.environment)
    return EXPORTS[kind](project, schedules, place)

"""What an `elt run` will do, decided and checked before anything starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bizops_cli.config.load import require_variables
from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.plugins.install import has_changed
from bizops_cli.usecases.backfill import check_window
from bizops_cli.usecases.mapping import check_hash_secret
from bizops_cli.usecases.plugin import ReadyPlugin, ready_plugin
from bizops_cli.usecases.session import choose_tap

if TYPE_CHECKING:
    from bizops_cli.model import BuildScope, Job, Project, TransformCommand


_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:-]{0,199}")


@dataclass(frozen=True, slots=True)
class EltRequest:
    """What the user asked for.

    Attributes:
        project: The project.
        taps: Only these of the job's taps; none means all of them.
        job: Name of the job; None is `default`.
        only: `el` leaves the transform out, `t` the loads.
        full_refresh: Streams to read from the beginning; `*` is all.
        parallel: How many taps at once; None takes the job's number.
        timeout_s: Stop after this time.
        updates_state: Keep the bookmarks this run reaches.
        refreshes_catalog: Discover anew, whatever is kept.
        run_id: Name of the run; None makes one.
        since: Read from this day or instant on, and move no bookmark.
        until: Read up to it.
        retries: How often a tap is tried again; None takes the job's number.
        models: Build what the loads feed, or all; None takes the project's word, and
            all when nothing is loaded.
    """

    project: Project
    taps: tuple[str, ...] = ()
    job: str | None = None
    only: Literal["el", "t"] | None = None
    full_refresh: tuple[str, ...] = ()
    parallel: int | None = None
    timeout_s: float | None = None
    updates_state: bool = True
    refreshes_catalog: bool = False
    run_id: str | None = None
    since: str | None = None
    until: str | None = None
    retries: int | None = None
    models: BuildScope | None = None

    @property
    def is_backfill(self) -> bool:
        """Tell whether a window is read, apart from any state."""
        return self.since is not None

    @property
    def keeps_state(self) -> bool:
        """Tell whether the bookmarks this run reaches are kept."""
        return self.updates_state and not self.is_backfill


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The same, resolved: which plugins, ready to start, and what after them."""

    job: Job
    taps: tuple[ReadyPlugin, ...]
    target: ReadyPlugin | None
    transform: TransformCommand
    parallel: int
    retries: int = 0
    models: BuildScope = "all"


def plan_run(request: EltRequest) -> RunPlan:
    """Resolve the request against the project.

    Raises:
        ConfigError: A name is unknown, a plugin is not installed, a variable is
            unset, or a plugin's settings are not what it takes.
    """
    project = request.project
    if request.run_id is not None and not _RUN_ID.fullmatch(request.run_id):
        raise ConfigError(
            f"{request.run_id!r} is not a valid run id",
            "Use letters, digits and . _ + : - (at most 200), the first no sign.",
        )
    _check_days(request)
    job = _job(project, request.job)
    names = _tap_names(project, job, request) if request.only != "t" else ()
    transform = "none" if request.only == "el" else job.transform
    if request.only == "t" and transform == "none":
        transform = "build"
    if not names and transform == "none":
        raise ConfigError(
            f"the job {job.name!r} has nothing to do",
            "Give it taps or a transform in bizops.yml.",
        )
    target = None
    if names:
        if project.target is None:
            raise ConfigError(
                "bizops.yml has no target",
                "Add `target: {name: target-postgres, ...}`.",
            )
        require_variables(project, [*names, project.target.name])
        check_hash_secret([project.taps[name] for name in names], project)
        target = ready_plugin(project.target, project)
    taps = tuple(ready_plugin(project.taps[name], project) for name in names)
    for tap in taps:
        check_window(tap, request)
    return RunPlan(
        job=job,
        taps=taps,
        target=target,
        transform=transform,
        parallel=request.parallel or job.parallel,
        retries=job.retries if request.retries is None else request.retries,
        models=request.models or (project.transform.models if names else "all"),
    )


def needed_plugins(request: EltRequest) -> list[str]:
    """Return the names of the taps and the target that a run starts.

    Raises:
        ConfigError: A name is unknown, or a variable is unset.
    """
    project = request.project
    if request.only == "t":
        return []
    names = list(_tap_names(project, _job(project, request.job), request))
    if names and project.target is not None:
        names.append(project.target.name)
    require_variables(project, names)
    return names


def _check_days(request: EltRequest) -> None:
    for option, text in (("--since", request.since), ("--until", request.until)):
        if text is None:
            continue
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise ConfigError(
                f"{option} {text!r} is no day or instant",
                "Write 2026-01-31 or 2026-01-31T14:00:00Z.",
            ) from error
    if request.until is not None and request.since is None:
        raise ConfigError("--until needs --since", "Give both ends of the window.")
    if request.is_backfill and request.full_refresh:
        raise ConfigError(
            "--since and --full-refresh exclude one another",
            "A window moves no bookmark; a full refresh begins a stream anew.",
        )


def changed_plugins(plan: RunPlan, project: Project) -> list[str]:
    """Return the plugins of the plan whose sources differ from what is installed."""
    plugins = [*plan.taps, *([plan.target] if plan.target else [])]
    return [p.name for p in plugins if has_changed(p.settings, project)]


def _job(project: Project, name: str | None) -> Job:
    found = project.jobs.get(name or "default")
    if found is None:
        raise ConfigError(
            f"there is no job {name!r}", suggestion(str(name), project.jobs, what="job")
        )
    return found


def _tap_names(project: Project, job: Job, request: EltRequest) -> tuple[str, ...]:
    for name in request.taps:
        choose_tap(project, name)
        if name not in job.taps:
            raise ConfigError(
                f"the tap {name!r} is not part of the job {job.name!r}",
                f"Name a job that has it with --job, or add it to {job.name!r}.",
            )
    return tuple(dict.fromkeys(request.taps)) or job.taps

"""How a pipeline goes: its jobs one after the other, what it deploys, who fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_ids import between, is_drawn

if TYPE_CHECKING:
    from bizops_sandbox.projections.gitlab_records import Pipeline

_DEFAULT_BRANCH = "master"
_TEST_JOBS = (("build", "build"), ("test", "lint"), ("test", "rspec"))
_ENVIRONMENTS = {"core": ("staging", "production"), "handbook": ("production",)}
# Each pipeline is asked several times in a row.
_KEPT = 4_096
_FAILING_PER_MILLE = {True: 25, False: 130}


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job as it will have gone: from `starts_s` after the pipeline's creation."""

    name: str
    stage: str
    starts_s: int
    lasts_s: int
    is_failing: bool
    environment: str | None = None


def _is_on_default(pipeline: Pipeline) -> bool:
    return pipeline.ref == _DEFAULT_BRANCH and not pipeline.is_tag


def is_failing(pipeline: Pipeline) -> bool:
    """Whether the tests of this pipeline fail."""
    share = _FAILING_PER_MILLE[_is_on_default(pipeline)]
    return _fails(share, pipeline.commit.sha, pipeline.source)


@lru_cache(maxsize=_KEPT)
def _fails(share: int, sha: str, source: str) -> bool:
    return is_drawn(share, sha, source, "fails")


def environments_of(pipeline: Pipeline) -> tuple[str, ...]:
    """The environments it deploys to: only a good run of the default branch does."""
    if not _is_on_default(pipeline) or is_failing(pipeline):
        return ()
    return _ENVIRONMENTS.get(pipeline.project.key, ())


def job_count(pipeline: Pipeline) -> int:
    """How many jobs it has."""
    return len(_TEST_JOBS) + len(environments_of(pipeline))


def job_plans(pipeline: Pipeline) -> tuple[JobPlan, ...]:
    """The jobs in the order in which they run; what would follow a failure is left."""
    return _plans(
        pipeline.commit.sha,
        pipeline.source,
        environments_of(pipeline),
        fails=is_failing(pipeline),
    )


@lru_cache(maxsize=_KEPT)
def _plans(
    sha: str, source: str, environments: tuple[str, ...], *, fails: bool
) -> tuple[JobPlan, ...]:
    plans: list[JobPlan] = []
    starts_s = between(1, 40, sha, source, "queue")
    for stage, name in _TEST_JOBS:
        lasts_s = between(40, 900, sha, source, name)
        plans.append(JobPlan(name, stage, starts_s, lasts_s, fails and name == "rspec"))
        starts_s += 3 + (lasts_s if stage == "build" else 0)
    starts_s = max(plan.starts_s + plan.lasts_s for plan in plans) + 4
    for environment in environments:
        lasts_s = between(60, 400, sha, "deploy", environment)
        name = f"deploy-{environment}"
        plans.append(
            JobPlan(
                name,
                "deploy",
                starts_s,
                lasts_s,
                is_failing=False,
                environment=environment,
            )
        )
        starts_s += lasts_s + 5
    return tuple(plans)


@dataclass(frozen=True, slots=True)
class Phase:
    """How far something is at a moment: status, when it started and ended."""

    status: str
    started_at: datetime | None
    finished_at: datetime | None


def phase_of_job(pipeline: Pipeline, plan: JobPlan, moment: datetime) -> Phase:
    """A job at a moment: created, running, success or failed."""
    starts_at = pipeline.created_at + timedelta(seconds=plan.starts_s)
    ends_at = starts_at + timedelta(seconds=plan.lasts_s)
    if moment < starts_at:
        return Phase("created", None, None)
    if moment < ends_at:
        return Phase("running", starts_at, None)
    return Phase("failed" if plan.is_failing else "success", starts_at, ends_at)


def phase_of_pipeline(pipeline: Pipeline, moment: datetime) -> Phase:
    """A pipeline at a moment: pending, running, success or failed."""
    phases = [phase_of_job(pipeline, plan, moment) for plan in job_plans(pipeline)]
    started_at = phases[0].started_at
    if started_at is None:
        return Phase("pending", None, None)
    ends = [phase.finished_at for phase in phases if phase.finished_at is not None]
    if len(ends) < len(phases):
        return Phase("running", started_at, None)
    return Phase("failed" if is_failing(pipeline) else "success", started_at, max(ends))

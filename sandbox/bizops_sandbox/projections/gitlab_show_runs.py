"""Pipelines, jobs, deployments and environments as the API shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import WEB_URL, between, stamp
from bizops_sandbox.projections.gitlab_runs import (
    JobPlan,
    job_plans,
    phase_of_job,
    phase_of_pipeline,
)
from bizops_sandbox.projections.gitlab_show_code import commit_row
from bizops_sandbox.projections.gitlab_show_people import basic, profile

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import Pipeline, Project

    Row = dict[str, Any]

TIERS = {"production": "production", "staging": "staging"}
_TEXTS = {"success": "passed", "failed": "failed", "running": "running"}


def _updated_at(pipeline: Pipeline, moment: datetime) -> datetime:
    """The last change of any of its jobs until now."""
    changes = [pipeline.created_at]
    for plan in job_plans(pipeline):
        phase = phase_of_job(pipeline, plan, moment)
        changes += [at for at in (phase.started_at, phase.finished_at) if at]
    return max(changes)


def pipeline_row(pipeline: Pipeline, moment: datetime) -> Row:
    """A pipeline as lists show it."""
    project = pipeline.project
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": project.id,
        "sha": pipeline.commit.sha,
        "ref": pipeline.ref,
        "status": phase_of_pipeline(pipeline, moment).status,
        "source": pipeline.source,
        "created_at": stamp(pipeline.created_at),
        "updated_at": stamp(_updated_at(pipeline, moment)),
        "web_url": f"{WEB_URL}/{project.full_path}/-/pipelines/{pipeline.id}",
        "name": None,
    }


def pipeline_detail(pipeline: Pipeline, moment: datetime) -> Row:
    """A pipeline alone: with its times and its coverage."""
    phase = phase_of_pipeline(pipeline, moment)
    duration_s = queued_s = coverage = None
    if phase.started_at is not None:
        queued_s = int((phase.started_at - pipeline.created_at).total_seconds())
    if phase.started_at is not None and phase.finished_at is not None:
        duration_s = int((phase.finished_at - phase.started_at).total_seconds())
    if phase.status == "success":
        coverage = f"{between(7_800, 9_200, pipeline.commit.sha, 'coverage') / 100:.2f}"
    path = f"/{pipeline.project.full_path}/-/pipelines/{pipeline.id}"
    text = _TEXTS.get(phase.status, phase.status)
    return pipeline_row(pipeline, moment) | {
        "before_sha": pipeline.before_sha,
        "tag": pipeline.is_tag,
        "yaml_errors": None,
        "user": basic(pipeline.user),
        "started_at": stamp(phase.started_at),
        "finished_at": stamp(phase.finished_at),
        "committed_at": None,
        "duration": duration_s,
        "queued_duration": queued_s,
        "coverage": coverage,
        "archived": False,
        "detailed_status": {
            "icon": f"status_{phase.status}",
            "text": text.capitalize(),
            "label": text,
            "group": phase.status,
            "tooltip": text,
            "has_details": False,
            "details_path": path,
            "illustration": None,
            "favicon": f"/assets/ci_favicons/favicon_status_{phase.status}.png",
        },
    }


def job_rows(pipeline: Pipeline, moment: datetime) -> list[Row]:
    """The jobs of a pipeline."""
    shared = {
        "user": profile(pipeline.user),
        "commit": commit_row(pipeline.project, pipeline.commit),
        "pipeline": pipeline_row(pipeline, moment),
    }
    return [
        job_row(pipeline, plan, pipeline.first_job_id + place, moment) | shared
        for place, plan in enumerate(job_plans(pipeline))
    ]


def job_row(pipeline: Pipeline, plan: JobPlan, job_id: int, moment: datetime) -> Row:
    """A job, without the user, commit and pipeline it shares with others."""
    phase = phase_of_job(pipeline, plan, moment)
    return {
        "id": job_id,
        "status": phase.status,
        "stage": plan.stage,
        "name": plan.name,
        "ref": pipeline.ref,
        "tag": pipeline.is_tag,
        "coverage": None,
        "allow_failure": False,
        "created_at": stamp(pipeline.created_at),
        "started_at": stamp(phase.started_at),
        "finished_at": stamp(phase.finished_at),
        "erased_at": None,
        "duration": float(plan.lasts_s) if phase.finished_at else None,
        "queued_duration": 1.5 if phase.started_at else None,
        "failure_reason": "script_failure" if phase.status == "failed" else None,
        "web_url": f"{WEB_URL}/{pipeline.project.full_path}/-/jobs/{job_id}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": [],
        "runner": None,
        "runner_manager": None,
        "artifacts_expire_at": None,
        "archived": False,
        "tag_list": [],
    }


def environment_row(project: Project, name: str, at: datetime) -> Row:
    """An environment where something names one."""
    place = sorted(TIERS).index(name)
    return {
        "id": project.id * 10 + place,
        "name": name,
        "slug": name,
        "external_url": f"https://{name}.{project.path}.brightloom.example",
        "created_at": stamp(at),
        "updated_at": stamp(at),
    }


def deployment_rows(pipeline: Pipeline, moment: datetime) -> list[Row]:
    """The deployments a pipeline has made until now."""
    rows = []
    for job, plan in zip(job_rows(pipeline, moment), job_plans(pipeline), strict=True):
        starts_at = pipeline.created_at + timedelta(seconds=plan.starts_s)
        if plan.environment is None or moment < starts_at:
            continue
        number, iid = pipeline.deployments[plan.environment]
        phase = phase_of_job(pipeline, plan, moment)
        project = pipeline.project
        rows.append(
            {
                "id": number,
                "iid": iid,
                "ref": pipeline.ref,
                "sha": pipeline.commit.sha,
                "created_at": stamp(starts_at),
                "updated_at": stamp(phase.finished_at or starts_at),
                "user": basic(pipeline.user),
                "environment": environment_row(
                    project, plan.environment, project.created_at
                ),
                "deployable": job,
                "status": phase.status,
            }
        )
    return rows


def environment_rows(project: Project, moment: datetime) -> list[Row]:
    """The environments a project has been deployed to, the oldest first."""
    first: dict[str, datetime] = {}
    for pipeline in project.pipelines:
        for plan in job_plans(pipeline):
            at = pipeline.created_at + timedelta(seconds=plan.starts_s)
            if plan.environment is not None and at <= moment:
                first.setdefault(plan.environment, at)
    return [
        environment_row(project, name, at)
        | {
            "state": "available",
            "tier": TIERS[name],
            "auto_stop_at": None,
            "auto_stop_setting": "always",
            "description": None,
        }
        for name, at in first.items()
    ]

"""Pipelines, jobs, deployments and environments; DORA metrics made from them."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_show_runs import job_rows, pipeline_detail
from bizops_sandbox.servers.gitlab.access import (
    group_of,
    may_see,
    named,
    project_of,
    simulator_of,
)
from bizops_sandbox.servers.gitlab.answers import (
    bad_request,
    forbidden,
    invalid,
    json_answer,
    missing,
)
from bizops_sandbox.servers.gitlab.kept_lists import (
    OF_UPDATES,
    kept_rows,
    updated_between,
)
from bizops_sandbox.servers.gitlab.paging import page_answer
from bizops_sandbox.servers.gitlab.parameters import (
    choice_of,
    day_of,
    list_of,
    moment_in,
    moment_of,
    text_of,
)
from bizops_sandbox.servers.gitlab.rows import check_feature, seen_row, updated_rows

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_records import Pipeline, Project

    Row = dict[str, Any]

_UP_AND_DOWN = ("asc", "desc")
_PIPELINE_ORDERS = ("id", "status", "ref", "updated_at", "user_id")
_DEPLOYMENT_ORDERS = ("id", "iid", "created_at", "updated_at", "finished_at", "ref")
_STATUSES = ("created", "running", "success", "failed", "canceled", "blocked")
_DORA = (
    "deployment_frequency",
    "lead_time_for_changes",
    "time_to_restore_service",
    "change_failure_rate",
)
_LONGEST_DORA = timedelta(days=180)


def _builds_of(request: Request) -> Project:
    return project_of(request, feature="builds")


async def list_pipelines(request: Request) -> Response:
    """Answer `GET .../pipelines`."""
    project = _builds_of(request)
    order = choice_of(request, "order_by", _PIPELINE_ORDERS, "id")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    rows = kept_rows(
        request,
        lambda: _pipelines(request, project, order=order, is_down=is_down),
        unapplied=OF_UPDATES,
    )
    rows = updated_between(
        request, rows, is_oldest_first=order == "updated_at" and not is_down
    )
    return page_answer(request, rows, kind="pipelines")


def _pipelines(
    request: Request, project: Project, *, order: str, is_down: bool
) -> list[Row]:
    """The pipelines some filters leave, in their order."""
    simulator = simulator_of(request)
    rows = updated_rows(
        simulator, "pipelines", simulator.site.rows("pipelines", project)
    )
    for name in ("status", "ref", "sha", "source"):
        wanted = text_of(request, name)
        rows = [row for row in rows if not wanted or row[name] == wanted]
    column = "id" if order == "user_id" else order
    rows.sort(key=lambda row: (row[column], row["id"]), reverse=is_down)
    return rows


def _pipeline_of(request: Request) -> Pipeline:
    project = _builds_of(request)
    for pipeline in simulator_of(request).site.pipelines_of(project):
        if str(pipeline.id) == named(request, "pipeline_id"):
            return pipeline
    raise missing()


async def show_pipeline(request: Request) -> Response:
    """Answer `GET .../pipelines/:id`, with its times."""
    simulator = simulator_of(request)
    check_feature(simulator, "pipelines")
    row = pipeline_detail(_pipeline_of(request), simulator.site.as_of)
    return json_answer(seen_row(simulator, "pipelines", row))


async def list_pipeline_jobs(request: Request) -> Response:
    """Answer `GET .../pipelines/:id/jobs`."""
    rows = job_rows(_pipeline_of(request), simulator_of(request).site.as_of)
    return page_answer(request, _in_scope(request, rows)[::-1], kind="jobs")


async def list_jobs(request: Request) -> Response:
    """Answer `GET .../jobs`: the newest first, also by keyset; no filter of time."""
    project, site = _builds_of(request), simulator_of(request).site
    rows = kept_rows(
        request, lambda: _in_scope(request, site.rows("jobs", project))[::-1]
    )
    return page_answer(request, rows, kind="jobs", keyset="cursor")


async def show_job(request: Request) -> Response:
    """Answer `GET .../jobs/:id`."""
    simulator, project = simulator_of(request), _builds_of(request)
    check_feature(simulator, "jobs")
    for row in simulator.site.rows("jobs", project):
        if str(row["id"]) == named(request, "job_id"):
            return json_answer(seen_row(simulator, "jobs", row))
    raise missing()


def _in_scope(request: Request, rows: list[Row]) -> list[Row]:
    scope = set(list_of(request, "scope"))
    return [row for row in rows if not scope or row["status"] in scope]


async def list_deployments(request: Request) -> Response:
    """Answer `GET .../deployments`: filters go together with their order only."""
    project = project_of(request)
    order = choice_of(request, "order_by", _DEPLOYMENT_ORDERS, "id")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "asc") == "desc"
    status = text_of(request, "status")
    if status and status not in _STATUSES:
        raise invalid("status does not have a valid value")
    _check_deployment_filters(request, order, status)
    rows = kept_rows(
        request,
        lambda: _deployments(request, project, status, order=order, is_down=is_down),
        unapplied=OF_UPDATES,
    )
    rows = updated_between(
        request, rows, is_oldest_first=order == "updated_at" and not is_down
    )
    return page_answer(request, rows, kind="deployments")


def _deployments(
    request: Request, project: Project, status: str, *, order: str, is_down: bool
) -> list[Row]:
    """The deployments some filters leave, in their order."""
    simulator, environment = simulator_of(request), text_of(request, "environment")
    rows = [
        row
        for row in updated_rows(
            simulator, "deployments", simulator.site.rows("deployments", project)
        )
        if (not status or row["status"] == status)
        and (not environment or row["environment"]["name"] == environment)
    ]
    if order == "finished_at":
        rows = [row for row in rows if row["deployable"]["finished_at"]]
        rows = _finished_in_time(request, rows)
    column = "updated_at" if order == "finished_at" else order
    rows.sort(key=lambda row: (row[column], row["id"]), reverse=is_down)
    return rows


def _finished_in_time(request: Request, rows: list[Row]) -> list[Row]:
    after = moment_of(request, "finished_after")
    before = moment_of(request, "finished_before")
    return [
        row
        for row in rows
        if (after is None or _finished_at(row) >= after)
        and (before is None or _finished_at(row) <= before)
    ]


def _finished_at(row: Row) -> datetime:
    return moment_in(row["deployable"]["finished_at"])


def _check_deployment_filters(request: Request, order: str, status: str) -> None:
    def is_given(name: str) -> bool:
        return any(text_of(request, f"{name}_{end}") for end in ("after", "before"))

    if is_given("updated") and order != "updated_at":
        raise bad_request("`updated_at` filter and `updated_at` sorting must be paired")
    if is_given("finished") and order != "finished_at":
        raise bad_request(
            "`finished_at` filter and `finished_at` sorting must be paired"
        )
    if is_given("finished") and status != "success":
        raise bad_request(
            "`finished_at` filter must be combined with `success` status filter."
        )


async def list_environments(request: Request) -> Response:
    """Answer `GET .../environments`."""
    project, name = project_of(request), text_of(request, "name")
    rows = [
        row
        for row in simulator_of(request).site.rows("environments", project)
        if not name or row["name"] == name
    ]
    return page_answer(request, rows, kind="environments")


async def show_dora(request: Request) -> Response:
    """Answer `GET .../dora/metrics` of a project or group: Ultimate only.

    Raises:
        Refused: 403 below Ultimate, 400 for a missing metric or too long a range.
    """
    simulator = simulator_of(request)
    site = simulator.site
    if "/groups/" in request.url.path:
        projects = site.projects_below(group_of(request))
    else:
        projects = [project_of(request)]
    if simulator.settings.tier != "ultimate":
        raise forbidden()
    if not text_of(request, "metric"):
        raise invalid("metric is missing")
    metric = choice_of(request, "metric", _DORA, "")
    interval = choice_of(request, "interval", ("all", "monthly", "daily"), "daily")
    end = day_of(request, "end_date") or simulator.as_of
    start = day_of(request, "start_date") or end - timedelta(days=90)
    if end - start > _LONGEST_DORA:
        raise bad_request(f"Date range must be shorter than {_LONGEST_DORA.days} days.")
    tiers = list_of(request, "environment_tiers") or ["production"]
    made = [
        row
        for project in projects
        if may_see(request, project)
        for row in site.rows("deployments", project)
        if row["environment"]["name"] in tiers
    ]
    lead = _lead_times(projects)
    return json_answer(_dora_rows(metric, interval, start, end, made, lead))


def _lead_times(projects: list[Project]) -> dict[str, str]:
    """When each merged commit was merged."""
    return {
        change.merge_sha: change.merged_at.isoformat()
        for project in projects
        for change in project.merge_requests
        if change.merge_sha is not None and change.merged_at is not None
    }


def _dora_rows(
    metric: str,
    interval: str,
    start: date,
    end: date,
    made: list[Row],
    merged: dict[str, str],
) -> list[Row]:
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    rows: dict[str | None, list[Row]] = {}
    for day in days:
        rows.setdefault(_bucket(day, interval), [])
    for row in made:
        day = moment_in(row["updated_at"]).date()
        if start <= day <= end and row["status"] in {"success", "failed"}:
            rows[_bucket(day, interval)].append(row)
    length = {"daily": 1, "monthly": 30, "all": len(days)}[interval]
    return [
        {"date": bucket, "value": _dora_value(metric, found, merged, length)}
        for bucket, found in rows.items()
    ]


def _bucket(day: date, interval: str) -> str | None:
    if interval == "all":
        return None
    return (day if interval == "daily" else day.replace(day=1)).isoformat()


def _dora_value(
    metric: str, made: list[Row], merged: dict[str, str], days: int
) -> float | None:
    if metric == "deployment_frequency":
        return round(len(made) / days, 4) if days > 1 else len(made)
    if metric != "lead_time_for_changes":
        return None
    waits = [
        (moment_in(row["updated_at"]) - moment_in(merged[row["sha"]])).total_seconds()
        for row in made
        if row["sha"] in merged
    ]
    return median(waits) if waits else None

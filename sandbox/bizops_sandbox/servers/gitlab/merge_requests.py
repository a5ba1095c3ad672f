"""One merge request: itself, its commits, notes, events, approvals, pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections import gitlab_show_changes as changes
from bizops_sandbox.projections.gitlab_ids import is_drawn
from bizops_sandbox.projections.gitlab_show_code import commit_row
from bizops_sandbox.projections.gitlab_show_runs import pipeline_row
from bizops_sandbox.servers.gitlab.access import named, project_of, simulator_of
from bizops_sandbox.servers.gitlab.answers import json_answer, missing
from bizops_sandbox.servers.gitlab.paging import page_answer
from bizops_sandbox.servers.gitlab.parameters import choice_of
from bizops_sandbox.servers.gitlab.rows import check_feature, seen_row

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_records import MergeRequest

_UP_AND_DOWN = ("asc", "desc")


def _change_of(request: Request) -> MergeRequest:
    project = project_of(request, feature="merge_requests")
    for change in project.merge_requests:
        if str(change.iid) == named(request, "iid"):
            return change
    raise missing()


async def show(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid`."""
    simulator = simulator_of(request)
    row = simulator.site.merge_request_detail(_change_of(request))
    return json_answer(seen_row(simulator, "merge_requests", row))


async def list_commits(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid/commits`, the newest first."""
    change = _change_of(request)
    rows = [commit_row(change.project, commit) for commit in reversed(change.commits)]
    return page_answer(request, rows, kind="merge_request_commits")


async def list_notes(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid/notes`."""
    change = _change_of(request)
    order = choice_of(request, "order_by", ("created_at", "updated_at"), "created_at")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    rows = [changes.note_row(change, note) for note in change.notes]
    rows.sort(key=lambda row: (row[order], row["id"]), reverse=is_down)
    return page_answer(request, rows, kind="notes")


async def list_state_events(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid/resource_state_events`."""
    rows = changes.state_event_rows(_change_of(request))
    return page_answer(request, rows, kind="resource_state_events")


async def show_approvals(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid/approvals`."""
    check_feature(simulator_of(request), "approvals")
    row = changes.approvals_row(_change_of(request))
    return json_answer(seen_row(simulator_of(request), "approvals", row))


async def list_pipelines(request: Request) -> Response:
    """Answer `GET .../merge_requests/:iid/pipelines`, the newest first."""
    change, moment = _change_of(request), simulator_of(request).site.as_of
    rows = [
        pipeline_row(pipeline, moment)
        for pipeline in reversed(change.pipelines)
        if pipeline.created_at <= moment
    ]
    return page_answer(request, rows, kind="pipelines")


async def list_issue_notes(request: Request) -> Response:
    """Answer `GET .../issues/:iid/notes`: nobody writes on issues here."""
    project = project_of(request, feature="issues")
    if not any(str(issue.iid) == named(request, "iid") for issue in project.issues):
        raise missing()
    return page_answer(request, [], kind="notes")


async def list_variables(request: Request) -> Response:
    """Answer `GET .../variables`: for maintainers only, and with secret values."""
    from bizops_sandbox.servers.gitlab.access import caller_of, group_of
    from bizops_sandbox.servers.gitlab.answers import forbidden

    is_group = "/groups/" in request.url.path
    key = (group_of(request) if is_group else project_of(request)).full_path
    if not caller_of(request).is_admin:
        raise forbidden()
    rows = [
        {
            "variable_type": "env_var",
            "key": "DEPLOY_KEY",
            "value": "sandbox-not-a-secret",
            "hidden": False,
            "protected": is_drawn(500, key, "protected"),
            "masked": False,
            "raw": False,
            "environment_scope": "*",
            "description": None,
        }
    ]
    return page_answer(request, rows, kind="variables")

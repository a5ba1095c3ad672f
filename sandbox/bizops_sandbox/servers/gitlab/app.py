"""The application of the GitLab server: every resource and what answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from bizops_sandbox.servers.gate import Gate
from bizops_sandbox.servers.gitlab import (
    change_lists,
    merge_requests,
    people,
    repository,
    runs,
    usage,
)
from bizops_sandbox.servers.gitlab import groups_and_projects as places
from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    answer_refusal,
    error_answer,
    json_answer,
)
from bizops_sandbox.servers.gitlab.control import CONTROL_ROUTES
from bizops_sandbox.servers.gitlab.gate import TOKEN_PATH, GitlabRules

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.gitlab.simulator import Simulator

_API = "/api/v4"
_INSTANCE = "/instances/{uuid}/api/v4"
_GROUP, _PROJECT = f"{_API}/groups/{{id}}", f"{_API}/projects/{{id}}"
_CHANGE = f"{_PROJECT}/merge_requests/{{iid}}"
_OF_BOTH = {
    "members": places.list_members,
    "members/all": places.list_members,
    "milestones": places.list_milestones,
    "labels": places.list_labels,
    "variables": merge_requests.list_variables,
    "dora/metrics": runs.show_dora,
}
_OF_GROUP = {
    "": places.show_group,
    "/subgroups": places.list_subgroups,
    "/descendant_groups": places.list_descendants,
    "/projects": places.list_group_projects,
    "/issues": change_lists.list_of_group,
    "/merge_requests": change_lists.list_of_group,
    "/releases": repository.list_group_releases,
    "/epics": places.list_epics,
    "/epics/{iid}/issues": places.list_epic_issues,
}
_OF_PROJECT = {
    "": places.show_project,
    "/issues": change_lists.list_of_project,
    "/issues/{iid}": change_lists.show_issue,
    "/issues/{iid}/notes": merge_requests.list_issue_notes,
    "/merge_requests": change_lists.list_of_project,
    "/pipelines": runs.list_pipelines,
    "/pipelines/{pipeline_id}": runs.show_pipeline,
    "/pipelines/{pipeline_id}/jobs": runs.list_pipeline_jobs,
    "/jobs": runs.list_jobs,
    "/jobs/{job_id}": runs.show_job,
    "/deployments": runs.list_deployments,
    "/environments": runs.list_environments,
    "/repository/commits": repository.list_commits,
    "/repository/commits/{sha}": repository.show_commit,
    "/repository/branches": repository.list_branches,
    "/repository/tags": repository.list_tags,
    "/repository/contributors": repository.list_contributors,
    "/languages": repository.show_languages,
    "/releases": repository.list_releases,
    "/releases/{tag}": repository.show_release,
    "/events": repository.list_events,
}
_OF_CHANGE = {
    "": merge_requests.show,
    "/commits": merge_requests.list_commits,
    "/notes": merge_requests.list_notes,
    "/resource_state_events": merge_requests.list_state_events,
    "/approvals": merge_requests.show_approvals,
    "/pipelines": merge_requests.list_pipelines,
}
_OF_SITE = {
    "/groups": places.list_groups,
    "/projects": places.list_projects,
    "/issues": change_lists.list_all,
    "/merge_requests": change_lists.list_all,
    "/users": people.list_users,
    "/users/{id}": people.show_user,
}
_OF_INSTANCE = {
    "/user": people.show_me,
    "/personal_access_tokens/self": people.show_token,
    "/version": usage.show_version,
    "/metadata": usage.show_metadata,
    "/license": usage.show_license,
    "/licenses": usage.list_licenses,
    "/application/statistics": usage.show_statistics,
    "/usage_data/service_ping": usage.show_ping,
    "/usage_data/metric_definitions": usage.show_definitions,
    "/usage_data/queries": usage.show_queries,
    "/usage_data/non_sql_metrics": usage.show_non_sql,
}


def build_app(simulator: Simulator) -> Starlette:
    """Build the application over a simulator, control interface included."""
    app = Starlette(
        routes=[*_routes(), *CONTROL_ROUTES],
        middleware=[
            Middleware(Gate, rules=GitlabRules(simulator)),
            Middleware(GZipMiddleware, minimum_size=1_024, compresslevel=1),
        ],
        exception_handlers={
            Refused: answer_refusal,
            HTTPException: _answer_unrouted,
            Exception: _answer_failure,
        },
    )
    app.state.simulator = simulator
    return app


def _routes() -> list[Route]:
    tables = (
        (_API, _OF_SITE),
        (_API, _OF_INSTANCE),
        (_INSTANCE, _OF_INSTANCE),
        (_GROUP, _OF_GROUP),
        (_PROJECT, _OF_PROJECT),
        (_CHANGE, _OF_CHANGE),
    )
    routes = [Route(TOKEN_PATH, people.give_token, methods=["POST"])]
    for base, table in tables:
        routes += [Route(base + path, answer) for path, answer in table.items()]
    for base in (_GROUP, _PROJECT):
        routes += [Route(f"{base}/{path}", do) for path, do in _OF_BOTH.items()]
    return routes


async def _answer_unrouted(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return json_answer({"error": "405 Not Allowed"}, status=405)
    return error_answer(404, "404 Not Found")


async def _answer_failure(_request: Request, _error: Exception) -> Response:
    return json_answer({"message": "500 Internal Server Error"}, status=500)

"""What endpoints share: the simulator, who asks, the group or project that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.responses import Response

from bizops_sandbox.servers.gitlab.answers import Refused, forbidden, missing
from bizops_sandbox.servers.gitlab.imported import (
    GROUP_ID,
    GROUP_PATH,
    PROJECT_ID,
    PROJECT_PATH,
    imported_group,
    imported_project,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.projections.gitlab_records import Group, Project
    from bizops_sandbox.servers.gitlab.simulator import Simulator
    from bizops_sandbox.servers.gitlab.tokens import Caller

# Stands for a slash inside a path segment (`brightloom%2Fcore`).
SLASH = "\x1f"
CALLER_KEY = "bizops_sandbox.gitlab.caller"


def simulator_of(request: Request) -> Simulator:
    """Return the simulator that serves a request."""
    simulator: Simulator = request.app.state.simulator
    return simulator


def caller_of(request: Request) -> Caller:
    """Return who sends a request."""
    return cast("Caller", request.scope[CALLER_KEY])


def named(request: Request, parameter: str = "id") -> str:
    """Return a path parameter with its slashes."""
    return str(request.path_params[parameter]).replace(SLASH, "/")


def may_see(request: Request, project: Project) -> bool:
    """Whether the caller may see a project."""
    return not project.is_private or caller_of(request).is_admin


def group_of(request: Request) -> Group:
    """Return the group in a request's path.

    Raises:
        Refused: 404 when there is none.
    """
    simulator, name = simulator_of(request), named(request)
    if name in {str(GROUP_ID), GROUP_PATH}:
        return imported_group()
    for group in simulator.site.groups.values():
        if name == str(group.id) or name.lower() == group.full_path:
            return group
    raise missing("Group")


def project_of(request: Request, *, feature: str | None = None) -> Project:
    """Return the project in a request's path.

    Raises:
        Refused: 404 when there is none, 301 when it moved, 403 or 404 when the
            feature is switched off.
    """
    simulator, name = simulator_of(request), named(request)
    if name in {str(PROJECT_ID), f"{GROUP_PATH}/{PROJECT_PATH}"}:
        project = imported_project(simulator.site)
    else:
        project = _find_project(request, name)
    _check_faults(request, project, name)
    if feature is not None and feature in project.disabled:
        if simulator.settings.disabled_status == 403:
            raise forbidden()
        raise missing(feature.removesuffix("s").replace("_", " ").title())
    return project


def _find_project(request: Request, name: str) -> Project:
    for project in simulator_of(request).site.projects.values():
        if not may_see(request, project):
            continue
        if name == str(project.id) or name.lower() == project.full_path:
            return project
        if any(name.lower() == old for old, _ in project.moves):
            raise _moved(request, project)
    raise missing("Project")


def _check_faults(request: Request, project: Project, name: str) -> None:
    simulator = simulator_of(request)
    for fault in simulator.faults.lasting("project_deleted"):
        if str(fault.parameters["project"]) in {str(project.id), project.full_path}:
            fault.used += 1
            raise missing("Project")
    for fault in simulator.faults.lasting("project_moved"):
        if str(fault.parameters["project"]) == project.full_path == name:
            fault.used += 1
            raise _moved(request, project)


def _moved(request: Request, project: Project) -> Refused:
    """The refusal that leads on to the project's id, the rest of the URL kept."""
    url, path = request.url, request.scope["raw_path"].decode("ascii")
    segments = path.split("/")
    place = segments.index("projects") + 1
    segments[place] = str(project.id)
    query = f"?{url.query}" if url.query else ""
    location = f"{url.scheme}://{url.netloc}{'/'.join(segments)}{query}"
    text = f"This resource has been moved permanently to {location}"
    headers = {"Location": location}
    return Refused(
        Response(text, status_code=301, headers=headers, media_type="text/plain")
    )

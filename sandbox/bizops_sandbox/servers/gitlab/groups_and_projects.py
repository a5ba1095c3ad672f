"""Groups and projects: lists, single ones, members, milestones, labels, epics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections import gitlab_show_places as places
from bizops_sandbox.projections.gitlab_planning import project_milestone_rows
from bizops_sandbox.projections.gitlab_records import Group
from bizops_sandbox.projections.gitlab_show_people import members_of
from bizops_sandbox.servers.gitlab.access import (
    caller_of,
    group_of,
    may_see,
    named,
    project_of,
    simulator_of,
)
from bizops_sandbox.servers.gitlab.answers import (
    forbidden,
    json_answer,
    missing,
)
from bizops_sandbox.servers.gitlab.imported import (
    GROUP_ID,
    PROJECT_ID,
    imported_group,
    imported_project,
)
from bizops_sandbox.servers.gitlab.paging import MOST_ROWS, page_answer
from bizops_sandbox.servers.gitlab.parameters import (
    choice_of,
    flag_of,
    list_of,
    moment_in,
    moment_of,
    text_of,
)
from bizops_sandbox.servers.gitlab.rows import seen_row, updated_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_records import Project

    Row = dict[str, Any]

_UP_AND_DOWN = ("asc", "desc")
_GROUP_ORDERS = ("name", "path", "id", "similarity")
_PROJECT_ORDERS = (
    "id",
    "name",
    "path",
    "created_at",
    "updated_at",
    "last_activity_at",
    "similarity",
    "star_count",
    "storage_size",
    "repository_size",
    "wiki_size",
    "packages_size",
)
_EPIC_ORDERS = ("created_at", "updated_at", "title")


async def list_groups(request: Request) -> Response:
    """Answer `GET /groups`: every group one may see."""
    groups = [imported_group(), *simulator_of(request).site.groups.values()]
    if flag_of(request, "top_level_only"):
        groups = [group for group in groups if group.parent is None]
    return _group_answer(request, groups)


async def list_subgroups(request: Request) -> Response:
    """Answer `GET /groups/:id/subgroups`: the groups right below."""
    group = group_of(request)
    below = simulator_of(request).site.groups_below(group)
    return _group_answer(request, [each for each in below if each.parent is group])


async def list_descendants(request: Request) -> Response:
    """Answer `GET /groups/:id/descendant_groups`."""
    return _group_answer(
        request, simulator_of(request).site.groups_below(group_of(request))
    )


def _group_answer(request: Request, groups: list[Group]) -> Response:
    order = choice_of(request, "order_by", _GROUP_ORDERS, "name")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "asc") == "desc"
    search = text_of(request, "search").lower()
    rows = [
        places.group_row(group)
        for group in groups
        if search in group.full_path.lower() or search in group.name.lower()
    ]
    column = order if order != "similarity" else "name"
    rows.sort(key=lambda row: row[column], reverse=is_down)
    return page_answer(request, rows, kind="groups", keyset="name")


async def show_group(request: Request) -> Response:
    """Answer `GET /groups/:id`; its projects are told up to a hundred."""
    simulator, group = simulator_of(request), group_of(request)
    row = places.group_detail(group)
    if flag_of(request, "with_projects", default=True):
        mine = [
            simulator.site.project_row(each)
            for each in _below(request, group)
            if each.group.id == group.id
        ]
        row |= {"projects": mine[:MOST_ROWS], "shared_projects": []}
    return json_answer(seen_row(simulator, "groups", row))


def _below(request: Request, group: Group) -> list[Project]:
    site = simulator_of(request).site
    if group.id == GROUP_ID:
        return [imported_project(site)]
    return [each for each in site.projects_below(group) if may_see(request, each)]


async def list_group_projects(request: Request) -> Response:
    """Answer `GET /groups/:id/projects`."""
    group = group_of(request)
    found = _below(request, group)
    if not flag_of(request, "include_subgroups"):
        found = [each for each in found if each.group.id == group.id]
    return _project_answer(request, found)


async def list_projects(request: Request) -> Response:
    """Answer `GET /projects`, also by keyset of the id."""
    site = simulator_of(request).site
    found = [each for each in site.projects.values() if may_see(request, each)]
    found.insert(0, imported_project(site))
    return _project_answer(request, found, keyset="id")


def _project_answer(
    request: Request, projects: list[Project], *, keyset: str | None = None
) -> Response:
    simulator = simulator_of(request)
    order = choice_of(request, "order_by", _PROJECT_ORDERS, "created_at")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    if text_of(request, "archived"):
        wanted = flag_of(request, "archived")
        projects = [each for each in projects if each.is_archived == wanted]
    is_simple = flag_of(request, "simple") or caller_of(request).token is None
    by_id = {each.id: each for each in projects}
    rows: list[Row] = [
        places.simple_project_row(each)
        if is_simple
        else simulator.site.project_row(each)
        for each in projects
    ]
    rows = updated_rows(simulator, "projects", rows) if not is_simple else rows
    after = moment_of(request, "last_activity_after")
    search = text_of(request, "search").lower()
    rows = [
        row
        for row in rows
        if (after is None or moment_in(row["last_activity_at"]) >= after)
        and search in row["path_with_namespace"].lower()
    ]
    column = order if rows and order in rows[0] else "id"
    rows.sort(key=lambda row: (row[column], row["id"]), reverse=is_down)
    finish = None
    if flag_of(request, "statistics"):
        finish = partial(_with_statistics, by_id)
    return page_answer(request, rows, kind="projects", keyset=keyset, finish=finish)


def _with_statistics(projects: Mapping[int, Project], row: Row) -> Row:
    """The row with the project's sizes."""
    return row | {"statistics": places.statistics(projects[row["id"]])}


async def show_project(request: Request) -> Response:
    """Answer `GET /projects/:id`."""
    simulator, project = simulator_of(request), project_of(request)
    row = simulator.site.project_row(project)
    if flag_of(request, "statistics"):
        row["statistics"] = places.statistics(project)
    if flag_of(request, "license"):
        row |= {"license_url": None, "license": None}
    return json_answer(seen_row(simulator, "projects", row))


async def list_members(request: Request) -> Response:
    """Answer `GET .../members` (one's own) and `.../members/all` (inherited too)."""
    site = simulator_of(request).site
    is_group = "/groups/" in request.url.path
    place: Group | Project = group_of(request) if is_group else project_of(request)
    # Everybody is a member of the top group, and of nothing else by themselves.
    is_direct = place is site.state.groups["brightloom"]
    is_all = request.url.path.endswith("/all")
    is_own = is_direct or (is_all and place.id not in {GROUP_ID, PROJECT_ID})
    rows = members_of(site.people, place) if is_own else []
    wanted, query = set(list_of(request, "user_ids")), text_of(request, "query").lower()
    rows = [
        row
        for row in rows
        if (not wanted or str(row["id"]) in wanted)
        and (query in row["username"].lower() or query in row["name"].lower())
    ]
    return page_answer(request, rows, kind="members")


async def list_milestones(request: Request) -> Response:
    """Answer `GET .../milestones`: the group's, or the few of a project's own."""
    is_group = "/groups/" in request.url.path
    place: Group | Project = group_of(request) if is_group else project_of(request)
    state = choice_of(request, "state", ("active", "closed", "all"), "all")
    after = moment_of(request, "updated_after")
    own = [] if isinstance(place, Group) else project_milestone_rows(place)
    is_shown = flag_of(request, "include_ancestors") or (
        is_group and place.full_path == "brightloom"
    )
    rows = [
        row
        for row in (*own, *(simulator_of(request).site.milestones if is_shown else ()))
        if (state in {"all", row["state"]})
        and (after is None or moment_in(row["updated_at"]) >= after)
    ]
    return page_answer(request, rows, kind="milestones")


async def list_labels(request: Request) -> Response:
    """Answer `GET .../labels`; a project shows those of its groups, too."""
    is_group = "/groups/" in request.url.path
    place: Group | Project = group_of(request) if is_group else project_of(request)
    rows = list(simulator_of(request).site.labels)
    if place.id in {GROUP_ID, PROJECT_ID}:
        rows = []
    if not is_group:
        rows = [row | {"priority": None, "is_project_label": False} for row in rows]
    if flag_of(request, "with_counts"):
        rows = [_with_counts(request, row) for row in rows]
    search = text_of(request, "search").lower()
    return page_answer(
        request, [row for row in rows if search in row["name"].lower()], kind="labels"
    )


def _with_counts(request: Request, label: Row) -> Row:
    site = simulator_of(request).site
    counts = {
        "open_issues_count": 0,
        "closed_issues_count": 0,
        "open_merge_requests_count": 0,
    }
    for project in site.projects.values():
        for row in site.rows("issues", project):
            if label["name"] in row["labels"]:
                is_open = row["state"] == "opened"
                counts["open_issues_count" if is_open else "closed_issues_count"] += 1
        counts["open_merge_requests_count"] += sum(
            1
            for row in site.rows("merge_requests", project)
            if row["state"] == "opened" and label["name"] in row["labels"]
        )
    return label | counts


def _check_epics(request: Request) -> None:
    settings = simulator_of(request).settings
    if settings.tier == "free":
        raise missing() if settings.missing_epics_status == 404 else forbidden()


async def list_epics(request: Request) -> Response:
    """Answer `GET /groups/:id/epics`: Premium and Ultimate."""
    group = group_of(request)
    _check_epics(request)
    order = choice_of(request, "order_by", _EPIC_ORDERS, "created_at")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    state = choice_of(request, "state", ("opened", "closed", "all"), "all")
    after, before = (
        moment_of(request, "updated_after"),
        moment_of(request, "updated_before"),
    )
    rows = [
        row
        for row in simulator_of(request).site.epics
        if row["group_id"] == group.id
        and state in {"all", row["state"]}
        and (after is None or moment_in(row["updated_at"]) >= after)
        and (before is None or moment_in(row["updated_at"]) <= before)
    ]
    rows.sort(key=lambda row: (row[order], row["id"]), reverse=is_down)
    return page_answer(request, rows, kind="epics")


async def list_epic_issues(request: Request) -> Response:
    """Answer `GET /groups/:id/epics/:iid/issues`."""
    group = group_of(request)
    _check_epics(request)
    site, iid = simulator_of(request).site, named(request, "iid")
    known = [row for row in site.epics if row["group_id"] == group.id]
    if not any(str(row["iid"]) == iid for row in known):
        raise missing()
    return page_answer(request, site.epic_issues(int(iid)), kind="epic_issues")

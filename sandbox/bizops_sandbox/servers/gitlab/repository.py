"""A project's repository: commits, branches, tags, contributors, languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections import gitlab_show_code as code
from bizops_sandbox.projections.gitlab_show_runs import pipeline_row
from bizops_sandbox.projections.gitlab_state import DEFAULT_BRANCH
from bizops_sandbox.servers.gitlab.access import (
    group_of,
    may_see,
    named,
    project_of,
    simulator_of,
)
from bizops_sandbox.servers.gitlab.answers import failed, invalid, json_answer, missing
from bizops_sandbox.servers.gitlab.imported import GROUP_ID
from bizops_sandbox.servers.gitlab.kept_lists import kept_rows
from bizops_sandbox.servers.gitlab.paging import page_answer
from bizops_sandbox.servers.gitlab.parameters import (
    choice_of,
    flag_of,
    moment_of,
    text_of,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_records import Project

    Row = dict[str, Any]

_UP_AND_DOWN = ("asc", "desc")


def _repository_of(request: Request) -> Project:
    """The project, whose repository has something in it.

    Raises:
        Refused: 404 for an empty repository, unless its lists are to be empty.
    """
    project = project_of(request, feature="repository")
    is_missing = simulator_of(request).settings.empty_repository == "missing"
    if project.is_empty and is_missing:
        raise missing("Repository")
    return project


async def list_commits(request: Request) -> Response:
    """Answer `GET .../repository/commits`: newest first, never with totals."""
    project = _repository_of(request)
    rows = kept_rows(request, lambda: _commits(request, project))
    with_stats = flag_of(request, "with_stats")
    for fault in simulator_of(request).faults.lasting("heavy_stats"):
        if with_stats:
            fault.used += 1
            raise failed(int(fault.parameters["status"]))
    return page_answer(
        request,
        rows,
        kind="commits",
        finish=_with_stats if with_stats else None,
        has_totals=False,
    )


def _commits(request: Request, project: Project) -> list[Row]:
    """The commits a request's filters leave, the newest first."""
    ref = text_of(request, "ref_name", DEFAULT_BRANCH)
    choice_of(request, "order", ("default", "topo"), "default")
    since, until = moment_of(request, "since"), moment_of(request, "until")
    author = text_of(request, "author").lower()
    site = simulator_of(request).site
    return [
        site.commit_row(project, commit)
        for commit in code.commits_on(project, None if flag_of(request, "all") else ref)
        if (since is None or commit.committed_at >= since)
        and (until is None or commit.committed_at <= until)
        and author in f"{commit.author.name} {commit.author.email}".lower()
    ]


def _with_stats(row: Row) -> Row:
    """The row with the lines of the commit."""
    return row | {"stats": code.stats_of(row["id"])}


async def show_commit(request: Request) -> Response:
    """Answer `GET .../repository/commits/:sha`, also by branch or tag."""
    project, name = _repository_of(request), named(request, "sha")
    wanted = project.heads[name].sha if name in project.heads else name
    for commit in project.commits:
        if len(wanted) >= 7 and commit.sha.startswith(wanted):
            moment = simulator_of(request).site.as_of
            runs = [
                pipeline_row(pipeline, moment)
                for pipeline in simulator_of(request).site.pipelines_of(project)
                if pipeline.commit is commit
            ]
            return json_answer(
                code.commit_row(project, commit)
                | {
                    "stats": code.stats_of(commit.sha),
                    "status": runs[-1]["status"] if runs else None,
                    "project_id": project.id,
                    "last_pipeline": runs[-1] if runs else None,
                }
            )
    raise missing("Commit")


async def list_branches(request: Request) -> Response:
    """Answer `GET .../repository/branches`."""
    project = _repository_of(request)
    search = text_of(request, "search").lower()
    rows = [
        row
        for row in simulator_of(request).site.rows("branches", project)
        if search in row["name"].lower()
    ]
    return page_answer(request, rows, kind="branches", keyset="name")


async def list_tags(request: Request) -> Response:
    """Answer `GET .../repository/tags`, the last updated first."""
    project = _repository_of(request)
    order = choice_of(request, "order_by", ("name", "updated", "version"), "updated")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    rows = list(simulator_of(request).site.rows("tags", project))
    if order == "name":
        rows.sort(key=lambda row: row["name"], reverse=True)
    return page_answer(request, rows if is_down else rows[::-1], kind="tags")


async def list_contributors(request: Request) -> Response:
    """Answer `GET .../repository/contributors`: by commits, the fewest first."""
    project = _repository_of(request)
    order = choice_of(request, "order_by", ("name", "email", "commits"), "commits")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "asc") == "desc"
    rows = code.contributor_rows(code.commits_on(project, DEFAULT_BRANCH))
    rows.sort(key=lambda row: row[order], reverse=is_down)
    return page_answer(request, rows, kind="contributors")


async def show_languages(request: Request) -> Response:
    """Answer `GET .../languages`."""
    project = project_of(request, feature="repository")
    return json_answer({} if project.is_empty else project.languages)


async def list_releases(request: Request) -> Response:
    """Answer `GET .../releases`."""
    project = project_of(request)
    rows = list(simulator_of(request).site.rows("releases", project))
    return _release_answer(request, rows)


async def list_group_releases(request: Request) -> Response:
    """Answer `GET /groups/:id/releases`: of all projects, without totals."""
    group, site = group_of(request), simulator_of(request).site
    if group.id == GROUP_ID:
        return _release_answer(request, [])
    rows = [
        row
        for project in site.projects_below(group)
        if may_see(request, project)
        for row in site.rows("releases", project)
    ]
    return _release_answer(request, rows)


def _release_answer(request: Request, rows: list[Row]) -> Response:
    order = choice_of(request, "order_by", ("released_at", "created_at"), "released_at")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    rows.sort(key=lambda row: row[order], reverse=is_down)
    return page_answer(request, rows, kind="releases")


async def show_release(request: Request) -> Response:
    """Answer `GET .../releases/:tag`."""
    project, tag = project_of(request), named(request, "tag")
    for row in simulator_of(request).site.rows("releases", project):
        if row["tag_name"] == tag:
            return json_answer(row)
    raise missing()


async def list_events(request: Request) -> Response:
    """Answer `GET .../events`: whole days, `after` and `before` exclusive."""
    from bizops_sandbox.servers.gitlab.parameters import day_of, moment_in

    project = project_of(request)
    after, before = day_of(request, "after"), day_of(request, "before")
    is_down = choice_of(request, "sort", _UP_AND_DOWN, "desc") == "desc"
    action = text_of(request, "action")
    if action and not action.isalpha():
        raise invalid("action does not have a valid value")
    rows = [
        row
        for row in simulator_of(request).site.rows("events", project)
        if (after is None or moment_in(row["created_at"]).date() > after)
        and (before is None or moment_in(row["created_at"]).date() < before)
        and action in row["action_name"]
    ]
    rows.sort(key=lambda row: row["id"], reverse=is_down)
    return page_answer(request, rows, kind="events")

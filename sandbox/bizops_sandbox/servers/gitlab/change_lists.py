"""Lists of issues and merge requests: of everything, a group or a project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.gitlab.access import (
    caller_of,
    group_of,
    may_see,
    named,
    project_of,
    simulator_of,
)
from bizops_sandbox.servers.gitlab.answers import json_answer, missing
from bizops_sandbox.servers.gitlab.imported import GROUP_ID, PROJECT_ID
from bizops_sandbox.servers.gitlab.kept_lists import (
    OF_UPDATES,
    kept_rows,
    updated_between,
)
from bizops_sandbox.servers.gitlab.paging import page_answer
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
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_records import Group, Project

    Row = dict[str, Any]

_SCOPES = ("created_by_me", "assigned_to_me", "all", "created-by-me", "assigned-to-me")
_ORDERS = {
    "issues": (
        "created_at",
        "updated_at",
        "due_date",
        "label_priority",
        "milestone_due",
        "popularity",
        "priority",
        "relative_position",
        "title",
        "weight",
        "id",
    ),
    "merge_requests": ("created_at", "updated_at", "title", "merged_at", "id"),
}
_STATES = {
    "issues": ("all", "opened", "closed"),
    "merge_requests": ("all", "opened", "closed", "locked", "merged"),
}
_TIMES = (
    ("created_after", "created_at", True),
    ("created_before", "created_at", False),
    ("merged_after", "merged_at", True),
    ("merged_before", "merged_at", False),
)


async def list_of_group(request: Request) -> Response:
    """Answer `GET /groups/:id/issues` and `/groups/:id/merge_requests`."""
    group, kind = group_of(request), _kind(request)
    rows = partial(_group_rows, request, group, kind)
    return _answer(request, kind, rows, scope="all")


async def list_of_project(request: Request) -> Response:
    """Answer `GET /projects/:id/issues` and `/projects/:id/merge_requests`."""
    kind = _kind(request)
    project = project_of(request, feature=kind)
    rows = partial(_project_rows, request, project, kind)
    may_keyset = kind == "issues" and simulator_of(request).settings.keyset_issues
    return _answer(
        request, kind, rows, scope="all", keyset="cursor" if may_keyset else None
    )


async def list_all(request: Request) -> Response:
    """Answer `GET /issues` and `/merge_requests`: one's own unless `scope=all`."""
    kind, site = _kind(request), simulator_of(request).site
    projects = [each for each in site.projects.values() if may_see(request, each)]

    def rows() -> Iterable[Row]:
        return [row for each in projects for row in _project_rows(request, each, kind)]

    return _answer(request, kind, rows, scope="created_by_me")


async def show_issue(request: Request) -> Response:
    """Answer `GET /projects/:id/issues/:iid`."""
    project = project_of(request, feature="issues")
    for row in _project_rows(request, project, "issues"):
        if str(row["iid"]) == named(request, "iid"):
            return json_answer(seen_row(simulator_of(request), "issues", row))
    raise missing()


def _kind(request: Request) -> str:
    return request.url.path.rstrip("/").rsplit("/", 1)[-1]


def _project_rows(request: Request, project: Project, kind: str) -> Sequence[Row]:
    simulator = simulator_of(request)
    if project.id == PROJECT_ID:
        return simulator.imported_issues if kind == "issues" else []
    if kind in project.disabled:
        return []
    return simulator.site.rows(kind, project)


def _group_rows(request: Request, group: Group, kind: str) -> Iterable[Row]:
    simulator = simulator_of(request)
    if group.id == GROUP_ID:
        return simulator.imported_issues if kind == "issues" else []
    return [
        row
        for project in simulator.site.projects_below(group)
        if may_see(request, project)
        and not (project.is_archived and flag_of(request, "non_archived", default=True))
        for row in _project_rows(request, project, kind)
    ]


def _answer(
    request: Request,
    kind: str,
    rows: Callable[[], Iterable[Row]],
    *,
    scope: str,
    keyset: str | None = None,
) -> Response:
    """Filter, sort and page a list."""
    caller_of(request).need("read_api")
    order = choice_of(request, "order_by", _ORDERS[kind], "created_at")
    is_down = choice_of(request, "sort", ("asc", "desc"), "desc") == "desc"
    found = kept_rows(
        request,
        lambda: _sorted(request, kind, rows, scope, order=order, is_down=is_down),
        unapplied=OF_UPDATES,
    )
    found = updated_between(
        request, found, is_oldest_first=order == "updated_at" and not is_down
    )
    finish = None
    if flag_of(request, "with_labels_details"):
        labels = {row["name"]: row for row in simulator_of(request).site.labels}
        finish = partial(_with_labels, labels)
    return page_answer(request, found, kind=kind, keyset=keyset, finish=finish)


def _sorted(
    request: Request,
    kind: str,
    rows: Callable[[], Iterable[Row]],
    scope: str,
    *,
    order: str,
    is_down: bool,
) -> list[Row]:
    """The rows a request's filters leave, but for those of updates, in their order."""
    is_all = choice_of(request, "scope", _SCOPES, scope) == "all"
    found = list(rows()) if is_all else []
    found = updated_rows(simulator_of(request), kind, found)
    found = _filtered(request, kind, found)
    column = order if order in {"title", "merged_at", "updated_at", "id"} else None
    found.sort(
        key=lambda row: (row[column or "created_at"] or "", row["id"]),
        reverse=is_down,
    )
    return found


def _with_labels(labels: Mapping[str, Row], row: Row) -> Row:
    """The row with its labels in full."""
    return row | {
        "labels": [labels.get(name, {"name": name}) for name in row["labels"]]
    }


def _filtered(request: Request, kind: str, rows: list[Row]) -> list[Row]:
    state = choice_of(request, "state", _STATES[kind], "all")
    if state != "all":
        rows = [row for row in rows if row["state"] == state]
    for name, column, is_after in _TIMES:
        limit = moment_of(request, name)
        if limit is None or (column == "merged_at" and kind == "issues"):
            continue
        rows = [
            row
            for row in rows
            if row[column] is not None
            and (
                moment_in(row[column]) >= limit
                if is_after
                else moment_in(row[column]) <= limit
            )
        ]
    return _filtered_by_value(request, rows)


def _filtered_by_value(request: Request, rows: list[Row]) -> list[Row]:
    labels, iids = set(list_of(request, "labels")), set(list_of(request, "iids"))
    if labels:
        rows = [row for row in rows if labels <= set(row["labels"])]
    if iids:
        rows = [row for row in rows if str(row["iid"]) in iids]
    author, username = (
        text_of(request, "author_id"),
        text_of(request, "author_username"),
    )
    if author:
        rows = [row for row in rows if str(row["author"]["id"]) == author]
    if username:
        rows = [row for row in rows if row["author"]["username"] == username]
    milestone, branch = text_of(request, "milestone"), text_of(request, "target_branch")
    if milestone:
        rows = [
            row for row in rows if (row["milestone"] or {}).get("title") == milestone
        ]
    if branch:
        rows = [row for row in rows if row.get("target_branch") == branch]
    search = text_of(request, "search").lower()
    return [row for row in rows if search in str(row["title"]).lower()]

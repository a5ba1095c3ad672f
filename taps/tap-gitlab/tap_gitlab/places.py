"""The groups and projects of a run, found by what the config names."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError, SettingsError
from reading_kit.timestamps import parse_instant
from tap_gitlab.addresses import encode_id
from tap_gitlab.columns import columns
from tap_gitlab.judging import is_left_out, lacks_scope
from tap_gitlab.lists import ListPlan, read_list
from tap_gitlab.page_source import PageSource
from tap_gitlab.rows import RowReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tap_gitlab.client import GitlabClient
    from tap_gitlab.settings import Settings

logger = logging.getLogger(__name__)

_BY_ID = {"order_by": "id", "sort": "asc"}
_GROUP_ROWS = RowReader.of("groups", columns(whole="id", text="full_path"))
_PROJECT_ROWS = RowReader.of(
    "projects",
    columns(
        whole="id",
        text="path_with_namespace",
        moment="created_at last_activity_at",
    ),
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group."""

    id: int
    full_path: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Attributes:
        group_id: The configured group it was found under; none for a lone project.
        active_at: Its last activity, which GitLab tells up to an hour late.
    """

    id: int
    path: str
    created_at: datetime | None
    active_at: datetime | None
    group_id: int | None = None


def without_those_below(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Give the groups that are not below another of them, each once."""
    by_path = {group.full_path: group for group in groups}
    return tuple(
        group
        for path, group in by_path.items()
        if not any(path.startswith(f"{other}/") for other in by_path)
    )


class Places:
    """What there is to read below the configured groups, and the lone projects.

    Everything is asked for once, when it is first needed.

    Attributes:
        groups: The configured groups but those below another of them.
    """

    def __init__(
        self,
        client: GitlabClient,
        settings: Settings,
        *,
        groups: tuple[Group, ...],
        named_projects: tuple[Project, ...],
    ) -> None:
        self._client = client
        self._settings = settings
        self._lock = threading.RLock()
        self._named = named_projects
        self._all_groups: tuple[Group, ...] | None = None
        self._projects: tuple[Project, ...] | None = None
        self.groups = groups

    @classmethod
    def find(cls, client: GitlabClient, settings: Settings) -> Places:
        """Find the configured groups and projects.

        Raises:
            SettingsError: some are not there; all of them are listed.
        """
        if settings.site.credentials.is_job:
            # A job's token does not open the projects themselves.
            projects = [Project(int(n), n, None, None) for n in settings.projects]
            return cls(client, settings, groups=(), named_projects=tuple(projects))
        missing: list[str] = []
        groups = [
            Group(document["id"], document["full_path"])
            for name in settings.groups
            if (document := _find(client, "groups", name, missing)) is not None
        ]
        projects = [
            _to_project(document)
            for name in settings.projects
            if (document := _find(client, "projects", name, missing)) is not None
        ]
        if missing:
            _tell_missing(missing, client, is_fatal=not settings.are_missing_ignored)
        kept = (
            without_those_below(groups)
            if settings.are_subgroups_included
            else tuple({group.id: group for group in groups}.values())
        )
        named = tuple({project.id: project for project in projects}.values())
        return cls(client, settings, groups=kept, named_projects=named)

    @property
    def projects(self) -> tuple[Project, ...]:
        """Give all projects, each once."""
        with self._lock:
            if self._projects is None:
                self._projects = self._list_projects()
            return self._projects

    @property
    def lone_projects(self) -> tuple[Project, ...]:
        """Give the configured projects that are in none of the groups."""
        return tuple(each for each in self.projects if each.group_id is None)

    def projects_of(self, group: Group) -> list[Project]:
        """Give the projects found under a configured group."""
        return [each for each in self.projects if each.group_id == group.id]

    @property
    def all_groups(self) -> tuple[Group, ...]:
        """Give the configured groups and, unless switched off, those below."""
        with self._lock:
            if self._all_groups is None:
                self._all_groups = self._list_groups()
            return self._all_groups

    def group_project_params(self) -> dict[str, str]:
        """Give the parameters of a list of a group's projects.

        Projects that are only shared with the group belong elsewhere.
        """
        params = {**_BY_ID, "with_shared": "false"}
        if self._settings.are_subgroups_included:
            params["include_subgroups"] = "true"
        if not self._settings.are_archived_included:
            params["archived"] = "false"
        return params

    def _list_projects(self) -> tuple[Project, ...]:
        found: dict[int, Project] = {}
        for group in self.groups:
            source = self._source(_PROJECT_ROWS)
            path = f"/groups/{group.id}/projects"
            plan = ListPlan(path, self.group_project_params())
            for page in read_list(source, plan):
                for row in page:
                    project = Project(
                        row.id,
                        row.path_with_namespace,
                        _instant(row.created_at),
                        _instant(row.last_activity_at),
                        group.id,
                    )
                    found.setdefault(row.id, project)
        if self.groups and not found:
            logger.warning(
                "The groups have no projects that this token may see: is its role "
                "high enough?"
            )
        for project in self._named:
            found.setdefault(project.id, project)
        return tuple(found.values())

    def _list_groups(self) -> tuple[Group, ...]:
        found = {group.id: group for group in self.groups}
        if not self._settings.are_subgroups_included:
            return self.groups
        for group in self.groups:
            plan = ListPlan(f"/groups/{group.id}/descendant_groups", _BY_ID)
            for page in read_list(self._source(_GROUP_ROWS), plan):
                for row in page:
                    found.setdefault(row.id, Group(row.id, row.full_path))
        return tuple(found.values())

    def _source(self, reader: RowReader) -> PageSource:
        return PageSource(self._client, reader.read, page_rows=self._settings.page_rows)


def _find(
    client: GitlabClient, kind: str, name: str, missing: list[str]
) -> dict[str, Any] | None:
    params = {"with_projects": "false"} if kind == "groups" else {}
    try:
        found = client.get_json(f"/{kind}/{encode_id(name)}", params)
    except ApiError as error:
        if lacks_scope(error.problem):
            msg = f"the token lacks the scope read_api: {error.problem.message}"
            raise SettingsError(msg) from None
        if not is_left_out(error.problem):
            raise
        missing.append(f"{kind.removesuffix('s')} {name}")
        return None
    return dict(found)


def _tell_missing(missing: list[str], client: GitlabClient, *, is_fatal: bool) -> None:
    msg = (
        f"not found at {client.instance.name}, or not visible to this token: "
        f"{', '.join(missing)}"
    )
    if is_fatal:
        raise SettingsError(msg)
    logger.warning("%s", msg)


def _to_project(document: dict[str, Any]) -> Project:
    return Project(
        document["id"],
        document["path_with_namespace"],
        _instant(document.get("created_at")),
        _instant(document.get("last_activity_at")),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)

"""Groups, and the projects that come beside those of the log.

They are there for what taps must cope with: an empty repository, an archived project,
one with everything switched off, one that is private, one that moves, one that is
deleted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_ids import made_sha
from bizops_sandbox.projections.gitlab_records import Commit, Group, Person, Project

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_state import SiteState

TOP_GROUP = "brightloom"
LABS = "brightloom/labs"
ROOT = "user.root"
INTEGRATION = "user.integration"
ALL_FEATURES = frozenset({"repository", "issues", "merge_requests", "builds"})
_LANGUAGES = {"Ruby": 66.69, "Go": 22.98, "JavaScript": 7.91, "Shell": 2.42}
_SPIKE_DELETED_AT_SHARE = (6, 10)
_TOOLS_MOVED_AT_SHARE = (5, 10)


def settle(state: SiteState, start: datetime, end: datetime) -> None:
    """Make the first users, the groups, and the projects of the labs."""
    opening = start + timedelta(hours=7, minutes=30)
    root = add_user(state, ROOT, "root", "Administrator", "admin", opening)
    add_user(
        state, INTEGRATION, "bizops-integration", "BizOps Integration", "bot", opening
    )
    top = _add_group(state, TOP_GROUP, "Brightloom", opening, None)
    labs = _add_group(state, LABS, "Labs", opening, top)
    for path, given in (
        ("empty", {"is_empty": True}),
        ("attic", {"is_archived": True}),
        ("switched-off", {"disabled": ALL_FEATURES}),
        ("vault", {"is_private": True}),
        ("tools", {}),
        ("spike", {}),
    ):
        project = add_project(state, f"labs.{path}", path.title(), labs, opening, root)
        project.path = path
        for name, value in given.items():
            setattr(project, name, value)
        if not project.is_empty:
            begin(state, project, root, opening + timedelta(minutes=5))
    window = end - start
    spike, tools = state.projects["labs.spike"], state.projects["labs.tools"]
    spike.deleted_at = start + window * _SPIKE_DELETED_AT_SHARE[0] / 10
    moved_at = start + window * _TOOLS_MOVED_AT_SHARE[0] / 10
    tools.moves = [(f"{TOP_GROUP}/tools", moved_at.replace(microsecond=0))]
    spike.deleted_at = spike.deleted_at.replace(microsecond=0)


def add_user(
    state: SiteState,
    key: str,
    username: str,
    name: str,
    kind: str,
    at: datetime,
    *,
    email: str | None = None,
    member_key: str | None = None,
) -> Person:
    """Give somebody an account."""
    person = Person(
        id=state.next_id("user"),
        username=username,
        name=name,
        email=email or f"{username}@brightloom.example",
        kind=kind,
        joined_at=at,
        member_key=member_key,
    )
    state.users[key] = person
    return person


def _add_group(
    state: SiteState, full_path: str, name: str, at: datetime, parent: Group | None
) -> Group:
    group = Group(
        id=state.next_id("group"),
        name=name,
        path=full_path.rsplit("/", 1)[-1],
        full_path=full_path,
        created_at=at,
        parent=parent,
    )
    state.groups[full_path] = group
    return group


def add_project(
    state: SiteState,
    key: str,
    name: str,
    group: Group,
    at: datetime,
    creator: Person,
) -> Project:
    """Make a project; its repository is empty still."""
    project = Project(
        id=state.next_id("project"),
        key=key,
        name=name,
        path=key,
        group=group,
        created_at=at,
        creator=creator,
        languages=dict(_LANGUAGES),
    )
    state.projects[key] = project
    state.touch(project, creator, at)
    return project


def begin(state: SiteState, project: Project, person: Person, at: datetime) -> None:
    """Push the first commit."""
    commit = Commit(
        sha=made_sha(project.key, "first"),
        parents=(),
        message="Initial commit",
        author=person,
        authored_at=at,
        committed_at=at,
        branch="master",
        merged_at=at,
    )
    state.push(project, commit)
    state.act(project, person, at, "pushed new", push=("master", commit.message, 1))

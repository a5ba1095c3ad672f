"""What lives in the sample company's GitLab, while the event log is folded into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Person:
    """A user; `kind` is admin, team, community or bot."""

    id: int
    username: str
    name: str
    email: str
    kind: str
    joined_at: datetime
    member_key: str | None = None
    left_at: datetime | None = None
    active_at: datetime | None = None


@dataclass(slots=True)
class Group:
    """A group; the top one has no parent."""

    id: int
    name: str
    path: str
    full_path: str
    created_at: datetime
    parent: Group | None = None
    is_private: bool = False

    @property
    def ancestry(self) -> list[Group]:
        """The group and the groups above it."""
        return [self, *(self.parent.ancestry if self.parent else [])]


@dataclass(slots=True)
class Note:
    """A note on a merge request; `kind` is comment, approval, ready."""

    id: int
    author: Person
    kind: str
    at: datetime


@dataclass(slots=True)
class Commit:
    """A commit; `merged_at` is when it became part of the default branch."""

    sha: str
    parents: tuple[str, ...]
    message: str
    author: Person
    authored_at: datetime
    committed_at: datetime
    branch: str
    merged_at: datetime | None = None


@dataclass(slots=True)
class Issue:
    """An issue of a project."""

    id: int
    iid: int
    project: Project
    author: Person
    title: str
    labels: list[str]
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_by: Person | None = None
    deleted_at: datetime | None = None
    merge_requests: int = 0


@dataclass(slots=True)
class Pipeline:
    """A run of the continuous integration, as it will have gone when it is over."""

    id: int
    iid: int
    first_job_id: int
    project: Project
    user: Person
    commit: Commit
    ref: str
    source: str
    created_at: datetime
    before_sha: str
    is_tag: bool = False
    deployments: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class MergeRequest:
    """A proposed change; `merge_sha` is its commit on the target branch."""

    id: int
    iid: int
    key: str
    project: Project
    author: Person
    title: str
    labels: list[str]
    source_branch: str
    target_branch: str
    is_draft: bool
    is_squashed: bool
    base_sha: str
    opened_at: datetime
    updated_at: datetime
    issue: Issue | None = None
    commits: list[Commit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    ready_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: Person | None = None
    merge_sha: str | None = None
    closed_at: datetime | None = None
    closed_by: Person | None = None
    is_first_contribution: bool = False


@dataclass(slots=True)
class Release:
    """A published version and its tag."""

    tag: str
    author: Person
    commit: Commit
    at: datetime


@dataclass(slots=True)
class Activity:
    """Something somebody did in a project, as the list of events tells it."""

    id: int
    author: Person
    action: str
    at: datetime
    target_type: str | None = None
    target: Issue | MergeRequest | None = None
    note: Note | None = None
    push: tuple[str, str, int] | None = None


@dataclass(slots=True)
class Project:
    """A project and all it holds; `deleted_at` and `moves` may lie in the future.

    `moves` are the earlier full paths with the moment each was left, oldest first.
    """

    id: int
    key: str
    name: str
    path: str
    group: Group
    created_at: datetime
    creator: Person
    languages: dict[str, float] = field(default_factory=dict)
    moves: list[tuple[str, datetime]] = field(default_factory=list)
    disabled: frozenset[str] = frozenset()
    is_archived: bool = False
    is_private: bool = False
    is_empty: bool = False
    deleted_at: datetime | None = None
    active_at: datetime | None = None
    shown_active_at: datetime | None = None
    heads: dict[str, Commit] = field(default_factory=dict)
    stable_since: dict[str, datetime] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    merge_requests: list[MergeRequest] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    deployments: dict[str, int] = field(default_factory=dict)
    deployment_iids: int = 0

    @property
    def full_path(self) -> str:
        """Where the project lives now."""
        return f"{self.group.full_path}/{self.path}"

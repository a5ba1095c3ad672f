"""Events about how the product is written: projects, merge requests, releases."""

from __future__ import annotations

from bizops_sandbox.world.events.base import BaseEvent


class ProjectCreated(BaseEvent, frozen=True, kw_only=True):
    """A repository of the product."""

    project_key: str
    name: str
    path: str


class DeveloperJoined(BaseEvent, frozen=True, kw_only=True):
    """Somebody gets an account where the product is written.

    `kind` is team, community or bot; `member_key` names the team member.
    """

    developer_key: str
    username: str
    name: str
    email: str
    kind: str
    member_key: str | None = None


class IssueOpened(BaseEvent, frozen=True, kw_only=True):
    """An issue is written down."""

    issue_key: str
    project_key: str
    developer_key: str
    title: str
    labels: tuple[str, ...] = ()


class IssueClosed(BaseEvent, frozen=True, kw_only=True):
    """An issue is done."""

    issue_key: str
    by: str


class MergeRequestOpened(BaseEvent, frozen=True, kw_only=True):
    """A change is proposed; a draft is not yet to be reviewed."""

    merge_request_key: str
    project_key: str
    developer_key: str
    title: str
    labels: tuple[str, ...] = ()
    source_branch: str
    target_branch: str
    is_draft: bool = False
    issue_key: str | None = None


class MergeRequestReady(BaseEvent, frozen=True, kw_only=True):
    """A draft may be reviewed from now on."""

    merge_request_key: str


class NoteWritten(BaseEvent, frozen=True, kw_only=True):
    """A note on a merge request; `kind` is comment, approval or system."""

    note_key: str
    merge_request_key: str
    developer_key: str
    kind: str


class MergeRequestMerged(BaseEvent, frozen=True, kw_only=True):
    """A change is taken over, as this commit of its target branch."""

    merge_request_key: str
    commit_sha: str
    by: str


class MergeRequestClosed(BaseEvent, frozen=True, kw_only=True):
    """A change is given up."""

    merge_request_key: str
    by: str


class CommitPicked(BaseEvent, frozen=True, kw_only=True):
    """A merged change is picked into a stable branch, too."""

    merge_request_key: str
    commit_sha: str
    picked_from: str
    branch: str
    by: str


class ReleasePublished(BaseEvent, frozen=True, kw_only=True):
    """A version of a project is published."""

    release_key: str
    project_key: str
    tag: str

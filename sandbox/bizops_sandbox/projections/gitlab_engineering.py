"""Folding what the engineering department does into the sample company's GitLab."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_ids import NO_SHA, between, is_drawn, made_sha
from bizops_sandbox.projections.gitlab_places import (
    ROOT,
    TOP_GROUP,
    add_project,
    add_user,
    begin,
)
from bizops_sandbox.projections.gitlab_records import (
    Commit,
    Issue,
    MergeRequest,
    Note,
    Release,
)
from bizops_sandbox.projections.gitlab_state import DEFAULT_BRANCH
from bizops_sandbox.world import events as log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import Person, Project
    from bizops_sandbox.projections.gitlab_state import SiteState
    from bizops_sandbox.world.events import Event

_SQUASHED_PER_MILLE = 300
_DELETED_ISSUES_PER_MILLE = 12
_CI_DELAY = timedelta(seconds=9)


def create_project(state: SiteState, event: log.ProjectCreated) -> None:
    """A repository of the product, with its first commit."""
    root, group = state.users[ROOT], state.groups[TOP_GROUP]
    project = add_project(state, event.project_key, event.name, group, event.at, root)
    project.path = event.path.rsplit("/", 1)[-1]
    begin(state, project, root, event.at)


def join(state: SiteState, event: log.DeveloperJoined) -> None:
    """Somebody gets an account."""
    add_user(
        state,
        event.developer_key,
        event.username,
        event.name,
        event.kind,
        event.at,
        email=event.email,
        member_key=event.member_key,
    )


def leave(state: SiteState, event: log.TeamMemberLeft) -> None:
    """A team member's account is blocked."""
    for person in state.users.values():
        if person.member_key == event.member_key:
            person.left_at = event.at


def open_issue(state: SiteState, event: log.IssueOpened) -> None:
    """An issue is written down; a few are deleted some days later, without a trace."""
    project = state.projects[event.project_key]
    author = state.users[event.developer_key]
    issue = Issue(
        id=state.next_id("issue"),
        iid=len(project.issues) + 1,
        project=project,
        author=author,
        title=event.title,
        labels=sorted(event.labels),
        opened_at=event.at,
        updated_at=event.at,
    )
    if is_drawn(_DELETED_ISSUES_PER_MILLE, event.issue_key, "deleted"):
        days = between(2, 20, event.issue_key, "deleted after")
        issue.deleted_at = event.at + timedelta(days=days)
    state.issues[event.issue_key] = issue
    project.issues.append(issue)
    state.act(project, author, event.at, "opened", target_type="Issue", target=issue)


def close_issue(state: SiteState, event: log.IssueClosed) -> None:
    """An issue is done."""
    issue, person = state.issues[event.issue_key], state.users[event.by]
    issue.closed_at = issue.updated_at = event.at
    issue.closed_by = person
    state.act(
        issue.project, person, event.at, "closed", target_type="Issue", target=issue
    )


def open_merge_request(state: SiteState, event: log.MergeRequestOpened) -> None:
    """A change is pushed and proposed; its commits may be older than the push."""
    project = state.projects[event.project_key]
    author = state.users[event.developer_key]
    issue = state.issues.get(event.issue_key or "")
    change = MergeRequest(
        id=state.next_id("merge_request"),
        iid=len(project.merge_requests) + 1,
        key=event.merge_request_key,
        project=project,
        author=author,
        title=event.title,
        labels=sorted(event.labels),
        source_branch=event.source_branch,
        target_branch=event.target_branch,
        is_draft=event.is_draft,
        is_squashed=is_drawn(_SQUASHED_PER_MILLE, event.merge_request_key, "squash"),
        base_sha=_head(project, event.target_branch),
        opened_at=event.at,
        updated_at=event.at,
        issue=issue,
        is_first_contribution=author.kind == "community"
        and author.id not in state.merged_authors,
    )
    if issue is not None:
        issue.merge_requests += 1
    state.merge_requests[change.key] = change
    project.merge_requests.append(change)
    _push_work(state, change, event.at)
    state.act(
        project,
        author,
        event.at,
        "opened",
        target_type="MergeRequest",
        target=change,
    )
    _check(state, change, event.at)


def _head(project: Project, branch: str) -> str:
    head = project.heads.get(branch)
    return NO_SHA if head is None else head.sha


def _push_work(state: SiteState, change: MergeRequest, at: datetime) -> None:
    """One to four commits, made in the days before the proposal."""
    parent = change.base_sha
    count = between(1, 4, change.key, "commits")
    for place in range(count):
        hours = (count - place - 1) * between(1, 30, change.key, "pace")
        made = at - timedelta(hours=hours, minutes=between(1, 20, change.key, place))
        made = max(made, change.project.created_at)
        title = change.title if place == 0 else f"Address part {place} of the work"
        commit = Commit(
            sha=made_sha(change.key, place),
            parents=(parent,),
            message=title,
            author=change.author,
            authored_at=made,
            committed_at=made,
            branch=change.source_branch,
        )
        change.commits.append(state.push(change.project, commit))
        parent = commit.sha
    push = (change.source_branch, change.commits[-1].message, count)
    state.act(change.project, change.author, at, "pushed new", push=push)


def _check(state: SiteState, change: MergeRequest, at: datetime) -> None:
    """Run the pipeline of a merge request."""
    pipeline = state.run_pipeline(
        change.project,
        change.author,
        change.commits[-1],
        at + _CI_DELAY,
        source="merge_request_event",
        ref=f"refs/merge-requests/{change.iid}/head",
    )
    change.pipelines.append(pipeline)


def make_ready(state: SiteState, event: log.MergeRequestReady) -> None:
    """A draft is a draft no more: the title changes, a system note says so."""
    change = state.merge_requests[event.merge_request_key]
    change.is_draft = False
    change.ready_at = change.updated_at = event.at
    _add_note(state, change, change.author, "ready", event.at)


def _add_note(
    state: SiteState, change: MergeRequest, person: Person, kind: str, at: datetime
) -> Note:
    note = Note(state.next_id("note"), person, kind, at)
    change.notes.append(note)
    change.updated_at = at
    return note


def write_note(state: SiteState, event: log.NoteWritten) -> None:
    """Somebody comments or approves."""
    change = state.merge_requests[event.merge_request_key]
    person = state.users[event.developer_key]
    note = _add_note(state, change, person, event.kind, event.at)
    action = "approved" if event.kind == "approval" else "commented on"
    is_comment = event.kind == "comment"
    state.act(
        change.project,
        person,
        event.at,
        action,
        target_type="Note" if is_comment else "MergeRequest",
        target=change,
        note=note if is_comment else None,
    )


def merge(state: SiteState, event: log.MergeRequestMerged) -> None:
    """The change is taken over, as a merge commit or squashed into one."""
    change, person = (
        state.merge_requests[event.merge_request_key],
        state.users[event.by],
    )
    project, target = change.project, change.target_branch
    change.merged_at = change.updated_at = event.at
    change.merged_by, change.merge_sha = person, event.commit_sha
    onto = _head(project, target)
    reference = f"See merge request {project.full_path}!{change.iid}"
    if change.is_squashed:
        parents: tuple[str, ...] = (onto,)
        message = f"{change.title}\n\n{reference}"
    else:
        parents = (onto, change.commits[-1].sha)
        message = (
            f"Merge branch '{change.source_branch}' into '{target}'\n\n"
            f"{change.title}\n\n{reference}"
        )
        for commit in change.commits:
            commit.merged_at = event.at
    commit = Commit(
        sha=event.commit_sha,
        parents=parents,
        message=message,
        author=change.author if change.is_squashed else person,
        authored_at=event.at,
        committed_at=event.at,
        branch=target,
        merged_at=event.at if target == DEFAULT_BRANCH else None,
    )
    state.push(project, commit)
    state.merged_authors.add(change.author.id)
    project.heads.pop(change.source_branch, None)
    state.act(
        project,
        person,
        event.at,
        "accepted",
        target_type="MergeRequest",
        target=change,
    )
    state.run_pipeline(
        project, person, commit, event.at + _CI_DELAY, source="push", ref=target
    )


def close_merge_request(state: SiteState, event: log.MergeRequestClosed) -> None:
    """The change is given up; its branch stays."""
    change, person = (
        state.merge_requests[event.merge_request_key],
        state.users[event.by],
    )
    change.closed_at = change.updated_at = event.at
    change.closed_by = person
    state.act(
        change.project,
        person,
        event.at,
        "closed",
        target_type="MergeRequest",
        target=change,
    )


def pick(state: SiteState, event: log.CommitPicked) -> None:
    """A merged change is picked into a stable branch; its label says so."""
    change, person = (
        state.merge_requests[event.merge_request_key],
        state.users[event.by],
    )
    project = change.project
    commit = Commit(
        sha=event.commit_sha,
        parents=(_head(project, event.branch),),
        message=f"{change.title}\n\n(cherry picked from commit {event.picked_from})",
        author=change.author,
        authored_at=event.at,
        committed_at=event.at,
        branch=event.branch,
    )
    state.push(project, commit)
    project.stable_since.setdefault(event.branch, event.at)
    version = event.branch.removesuffix("-stable").replace("-", ".")
    change.labels = sorted({*change.labels, f"Pick into {version}"})
    change.updated_at = event.at
    push = (event.branch, change.title, 1)
    state.act(project, person, event.at, "pushed to", push=push)
    state.run_pipeline(
        project, person, commit, event.at + _CI_DELAY, source="push", ref=event.branch
    )


def publish(state: SiteState, event: log.ReleasePublished) -> None:
    """A version: the stable branch is cut, the tag set, the release announced."""
    project, root = state.projects[event.project_key], state.users[ROOT]
    head = project.heads[DEFAULT_BRANCH]
    major, minor = event.tag.removeprefix("v").split(".")[:2]
    branch = f"{major}-{minor}-stable"
    project.heads[branch] = head
    project.stable_since[branch] = event.at
    project.releases.append(Release(event.tag, root, head, event.at))
    state.act(project, root, event.at, "pushed new", push=(event.tag, event.tag, 0))
    state.run_pipeline(
        project,
        root,
        head,
        event.at + _CI_DELAY,
        source="push",
        ref=event.tag,
        is_tag=True,
    )


HANDLERS: Mapping[type[Event], Callable[..., None]] = {
    log.ProjectCreated: create_project,
    log.DeveloperJoined: join,
    log.TeamMemberLeft: leave,
    log.IssueOpened: open_issue,
    log.IssueClosed: close_issue,
    log.MergeRequestOpened: open_merge_request,
    log.MergeRequestReady: make_ready,
    log.NoteWritten: write_note,
    log.MergeRequestMerged: merge,
    log.MergeRequestClosed: close_merge_request,
    log.CommitPicked: pick,
    log.ReleasePublished: publish,
}

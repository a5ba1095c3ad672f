"""Commits, branches, tags and releases as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import WEB_URL, between, git_stamp, stamp
from bizops_sandbox.projections.gitlab_show_people import basic
from bizops_sandbox.projections.gitlab_state import DEFAULT_BRANCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.gitlab_records import Commit, Project, Release

    Row = dict[str, Any]


def commits_on(project: Project, ref: str | None) -> list[Commit]:
    """The commits of a branch or tag, newest first; None is every branch there is.

    Commits of a branch that was squashed and removed are on none any more.
    """
    if ref is None:
        found = [
            commit
            for commit in project.commits
            if commit.merged_at is not None or commit.branch in project.heads
        ]
    elif ref == DEFAULT_BRANCH:
        found = [c for c in project.commits if c.merged_at is not None]
    elif ref in project.stable_since:
        cut_at = project.stable_since[ref]
        found = [
            commit
            for commit in project.commits
            if commit.branch == ref
            or (commit.merged_at is not None and commit.merged_at <= cut_at)
        ]
    elif ref in project.heads:
        own = [commit for commit in project.commits if commit.branch == ref]
        cut_at = min(commit.committed_at for commit in own)
        found = own + [
            c for c in project.commits if c.merged_at and c.merged_at <= cut_at
        ]
    else:
        tags = [release for release in project.releases if release.tag == ref]
        at = tags[0].at if tags else None
        found = [c for c in project.commits if at and c.merged_at and c.merged_at <= at]
    return sorted(found, key=lambda each: each.committed_at, reverse=True)


def stats_of(sha: str) -> Row:
    """The lines of a commit."""
    additions = between(1, 180, sha, "added")
    deletions = between(0, 90, sha, "removed")
    return {
        "additions": additions,
        "deletions": deletions,
        "total": additions + deletions,
    }


def commit_row(project: Project, commit: Commit) -> Row:
    """A commit without its statistics."""
    who = commit.author.username
    committed = git_stamp(commit.committed_at, who)
    return {
        "id": commit.sha,
        "short_id": commit.sha[:8],
        "created_at": committed,
        "parent_ids": list(commit.parents),
        "title": commit.message.split("\n", 1)[0],
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "authored_date": git_stamp(commit.authored_at, who),
        "committer_name": commit.author.name,
        "committer_email": commit.author.email,
        "committed_date": committed,
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{WEB_URL}/{project.full_path}/-/commit/{commit.sha}",
    }


def branch_rows(project: Project) -> list[Row]:
    """The branches by name."""
    base = f"{WEB_URL}/{project.full_path}/-/tree"
    return [
        {
            "name": name,
            "commit": commit_row(project, commit),
            "merged": commit.merged_at is not None and name != DEFAULT_BRANCH,
            "protected": name == DEFAULT_BRANCH or name in project.stable_since,
            "developers_can_push": False,
            "developers_can_merge": False,
            "can_push": False,
            "default": name == DEFAULT_BRANCH,
            "web_url": f"{base}/{name}",
        }
        for name, commit in sorted(project.heads.items())
    ]


def tag_rows(project: Project) -> list[Row]:
    """The tags, the last set first."""
    return [
        {
            "name": release.tag,
            "message": "",
            "target": release.commit.sha,
            "commit": commit_row(project, release.commit),
            "release": {"tag_name": release.tag, "description": _notes(release)},
            "protected": False,
            "created_at": None,
        }
        for release in reversed(project.releases)
    ]


def _notes(release: Release) -> str:
    return f"What is new in {release.tag}"


def release_row(project: Project, release: Release) -> Row:
    """A release with its archives and links."""
    path, tag = project.full_path, release.tag
    web = f"{WEB_URL}/{path}/-"
    formats = ("zip", "tar.gz", "tar.bz2", "tar")
    archive = f"{web}/archive/{tag}/{project.path}-{tag}"
    query = f"release_tag={tag}&scope=all&state"
    return {
        "name": tag,
        "tag_name": tag,
        "description": _notes(release),
        "created_at": stamp(release.at),
        "released_at": stamp(release.at),
        "upcoming_release": False,
        "author": basic(release.author),
        "commit": commit_row(project, release.commit),
        "commit_path": f"/{path}/-/commit/{release.commit.sha}",
        "tag_path": f"/{path}/-/tags/{tag}",
        "assets": {
            "count": len(formats),
            "sources": [
                {"format": name, "url": f"{archive}.{name}"} for name in formats
            ],
            "links": [],
        },
        "evidences": [],
        "_links": {
            "closed_issues_url": f"{web}/issues?{query}=closed",
            "closed_merge_requests_url": f"{web}/merge_requests?{query}=closed",
            "edit_url": f"{web}/releases/{tag}/edit",
            "merged_merge_requests_url": f"{web}/merge_requests?{query}=merged",
            "opened_issues_url": f"{web}/issues?{query}=opened",
            "opened_merge_requests_url": f"{web}/merge_requests?{query}=opened",
            "self": f"{web}/releases/{tag}",
        },
    }


def contributor_rows(commits: Iterable[Commit]) -> list[Row]:
    """Who committed to the default branch, by the number of commits."""
    counts: dict[tuple[str, str], int] = {}
    for commit in commits:
        who = commit.author.name, commit.author.email
        counts[who] = counts.get(who, 0) + 1
    return [
        {"name": name, "email": email, "commits": count, "additions": 0, "deletions": 0}
        for (name, email), count in sorted(counts.items(), key=lambda item: item[1])
    ]

"""Issues, merge requests and their notes as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import API_URL, WEB_URL, between, stamp
from bizops_sandbox.projections.gitlab_show_people import basic, maybe_basic

if TYPE_CHECKING:
    from bizops_sandbox.projections.gitlab_records import Issue, MergeRequest, Note

    Row = dict[str, Any]

NO_TIME = {
    "time_estimate": 0,
    "total_time_spent": 0,
    "human_time_estimate": None,
    "human_total_time_spent": None,
}
_BODIES = {
    "comment": "Thanks, see my remarks.",
    "approval": "approved this merge request",
    "ready": "marked this merge request as **ready**",
    "system": "changed the description",
}
# What nobody uses at the sample company; the API tells it all the same.
_CONSTANTS: Row = {
    "assignees": [],
    "assignee": None,
    "downvotes": 0,
    "discussion_locked": None,
    "time_stats": NO_TIME,
    "task_completion_status": {"count": 0, "completed_count": 0},
    "imported": False,
    "imported_from": "none",
}
_ISSUE_CONSTANTS = _CONSTANTS | {
    "type": "ISSUE",
    "user_notes_count": 0,
    "due_date": None,
    "confidential": False,
    "issue_type": "issue",
    "weight": None,
    "blocking_issues_count": 0,
    "has_tasks": True,
    "task_status": "0 of 0 checklist items completed",
    "severity": "UNKNOWN",
    "moved_to_id": None,
    "service_desk_reply_to": None,
    "iteration": None,
    "health_status": None,
}
_MERGE_REQUEST_CONSTANTS = _CONSTANTS | {
    "upvotes": 0,
    "reviewers": [],
    "merge_when_pipeline_succeeds": False,
    "merge_status": "can_be_merged",
    "merge_after": None,
    "should_remove_source_branch": None,
    "force_remove_source_branch": True,
    "has_conflicts": False,
    "blocking_discussions_resolved": True,
    "approvals_before_merge": None,
}


def references(path: str, sign: str, iid: int) -> Row:
    """The three ways to name a thing."""
    return {
        "short": f"{sign}{iid}",
        "relative": f"{sign}{iid}",
        "full": f"{path}{sign}{iid}",
    }


def issue_row(issue: Issue, milestone: Row | None, epic: Row | None) -> Row:
    """An issue."""
    project = issue.project
    base = f"{API_URL}/projects/{project.id}"
    short_epic = epic and {
        "id": epic["id"],
        "iid": epic["iid"],
        "title": epic["title"],
        "url": epic["web_edit_url"],
        "group_id": epic["group_id"],
    }
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": project.id,
        "title": issue.title,
        "description": "What happens, and what should.",
        "state": "opened" if issue.closed_at is None else "closed",
        "created_at": stamp(issue.opened_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp(issue.closed_at),
        "closed_by": maybe_basic(issue.closed_by),
        "labels": issue.labels,
        "milestone": milestone,
        "author": basic(issue.author),
        "merge_requests_count": issue.merge_requests,
        "upvotes": between(0, 5, issue.id, "votes"),
        "web_url": f"{WEB_URL}/{project.full_path}/-/issues/{issue.iid}",
        "_links": {
            "self": f"{base}/issues/{issue.iid}",
            "notes": f"{base}/issues/{issue.iid}/notes",
            "award_emoji": f"{base}/issues/{issue.iid}/award_emoji",
            "project": base,
            "closed_as_duplicate_of": None,
        },
        "references": references(project.full_path, "#", issue.iid),
        "epic_iid": epic and epic["iid"],
        "epic": short_epic,
        **_ISSUE_CONSTANTS,
    }


def state_of(change: MergeRequest) -> str:
    """Opened, merged or closed."""
    if change.merged_at is not None:
        return "merged"
    return "opened" if change.closed_at is None else "closed"


def _title(change: MergeRequest) -> str:
    return f"Draft: {change.title}" if change.is_draft else change.title


def _description(change: MergeRequest) -> str:
    closes = f"\n\nCloses #{change.issue.iid}" if change.issue is not None else ""
    return f"## What does this merge request do?\n\n{change.title}{closes}"


def merge_request_row(change: MergeRequest, milestone: Row | None) -> Row:
    """A merge request as lists show it."""
    project, state = change.project, state_of(change)
    is_squash = change.is_squashed and change.merge_sha is not None
    merged_by = maybe_basic(change.merged_by)
    notes = sum(1 for note in change.notes if note.kind == "comment")
    return {
        "id": change.id,
        "iid": change.iid,
        "project_id": project.id,
        "title": _title(change),
        "description": _description(change),
        "state": state,
        "created_at": stamp(change.opened_at),
        "updated_at": stamp(change.updated_at),
        "merged_by": merged_by,
        "merge_user": merged_by,
        "merged_at": stamp(change.merged_at),
        "closed_by": maybe_basic(change.closed_by),
        "closed_at": stamp(change.closed_at),
        "target_branch": change.target_branch,
        "source_branch": change.source_branch,
        "user_notes_count": notes,
        "author": basic(change.author),
        "source_project_id": project.id,
        "target_project_id": project.id,
        "labels": change.labels,
        "draft": change.is_draft,
        "work_in_progress": change.is_draft,
        "milestone": milestone,
        "detailed_merge_status": _mergeable(change),
        "sha": change.commits[-1].sha,
        "merge_commit_sha": None if is_squash else change.merge_sha,
        "squash_commit_sha": change.merge_sha if is_squash else None,
        "prepared_at": stamp(change.opened_at),
        "reference": f"!{change.iid}",
        "references": references(project.full_path, "!", change.iid),
        "web_url": f"{WEB_URL}/{project.full_path}/-/merge_requests/{change.iid}",
        "squash": change.is_squashed,
        "squash_on_merge": change.is_squashed,
        **_MERGE_REQUEST_CONSTANTS,
    }


def _mergeable(change: MergeRequest) -> str:
    if state_of(change) != "opened":
        return "not_open"
    return "draft_status" if change.is_draft else "mergeable"


def merge_request_detail(
    change: MergeRequest, milestone: Row | None, pipeline: Row | None
) -> Row:
    """A merge request alone: with what lists leave out."""
    short_keys = (
        "id",
        "iid",
        "project_id",
        "sha",
        "ref",
        "status",
        "source",
        "created_at",
        "updated_at",
        "web_url",
    )
    short = pipeline and {key: pipeline[key] for key in short_keys}
    return merge_request_row(change, milestone) | {
        "subscribed": False,
        "changes_count": str(between(1, 12, change.id, "files")),
        "latest_build_started_at": pipeline and pipeline["started_at"],
        "latest_build_finished_at": pipeline and pipeline["finished_at"],
        "first_deployed_to_production_at": None,
        "pipeline": short,
        "head_pipeline": pipeline,
        "diff_refs": {
            "base_sha": change.base_sha,
            "head_sha": change.commits[-1].sha,
            "start_sha": change.base_sha,
        },
        "merge_error": None,
        "first_contribution": change.is_first_contribution,
        "user": {"can_merge": False},
    }


def note_row(change: MergeRequest, note: Note) -> Row:
    """A note on a merge request; what the system writes says so."""
    is_system = note.kind != "comment"
    return {
        "id": note.id,
        "type": None,
        "body": _BODIES.get(note.kind, note.kind),
        "attachment": None,
        "author": basic(note.author),
        "created_at": stamp(note.at),
        "updated_at": stamp(note.at),
        "system": is_system,
        "noteable_id": change.id,
        "noteable_type": "MergeRequest",
        "project_id": change.project.id,
        "resolvable": False,
        "confidential": False,
        "internal": False,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": change.iid,
        "commands_changes": {},
    }


def state_event_rows(change: MergeRequest) -> list[Row]:
    """When a merge request was merged or closed, and by whom."""
    found = [
        ("merged", change.merged_at, change.merged_by),
        ("closed", change.closed_at, change.closed_by),
    ]
    return [
        {
            "id": change.id * 4 + place,
            "user": maybe_basic(person),
            "created_at": stamp(at),
            "resource_type": "MergeRequest",
            "resource_id": change.id,
            "state": state,
            "source_commit": None,
            "source_merge_request_id": None,
        }
        for place, (state, at, person) in enumerate(found)
        if at is not None
    ]


def approvals_row(change: MergeRequest) -> Row:
    """Who approved."""
    given = [note for note in change.notes if note.kind == "approval"]
    return {
        "id": change.id,
        "iid": change.iid,
        "project_id": change.project.id,
        "title": _title(change),
        "description": _description(change),
        "state": state_of(change),
        "created_at": stamp(change.opened_at),
        "updated_at": stamp(change.updated_at),
        "merge_status": "can_be_merged",
        "approved": True,
        "approvals_required": 0,
        "approvals_left": 0,
        "require_password_to_approve": False,
        "approved_by": [
            {"user": basic(note.author), "approved_at": stamp(note.at)}
            for note in given
        ],
        "suggested_approvers": [],
        "approvers": [],
        "approver_groups": [],
        "user_has_approved": False,
        "user_can_approve": False,
        "approval_rules_left": [],
        "has_approval_rules": False,
        "merge_request_approvers_available": True,
        "multiple_approval_rules_available": True,
    }

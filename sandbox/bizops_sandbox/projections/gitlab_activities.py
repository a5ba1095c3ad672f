"""What people did, as the API's list of events shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.projections.gitlab_records import MergeRequest
from bizops_sandbox.projections.gitlab_show_changes import note_row
from bizops_sandbox.projections.gitlab_show_people import basic

if TYPE_CHECKING:
    from bizops_sandbox.projections.gitlab_records import Activity, Project

    Row = dict[str, Any]


def activity_row(project: Project, activity: Activity) -> Row:
    """One entry of the list of events."""
    target = activity.target
    row: Row = {
        "id": activity.id,
        "project_id": project.id,
        "action_name": activity.action,
        "target_id": None if target is None else target.id,
        "target_iid": None if target is None else target.iid,
        "target_type": activity.target_type,
        "author_id": activity.author.id,
        "target_title": None if target is None else target.title,
        "created_at": stamp(activity.at),
        "author": basic(activity.author),
        "imported": False,
        "imported_from": "none",
    }
    if activity.note is not None and isinstance(target, MergeRequest):
        row |= {"target_id": activity.note.id, "target_iid": activity.note.id}
        row["note"] = note_row(target, activity.note)
    if activity.push is not None:
        ref, title, count = activity.push
        row["push_data"] = {
            "commit_count": count,
            "action": "created" if activity.action == "pushed new" else "pushed",
            "ref_type": "tag" if count == 0 else "branch",
            "commit_from": None,
            "commit_to": None,
            "ref": ref,
            "commit_title": title,
            "ref_count": None,
        }
    row["author_username"] = activity.author.username
    return row

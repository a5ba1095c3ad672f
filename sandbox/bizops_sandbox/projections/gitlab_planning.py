"""Labels, milestones and epics of the sample company's top group.

The log knows labels only; a milestone is a month up to its release day, an epic a
quarter's bugs.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import API_URL, WEB_URL, number, stamp
from bizops_sandbox.projections.gitlab_show_people import basic
from bizops_sandbox.world.moments import add_months, day_start, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import Group, Issue, Person, Project

    Row = dict[str, Any]

_COLOURS = ("#d9534f", "#428bca", "#5cb85c", "#8e44ad", "#34495e", "#f0ad4e")
_EPIC_ISSUES = 12
_EPIC_CONSTANTS: Row = {
    "color": "#1068bf",
    "text_color": "#FFFFFF",
    "parent_id": None,
    "parent_iid": None,
    "description": "",
    "confidential": False,
    "start_date_from_inherited_source": None,
    "start_date_from_milestones": None,
    "due_date_from_inherited_source": None,
    "due_date_from_milestones": None,
    "labels": [],
    "upvotes": 0,
    "downvotes": 0,
}


def label_rows(names: Iterable[str]) -> list[Row]:
    """The labels by name; a label is the group's."""
    return [
        {
            "id": 600 + number("label", name) % 100_000,
            "name": name,
            "description": None,
            "description_html": "",
            "text_color": "#FFFFFF",
            "color": _COLOURS[number("colour", name) % len(_COLOURS)],
            "archived": False,
            "subscribed": False,
        }
        for name in sorted(set(names), key=str.lower)
    ]


def milestone_row(
    group: Group, start: date, month: date, moment: datetime, due_day: int
) -> Row:
    """The milestone of a month, closed when its day has passed."""
    iid = (month.year - start.year) * 12 + month.month - start.month + 1
    due = month.replace(day=due_day)
    is_over = due < moment.date()
    created = day_start(month) + timedelta(hours=8)
    closed = day_start(due) + timedelta(hours=20)
    return {
        "id": 900 + iid,
        "iid": iid,
        "group_id": group.id,
        "title": f"{month:%Y-%m}",
        "description": "",
        "state": "closed" if is_over else "active",
        "created_at": stamp(created),
        "updated_at": stamp(closed if is_over else created),
        "due_date": due.isoformat(),
        "start_date": month.isoformat(),
        "expired": is_over,
        "web_url": f"{WEB_URL}/groups/{group.full_path}/-/milestones/{iid}",
    }


def milestone_rows(
    group: Group, start: date, moment: datetime, due_day: int
) -> list[Row]:
    """All milestones until now, the newest first."""
    last = month_start(moment.date())
    months = [start]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    return [
        milestone_row(group, start, month, moment, due_day)
        for month in reversed(months)
        if day_start(month) + timedelta(hours=8) <= moment
    ]


def project_milestone_rows(project: Project) -> list[Row]:
    """The milestones of a project's own: the handbook has one without an end."""
    if project.path != "handbook":
        return []
    return [
        {
            "id": 2_000 + project.id,
            "iid": 1,
            "project_id": project.id,
            "title": "First edition",
            "description": "",
            "state": "active",
            "created_at": stamp(project.created_at),
            "updated_at": stamp(project.created_at),
            "due_date": None,
            "start_date": None,
            "expired": False,
            "web_url": f"{WEB_URL}/{project.full_path}/-/milestones/1",
        }
    ]


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def epic_groups(issues: Sequence[Issue]) -> list[tuple[date, list[Issue]]]:
    """The quarters and the first issues of each."""
    quarters: dict[date, list[Issue]] = {}
    for issue in sorted(issues, key=lambda each: each.id):
        quarters.setdefault(_quarter(issue.opened_at.date()), []).append(issue)
    return [(day, found[:_EPIC_ISSUES]) for day, found in sorted(quarters.items())]


def epic_row(
    group: Group, author: Person, iid: int, quarter: date, moment: datetime
) -> Row:
    """The epic of a quarter."""
    end = add_months(quarter, 3) - timedelta(days=1)
    is_over = end < moment.date()
    created = day_start(quarter) + timedelta(hours=9)
    closed = day_start(end) + timedelta(hours=18)
    base = f"{API_URL}/groups/{group.id}"
    title = f"Bugs of {quarter.year} Q{(quarter.month + 2) // 3}"
    return {
        "id": 300 + iid,
        "iid": iid,
        "group_id": group.id,
        "title": title,
        "author": basic(author),
        "start_date": quarter.isoformat(),
        "start_date_is_fixed": True,
        "start_date_fixed": quarter.isoformat(),
        "end_date": end.isoformat(),
        "due_date": end.isoformat(),
        "due_date_is_fixed": True,
        "due_date_fixed": end.isoformat(),
        "state": "closed" if is_over else "opened",
        "web_edit_url": f"/groups/{group.full_path}/-/epics/{iid}",
        "web_url": f"{WEB_URL}/groups/{group.full_path}/-/epics/{iid}",
        "references": {
            "short": f"&{iid}",
            "relative": f"&{iid}",
            "full": f"{group.full_path}&{iid}",
        },
        "created_at": stamp(created),
        "updated_at": stamp(closed if is_over else created),
        "closed_at": stamp(closed) if is_over else None,
        **_EPIC_CONSTANTS,
        "_links": {
            "self": f"{base}/epics/{iid}",
            "epic_issues": f"{base}/epics/{iid}/issues",
            "group": base,
            "parent": None,
        },
    }

"""A group of its own with many issues: the tracker the company had before.

It lies beside the company's group, so that who reads that one does not meet it; it is
there to be more than 10,000 rows long.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import between
from bizops_sandbox.projections.gitlab_places import ROOT
from bizops_sandbox.projections.gitlab_records import Group, Issue, Project
from bizops_sandbox.projections.gitlab_show_changes import issue_row

if TYPE_CHECKING:
    from bizops_sandbox.projections.gitlab_site import GitlabSite

GROUP_PATH = "old-tracker"
PROJECT_PATH = "tickets"
GROUP_ID, PROJECT_ID = 9, 19
COUNT = 12_345
_IMPORTED_AT = datetime(2016, 1, 4, 8, tzinfo=UTC)


def imported_group() -> Group:
    """The group of the imported tracker."""
    return Group(GROUP_ID, "Old tracker", GROUP_PATH, GROUP_PATH, _IMPORTED_AT)


def imported_project(site: GitlabSite) -> Project:
    """The project of the imported tracker: issues only."""
    return Project(
        id=PROJECT_ID,
        key="imported",
        name="Tickets",
        path=PROJECT_PATH,
        group=imported_group(),
        created_at=_IMPORTED_AT,
        creator=site.state.users[ROOT],
        disabled=frozenset({"repository", "merge_requests", "builds"}),
        is_empty=True,
    )


def imported_issues(site: GitlabSite) -> list[dict[str, Any]]:
    """The issues, several updated at each instant, as imports do."""
    project, root = imported_project(site), site.state.users[ROOT]
    rows = []
    for iid in range(1, COUNT + 1):
        opened = _IMPORTED_AT - timedelta(minutes=between(1, 900_000, "import", iid))
        issue = Issue(
            id=1_000_000 + iid,
            iid=iid,
            project=project,
            author=root,
            title=f"Ticket {iid}",
            labels=[],
            opened_at=opened,
            updated_at=_IMPORTED_AT + timedelta(seconds=iid // 40),
            closed_at=_IMPORTED_AT + timedelta(seconds=iid // 40),
            closed_by=root,
        )
        rows.append(issue_row(issue, None, None))
    return rows

"""The sample company's GitLab as of one instant: what its API would answer.

Rows are JSON documents with the API's own names. A list is made when it is first
asked for and kept, so that a large company costs nothing until somebody reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections import gitlab_planning as planning
from bizops_sandbox.projections import gitlab_show_changes as changes
from bizops_sandbox.projections import gitlab_show_code as code
from bizops_sandbox.projections import gitlab_show_people as people
from bizops_sandbox.projections import gitlab_show_places as places
from bizops_sandbox.projections import gitlab_show_runs as runs
from bizops_sandbox.projections.gitlab_activities import activity_row
from bizops_sandbox.projections.gitlab_places import ROOT, TOP_GROUP
from bizops_sandbox.world.moments import month_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from bizops_sandbox.projections.gitlab_instances import CustomerInstance
    from bizops_sandbox.projections.gitlab_records import (
        Commit,
        Group,
        Issue,
        MergeRequest,
        Pipeline,
        Project,
    )
    from bizops_sandbox.projections.gitlab_state import SiteState

    Row = dict[str, Any]

VERSION = "17.5.2-ee"
REVISION = "a1b2c3d4e5f"


@dataclass(slots=True)
class _Kept:
    """Lists made already."""

    lists: dict[tuple[str, int], list[Row]] = field(default_factory=dict)
    commits: dict[tuple[int, str], Row] = field(default_factory=dict)


class GitlabSite:
    """Everything of the company's GitLab at a moment, and its customers' instances.

    Args:
        state: The folded log.
        start: The first day of the company's window.
        moment: The instant, which is also the server's clock.
        due_day: The day of the month on which milestones end.
        instances: The customers' instances by UUID.
    """

    def __init__(
        self,
        state: SiteState,
        *,
        start: date,
        moment: datetime,
        due_day: int,
        instances: Mapping[str, CustomerInstance],
    ) -> None:
        self.state = state
        self.as_of = moment
        self.instances = instances
        self._start = start
        self._due_day = due_day
        self._kept = _Kept()

    @cached_property
    def groups(self) -> dict[int, Group]:
        """The groups by id."""
        return {group.id: group for group in self.state.groups.values()}

    @cached_property
    def projects(self) -> dict[int, Project]:
        """The projects by id."""
        return {project.id: project for project in self.state.projects.values()}

    def projects_below(self, group: Group) -> list[Project]:
        """The projects of a group and of the groups below it, by id."""
        return [each for each in self.projects.values() if group in each.group.ancestry]

    def groups_below(self, group: Group) -> list[Group]:
        """The groups below a group, at any depth."""
        return [
            each
            for each in self.groups.values()
            if each is not group and group in each.ancestry
        ]

    def rows(self, kind: str, project: Project) -> list[Row]:
        """All rows of a kind that a project has.

        Kinds: issues, merge_requests, pipelines, jobs, deployments, environments,
        releases, tags, branches, events, members.
        """
        key = kind, project.id
        if key not in self._kept.lists:
            self._kept.lists[key] = self._makers[kind](project)
        return self._kept.lists[key]

    @cached_property
    def _makers(self) -> dict[str, Callable[[Project], list[Row]]]:
        moment = self.as_of
        return {
            "issues": lambda p: [self.issue_row(i) for i in self._living(p)],
            "merge_requests": lambda p: [
                self.merge_request_row(change) for change in p.merge_requests
            ],
            "pipelines": lambda p: [
                runs.pipeline_row(each, moment) for each in self.pipelines_of(p)
            ],
            "jobs": lambda p: [
                job
                for each in self.pipelines_of(p)
                for job in runs.job_rows(each, moment)
            ],
            "deployments": lambda p: [
                row
                for each in self.pipelines_of(p)
                if each.deployments
                for row in runs.deployment_rows(each, moment)
            ],
            "environments": lambda p: runs.environment_rows(p, moment),
            "releases": lambda p: [code.release_row(p, r) for r in p.releases],
            "tags": code.tag_rows,
            "branches": code.branch_rows,
            "events": lambda p: [activity_row(p, each) for each in p.activities],
            "members": lambda p: people.members_of(self.people, p),
        }

    @property
    def people(self) -> list[Any]:
        """All users by id."""
        return list(self.state.users.values())

    def pipelines_of(self, project: Project) -> list[Pipeline]:
        """The pipelines that have been created until now."""
        return [p for p in project.pipelines if p.created_at <= self.as_of]

    def _living(self, project: Project) -> list[Issue]:
        return [issue for issue in project.issues if issue.deleted_at is None]

    @cached_property
    def milestones(self) -> list[Row]:
        """The top group's milestones, the newest first."""
        return planning.milestone_rows(
            self.state.groups[TOP_GROUP], self._start, self.as_of, self._due_day
        )

    def _milestone(self, at: datetime) -> Row:
        return planning.milestone_row(
            self.state.groups[TOP_GROUP],
            self._start,
            month_start(at.date()),
            self.as_of,
            self._due_day,
        )

    @cached_property
    def labels(self) -> list[Row]:
        """The top group's labels."""
        names = {
            label
            for project in self.projects.values()
            for labels in (
                *(issue.labels for issue in project.issues),
                *(change.labels for change in project.merge_requests),
            )
            for label in labels
        }
        return planning.label_rows(names)

    @cached_property
    def _epics(self) -> list[tuple[Row, list[Issue]]]:
        group, author = self.state.groups[TOP_GROUP], self.state.users[ROOT]
        issues = [
            issue
            for project in self.projects.values()
            for issue in self._living(project)
        ]
        return [
            (planning.epic_row(group, author, iid, day, self.as_of), found)
            for iid, (day, found) in enumerate(planning.epic_groups(issues), start=1)
        ]

    @property
    def epics(self) -> list[Row]:
        """The top group's epics."""
        return [row for row, _ in self._epics]

    def epic_issues(self, iid: int) -> list[Row]:
        """The issues of an epic, in their order."""
        return [
            self.issue_row(issue)
            | {"epic_issue_id": issue.id + 400_000, "relative_position": place * 500}
            for row, found in self._epics
            if row["iid"] == iid
            for place, issue in enumerate(found)
        ]

    @cached_property
    def _epic_of(self) -> dict[int, Row]:
        return {issue.id: row for row, found in self._epics for issue in found}

    def issue_row(self, issue: Issue) -> Row:
        """An issue with milestone and epic."""
        return changes.issue_row(
            issue, self._milestone(issue.opened_at), self._epic_of.get(issue.id)
        )

    def merge_request_row(self, change: MergeRequest) -> Row:
        """A merge request with its milestone."""
        return changes.merge_request_row(change, self._milestone(change.opened_at))

    def merge_request_detail(self, change: MergeRequest) -> Row:
        """A merge request alone, with its last pipeline."""
        seen = [p for p in change.pipelines if p.created_at <= self.as_of]
        pipeline = runs.pipeline_detail(seen[-1], self.as_of) if seen else None
        return changes.merge_request_detail(
            change, self._milestone(change.opened_at), pipeline
        )

    def commit_row(self, project: Project, commit: Commit) -> Row:
        """A commit of a project."""
        key = project.id, commit.sha
        if key not in self._kept.commits:
            self._kept.commits[key] = code.commit_row(project, commit)
        return self._kept.commits[key]

    def project_row(self, project: Project) -> Row:
        """A project in full."""
        return places.project_row(project, self.as_of)

    def sizes(self) -> dict[str, int]:
        """How many there are of what."""
        projects = self.projects.values()
        return {
            "users": len(self.people),
            "groups": len(self.groups),
            "projects": len(self.projects),
            "issues": sum(len(self._living(each)) for each in projects),
            "merge_requests": sum(len(each.merge_requests) for each in projects),
            "commits": sum(len(each.commits) for each in projects),
            "pipelines": sum(len(self.pipelines_of(each)) for each in projects),
            "releases": sum(len(each.releases) for each in projects),
            "instances": len(self.instances),
        }

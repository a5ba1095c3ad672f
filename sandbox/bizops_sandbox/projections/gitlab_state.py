"""All of the sample company's GitLab while the event log is folded into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_ids import NO_SHA
from bizops_sandbox.projections.gitlab_records import Activity, Commit, Pipeline

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import (
        Group,
        Issue,
        MergeRequest,
        Note,
        Person,
        Project,
    )

DEFAULT_BRANCH = "master"
_ACTIVITY_STEP = timedelta(hours=1)
_FIRST_IDS = {
    "user": 1,
    "group": 10,
    "project": 20,
    "issue": 5_000,
    "merge_request": 8_000,
    "note": 100_000,
    "pipeline": 40_000,
    "job": 300_000,
    "deployment": 2_000,
    "activity": 700_000,
}


@dataclass(slots=True)
class SiteState:
    """Everything by its key in the log, and the next numbers."""

    users: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    merge_requests: dict[str, MergeRequest] = field(default_factory=dict)
    merged_authors: set[int] = field(default_factory=set)
    next_ids: dict[str, int] = field(default_factory=lambda: dict(_FIRST_IDS))

    def next_id(self, kind: str, *, count: int = 1) -> int:
        """The next number of a kind; `count` of them are used up."""
        number = self.next_ids[kind]
        self.next_ids[kind] = number + count
        return number

    def touch(self, project: Project, person: Person, at: datetime) -> None:
        """Note activity; what the project shows of it is refreshed hourly at most."""
        project.active_at = at
        person.active_at = at
        shown = project.shown_active_at
        if shown is None or at - shown >= _ACTIVITY_STEP:
            project.shown_active_at = at

    def act(
        self,
        project: Project,
        person: Person,
        at: datetime,
        action: str,
        *,
        target_type: str | None = None,
        target: Issue | MergeRequest | None = None,
        note: Note | None = None,
        push: tuple[str, str, int] | None = None,
    ) -> None:
        """Somebody does something in a project."""
        self.touch(project, person, at)
        project.activities.append(
            Activity(
                id=self.next_id("activity"),
                author=person,
                action=action,
                at=at,
                target_type=target_type,
                target=target,
                note=note,
                push=push,
            )
        )

    def push(self, project: Project, commit: Commit) -> Commit:
        """Put a commit on top of its branch."""
        project.commits.append(commit)
        project.heads[commit.branch] = commit
        return commit

    def run_pipeline(
        self,
        project: Project,
        user: Person,
        commit: Commit,
        at: datetime,
        *,
        source: str,
        ref: str,
        is_tag: bool = False,
    ) -> Pipeline:
        """Start a pipeline; its jobs and deployments get their numbers at once."""
        from bizops_sandbox.projections.gitlab_runs import (
            environments_of,
            job_count,
        )

        pipeline = Pipeline(
            id=self.next_id("pipeline"),
            iid=len(project.pipelines) + 1,
            first_job_id=0,
            project=project,
            user=user,
            commit=commit,
            ref=ref,
            source=source,
            created_at=at,
            before_sha=commit.parents[0] if commit.parents else NO_SHA,
            is_tag=is_tag,
        )
        pipeline.first_job_id = self.next_id("job", count=job_count(pipeline))
        for name in environments_of(pipeline):
            project.deployment_iids += 1
            pipeline.deployments[name] = (
                self.next_id("deployment"),
                project.deployment_iids,
            )
        project.pipelines.append(pipeline)
        return pipeline

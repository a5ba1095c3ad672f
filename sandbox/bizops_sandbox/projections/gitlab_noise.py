"""The ledger of how the sample company's GitLab differs from the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_engineering import HANDLERS
from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.projections.gitlab_instances import InstanceFold
from bizops_sandbox.projections.gitlab_pings import counts_of, failures
from bizops_sandbox.projections.gitlab_places import settle
from bizops_sandbox.projections.gitlab_state import SiteState
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end, day_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.projections.gitlab_pings import PingLog
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


@dataclass(frozen=True, slots=True)
class GitlabNoise:
    """One difference: `code` says which.

    issue_deleted: an issue is gone without a trace. project_deleted, project_moved:
    so is a project, or its old path (`other_id`). metric_failed: a sentinel stands at
    the key path `other_id` of an instance's payload (`source_id` is its UUID).
    """

    code: str
    object_name: str
    source_id: str
    at: datetime
    other_id: str | None = None


def gitlab_noise(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[GitlabNoise]:
    """All differences until the end of a day, in time order."""
    moment = day_end(as_of)
    state, fold = SiteState(), InstanceFold()
    settle(state, day_start(params.start_date), day_end(params.as_of))
    found: list[GitlabNoise] = []
    for event in events_until(events, moment):
        handler = HANDLERS.get(type(event))
        if handler is not None:
            handler(state, event)
            continue
        log = fold.take(event)
        if log is not None:
            found += _failed(log)
    found += _gone(state)
    kept = [row for row in found if row.at <= moment]
    return sorted(kept, key=lambda row: (row.at, row.code, row.source_id))


def _failed(log: PingLog) -> Iterator[GitlabNoise]:
    uuid, at = log.installed.instance_uuid, log.pings[-1].at
    for path in failures(uuid, stamp(at) or "", counts_of(log)):
        yield GitlabNoise("metric_failed", "service_ping", uuid, at, path)


def _gone(state: SiteState) -> Iterator[GitlabNoise]:
    for project in state.projects.values():
        source_id = str(project.id)
        if project.deleted_at is not None:
            yield GitlabNoise(
                "project_deleted", "projects", source_id, project.deleted_at
            )
        for old_path, at in project.moves:
            yield GitlabNoise("project_moved", "projects", source_id, at, old_path)
        for issue in project.issues:
            if issue.deleted_at is not None:
                yield GitlabNoise(
                    "issue_deleted", "issues", str(issue.id), issue.deleted_at
                )

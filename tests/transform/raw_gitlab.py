"""The sample company's GitLab as raw tables, as tap-gitlab writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab import project_gitlab
from bizops_sandbox.projections.gitlab_instances import service_pings
from bizops_sandbox.projections.gitlab_metrics import METRICS
from bizops_sandbox.projections.gitlab_show_changes import approvals_row, note_row
from bizops_sandbox.projections.gitlab_show_code import commits_on
from bizops_sandbox.projections.gitlab_show_people import account
from bizops_sandbox.projections.gitlab_site import REVISION
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end
from tap_gitlab.columns import Kind
from tap_gitlab.service_ping import to_metrics, to_ping
from tap_gitlab.stream_table import STREAMS

from .raw_tables import RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.projections.gitlab_records import Project
    from bizops_sandbox.projections.gitlab_site import GitlabSite
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

    Row = dict[str, Any]

# What target-postgres makes of the kinds of the tap's columns.
COLUMN_TYPES = {
    Kind.WHOLE: "bigint",
    Kind.NUMBER: "numeric",
    Kind.TEXT: "text",
    Kind.MOMENT: "timestamptz",
    Kind.DAY: "date",
    Kind.SWITCH: "boolean",
    Kind.OBJECT: "jsonb",
    Kind.LIST: "jsonb",
    Kind.TEXTS: "jsonb",
}
SPECS = {spec.name: spec for spec in STREAMS}


def gitlab_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the streams that models read, by `gitlab.<stream>`.

    Pings are all that were ever sent: the tap reads one a week, and saved files.
    """
    site = project_gitlab(events, parameters, day)
    pings = list(service_pings(events_until(events, day_end(day))))
    rows = {
        **_usage_rows(site, pings),
        **{name: list(make(site)) for name, make in _MAKERS.items()},
    }
    return {
        f"gitlab.{name}": _stream(name, found, extracted_at=site.as_of)
        for name, found in rows.items()
    }


def _stream(name: str, documents: Iterable[Row], *, extracted_at: datetime) -> RawTable:
    """Cut documents to the columns of their stream."""
    spec = SPECS[name]
    columns = {column.name: COLUMN_TYPES[column.kind] for column in spec.columns}
    derive = spec.derive or (lambda row: row)
    rows = [
        {
            name: _value(row.get(name), is_json=kind == "jsonb")
            for name, kind in columns.items()
        }
        for row in map(derive, documents)
    ]
    return loaded_table(
        name, columns, rows, extracted_at=extracted_at, schema="raw_gitlab"
    )


def _value(value: object, *, is_json: bool) -> object:
    return json.dumps(value) if is_json and value is not None else value


def _usage_rows(site: GitlabSite, pings: list[Row]) -> dict[str, list[Row]]:
    hosts = {uuid: each.installed.hostname for uuid, each in site.instances.items()}
    return {
        "service_ping": [
            to_ping(ping) | {"instance": hosts[ping["uuid"]]} for ping in pings
        ],
        "service_ping_metrics": [
            {"instance": hosts[ping["uuid"]]} | row
            for ping in pings
            for row in to_metrics(ping)
        ],
        "metric_definitions": [metric.document(with_path=True) for metric in METRICS],
        "metadata": [
            {
                "instance": hosts[uuid],
                "version": each.version,
                "revision": REVISION,
                "enterprise": each.current is not None,
            }
            for uuid, each in site.instances.items()
        ],
        "licenses": [
            {"instance": hosts[uuid], **row}
            for uuid, each in site.instances.items()
            for row in each.license_rows()
        ],
    }


def _listed(kind: str) -> Callable[[GitlabSite], Iterator[Row]]:
    def rows(site: GitlabSite) -> Iterator[Row]:
        for project in site.projects.values():
            for row in site.rows(kind, project):
                yield {"project_id": project.id, **row}

    return rows


def _notes(site: GitlabSite) -> Iterator[Row]:
    for project in site.projects.values():
        for change in project.merge_requests:
            for note in change.notes:
                yield {"merge_request_iid": change.iid, **note_row(change, note)}


def _approvals(site: GitlabSite) -> Iterator[Row]:
    for project in site.projects.values():
        for change in project.merge_requests:
            yield {"merge_request_iid": change.iid, **approvals_row(change)}


def _commits(site: GitlabSite) -> Iterator[Row]:
    for project in site.projects.values():
        yield from _commits_of(site, project)


def _commits_of(site: GitlabSite, project: Project) -> Iterator[Row]:
    for commit in commits_on(project, None):
        yield {"project_id": project.id, **site.commit_row(project, commit)}


_MAKERS: dict[str, Callable[[GitlabSite], Iterator[Row]]] = {
    "projects": lambda site: map(site.project_row, site.projects.values()),
    "users": lambda site: map(account, site.people),
    "project_members": _listed("members"),
    "merge_requests": _listed("merge_requests"),
    "merge_request_notes": _notes,
    "merge_request_approvals": _approvals,
    "issues": _listed("issues"),
    "commits": _commits,
    "releases": _listed("releases"),
    "pipelines": _listed("pipelines"),
    "deployments": _listed("deployments"),
}

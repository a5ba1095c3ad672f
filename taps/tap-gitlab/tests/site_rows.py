"""What the sample company's GitLab holds at some days, straight from its projection.

``python site_rows.py FOLDER DAY...`` writes ``FOLDER/DAY.json`` for each: the rows by
stream, as the API has them, with the columns a tap adds. No server is asked.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from bizops_sandbox.projections import gitlab_show_changes as changes
from bizops_sandbox.projections import gitlab_show_code as code
from bizops_sandbox.projections import gitlab_show_places as places
from bizops_sandbox.projections.gitlab import project_gitlab
from bizops_sandbox.projections.gitlab_metrics import METRICS
from bizops_sandbox.projections.gitlab_show_people import account, members_of
from bizops_sandbox.projections.gitlab_show_runs import pipeline_detail
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

FEATURES = {
    "issues": "issues",
    "merge_requests": "merge_requests",
    "pipelines": "builds",
    "jobs": "builds",
    "deployments": None,
    "environments": None,
    "releases": None,
    "tags": "repository",
    "branches": "repository",
    "events": None,
}


def of_projects(site: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in FEATURES}
    found |= {"commits": [], "contributors": [], "project_members": []}
    found |= {"pipelines_extended": [], "languages": []}
    for project in site.projects.values():
        added = {"project_id": project.id}
        for name, feature in FEATURES.items():
            if feature not in project.disabled:
                found[name] += [added | row for row in site.rows(name, project)]
        members = members_of(site.people, project)
        found["project_members"] += [added | row for row in members]
        if "builds" not in project.disabled:
            found["pipelines_extended"] += [
                pipeline_detail(each, site.as_of) for each in site.pipelines_of(project)
            ]
        if "repository" in project.disabled:
            continue
        found["commits"] += [
            added | code.commit_row(project, each) | {"stats": code.stats_of(each.sha)}
            for each in code.commits_on(project, None)
        ]
        found["contributors"] += [
            added | row
            for row in code.contributor_rows(code.commits_on(project, "master"))
        ]
        if not project.is_empty:
            found["languages"] += [
                added
                | {
                    "project_path": project.full_path,
                    "language_name": name,
                    "percent": percent,
                }
                for name, percent in project.languages.items()
            ]
    return found


def of_merge_requests(site: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {
        f"merge_request_{name}": []
        for name in ("commits", "notes", "state_events", "approvals")
    }
    for project in site.projects.values():
        for change in project.merge_requests:
            added = {"project_id": project.id, "merge_request_iid": change.iid}
            rows = {
                "commits": [code.commit_row(project, c) for c in change.commits],
                "notes": [changes.note_row(change, note) for note in change.notes],
                "state_events": changes.state_event_rows(change),
                "approvals": [changes.approvals_row(change)],
            }
            for name, each in rows.items():
                found[f"merge_request_{name}"] += [added | row for row in each]
    return found


def of_site(site: Any) -> dict[str, list[dict[str, Any]]]:
    groups = list(site.groups.values())
    return {
        # A group that is asked for alone tells more of itself.
        "groups": [
            places.group_row(group) if group.parent else places.group_detail(group)
            for group in groups
        ],
        "projects": [
            site.project_row(each) | {"statistics": places.statistics(each)}
            for each in site.projects.values()
        ],
        "users": [account(person) for person in site.people],
        "group_members": [
            {"group_id": group.id} | row
            for group in groups
            for row in members_of(site.people, group)
        ],
        "group_labels": [
            {"group_id": group.id} | row for group in groups for row in site.labels
        ],
        "epics": site.epics,
        "epic_issues": [
            {"group_id": epic["group_id"]} | row
            for epic in site.epics
            for row in site.epic_issues(epic["iid"])
        ],
        "metric_definitions": [each.document(with_path=True) for each in METRICS],
    }


def of_instances(site: Any) -> dict[str, list[dict[str, Any]]]:
    named = [
        (f"{each.installed.hostname} {uuid[:8]}", each)
        for uuid, each in site.instances.items()
    ]
    return {
        "licenses": [
            {"instance": name} | row
            for name, each in named
            for row in each.license_rows()
        ],
        "service_ping": [
            {"instance": name} | payload | {"payload": payload}
            for name, each in named
            if (payload := each.payload())
        ],
    }


def main(folder: str, *days: str) -> None:
    parameters = load_parameters(scale="tiny")
    events = list(simulate(parameters))
    for day in days:
        site = project_gitlab(events, parameters, date.fromisoformat(day))
        rows = {
            **of_projects(site),
            **of_merge_requests(site),
            **of_site(site),
            **of_instances(site),
        }
        path = Path(folder) / f"{day}.json"
        path.write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

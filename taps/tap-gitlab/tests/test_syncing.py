"""Whole and incremental syncs give what the sample company holds, row for row."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

DAYS = (
    "2017-03-15",
    "2017-05-31",
    "2017-09-30",
    "2017-11-20",
    "2018-01-10",
    "2018-01-31",
)
KEYS = {
    "groups": ("id",),
    "projects": ("id",),
    "users": ("id",),
    "group_members": ("group_id", "id"),
    "project_members": ("project_id", "id"),
    "group_labels": ("group_id", "id"),
    "languages": ("project_path", "language_name"),
    "merge_requests": ("id",),
    "merge_request_commits": ("project_id", "merge_request_iid", "commit_id"),
    "merge_request_notes": ("id",),
    "merge_request_state_events": ("id",),
    "merge_request_approvals": ("id",),
    "issues": ("id",),
    "epics": ("group_id", "id"),
    "epic_issues": ("group_id", "epic_iid", "epic_issue_id"),
    "events": ("id",),
    "commits": ("id", "project_id"),
    "branches": ("project_id", "name"),
    "tags": ("project_id", "commit_id", "name"),
    "releases": ("project_id", "commit_id", "tag_name"),
    "contributors": ("project_id", "email", "name"),
    "pipelines": ("id",),
    "pipelines_extended": ("id",),
    "jobs": ("id",),
    "deployments": ("id",),
    "environments": ("id",),
    "metric_definitions": ("key_path",),
    "licenses": ("instance", "id"),
    "service_ping": ("uuid", "recorded_at"),
}
FULL = {
    "groups",
    "users",
    "group_members",
    "project_members",
    "group_labels",
    "languages",
    "branches",
    "tags",
    "releases",
    "contributors",
    "environments",
    "metric_definitions",
    "licenses",
}
EVERYTHING = {
    "ultimate_license": True,
    "fetch_merge_request_commits": True,
    "fetch_pipelines_extended": True,
}


class Mirror:
    """What a target makes of the messages: the last row of a key, versions honoured."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Any, tuple[dict[str, Any], Any]]] = {}
        self.schemas: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}

    def take(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            name = message.get("stream")
            match message["type"]:
                case "SCHEMA":
                    self.schemas[name] = message
                    self.tables.setdefault(name, {})
                case "RECORD":
                    row = message["record"]
                    key = tuple(row[k] for k in self.schemas[name]["key_properties"])
                    assert None not in key, (name, key)
                    self.tables[name][key] = (row, message.get("version"))
                case "ACTIVATE_VERSION":
                    kept = self.tables[name].items()
                    version = message["version"]
                    self.tables[name] = {k: v for k, v in kept if v[1] == version}
                case "STATE":
                    self.state = message["value"]

    def rows(self, stream: str) -> dict[Any, dict[str, Any]]:
        return {key: row for key, (row, _) in self.tables[stream].items()}


def moment(text):
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def as_told(value, spec):
    """Give a value of the projection as a column of this schema has it."""
    if value is None:
        return None
    if spec.get("format") == "date-time":
        return moment(value)
    if "number" in spec["type"]:
        return Decimal(str(value))
    return value


def as_read(value, spec):
    if value is None:
        return None
    if spec.get("format") == "date-time":
        assert value.endswith("Z")
        return moment(value)
    if "object" in spec["type"] or "array" in spec["type"]:
        return plain(value)
    return value


def without_snapshots(row):
    """Leave of other things in a row their ids: they change without the row."""
    others = {name: row.get(name) for name in ("milestone", "epic")}
    return row | {n: v["id"] for n, v in others.items() if isinstance(v, dict)}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


DERIVED = {
    "branches": lambda row: {"commit_id": row["commit"]["id"]},
    "tags": lambda row: {"commit_id": row["commit"]["id"]},
    "releases": lambda row: {"commit_id": row["commit"]["id"]},
    "merge_request_commits": lambda row: {"commit_id": row["id"]},
}


def check(mirror, rows, stream, *, may_keep_more):
    schema = mirror.schemas[stream]["schema"]["properties"]
    expected = {}
    for row in rows:
        told = row | DERIVED.get(stream, lambda _: {})(row)
        key = tuple(told[name] for name in KEYS[stream])
        expected[key] = without_snapshots(
            {name: as_told(told.get(name), spec) for name, spec in schema.items()}
        )
    found = {
        key: without_snapshots(
            {name: as_read(row[name], spec) for name, spec in schema.items()}
        )
        for key, row in mirror.rows(stream).items()
    }
    missing = set(expected) - set(found)
    assert not missing, (stream, sorted(missing)[:5])
    for key, row in expected.items():
        differing = {
            name: (found[key][name], value)
            for name, value in row.items()
            if found[key][name] != value
        }
        assert not differing, (stream, key, differing)
    if not may_keep_more:
        assert set(found) == set(expected), stream


def prepare(site):
    site.serve_as(tier="ultimate")
    return {
        **EVERYTHING,
        "instances": site.instances,
        "page_size": 7,
    }


def test_a_whole_sync_gives_the_company_row_for_row(site, rows_of):
    config = prepare(site)
    outcome = site.read(*KEYS, **config)
    assert outcome.status == 0, outcome.log
    mirror = Mirror()
    mirror.take(outcome.messages)
    for stream in KEYS:
        check(mirror, rows_of(DAYS[-1], stream), stream, may_keep_more=False)


def test_five_incremental_syncs_with_deletions_keep_up_with_the_company(site, rows_of):
    mirror = Mirror()
    for day in DAYS:
        site.move(day)
        config = prepare(site)
        outcome = site.read(*KEYS, state=mirror.state or None, **config)
        assert outcome.status == 0, outcome.log
        mirror.take(outcome.messages)
        for stream in KEYS:
            rows = rows_of(day, stream)
            check(mirror, rows, stream, may_keep_more=stream not in FULL)
    # What was deleted at GitLab goes where lists are read whole, and stays elsewhere.
    gone = {(row["id"],) for row in rows_of(DAYS[0], "projects")} - {
        (row["id"],) for row in rows_of(DAYS[-1], "projects")
    }
    assert len(gone) == 1
    assert gone <= set(mirror.rows("projects"))
    assert not [key for key in mirror.rows("project_members") if (key[0],) in gone]


def test_a_project_that_moves_keeps_its_state_and_shows_its_new_path(site):
    site.move("2017-01-15")
    first = site.read("projects", "commits")
    path = first.table("projects", "id")[24]["path_with_namespace"]
    assert path == "brightloom/tools"
    site.move("2017-03-15")
    again = site.read("projects", "commits", state=first.state)
    path = again.table("projects", "id")[24]["path_with_namespace"]
    assert path == "brightloom/labs/tools"
    parts = again.state["bookmarks"]["commits"]["partitions"]
    assert [part["context"] for part in parts].count({"project_id": 24}) == 1


def test_an_incremental_sync_reads_little(site):
    first = site.run()
    site.control("DELETE", "/requests")
    again = site.run(state=first.state)
    assert again.status == 0, again.log
    for stream in ("merge_requests", "issues", "pipelines", "deployments"):
        assert len(again.records(stream)) < len(first.records(stream)) / 4, stream
    # Of projects without activity no commits are asked for.
    lists = {r["path"].split("/")[4] for r in site.requests("GET", "/commits")}
    assert lists == {"20", "22"}


def test_time_extracted_is_the_servers_time(site):
    outcome = site.run()
    times = {m["time_extracted"] for m in outcome.messages if m["type"] == "RECORD"}
    assert times == {"2018-01-31T23:59:59.000Z"}


def test_every_state_covers_only_rows_written_before_it(site):
    seen = {}
    for message in site.read("merge_requests", "issues", "pipelines").messages:
        if message["type"] == "RECORD":
            row = message["record"]
            key = message["stream"], row["project_id"]
            seen[key] = max(seen.get(key, ""), row["updated_at"])
        elif message["type"] == "STATE":
            for stream, entry in message["value"]["bookmarks"].items():
                for part in entry.get("partitions", []):
                    bookmark = part.get("replication_key_value", "")
                    highest = max(v for k, v in seen.items() if k[0] == stream)
                    assert bookmark <= highest


def test_no_secret_is_in_any_row(site):
    flags = {"fetch_group_variables": True, "fetch_project_variables": True}
    names = ("groups", "projects", "group_variables", "project_variables")
    outcome = site.read(*names, **flags)
    assert outcome.status == 0, outcome.log
    assert outcome.records("group_variables")[0]["key"] == "DEPLOY_KEY"
    assert len(outcome.records("project_variables")) == 8
    output = "\n".join(outcome.lines)
    for secret in ("GR1348941", "runners_token", "sandbox-not-a-secret"):
        assert secret not in output
    assert "glpat-" not in output + outcome.log

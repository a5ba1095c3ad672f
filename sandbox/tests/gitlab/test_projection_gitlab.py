from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from bizops_sandbox.projections.gitlab import project_gitlab
from bizops_sandbox.projections.gitlab_instances import service_pings
from bizops_sandbox.projections.gitlab_metrics import COUNTER_PATHS, METRICS
from bizops_sandbox.projections.gitlab_noise import gitlab_noise
from bizops_sandbox.projections.gitlab_show_changes import note_row
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.servers.company import Company
from bizops_sandbox.servers.gitlab import instances_variable
from bizops_sandbox.world import events as log
from bizops_sandbox.world.parameters import ParameterError, load_parameters
from bizops_sandbox.world.simulate import simulate

DAY = date(2018, 1, 31)
MERGED_SHA, PICKED_SHA = "a" * 40, "b" * 40
T0 = datetime(2016, 3, 1, 9, tzinfo=UTC)


def _at(days: float = 0, **more: float) -> datetime:
    return T0 + timedelta(days=days, **more)


HANDMADE = (
    log.ProjectCreated(
        at=_at(), project_key="core", name="Core", path="brightloom/core"
    ),
    log.DeveloperJoined(
        at=_at(), developer_key="d1", username="ada", name="Ada A", kind="team",
        email="ada@brightloom.example", member_key="t1",
    ),
    log.DeveloperJoined(
        at=_at(), developer_key="d2", username="com", name="Com C", kind="community",
        email="com@inbox.test",
    ),
    log.IssueOpened(
        at=_at(1), issue_key="i1", project_key="core", developer_key="d1",
        title="Broken", labels=("bug",),
    ),
    log.MergeRequestOpened(
        at=_at(2), merge_request_key="m1", project_key="core", developer_key="d2",
        title="Repair", labels=("bug", "Community contribution"),
        source_branch="repair", target_branch="master", is_draft=True, issue_key="i1",
    ),
    log.NoteWritten(
        at=_at(2, hours=1), note_key="n1", merge_request_key="m1", developer_key="d2",
        kind="comment",
    ),
    log.MergeRequestReady(at=_at(3), merge_request_key="m1"),
    log.NoteWritten(
        at=_at(4), note_key="n2", merge_request_key="m1", developer_key="d1",
        kind="comment",
    ),
    log.NoteWritten(
        at=_at(5), note_key="n3", merge_request_key="m1", developer_key="d1",
        kind="approval",
    ),
    log.MergeRequestMerged(
        at=_at(6), merge_request_key="m1", commit_sha=MERGED_SHA, by="d1"
    ),
    log.IssueClosed(at=_at(6, seconds=5), issue_key="i1", by="d1"),
    log.ReleasePublished(at=_at(7), release_key="r1", project_key="core", tag="v8.1.0"),
    log.CommitPicked(
        at=_at(8), merge_request_key="m1", commit_sha=PICKED_SHA,
        picked_from=MERGED_SHA, branch="8-1-stable", by="d1",
    ),
    log.MergeRequestOpened(
        at=_at(9), merge_request_key="m2", project_key="core", developer_key="d1",
        title="Idea", source_branch="idea", target_branch="master",
    ),
    log.MergeRequestClosed(at=_at(10), merge_request_key="m2", by="d1"),
    log.TeamMemberLeft(at=_at(20), member_key="t1", kind="involuntary"),
)  # fmt: skip


@pytest.fixture(scope="module")
def params():
    return load_parameters(scale="tiny")


@pytest.fixture(scope="module")
def company(params):
    return simulate(params)


def _core(site):
    return site.state.projects["core"]


def _change(site, iid=1):
    change = next(c for c in _core(site).merge_requests if c.iid == iid)
    return site.merge_request_detail(change)


def _on(params, days):
    return project_gitlab(HANDMADE, params, (T0 + timedelta(days=days)).date())


def test_a_merge_request_goes_from_draft_to_merged_as_the_log_says(params):
    draft = _change(_on(params, 2))
    assert (draft["title"], draft["draft"], draft["state"]) == (
        "Draft: Repair", True, "opened",
    )  # fmt: skip
    assert draft["created_at"] == "2016-03-03T09:00:00.000Z"
    assert draft["updated_at"] == "2016-03-03T10:00:00.000Z"
    assert draft["detailed_merge_status"] == "draft_status"
    ready = _change(_on(params, 3))
    assert (ready["title"], ready["draft"]) == ("Repair", False)
    merged = _change(_on(params, 6))
    assert (merged["state"], merged["merged_at"]) == (
        "merged", "2016-03-07T09:00:00.000Z",
    )  # fmt: skip
    assert {merged["merge_commit_sha"], merged["squash_commit_sha"]} == {
        None, MERGED_SHA,
    }  # fmt: skip
    assert merged["merge_user"]["username"] == "ada"
    assert merged["first_contribution"] is True
    assert merged["user_notes_count"] == 2
    assert "Closes #1" in merged["description"]


def test_a_pick_labels_the_merge_request_and_is_on_the_stable_branch(params):
    before, after = _change(_on(params, 7)), _change(_on(params, 8))
    assert "Pick into 8.1" not in before["labels"]
    assert after["labels"] == ["Community contribution", "Pick into 8.1", "bug"]
    assert after["updated_at"] == "2016-03-09T09:00:00.000Z"
    core = _core(_on(params, 8))
    head = core.heads["8-1-stable"]
    assert head.sha == PICKED_SHA
    assert f"(cherry picked from commit {MERGED_SHA})" in head.message
    assert core.heads["master"].sha == MERGED_SHA
    assert core.releases[0].commit.sha == MERGED_SHA


def test_a_branch_is_removed_by_the_merge_and_stays_when_given_up(params):
    assert "repair" in _core(_on(params, 5)).heads
    heads = _core(_on(params, 10)).heads
    assert "repair" not in heads
    assert "idea" in heads
    assert _change(_on(params, 10), iid=2)["state"] == "closed"


def test_an_issue_closes_with_its_merge_request(params):
    site = _on(params, 6)
    issue = site.rows("issues", _core(site))[0]
    assert (issue["state"], issue["closed_at"]) == (
        "closed", "2016-03-07T09:00:05.000Z",
    )  # fmt: skip
    assert issue["merge_requests_count"] == 1
    assert issue["milestone"]["title"] == "2016-03"


def test_who_left_is_blocked_and_no_member_any_more(params):
    there, gone = _on(params, 19), _on(params, 20)
    for site, is_member in ((there, True), (gone, False)):
        names = {row["username"] for row in site.rows("members", _core(site))}
        assert ("ada" in names) == is_member
        assert "com" not in names
    assert gone.state.users["d1"].left_at == _at(20)


def test_a_pipeline_is_seen_half_way_at_the_end_of_a_day(params):
    late = datetime(2016, 3, 9, 23, 59, 45, tzinfo=UTC)
    opened = log.MergeRequestOpened(
        at=late, merge_request_key="m9", project_key="core", developer_key="d1",
        title="Late", source_branch="late", target_branch="master",
    )  # fmt: skip
    events = [*(e for e in HANDMADE if e.at < late), opened]
    site = project_gitlab(events, params, late.date())
    row = site.rows("pipelines", _core(site))[-1]
    assert row["ref"] == "refs/merge-requests/2/head"
    assert row["status"] in {"pending", "running"}
    jobs = [j for j in site.rows("jobs", _core(site)) if j["pipeline"] == row]
    assert {job["finished_at"] for job in jobs} == {None}
    next_day = project_gitlab(events, params, late.date() + timedelta(days=1))
    done = next_day.rows("pipelines", _core(next_day))[-1]
    assert (done["id"], done["status"] in {"success", "failed"}) == (row["id"], True)
    assert done["updated_at"] > row["updated_at"]


def test_every_engineering_event_has_its_row(company, params):
    site = project_gitlab(company, params, DAY)
    told = Counter(type(event).__name__ for event in company)
    projects = site.projects.values()
    changes = [row for p in projects for row in site.rows("merge_requests", p)]
    states = Counter(row["state"] for row in changes)
    assert len(changes) == told["MergeRequestOpened"]
    assert states["merged"] == told["MergeRequestMerged"]
    assert states["closed"] == told["MergeRequestClosed"]
    assert sum(len(p.releases) for p in projects) == told["ReleasePublished"]
    # The administrator and the integration have accounts, too.
    assert len(site.people) == told["DeveloperJoined"] + 2
    deleted = sum(
        1 for row in gitlab_noise(company, params, DAY) if row.code == "issue_deleted"
    )
    issues = [row for p in projects for row in site.rows("issues", p)]
    assert len(issues) == told["IssueOpened"] - deleted


def test_first_reviews_are_those_of_the_log(company, params):
    """What time to review is made of: the first note of another, who is no bot."""
    kinds = {
        e.developer_key: e.kind for e in company if isinstance(e, log.DeveloperJoined)
    }
    authors, first = {}, {}
    for event in company:
        if isinstance(event, log.MergeRequestOpened):
            authors[event.merge_request_key] = event.developer_key
        elif isinstance(event, log.NoteWritten):
            key, by = event.merge_request_key, event.developer_key
            if by != authors[key] and kinds[by] != "bot":
                first.setdefault(key, event.at)
    site = project_gitlab(company, params, DAY)
    bots = {person.id for person in site.people if person.kind == "bot"}
    shown = {}
    for key, change in site.state.merge_requests.items():
        notes = [note_row(change, note) for note in change.notes]
        mine = [
            datetime.fromisoformat(note["created_at"])
            for note in notes
            if note["author"]["id"] not in {change.author.id, *bots}
        ]
        if mine:
            shown[key] = min(mine)
    assert shown == first
    assert len(first) > 10


def test_ids_of_all_rows_are_unique_and_the_same_on_an_earlier_day(company, params):
    later = project_gitlab(company, params, DAY)
    earlier = project_gitlab(company, params, date(2017, 3, 31))
    for kind in ("issues", "merge_requests", "pipelines", "jobs", "deployments"):
        found = {}
        for site in (later, earlier):
            rows = [r for p in site.projects.values() for r in site.rows(kind, p)]
            found[site] = {row["id"]: row["created_at"] for row in rows}
            assert len(found[site]) == len(rows)
        assert found[earlier].items() <= found[later].items()
        assert all(at <= "2017-03-31T23:59:59.999Z" for at in found[earlier].values())


def test_nothing_is_later_than_the_day(company, params):
    site = project_gitlab(company, params, date(2017, 6, 30))
    for project in site.projects.values():
        for kind in ("issues", "merge_requests", "pipelines", "deployments"):
            for row in site.rows(kind, project):
                assert row["created_at"] <= row["updated_at"] < "2017-07-01"


def test_the_last_ping_of_an_instance_is_its_payload(company, params):
    site = project_gitlab(company, params, DAY)
    licenses = {e.license_key: e for e in company if isinstance(e, log.LicenseIssued)}
    last = {e.instance_uuid: e for e in company if isinstance(e, log.UsagePinged)}
    fresh = {
        uuid: ping
        for uuid, ping in last.items()
        if site.as_of - ping.at <= timedelta(days=14)
    }
    assert fresh
    failed = {
        (row.source_id, row.other_id, row.at)
        for row in gitlab_noise(company, params, DAY)
        if row.code == "metric_failed"
    }
    for uuid, instance in site.instances.items():
        payload = instance.payload()
        assert bool(payload) == (uuid in fresh)
        if not payload:
            continue
        ping, issued = fresh[uuid], licenses[fresh[uuid].license_key]
        assert payload["active_user_count"] == ping.active_users
        assert payload["historical_max_users"] == ping.max_users
        assert payload["license_md5"] == issued.digest
        assert payload["license_user_count"] == issued.seats
        assert payload["license_subscription_id"] == zuora_id(
            "Subscription", issued.subscription_key
        )
        for feature, path in COUNTER_PATHS.items():
            shown = payload["counts"][path.removeprefix("counts.")]
            if (uuid, path, ping.at) in failed:
                assert shown in {-1, -2}
            else:
                assert shown == ping.counters.get(feature, 0)


def test_every_ping_of_the_log_is_a_payload(company):
    payloads = list(service_pings(company))
    pings = [event for event in company if isinstance(event, log.UsagePinged)]
    assert [row["uuid"] for row in payloads] == [ping.instance_uuid for ping in pings]
    stamps = [row["recorded_at"] for row in payloads]
    assert stamps == sorted(stamps)
    assert all(row["counts_weekly"]["deployments"] >= -2 for row in payloads)


def test_the_variable_of_instances_names_each_one(company, params):
    text = instances_variable(Company(params, company), "http://host:1", DAY)
    entries = json.loads(text)
    installed = [e for e in company if isinstance(e, log.InstanceInstalled)]
    names = [f"{e.hostname} {e.instance_uuid[:8]}" for e in installed]
    assert [entry["name"] for entry in entries] == names
    uuid = installed[0].instance_uuid
    assert entries[0]["api_url"] == f"http://host:1/instances/{uuid}/api/v4"


def _instance(*pings):
    installed = log.InstanceInstalled(
        at=_at(), instance_uuid="u", organization_key="o", hostname="git.o.example",
        sends_pings=True,
    )  # fmt: skip
    told = [
        log.UsagePinged(
            at=_at(day), instance_uuid="u", version="8.1.0", active_users=9,
            max_users=9, counters={"deployments": count},
        )
        for day, count in pings
    ]  # fmt: skip
    return list(service_pings([installed, *told]))


def test_growth_is_the_difference_of_counters_and_survives_a_reset():
    payloads = _instance((7, 10), (14, 30), (21, 60), (35, 100), (42, 5))
    weekly = [row["counts_weekly"]["deployments"] for row in payloads]
    monthly = [row["counts_monthly"]["deployments"] for row in payloads]
    # Without an earlier ping all of the first counts as new.
    assert weekly == [10, 20, 30, 40, 5]
    # On day 35 the ping of day 7 is the last that is 28 days old; day 42 is reset.
    assert monthly == [10, 20, 50, 90, 5]


def test_an_instance_without_a_licence_has_no_licence_keys():
    (payload,) = _instance((7, 10))
    assert payload["edition"] == "CE"
    assert not [name for name in payload if name.startswith("license")]


def test_metric_definitions_are_told_once_each():
    paths = [metric.key_path for metric in METRICS]
    assert paths == sorted(set(paths))


@pytest.mark.parametrize("day", [date(2016, 1, 31), date(2018, 2, 1)])
def test_a_day_outside_the_window_is_refused(company, params, day):
    with pytest.raises(ParameterError, match="is not between"):
        project_gitlab(company, params, day)


_DIGEST = """
import hashlib, json
from bizops_sandbox.projections.gitlab import project_gitlab
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate
params = load_parameters(scale="tiny")
site = project_gitlab(simulate(params), params, params.as_of)
rows = [
    site.rows(kind, project)
    for project in site.projects.values()
    for kind in ("issues", "merge_requests", "jobs", "events", "branches", "releases")
]
rows += [site.labels, site.epics, [i.payload() for i in site.instances.values()]]
print(hashlib.sha256(json.dumps(rows).encode()).hexdigest())
"""


def test_two_processes_give_the_same_bytes():
    found = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1

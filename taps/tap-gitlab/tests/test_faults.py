"""Faults of the service: complete data, or a stop that says what is missing."""

from __future__ import annotations

import pytest

KEYS = {
    "merge_requests": ("id",),
    "merge_request_notes": ("id",),
    "pipelines": ("id",),
    "jobs": ("id",),
    "commits": ("id", "project_id"),
    "branches": ("project_id", "name"),
    "releases": ("project_id", "commit_id", "tag_name"),
    "group_members": ("group_id", "id"),
    "users": ("id",),
    "service_ping_metrics": ("uuid", "recorded_at", "key_path"),
    "metric_definitions": ("key_path",),
}
#: Where a request of each kind of list is known by.
PLACES = {
    "merge_requests": "*/groups/*/merge_requests",
    "merge_request_notes": "*/notes",
    "pipelines": "*/projects/26/pipelines",
    "jobs": "*/projects/26/jobs",
    "commits": "*/projects/26/repository/commits",
    "branches": "*/projects/26/repository/branches",
    "releases": "*/projects/26/releases",
    "group_members": "*/members/all",
    "users": "*/users",
    "service_ping_metrics": "*/usage_data/service_ping",
    "metric_definitions": "*/metric_definitions",
}
OFFSET = ("pipelines", "branches", "releases", "group_members", "commits")


def tables(outcome, streams=KEYS):
    return {name: outcome.table(name, *KEYS[name]) for name in streams}


@pytest.fixture(scope="module")
def whole():
    """Keep what an undisturbed run reads."""
    return {}


@pytest.fixture
def reads(site, whole):
    """Give what runs over all kinds of streams, and what an undisturbed run gives."""
    config = {"instances": site.instances}

    def run(*streams, **more):
        return site.read(*(streams or KEYS), **config, **more)

    if not whole:
        whole.update(tables(run()))
        assert all(whole.values())
        site.control("DELETE", "/requests")
    return run


PASSING = {
    "the service is down for a moment": {"fault": "status", "status": 503, "count": 2},
    "an HTML error page": {"fault": "status", "status": 502, "body": "html"},
    "an error that is empty": {"fault": "status", "status": 500, "body": "empty"},
    "a time-out of a proxy": {"fault": "status", "status": 524, "body": "text"},
    "too many requests": {"fault": "rate_limited", "retry_after": 1},
    "too many requests, nobody says until when": {
        "fault": "rate_limited",
        "retry_after": -1,
    },
    "too many requests of one kind": {"fault": "endpoint_limited"},
    "the connection is reset": {"fault": "reset", "count": 2},
    "a body is cut": {"fault": "cut", "after_bytes": 50},
    "a body is shorter than it says": {
        "fault": "cut",
        "after_bytes": 50,
        "chunked": False,
    },
    "JSON ends too early": {"fault": "truncated", "after_bytes": 50},
    "a firewall answers once": {"fault": "blocked"},
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_passing_fault_at_every_kind_of_list_costs_no_row(site, reads, whole, fault):
    for place in PLACES.values():
        site.arm({**fault, "match": {"path": place}})
    outcome = reads()
    assert outcome.status == 0, outcome.log
    assert tables(outcome) == whole
    struck = {e["fault"] for e in site.requests("GET", "/") if e["fault"]}
    assert struck == {fault["fault"]}


PAGES = {
    "a page lacks its last row": "page_short",
    "a page is empty before the end": "page_empty",
    "a page comes twice": "page_duplicated",
    "a page repeats a row": "row_repeated",
    "a link leads to its own page": "link_loops",
}


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("fault", PAGES.values(), ids=PAGES.keys())
def test_a_page_that_is_wrong_once_is_made_good(site, reads, whole, fault, page):
    streams = ("merge_requests", "pipelines", "branches", "releases", "commits")
    for name in streams:
        match = {"path": PLACES[name], "page": page}
        site.arm({"fault": fault, "match": match})
    outcome = reads(*streams)
    assert outcome.status == 0, outcome.log
    assert tables(outcome, streams) == {name: whole[name] for name in streams}


def test_a_link_that_always_leads_to_its_own_page_fails_the_stream_only(site, reads):
    match = {"path": PLACES["branches"]}
    site.arm({"fault": "link_loops", "match": match, "count": None})
    outcome = reads("branches", "users")
    assert outcome.status == 1
    assert "the same page came twice" in outcome.log
    assert "branches" in outcome.log.splitlines()[-1]
    assert outcome.records("users")
    assert not [
        m
        for m in outcome.messages
        if m["type"] == "ACTIVATE_VERSION" and m["stream"] == "branches"
    ]


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_list_that_stays_down_stops_its_stream_with_a_true_state(
    site, reads, whole, name
):
    match = {"path": PLACES[name]}
    after = 0 if name == "metric_definitions" else 1
    site.arm({"fault": "status", "match": match, "after": after, "count": None})
    first = reads(name, request_timeout=5)
    assert first.status == 5, first.log
    assert f"{name}: " in first.log.splitlines()[-1]
    site.calm()
    state = first.states[-1] if first.states else None
    second = reads(name, state=state)
    assert second.status == 0, second.log
    both = {**first.table(name, *KEYS[name]), **second.table(name, *KEYS[name])}
    assert both == whole[name]


LASTING = {
    "pages are too heavy": {"fault": "heavy_page", "above": 25},
    "pages take too long": {"fault": "heavy_page", "above": 25, "seconds": 1.5},
    "commits with statistics are too heavy": {"fault": "heavy_stats"},
    "the filter is not known": {
        "fault": "filter_unknown",
        "parameter": "updated_after",
    },
    "the other filter is not known": {
        "fault": "filter_unknown",
        "parameter": "updated_before",
    },
    "since is not known": {"fault": "filter_unknown", "parameter": "since"},
    "links name a host behind a proxy": {
        "fault": "link_host",
        "host": "gitlab.internal",
    },
    "little of the minute is left": {
        "fault": "budget_left",
        "remaining": 3,
        "reset_after": 1,
    },
    "the server's clock is late": {"fault": "clock_skew", "seconds": -300},
    "fields are new": {
        "fault": "field_added",
        "object": "merge_requests",
        "field": "shiny",
        "value": {"a": [1]},
    },
    "all rows share one instant": {"fault": "one_instant", "object": "pipelines"},
}


@pytest.mark.parametrize("name", LASTING)
def test_an_instance_that_is_odd_all_the_time_gives_all_rows(site, reads, whole, name):
    site.arm(LASTING[name])
    streams = ("merge_requests", "pipelines", "jobs", "commits", "branches")
    if "too long" in name:
        streams = ("merge_requests", "users")
    outcome = reads(*streams, page_size=60, request_timeout=1)
    assert outcome.status == 0, outcome.log
    found = tables(outcome, streams)
    for stream in streams:
        assert set(found[stream]) == set(whole[stream]), stream
    if "statistics" in name:
        assert all(row["stats"] is None for row in found["commits"].values())
        assert "without" in outcome.log
    elif "instant" not in name:
        assert found == {stream: whole[stream] for stream in streams}
    if "new" in name:
        assert "shiny" in outcome.log
    if "filter" in name:
        assert "does not know the filter" in outcome.log


def test_rows_updated_while_they_are_read_are_not_missed(site, reads, whole):
    """After the first page its rows move to the end, and all others move up."""
    site.arm(
        {
            "fault": "rows_updated",
            "object": "merge_requests",
            "rows": 6,
            "after": 1,
        }
    )
    outcome = reads("merge_requests")
    assert outcome.status == 0, outcome.log
    assert set(outcome.table("merge_requests", "id")) == set(whole["merge_requests"])


def test_a_field_of_another_type_is_taken_where_nothing_is_lost(site, reads, whole):
    retyped = {"fault": "field_retyped", "object": "merge_requests"}
    site.arm({**retyped, "field": "iid"}, {**retyped, "field": "title"})
    outcome = reads("merge_requests")
    assert outcome.status == 0, outcome.log
    for key, row in outcome.table("merge_requests", "id").items():
        assert row["iid"] == whole["merge_requests"][key]["iid"]
        assert row["title"] == "4711"


def test_a_field_of_another_type_that_cannot_be_taken_fails_its_stream(site, reads):
    fault = {"fault": "field_retyped", "object": "merge_requests", "field": "author"}
    site.arm(fault)
    outcome = reads("merge_requests", "users")
    assert outcome.status == 1
    assert "merge_requests.author: expected a object, got text" in outcome.log
    assert outcome.records("users")


@pytest.mark.parametrize("fault", ["field_removed", "field_null"])
def test_a_field_that_is_not_there_is_null(site, reads, fault):
    site.arm({"fault": fault, "object": "merge_requests", "field": "author"})
    outcome = reads("merge_requests")
    assert outcome.status == 0, outcome.log
    assert {row["author"] for row in outcome.records("merge_requests")} == {None}


@pytest.mark.parametrize("status", [403, 404])
def test_a_feature_that_is_off_is_left_out_with_a_warning(site, reads, status):
    site.arm({"fault": "feature_off", "object": "branches", "status": status})
    outcome = reads("branches", "releases")
    assert outcome.status == 0, outcome.log
    assert "branches of project brightloom/core is left out" in outcome.log
    assert outcome.records("releases")


def test_rows_that_are_refused_after_they_were_read_are_not_marked_deleted(
    site, reads, whole
):
    first = reads("branches")
    activated = [m for m in first.messages if m["type"] == "ACTIVATE_VERSION"]
    assert len(activated) == 1
    site.arm({"fault": "feature_off", "object": "branches", "status": 403})
    second = reads("branches", state=first.state)
    assert second.status == 0, second.log
    assert not [m for m in second.messages if m["type"] == "ACTIVATE_VERSION"]


def test_rows_that_are_gone_are_marked_deleted_by_a_full_read(site, reads, whole):
    hidden = sorted(row["id"] for row in whole["group_members"].values())[:1]
    site.arm({"fault": "rows_hidden", "object": "members", "ids": hidden})
    outcome = reads("group_members")
    assert len(outcome.records("group_members")) == len(whole["group_members"]) - 2
    assert outcome.messages[-1]["type"] == "STATE" or any(
        m["type"] == "ACTIVATE_VERSION" for m in outcome.messages
    )


def test_a_project_that_goes_during_the_run_is_left_out(site, reads, whole):
    match = {"path": "*/projects/26/*"}
    message = {"status": 404, "body": "json", "message": "Project Not Found"}
    site.arm({"fault": "status", "match": match, "after": 1, "count": None, **message})
    outcome = reads("pipelines", "branches")
    assert outcome.status == 0, outcome.log
    assert "project brightloom/core has gone during the run" in outcome.log
    found = outcome.table("branches", "project_id", "name")
    assert {k: v for k, v in found.items() if k[0] != 26} == {
        k: v for k, v in whole["branches"].items() if k[0] != 26
    }


def test_a_configured_project_that_has_moved_is_followed(site, reads, whole):
    site.arm({"fault": "project_moved", "project": "brightloom/core"})
    outcome = reads("branches", groups=None, projects="brightloom/core")
    assert outcome.status == 0, outcome.log
    mine = {k: v for k, v in whole["branches"].items() if k[0] == 26}
    assert outcome.table("branches", "project_id", "name") == mine


def test_a_firewall_in_front_of_everything_ends_the_run(site, reads):
    site.arm({"fault": "blocked", "count": None})
    outcome = reads("branches", "users")
    assert outcome.status == 5
    assert "blocked by address or rules" in outcome.log
    assert not outcome.records()


def test_a_token_that_is_refused_in_the_middle_ends_the_run(site, reads, whole):
    match = {"path": PLACES["jobs"]}
    message = {"status": 401, "body": "json", "message": "Unauthorized"}
    site.arm({"fault": "status", "match": match, "after": 2, "count": None, **message})
    outcome = reads("branches", "jobs", "users")
    assert outcome.status == 2
    assert "rejects the token" in outcome.log
    site.calm()
    again = reads("branches", "jobs", "users", state=outcome.state)
    for name in ("branches", "jobs", "users"):
        both = {**outcome.table(name, *KEYS[name]), **again.table(name, *KEYS[name])}
        assert both == whole[name]


def test_an_instance_that_is_down_does_not_stop_the_others(site, reads, whole):
    dead = site.instances[0]["api_url"].rsplit("/", 3)[1]
    site.arm({"fault": "status", "match": {"path": f"*{dead}*"}, "count": None})
    outcome = reads("service_ping_metrics", "metadata", "users")
    assert outcome.status == 5
    assert "service_ping_metrics: instance" in outcome.log
    assert len(outcome.table("metadata", "instance")) == len(site.instances)
    assert outcome.table("users", "id") == whole["users"]


def test_an_instance_whose_token_is_wrong_does_not_stop_the_others(site):
    entries = site.instances
    entries[0]["private_token"] = "glpat-sandbox-revoked"
    outcome = site.read("metadata", "users", instances=entries)
    assert outcome.status == 1
    assert "rejects the token" in outcome.log
    assert len(outcome.table("metadata", "instance")) == len(entries)
    assert outcome.records("users")


def test_bodies_that_come_slowly_are_waited_for(site, reads, whole):
    slow = {"fault": "slow_body", "seconds": 0.02, "chunk_bytes": 4_000, "count": 8}
    site.arm({**slow, "match": {"path": PLACES["merge_requests"]}})
    outcome = reads("merge_requests", request_timeout=1)
    assert outcome.status == 0, outcome.log
    assert outcome.table("merge_requests", "id") == whole["merge_requests"]


def test_a_project_that_is_deleted_is_fatal_only_where_it_is_named(site, reads):
    site.arm({"fault": "project_deleted", "project": "brightloom/core"})
    outcome = reads("branches", "merge_requests")
    assert outcome.status == 0, outcome.log
    assert "project brightloom/core has gone" in outcome.log
    named = reads("branches", groups=None, projects="brightloom/core")
    assert named.status == 2
    assert "project brightloom/core" in named.log

"""Which groups and projects are read, and by which lists."""

from __future__ import annotations

READ = "glpat-sandbox-read"
LISTED = {
    "status": 405,
    "body": "json",
    "message": "Keyset pagination is not yet available for this type of request",
}


def projects(outcome, stream="projects"):
    name = "id" if stream == "projects" else "project_id"
    return {row[name] for row in outcome.records(stream)}


def test_a_group_below_another_and_a_project_of_it_are_read_once(site):
    whole = site.read("merge_requests", "branches")
    outcome = site.read(
        "merge_requests",
        "branches",
        groups="brightloom brightloom/labs 10",
        projects="brightloom/core 26",
    )
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("merge_requests")) == len(
        whole.records("merge_requests")
    )
    assert len(outcome.records("branches")) == len(whole.records("branches"))


def test_a_lone_project_is_read_by_itself(site):
    outcome = site.run(groups=None, projects="brightloom/core")
    assert outcome.status == 0, outcome.log
    for stream in ("projects", "merge_requests", "issues", "commits", "jobs"):
        assert projects(outcome, stream) == {26}, stream
    assert outcome.records("groups") == []
    contexts = outcome.state["bookmarks"]["issues"]["partitions"]
    assert [part["context"] for part in contexts] == [{"project_id": 26}]


def test_groups_below_and_archived_projects_may_be_left_out(site):
    streams = ("projects", "groups", "merge_requests", "branches")
    outcome = site.read(*streams, include_subgroups=False)
    assert outcome.status == 0, outcome.log
    assert projects(outcome) == {26, 27, 28}
    assert len(outcome.records("groups")) == 1
    living = site.read(*streams, include_archived=False)
    assert 21 not in projects(living)
    assert 20 in projects(living)


def test_archived_projects_are_read_by_default(site):
    site.read("merge_requests")
    (asked, *_) = site.requests("GET", "/groups/10/merge_requests")
    assert "non_archived=false" in asked["query"]


def test_a_project_new_to_the_group_is_read_from_its_start(site):
    """The token is given a higher role: a private project with old changes appears."""
    first = site.read("commits", "issues", private_token=READ)
    assert 23 not in projects(first, "commits")
    again = site.read("commits", "issues", state=first.state)
    assert again.status == 0, again.log
    assert projects(again, "commits") == {23}
    assert "new to the group, read from its start: brightloom/labs/vault" in again.log


def test_a_project_that_is_gone_is_forgotten(site):
    first = site.read("pipelines", "branches")
    state = first.state
    gone = {"context": {"project_id": 4711}, "replication_key_value": "2017-01-01"}
    state["bookmarks"]["pipelines"]["partitions"].append(gone)
    again = site.read("pipelines", "branches", state=state)
    assert again.status == 0, again.log
    assert "project_id 4711 is gone" in again.log
    assert "4711" not in str(again.state)


def test_a_version_without_keyset_paging_is_read_by_numbered_pages(site):
    match = {"path": "*/users"}
    site.arm({"fault": "status", "match": match, **LISTED})
    outcome = site.read("users")
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("users")) == 10
    assert "has no keyset paging" in outcome.log


def test_a_group_whose_list_is_too_heavy_is_read_by_project(site):
    whole = site.read("merge_requests").table("merge_requests", "id")
    match = {"path": "*/groups/10/merge_requests"}
    fault = {"fault": "status", "status": 500, "match": match}
    site.arm({**fault, "after": 1, "count": None})
    outcome = site.read("merge_requests")
    assert outcome.status == 0, outcome.log
    assert "reading them by project" in outcome.log
    assert outcome.table("merge_requests", "id") == whole
    site.calm()
    assert len(site.read("merge_requests", state=outcome.state).records()) < 5


def test_a_list_without_totals_and_with_many_rows_at_one_instant_is_read_whole(site):
    outcome = site.read("issues", groups="old-tracker", page_size=100)
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("issues", "id")) == 12_345
    asked = site.requests("GET", "/groups/9/issues")
    assert not [entry for entry in asked if "&page=" in entry["query"]]
    part = outcome.state["bookmarks"]["issues"]["partitions"][0]
    assert part["replication_key_value"] == "2016-01-04T08:05:08.000Z"
    # Forty rows share each instant; the overlap costs no more than as many again.
    assert len(asked) < 12_345 / 100 * 2


def test_offsets_that_end_early_do_not_matter_to_long_lists(site):
    site.serve_as(offset_limit=200, totals_limit=100, tells_next_page=False)
    outcome = site.read("jobs", "merge_requests", "pipelines", page_size=20)
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("jobs", "id")) == 252
    assert len(outcome.table("pipelines", "id")) == 74


def test_a_list_that_is_longer_than_its_pages_reach_fails_with_words(site):
    site.serve_as(offset_limit=14)
    outcome = site.read("branches", "users")
    assert outcome.status == 1
    assert "branches: project brightloom/core: the list is longer" in outcome.log
    assert outcome.records("users")


def test_jobs_that_were_not_over_are_read_again_whenever_they_were_made(site):
    site.move("2017-05-31")
    first = site.read("jobs")
    state = first.state
    (part,) = [
        part
        for part in state["bookmarks"]["jobs"]["partitions"]
        if part["context"] == {"project_id": 26}
    ]
    old = min(row["id"] for row in first.records("jobs") if row["project_id"] == 26)
    part["unfinished"] = [old, 1]
    again = site.read("jobs", state=state)
    assert again.status == 0, again.log
    assert old in again.table("jobs", "id")
    (part,) = [
        part
        for part in again.state["bookmarks"]["jobs"]["partitions"]
        if part["context"] == {"project_id": 26}
    ]
    assert part["unfinished"] == []


def test_users_are_never_read_from_the_public_service(site):
    names = {each["stream"] for each in site.discover(api_url=None)["streams"]}
    assert "users" not in names
    assert "project_members" in names


def test_the_days_of_dora_metrics_are_read_again_for_a_week(site):
    site.serve_as(tier="ultimate")
    site.move("2018-01-10")
    config = {"ultimate_license": True, "start_date": "2017-09-01T00:00:00Z"}
    first = site.read("dora_metrics", **config)
    assert first.status == 0, first.log
    keys = ("level", "id", "metric", "environment_tier", "date")
    table = first.table("dora_metrics", *keys)
    days = {key[4] for key in table}
    assert (min(days), max(days)) == ("2017-09-01", "2018-01-10")
    site.move("2018-01-31")
    again = site.read("dora_metrics", state=first.state, **config)
    days = {row["date"] for row in again.records("dora_metrics")}
    assert (min(days), max(days)) == ("2018-01-03", "2018-01-31")
    assert again.state["bookmarks"]["dora_metrics"]["partitions"]


def test_without_ultimate_its_streams_are_left_out_with_a_warning(site):
    site.serve_as(tier="free")
    outcome = site.read("epics", "dora_metrics", "users", ultimate_license=True)
    assert outcome.status == 0, outcome.log
    assert "epics of group brightloom is left out" in outcome.log
    assert outcome.records("users")

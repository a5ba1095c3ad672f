"""A public client library, unchanged, reads the company's GitLab and an instance."""

from __future__ import annotations

import gitlab as client_module
import pytest


@pytest.fixture
def client(gitlab):
    """Give the library's client with an administrator's token."""
    made = client_module.Gitlab(
        gitlab.base_url, private_token="glpat-sandbox-admin", keep_base_url=True
    )
    made.auth()
    return made


def test_it_reads_group_lists_to_the_end(client, gitlab):
    group = client.groups.get("brightloom")
    changes = group.mergerequests.list(
        scope="all",
        state="all",
        order_by="updated_at",
        sort="asc",
        per_page=100,
        get_all=True,
    )
    stamps = [change.updated_at for change in changes]
    assert stamps == sorted(stamps)
    total = gitlab.get("/groups/brightloom/merge_requests").headers["X-Total"]
    assert len({change.id for change in changes}) == int(total)
    assert len(client.groups.get("old-tracker").issues.list(get_all=False)) == 20
    assert group.subgroups.list(get_all=True)[0].path == "labs"
    assert len(group.milestones.list(get_all=True)) == 24
    assert group.epics.list(get_all=True)[0].issues.list(get_all=True)
    assert group.members_all.list(get_all=True)


def test_it_reads_a_project_and_its_parts(client):
    project = client.projects.get("brightloom/core")
    change = project.mergerequests.list(state="merged", get_all=True)[-1]
    assert change.commits().next().id == change.sha
    assert change.notes.list(get_all=True)[0].body
    assert change.resourcestateevents.list(get_all=True)[0].state == "merged"
    assert change.approvals.get().approved_by
    assert project.releases.list(get_all=True)[0].tag_name.startswith("v")
    assert project.commits.list(all=True, with_stats=True, get_all=True)[0].stats
    assert project.branches.list(get_all=True)
    assert project.tags.list(get_all=True)
    pipeline = project.pipelines.list(get_all=True)[0]
    assert project.pipelines.get(pipeline.id).jobs.list(get_all=True)
    assert project.deployments.list(
        order_by="updated_at", updated_after="2017-12-01T00:00:00Z", get_all=True
    )
    assert project.languages()


def test_it_pages_by_keyset(client):
    projects = client.projects.list(
        pagination="keyset", order_by="id", per_page=3, get_all=True
    )
    assert len({project.id for project in projects}) == len(projects) > 6
    users = client.users.list(
        pagination="keyset", order_by="id", per_page=5, get_all=True
    )
    assert len({user.id for user in users}) == len(users) > 5


def test_it_reads_an_instance_of_a_customer(gitlab):
    entry = gitlab.instances()[0]
    instance = client_module.Gitlab(
        entry["api_url"].removesuffix("/api/v4"), private_token=entry["private_token"]
    )
    assert instance.version()[0].endswith("-ee")
    assert instance.get_license()["plan"] in {"starter", "premium", "ultimate"}
    payload = instance.http_get("/usage_data/service_ping")
    assert payload == {} or entry["name"].startswith(payload["hostname"] + " ")


def test_its_errors_are_the_librarys(client):
    with pytest.raises(client_module.GitlabGetError) as refused:
        client.groups.get("nobody")
    assert refused.value.response_code == 404

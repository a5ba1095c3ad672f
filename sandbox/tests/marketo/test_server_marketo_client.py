"""A public client library, unchanged but for its host, reads the whole instance."""

from __future__ import annotations

import pytest
from marketorestpython import client as client_module

# The library itself waits a fifth of a second before each call.
pytestmark = pytest.mark.slow


@pytest.fixture
def client(marketo):
    """Give the library's client, sent to the server instead of mktorest.com."""
    env = marketo.env
    made = client_module.MarketoClient(
        "000-AAA-000", env["MARKETO_CLIENT_ID"], env["MARKETO_CLIENT_SECRET"]
    )
    made.host = env["MARKETO_ENDPOINT"]
    return made


def test_it_reads_leads_lists_campaigns_and_programs(client):
    (lead,) = client.execute(method="get_lead_by_id", id=100_001)
    found = client.execute(
        method="get_multiple_leads_by_filter_type",
        filterType="email",
        filterValues=[lead["email"].strip()],
        batchSize=1,
    )
    assert lead["id"] in {row["id"] for row in found}
    lists = client.execute(method="get_multiple_lists", batchSize=2)
    assert len(lists) > 2
    members = client.execute(
        method="get_multiple_leads_by_list_id", listId=lists[0]["id"]
    )
    assert members
    campaigns = client.execute(method="get_multiple_campaigns", batchSize=20)
    assert len(campaigns) > 20
    programs = client.execute(method="browse_programs", maxReturn=7)
    assert len(programs) > 7
    (program,) = client.execute(method="get_program_by_id", id=programs[0]["id"])
    assert program["name"] == programs[0]["name"]


def test_it_reads_describes_activities_changes_and_deletions(client):
    fields = client.execute(method="describe")
    assert fields[0]["rest"]["name"] == "company"
    types = client.execute(method="get_activity_types")
    since = "2017-12-01T00:00:00Z"
    found = client.execute(
        method="get_lead_activities",
        activityTypeIds=[str(kind["id"]) for kind in types][:10],
        sinceDatetime=since,
    )
    assert found
    assert client.execute(
        method="get_lead_changes", fields=["leadStatus"], sinceDatetime=since
    )
    deleted = client.execute(method="get_deleted_leads", sinceDatetime="2016-02-01")
    assert all(row["activityTypeId"] == 37 for row in deleted)
    assert client.execute(method="get_daily_usage")[0]["total"] > 0


def test_it_browses_assets(client):
    for method in (
        "browse_folders",
        "get_emails",
        "get_forms",
        "get_landing_pages",
        "get_channels",
        "get_tags",
        "get_smart_campaigns",
    ):
        assert client.execute(method=method), method


def test_it_runs_bulk_exports_to_their_files(client, marketo, parse_csv):
    window = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
    wanted = {
        "leads": {"fields": ["id", "email"], "filters": {"updatedAt": window}},
        "activities": {"filters": {"createdAt": window, "activityTypeIds": [1, 12]}},
    }
    for kind, given in wanted.items():
        (job,) = client.execute(method=f"create_{kind}_export_job", **given)
        job_id = job["exportId"]
        client.execute(method=f"enqueue_{kind}_export_job", job_id=job_id)
        marketo.pass_time(120)
        (told,) = client.execute(method=f"get_{kind}_export_job_status", job_id=job_id)
        assert told["status"] == "Completed"
        content = client.execute(method=f"get_{kind}_export_job_file", job_id=job_id)
        assert len(parse_csv(content)) == told["numberOfRecords"] > 0
        jobs = client.execute(method=f"get_{kind}_export_jobs_list")
        assert job_id in {each["exportId"] for each in jobs}


def test_it_renews_an_expired_token_by_itself(client, marketo):
    client.execute(method="get_daily_usage")
    first = client.token
    marketo.pass_time(3_601)
    # The library's clock is ours, so it has to be told that the hour is over.
    client.valid_until = 0
    assert client.execute(method="get_daily_usage")
    assert client.token != first


def test_it_gives_up_at_the_quota(client, marketo):
    marketo.arm({"fault": "quota_at_create"})
    window = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-02T00:00:00Z"}
    with pytest.raises(Exception, match="quota"):
        client.execute(
            method="create_activities_export_job", filters={"createdAt": window}
        )

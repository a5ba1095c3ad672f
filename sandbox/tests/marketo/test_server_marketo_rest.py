"""The lead database: describes, leads, lists, campaigns, members, activities, stats."""

from __future__ import annotations

import gzip

import pytest


def _pages(marketo, path, **params):
    rows, token = [], None
    while True:
        more = {} if token is None else {"nextPageToken": token}
        document = marketo.read(path, **params, **more)
        rows += document["result"]
        token = document.get("nextPageToken")
        if token is None:
            return rows


def _activities(marketo, path="/rest/v1/activities.json", **params):
    since = params.pop("since", "2016-02-01T00:00:00Z")
    token = marketo.read("/rest/v1/activities/pagingtoken.json", sinceDatetime=since)
    token, found = token["nextPageToken"], []
    while True:
        document = marketo.read(path, nextPageToken=token, **params)
        found.append(document["result"])
        token = document["nextPageToken"]
        if not document["moreResult"]:
            return found


def test_describe_names_what_may_be_exported(marketo):
    fields = marketo.read("/rest/v1/leads/describe.json")["result"]
    assert any("rest" not in field for field in fields)
    assert any(field["dataType"] == "formula" for field in fields)
    names = [field["rest"]["name"] for field in fields if "rest" in field]
    assert len(names) == len(set(names))
    newer = marketo.read("/rest/v1/leads/describe2.json")["result"][0]
    assert [field["name"] for field in newer["fields"]] == names
    assert ["email"] in newer["searchableFields"]


def test_leads_are_found_by_id_and_null_is_told(marketo):
    ids = "100001,100002,999999"
    rows = marketo.read(
        "/rest/v1/leads.json",
        filterType="id",
        filterValues=ids,
        fields="email,sicCode,createdAt",
    )["result"]
    assert [row["id"] for row in rows] == [100001, 100002]
    assert rows[0]["sicCode"] is None
    assert rows[0]["createdAt"].endswith("Z")


def test_leads_are_found_by_mail_in_any_case(marketo):
    (row,) = marketo.read("/rest/v1/lead/100001.json")["result"]
    found = marketo.read(
        "/rest/v1/leads.json", filterType="email", filterValues=row["email"].upper()
    )["result"]
    assert row["id"] in {lead["id"] for lead in found}


def test_a_long_list_of_values_goes_by_post(marketo):
    body = {
        "_method": "GET",
        "filterType": "id",
        "filterValues": ",".join(str(100_001 + n) for n in range(300)),
        "batchSize": "50",
    }
    first = marketo.post("/rest/v1/leads.json", data=body).json()
    assert len(first["result"]) == 50
    body["nextPageToken"] = first["nextPageToken"]
    second = marketo.post("/rest/v1/leads.json", data=body).json()
    assert not {r["id"] for r in first["result"]} & {r["id"] for r in second["result"]}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"filterType": "firstName", "filterValues": "x"}, "1011"),
        ({"filterType": "id"}, "1002"),
        ({"filterValues": "1"}, "1002"),
        ({"filterType": "id", "filterValues": "1", "fields": "nonsense"}, "1006"),
        ({"filterType": "id", "filterValues": "1", "batchSize": "many"}, "1001"),
        ({"filterType": "id", "filterValues": "1", "nextPageToken": "?"}, "1003"),
        (
            {"filterType": "id", "filterValues": ",".join(map(str, range(301)))},
            "1003",
        ),
    ],
)
def test_wrong_requests_for_leads(marketo, params, code):
    assert marketo.code("/rest/v1/leads.json", **params) == code


def test_writing_is_denied_and_unknown_addresses_are_610(marketo, error_code):
    answer = marketo.post("/rest/v1/leads.json", json={"input": []})
    assert error_code(answer) == "603"
    assert marketo.code("/rest/v1/nothing.json") == "610"
    assert error_code(marketo.client.delete(f"{marketo.url}/rest/v1/leads.json")) == (
        "605"
    )


def test_lists_and_their_leads(marketo):
    lists = _pages(marketo, "/rest/v1/lists.json", batchSize=2)
    assert len(lists) == len({row["id"] for row in lists}) > 2
    mqls = next(row for row in lists if row["name"] == "All MQLs")
    leads = _pages(marketo, f"/rest/v1/lists/{mqls['id']}/leads.json", batchSize=3)
    also = _pages(marketo, f"/rest/v1/list/{mqls['id']}/leads.json", fields="id")
    assert [row["id"] for row in leads] == [row["id"] for row in also]
    assert leads
    assert marketo.code("/rest/v1/lists/1.json") == "1013"


def test_campaigns_by_pages_and_by_program(marketo):
    rows = _pages(marketo, "/rest/v1/campaigns.json", batchSize=7)
    assert len(rows) == len({row["id"] for row in rows})
    with_program = next(row for row in rows if "programId" in row)
    name = with_program["programName"]
    found = marketo.read("/rest/v1/campaigns.json", programName=name)["result"]
    assert {row["programName"] for row in found} == {name}
    (one,) = marketo.read(f"/rest/v1/campaigns/{with_program['id']}.json")["result"]
    assert one == with_program


def test_members_by_filter_and_leads_of_a_program(marketo):
    for program in marketo.read("/rest/asset/v1/programs.json")["result"]:
        path = f"/rest/v1/programs/{program['id']}/members.json"
        yes = marketo.read(path, filterType="reachedSuccess", filterValues="true")
        no = marketo.read(path, filterType="reachedSuccess", filterValues="false")
        leads = _pages(marketo, f"/rest/v1/leads/programs/{program['id']}.json")
        assert len(yes["result"]) + len(no["result"]) == len(leads)
        assert yes["moreResult"] is False
        for row in yes["result"]:
            assert row["reachedSuccess"] is True
    assert marketo.code(path, filterType="acquiredBy", filterValues="1") == "1011"
    wide = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T00:00:00Z"}
    assert marketo.code(path, filterType="updatedAt", **wide) == "1003"


def test_both_paths_describe_members(marketo):
    one = marketo.read("/rest/v1/programs/members/describe.json")["result"]
    other = marketo.read("/rest/v1/program/members/describe.json")["result"]
    assert one == other


def test_activities_are_read_page_by_page_to_the_end(marketo):
    pages = _activities(marketo, activityTypeIds="1,2,11", batchSize=5)
    rows = [row for page in pages for row in page]
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids))
    assert {row["activityTypeId"] for row in rows} <= {1, 2, 11}
    assert any(len(page) < 5 for page in pages[:-1])
    assert all(row["marketoGUID"] == str(row["id"]) for row in rows)


def test_activities_since_a_moment_and_of_some_leads(marketo):
    rows = [row for page in _activities(marketo, activityTypeIds="12") for row in page]
    middle = rows[len(rows) // 2]
    late = _activities(marketo, activityTypeIds="12", since=middle["activityDate"])
    later = [row["id"] for page in late for row in page]
    assert later[0] == middle["id"]
    lead_id = middle["leadId"]
    some = _activities(marketo, activityTypeIds="12", leadIds=lead_id)
    assert {row["leadId"] for page in some for row in page} == {lead_id}


def test_lead_changes_tell_old_and_new_values(marketo):
    pages = _activities(
        marketo, "/rest/v1/activities/leadchanges.json", fields="leadStatus"
    )
    changes = [row for page in pages for row in page if row["activityTypeId"] == 13]
    assert changes
    for row in changes:
        (change,) = row["fields"]
        assert change["name"] == "leadStatus"
        assert change["newValue"] != change["oldValue"]


def test_limits_of_activity_requests(marketo):
    token = marketo.read(
        "/rest/v1/activities/pagingtoken.json", sinceDatetime="2018-01-01"
    )["nextPageToken"]
    path = "/rest/v1/activities.json"
    many = ",".join(str(n) for n in range(1, 12))
    assert marketo.code(path, nextPageToken=token) == "1002"
    assert marketo.code(path, nextPageToken=token, activityTypeIds=many) == "1003"
    assert marketo.code(path, activityTypeIds="1") == "1002"
    assert marketo.code(path, activityTypeIds="x", nextPageToken=token) == "1001"
    pagingtoken = "/rest/v1/activities/pagingtoken.json"
    assert marketo.code(pagingtoken) == "1002"
    assert marketo.code(pagingtoken, sinceDatetime="yesterday") == "1003"


def test_dates_of_activities_may_end_in_an_offset(marketo):
    marketo.set(is_offset_datetime=True)
    (page, *_) = _activities(marketo, activityTypeIds="12")
    assert page[0]["activityDate"].endswith("+0000")


def test_usage_counts_calls_by_user_and_errors_by_code(marketo):
    before = marketo.read("/rest/v1/stats/usage.json")["result"][0]
    assert marketo.code("/rest/v1/nothing.json") == "610"
    after = marketo.read("/rest/v1/stats/usage.json")["result"][0]
    assert after["total"] == before["total"] + 2
    assert after["date"] == "2018-01-31"
    assert sum(user["count"] for user in after["users"]) == after["total"]
    week = marketo.read("/rest/v1/stats/usage/last7days.json")["result"]
    assert [day["date"] for day in week][:2] == ["2018-01-31", "2018-01-30"]
    errors = marketo.read("/rest/v1/stats/errors.json")["result"][0]["errors"]
    assert "610" in {error["errorCode"] for error in errors}


def test_rest_is_compressed_from_1024_bytes_and_only_on_request(marketo):
    path = "/rest/v1/leads/describe.json"
    headers = {"Accept-Encoding": "gzip"}
    answer = marketo.get(path, headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = marketo.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert int(answer.headers["Content-Length"]) < len(plain.content)
    small = marketo.get("/rest/v1/stats/usage.json", headers=headers)
    assert "Content-Encoding" not in small.headers
    assert gzip.decompress(gzip.compress(plain.content)) == plain.content


def test_a_url_of_8_kb_is_414_and_a_body_of_1_mb_413(marketo):
    answer = marketo.get("/rest/v1/leads.json", filterValues="1," * 5_000)
    assert answer.status_code == 414
    answer = marketo.post("/rest/v1/leads.json", data=b"x" * 1_048_577)
    assert answer.status_code == 413


def test_the_date_header_is_the_companys_present(marketo):
    answer = marketo.get("/rest/v1/stats/usage.json")
    assert answer.headers["Date"] == "Wed, 31 Jan 2018 23:59:59 GMT"

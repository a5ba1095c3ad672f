"""Bulk extract: what a job may ask, how it advances, its file, queue and quota."""

from __future__ import annotations

import hashlib
import json

import pytest

JANUARY = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
LEADS = {"fields": ["id", "email"], "filter": {"createdAt": JANUARY}}


def _windows(year_from=2016, year_to=2018):
    for year in range(year_from, year_to + 1):
        for month in range(1, 13):
            last = 28 if month == 2 else 30
            yield (
                f"{year}-{month:02d}-01T00:00:00Z",
                f"{year}-{month:02d}-{last}T23:59:59Z",
            )


def test_a_job_advances_by_one_status_every_60_seconds(marketo):
    job_id = marketo.queue("leads", **LEADS)
    assert marketo.status("leads", job_id)["status"] == "Queued"
    marketo.pass_time(59)
    assert marketo.status("leads", job_id)["status"] == "Queued"
    marketo.pass_time(1)
    running = marketo.status("leads", job_id)
    assert running["status"] == "Processing"
    assert "startedAt" in running
    assert "fileSize" not in running
    marketo.pass_time(60)
    done = marketo.status("leads", job_id)
    assert done["status"] == "Completed"
    assert {"numberOfRecords", "fileSize", "fileChecksum", "finishedAt"} <= set(done)


def test_size_and_checksum_are_the_files(marketo, parse_csv):
    job_id = marketo.complete("leads", **LEADS)
    told, content = (
        marketo.status("leads", job_id),
        marketo.file("leads", job_id).content,
    )
    assert told["fileSize"] == len(content)
    digest = hashlib.sha256(content).hexdigest()
    assert told["fileChecksum"] == f"sha256:{digest}"
    assert told["numberOfRecords"] == len(parse_csv(content))


def test_a_file_can_be_fetched_in_ranges(marketo):
    job_id = marketo.complete("activities", filter={"createdAt": JANUARY})
    whole = marketo.file("activities", job_id)
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] == "text/csv"
    assert whole.headers["Accept-Ranges"] == "bytes"
    size, parts = len(whole.content), []
    for start in range(0, size, 1_000):
        last = start + 999
        part = marketo.file("activities", job_id, Range=f"bytes={start}-{last}")
        assert part.status_code == 206
        end = min(last, size - 1)
        assert part.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
        parts.append(part.content)
    assert b"".join(parts) == whole.content
    tail = marketo.file("activities", job_id, Range="bytes=-10").content
    assert tail == whole.content[-10:]
    open_end = marketo.file("activities", job_id, Range=f"bytes={size - 5}-")
    assert open_end.content == whole.content[-5:]
    beyond = marketo.file("activities", job_id, Range=f"bytes={size}-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{size}"


def test_bulk_is_never_compressed(marketo):
    job_id = marketo.complete("activities", filter={"createdAt": JANUARY})
    for path in (f"/{job_id}/file", f"/{job_id}/status", ""):
        answer = marketo.get(
            f"/bulk/v1/activities/export{path}.json",
            headers={"Accept-Encoding": "gzip"},
        )
        assert "Content-Encoding" not in answer.headers


def test_a_file_that_is_not_there_is_404_in_plain_text(marketo):
    job_id = marketo.queue("leads", **LEADS)
    for wanted in (job_id, "00000000-0000-0000-0000-000000000000"):
        answer = marketo.file("leads", wanted)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/plain")


def test_files_live_seven_days_and_statuses_thirty(marketo):
    job_id = marketo.complete("leads", **LEADS)
    marketo.pass_time(7 * 86_400 + 61)
    marketo.log_in()
    assert marketo.file("leads", job_id).status_code == 404
    assert marketo.status("leads", job_id)["status"] == "Completed"
    listed = marketo.read("/bulk/v1/leads/export.json")["result"]
    assert job_id not in {job["exportId"] for job in listed}
    marketo.pass_time(24 * 86_400)
    marketo.log_in()
    assert marketo.code(f"/bulk/v1/leads/export/{job_id}/status.json") == "1013"


def test_leads_by_creation_and_by_their_hidden_stamp(marketo):
    marketo.set(token_s=86_400, rate_calls=10_000)
    marketo.pass_time(3_601)
    marketo.log_in()
    by_creation: dict[str, dict[str, str]] = {}
    fields = ["id", "createdAt", "updatedAt", "email", "unsubscribed", "leadScore"]
    for start, end in _windows():
        window = {"createdAt": {"startAt": start, "endAt": end}}
        for row in marketo.rows("leads", fields=fields, filter=window):
            assert start <= row["createdAt"] <= end
            by_creation[row["id"]] = row
    changed = marketo.rows("leads", fields=fields, filter={"updatedAt": JANUARY})
    assert changed
    assert any(row["updatedAt"] < JANUARY["startAt"] for row in changed)
    for row in changed:
        assert by_creation[row["id"]] == row


def test_nothing_is_null_and_headers_can_be_renamed(marketo):
    (row, *_) = marketo.rows(
        "leads",
        fields=["id", "sicCode", "isLead"],
        filter={"updatedAt": JANUARY},
        columnHeaderNames={"sicCode": "SIC"},
    )
    assert row["SIC"] == "null"
    assert row["isLead"] == "true"


def test_leads_of_a_static_list_and_a_smart_list(marketo):
    by_id = marketo.rows("leads", fields=["id"], filter={"staticListId": 1001})
    by_name = marketo.rows(
        "leads", fields=["id"], filter={"staticListName": "All MQLs"}
    )
    rest = marketo.read("/rest/v1/lists/1001/leads.json")["result"]
    assert by_id == by_name
    assert [int(row["id"]) for row in by_id] == [row["id"] for row in rest]
    opted_out = marketo.rows(
        "leads",
        fields=["id", "unsubscribed"],
        filter={"smartListName": "Unsubscribed"},
    )
    assert {row["unsubscribed"] for row in opted_out} <= {"true"}


def test_activities_in_bulk_are_those_of_rest(marketo):
    types = [1, 2, 6, 7, 10, 11, 13, 22, 104]
    rows = marketo.rows(
        "activities", filter={"createdAt": JANUARY, "activityTypeIds": types}
    )
    token = marketo.read(
        "/rest/v1/activities/pagingtoken.json", sinceDatetime=JANUARY["startAt"]
    )["nextPageToken"]
    found = marketo.read(
        "/rest/v1/activities.json",
        nextPageToken=token,
        activityTypeIds=",".join(map(str, types)),
    )
    assert found["moreResult"] is False
    assert len(found["result"]) == len(rows) > 10
    for row, other in zip(rows, found["result"], strict=True):
        assert row["marketoGUID"] == other["marketoGUID"]
        assert row["activityDate"] == other["activityDate"]
        values = {each["name"]: each["value"] for each in other["attributes"]}
        assert json.loads(row["attributes"]) == values
        campaign = other.get("campaignId")
        assert row["campaignId"] == ("null" if campaign is None else str(campaign))


def test_activities_may_tell_their_result(marketo):
    rows = marketo.rows(
        "activities",
        fields=["leadId", "actionResult"],
        filter={"createdAt": JANUARY},
    )
    assert {row["actionResult"] for row in rows} <= {"succeeded", "skipped"}
    assert list(rows[0]) == ["leadId", "actionResult"]


def test_members_of_programs_begin_with_the_program(marketo):
    programs = marketo.read("/rest/asset/v1/programs.json")["result"]
    ids = [program["id"] for program in programs][:10]
    wanted = {
        "fields": ["leadId", "statusName", "reachedSuccess"],
        "filter": {"programIds": ids},
    }
    rows = marketo.rows("program/members", **wanted)
    assert list(rows[0]) == ["programId", "leadId", "statusName", "reachedSuccess"]
    assert {row["reachedSuccess"] for row in rows} == {"0", "1"}
    marketo.set(member_booleans="words")
    words = marketo.rows("program/members", **wanted)
    assert {row["reachedSuccess"] for row in words} == {"true", "false"}
    narrow = {**wanted, "filter": {**wanted["filter"], "updatedAt": JANUARY}}
    assert len(marketo.rows("program/members", **narrow)) < len(rows)


WRONG_LEADS = [
    ({"filter": {"createdAt": JANUARY}}, "1003"),
    ({"fields": ["id", "nonsense"], "filter": {"createdAt": JANUARY}}, "1003"),
    ({"fields": ["id", "daysSinceCreated"], "filter": {"createdAt": JANUARY}}, "1003"),
    ({"fields": ["id"]}, "1003"),
    (
        {"fields": ["id"], "filter": {"createdAt": JANUARY, "updatedAt": JANUARY}},
        "1003",
    ),
    ({"fields": ["id"], "filter": {"email": "x"}}, "1003"),
    ({"fields": ["id"], "filter": {"staticListId": 7}}, "1003"),
    (
        {
            "fields": ["id"],
            "filter": {
                "createdAt": {**JANUARY, "startAt": "2017-12-31T00:00:00Z"},
            },
        },
        "1003",
    ),
    (
        {
            "fields": ["id"],
            "filter": {
                "createdAt": {**JANUARY, "startAt": "2018-01-01T00:00:00.000Z"},
            },
        },
        "1003",
    ),
    ({"fields": ["id"], "filter": {"createdAt": {"startAt": "2018-01-01"}}}, "1003"),
    ({"fields": ["id"], "filter": {"createdAt": JANUARY}, "format": "XLS"}, "1003"),
]


@pytest.mark.parametrize(("body", "code"), WRONG_LEADS)
def test_a_wrong_export_of_leads_is_refused(marketo, error_code, body, code):
    assert error_code(marketo.create("leads", **body)) == code


def test_a_wrong_export_of_activities_or_members_is_refused(marketo, error_code):
    span = {"createdAt": JANUARY}
    wrong = [
        ("activities", {"filter": {"activityTypeIds": [1]}}),
        ("activities", {"filter": {**span, "activityTypeIds": [37]}}),
        ("activities", {"filter": {**span, "activityTypeIds": "1"}}),
        ("activities", {"filter": span, "fields": ["email"]}),
        ("program/members", {"fields": ["leadId"], "filter": {"statusNames": ["x"]}}),
        (
            "program/members",
            {"fields": ["leadId"], "filter": {"programIds": list(range(11))}},
        ),
    ]
    for kind, body in wrong:
        assert error_code(marketo.create(kind, **body)) == "1003", body
    plain = marketo.post("/bulk/v1/leads/export/create.json", data="x")
    assert error_code(plain) == "612"
    headers = {"Content-Type": "application/json"}
    broken = marketo.post(
        "/bulk/v1/leads/export/create.json", data="{", headers=headers
    )
    assert error_code(broken) == "609"


def test_small_subscriptions_have_no_filter_by_update(marketo, error_code):
    marketo.set(has_updated_at_filter=False)
    body = {"fields": ["id"], "filter": {"updatedAt": JANUARY}}
    assert error_code(marketo.create("leads", **body)) == "1035"
    assert marketo.create("leads", **LEADS).json()["success"] is True


def test_two_jobs_run_and_ten_wait_whatever_their_kind(marketo, error_code):
    ids = [("leads", marketo.queue("leads", **LEADS)) for _ in range(5)]
    wanted = {"filter": {"createdAt": JANUARY}}
    ids += [("activities", marketo.queue("activities", **wanted)) for _ in range(5)]
    job_id = marketo.create("leads", **LEADS).json()["result"][0]["exportId"]
    refused = marketo.job("leads", "enqueue", job_id)
    assert error_code(refused) == "1029"
    assert refused.json()["errors"][0]["message"] == "Too many jobs in queue"
    again = marketo.job("leads", "enqueue", ids[0][1])
    assert error_code(again) == "1029"
    assert "already queued" in again.json()["errors"][0]["message"]
    marketo.pass_time(60)
    statuses = [marketo.status(*each)["status"] for each in ids]
    assert statuses == ["Processing"] * 2 + ["Queued"] * 8
    marketo.pass_time(60)
    assert marketo.job("leads", "enqueue", job_id).json()["success"] is True
    statuses = [marketo.status(*each)["status"] for each in ids]
    assert statuses == ["Completed"] * 2 + ["Processing"] * 2 + ["Queued"] * 6


def test_a_cancelled_job_leaves_the_queue(marketo, error_code):
    job_id = marketo.queue("leads", **LEADS)
    answer = marketo.job("leads", "cancel", job_id).json()["result"][0]
    assert answer["status"] == "Cancelled"
    marketo.pass_time(300)
    marketo.set(cancelled_word="Canceled")
    assert marketo.status("leads", job_id)["status"] == "Canceled"
    assert error_code(marketo.job("leads", "cancel", job_id)) == "1003"
    for word in ("Canceled", "cancelled"):
        listed = marketo.read("/bulk/v1/leads/export.json", status=word)["result"]
        assert job_id in {job["exportId"] for job in listed}


def test_the_list_tells_the_kinds_jobs_by_status(marketo):
    done = marketo.complete("leads", **LEADS)
    waiting = marketo.queue("leads", **LEADS)
    other = marketo.queue("activities", filter={"createdAt": JANUARY})
    path = "/bulk/v1/leads/export.json"
    completed = marketo.read(path, status="Completed")["result"]
    queued = marketo.read(path, status="Queued,Processing")["result"]
    assert done in {job["exportId"] for job in completed}
    assert {job["exportId"] for job in queued} == {waiting}
    ids, page = [], marketo.read(path, batchSize=40)
    while True:
        ids += [job["exportId"] for job in page["result"]]
        if "nextPageToken" not in page:
            break
        page = marketo.read(path, batchSize=40, nextPageToken=page["nextPageToken"])
    assert {done, waiting} <= set(ids)
    assert other not in ids


def test_jobs_of_other_users_are_not_there(marketo, error_code):
    job_id = marketo.complete("leads", **LEADS)
    marketo.log_in(client_id="other-client-id", client_secret="other-client-secret")
    assert error_code(marketo.job("leads", "status", job_id)) == "1013"
    assert marketo.file("leads", job_id).status_code == 404
    assert marketo.read("/bulk/v1/leads/export.json")["result"] == []


def test_the_quota_is_counted_by_files_and_ends_at_midnight_in_chicago(
    marketo, error_code
):
    waiting = marketo.create("leads", **LEADS).json()["result"][0]["exportId"]
    marketo.complete("leads", **LEADS)
    used = marketo.control("GET").json()["bulk_bytes_today"]
    assert used > 0
    marketo.set(bulk_quota_bytes=used)
    refused = marketo.create("leads", **LEADS)
    assert error_code(refused) == "1029"
    assert "quota" in refused.json()["errors"][0]["message"].lower()
    assert error_code(marketo.job("leads", "enqueue", waiting)) == "1029"
    # The company's day ends at 18:00 in Chicago.
    marketo.pass_time(7 * 3_600)
    marketo.log_in()
    assert marketo.create("leads", **LEADS).json()["success"] is True


def test_a_job_that_waits_finishes_over_the_quota(marketo):
    job_id = marketo.queue("leads", **LEADS)
    marketo.set(bulk_quota_bytes=1)
    marketo.pass_time(120)
    assert marketo.status("leads", job_id)["status"] == "Completed"


def test_tabs_and_semicolons(marketo):
    for name, separator in (("TSV", "\t"), ("SSV", ";")):
        job_id = marketo.complete("leads", **LEADS, format=name)
        head = marketo.file("leads", job_id).text.splitlines()[0]
        assert head == separator.join(LEADS["fields"])
        assert marketo.status("leads", job_id)["format"] == name


def test_the_charset_of_files_can_be_told(marketo):
    job_id = marketo.complete("leads", **LEADS)
    marketo.set(csv_charset=True)
    answer = marketo.file("leads", job_id)
    assert answer.headers["Content-Type"] == "text/csv;charset=UTF-8"

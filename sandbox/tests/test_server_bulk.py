from __future__ import annotations

import pytest

LEADS = "SELECT Id, SystemModstamp, LastName FROM Lead"


def test_a_job_advances_from_poll_to_poll(server):
    created = server.post_job(LEADS).json()
    assert created["state"] == "UploadComplete"
    assert (created["object"], created["operation"]) == ("Lead", "queryAll")
    assert created["apiVersion"] == 64.0
    assert created["createdDate"].endswith("+0000")
    first, second = server.poll(created["id"]), server.poll(created["id"])
    assert (first["state"], first["numberRecordsProcessed"]) == ("InProgress", 0)
    assert (second["state"], second["numberRecordsProcessed"]) == ("JobComplete", 2_345)
    assert (second["jobType"], second["isPkChunkingSupported"]) == ("V2Query", True)


def test_how_often_a_job_is_polled_can_be_set(server):
    server.control("POST", "/settings", json={"job_polls": 0})
    assert server.poll(server.post_job(LEADS).json()["id"])["state"] == "JobComplete"


def test_pages_by_locator_give_every_row_once(server):
    rows = server.rows(server.complete_job(LEADS))
    assert len({row["Id"] for row in rows}) == len(rows) == 2_345


def test_a_page_has_its_header_row_its_count_and_the_next_locator(server, parse_page):
    job_id = server.complete_job(LEADS)
    first = server.page(job_id, max_records=400)
    assert first.headers["content-type"].startswith("text/csv")
    assert first.headers["Sforce-NumberOfRecords"] == "400"
    second = server.page(job_id, first.headers["Sforce-Locator"], max_records=400)
    assert second.text.startswith('"Id","SystemModstamp","LastName"\n')
    ids = [{row["Id"] for row in parse_page(p.content)} for p in (first, second)]
    assert len(ids[0] | ids[1]) == 800
    last = server.page(job_id)
    while last.headers["Sforce-Locator"] != "null":
        last = server.page(job_id, last.headers["Sforce-Locator"])
    assert last.headers["Sforce-NumberOfRecords"] == "345"


def test_the_same_locator_gives_the_same_page(server):
    job_id = server.complete_job(LEADS)
    locator = server.page(job_id).headers["Sforce-Locator"]
    assert server.page(job_id, locator).text == server.page(job_id, locator).text


def test_parallel_pages_give_every_row_once_five_to_an_answer(server, parse_page):
    server.control("POST", "/settings", json={"page_rows": 300})
    job_id = server.complete_job(LEADS)
    answer = server.get(f"/jobs/query/{job_id}/resultPages").json()
    assert (len(answer["resultPages"]), answer["done"]) == (5, False)
    urls = [page["resultUrl"] for page in answer["resultPages"]]
    following = server.ready["instance_url"] + answer["nextRecordsUrl"]
    answer = server.client.get(following).json()
    assert answer["done"] is True
    assert "nextRecordsUrl" not in answer
    urls += [page["resultUrl"] for page in answer["resultPages"]]
    pages = [server.client.get(server.ready["instance_url"] + url) for url in urls]
    ids = [row["Id"] for page in pages for row in parse_page(page.content)]
    assert len(set(ids)) == len(ids) == 2_345


def test_rows_have_no_order_but_the_same_job_keeps_its_own(server):
    job_id = server.complete_job(LEADS)
    ids = [row["Id"] for row in server.rows(job_id)]
    assert ids != sorted(ids)
    assert ids == [row["Id"] for row in server.rows(job_id)]


def test_values_look_as_bulk_writes_them(server, handmade):
    soql = (
        "SELECT LastName, SystemModstamp, MQL_Date__c, AnnualRevenue, Email, Score__c, "
        "NumberOfEmployees, IsDeleted FROM Lead WHERE NumberOfEmployees IN (0, 1, 2000)"
    )
    rows = server.rows(server.complete_job(soql))
    by_number = {row["NumberOfEmployees"]: row for row in rows}
    assert by_number["0"]["LastName"] == handmade.HARD_TEXT
    assert by_number["0"]["Email"] == ""
    assert by_number["0"]["IsDeleted"] == "false"
    assert by_number["1"]["SystemModstamp"] == "2017-10-26T08:00:00.000Z"
    assert by_number["1"]["MQL_Date__c"] == "2017-10-26"
    assert by_number["1"]["Score__c"] == "1.0E-4"
    assert by_number["2000"]["AnnualRevenue"] == "2.469134E7"


def test_only_query_all_sees_deleted_rows(server):
    soql = "SELECT Id, IsDeleted FROM Lead WHERE NumberOfEmployees < 100"
    every = server.rows(server.complete_job(soql))
    alive = server.rows(server.complete_job(soql, operation="query"))
    assert (len(every), len(alive)) == (100, 99)
    assert {row["IsDeleted"] for row in alive} == {"false"}


def test_a_job_without_rows_has_a_header_row_and_ends_at_once(server):
    job_id = server.complete_job("SELECT Id FROM Empty__c")
    answer = server.page(job_id)
    assert answer.text == '"Id"\n'
    assert answer.headers["Sforce-NumberOfRecords"] == "0"
    assert answer.headers["Sforce-Locator"] == "null"
    pages = server.get(f"/jobs/query/{job_id}/resultPages").json()
    assert (len(pages["resultPages"]), pages["done"]) == (1, True)


def test_a_page_is_compressed_only_when_asked(server, parse_page):
    job_id = server.complete_job(LEADS)
    plain = server.page(job_id, headers={"Accept-Encoding": "identity"})
    packed = server.page(job_id, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.text == plain.text


@pytest.mark.parametrize("accept", ["application/json", ""])
def test_a_page_is_csv_or_nothing(server, accept):
    job_id = server.complete_job(LEADS)
    answer = server.page(job_id, headers={"Accept": accept})
    assert (answer.status_code, answer.content) == (406, b"")


def test_delimiter_and_line_ending_are_as_asked(server):
    asked = {"columnDelimiter": "TAB", "lineEnding": "CRLF"}
    job_id = server.complete_job("SELECT Id, Username FROM User", **asked)
    assert server.page(job_id).content.startswith(b'"Id"\t"Username"\r\n')


def test_an_order_or_a_limit_slows_the_job_and_is_kept(server):
    soql = f"{LEADS} WHERE NumberOfEmployees < 50 ORDER BY SystemModstamp ASC"
    job_id = server.post_job(soql).json()["id"]
    states = [server.poll(job_id)["state"] for _ in range(4)]
    assert states == ["InProgress", "InProgress", "InProgress", "JobComplete"]
    assert server.poll(job_id)["isPkChunkingSupported"] is False
    keys = [row["SystemModstamp"] for row in server.rows(job_id)]
    assert keys == sorted(keys)


def test_results_need_the_version_the_job_was_made_with(server):
    job_id = server.complete_job(LEADS)
    url = f"{server.ready['instance_url']}/services/data/v63.0/jobs/query/{job_id}"
    assert server.client.get(f"{url}/results").status_code == 409
    assert server.client.get(f"{url}/resultPages").status_code == 409
    assert server.client.get(url).status_code == 200


@pytest.mark.parametrize(("version", "status"), [("46.0", 404), ("57.0", 404)])
def test_parallel_pages_are_not_there_before_58(server, version, status):
    base = f"{server.ready['instance_url']}/services/data/v{version}"
    body = {"operation": "query", "query": LEADS}
    made = server.client.post(f"{base}/jobs/query", json=body)
    job_id = made.json()["id"] if made.status_code == 200 else "750000000000001AAA"
    answer = server.client.get(f"{base}/jobs/query/{job_id}/resultPages")
    assert answer.status_code == status
    assert made.status_code == (200 if version == "57.0" else 404)


def test_an_unfinished_job_has_no_results(server):
    job_id = server.post_job(LEADS).json()["id"]
    answer = server.page(job_id)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JOB_NOT_COMPLETE"


def test_a_locator_of_another_job_is_not_found(server):
    first, second = server.complete_job(LEADS), server.complete_job(LEADS)
    locator = server.page(first).headers["Sforce-Locator"]
    assert server.page(second, locator).status_code == 404
    assert server.page(first, "bm9uc2Vuc2U").status_code == 404
    assert server.page(first, "%%%").status_code == 404


@pytest.mark.parametrize("asked", ["0", "-1", "x"])
def test_a_wrong_number_of_records_is_refused(server, asked):
    job_id = server.complete_job(LEADS)
    assert server.page(job_id, max_records=asked).status_code == 400


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id, Address FROM Lead", "FUNCTIONALITY_NOT_ENABLED", "compound data"),
        ("SELECT COUNT() FROM Lead", "FUNCTIONALITY_NOT_ENABLED", "COUNT"),
        ("SELECT Id FROM Lead OFFSET 5", "FUNCTIONALITY_NOT_ENABLED", "OFFSET"),
        ("SELECT Id, Nope FROM Lead", "INVALID_FIELD", "'Nope'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "'Nope'"),
        ("SELECT Id FROM Lead GROUP BY Id", "MALFORMED_QUERY", "'GROUP'"),
        ("SELECT (SELECT Id FROM Tasks) FROM Lead", "MALFORMED_QUERY", "'('"),
        (None, "MALFORMED_QUERY", "<EOF>"),
    ],
)
def test_what_bulk_cannot_do_is_refused_at_once(server, soql, code, part):
    answer = server.post_job(soql)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == code
    assert part in answer.json()[0]["message"]


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "insert"},
        {"contentType": "JSON"},
        {"columnDelimiter": ","},
        {"lineEnding": "CR"},
    ],
)
def test_a_wrong_job_is_refused(server, changed):
    answer = server.post_job(LEADS, **changed)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALIDJOB")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_a_parser_error(server, body):
    answer = server.client.post(f"{server.api}/jobs/query", data=body)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_job_can_be_aborted_once_and_then_deleted(server):
    job_id = server.post_job(LEADS).json()["id"]
    url = f"{server.api}/jobs/query/{job_id}"
    assert server.client.delete(url).status_code == 400
    assert server.client.patch(url, json={"state": "Closed"}).status_code == 400
    aborted = server.client.patch(url, json={"state": "Aborted"})
    assert (aborted.status_code, aborted.json()["state"]) == (200, "Aborted")
    assert server.poll(job_id)["state"] == "Aborted"
    assert server.page(job_id).status_code == 400
    assert server.client.patch(url, json={"state": "Aborted"}).status_code == 400
    answer = server.client.delete(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert server.client.get(url).status_code == 404
    assert server.client.delete(url).status_code == 404


def test_jobs_are_listed_newest_first(server):
    ids = [server.post_job(LEADS).json()["id"] for _ in range(2)]
    listed = server.get("/jobs/query").json()
    assert [record["id"] for record in listed["records"][:2]] == ids[::-1]
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)


def test_a_job_is_found_by_15_characters_of_its_id(server):
    job_id = server.post_job(LEADS).json()["id"]
    assert server.poll(job_id[:15])["id"] == job_id


def test_the_days_jobs_are_counted(server):
    made = server.control("GET").json()["jobs_created"]
    server.control("POST", "/settings", json={"daily_bulk_jobs": made + 1})
    assert server.post_job(LEADS).status_code == 200
    answer = server.post_job(LEADS)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "LIMIT_EXCEEDED"

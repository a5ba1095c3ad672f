from __future__ import annotations

import pytest


def _follow(server, soql, resource="query", **headers):
    answer = server.get(f"/{resource}", params={"q": soql}, headers=headers).json()
    pages = [answer]
    while not answer["done"]:
        url = server.ready["instance_url"] + answer["nextRecordsUrl"]
        answer = server.client.get(url).json()
        pages.append(answer)
    return pages


def test_a_query_is_answered_with_the_recorded_envelope(server, recorded):
    answer = server.query("SELECT Id FROM User").json()
    real = recorded("org_query_response.json")
    assert answer.keys() == real.keys()
    record, sample = answer["records"][0], real["records"][0]
    assert list(record) == ["attributes", "Id"]
    assert record["attributes"].keys() == sample["attributes"].keys()
    assert record["attributes"]["type"] == "User"


def test_pages_follow_with_the_recorded_envelope_and_all_rows_once(server, recorded):
    pages = _follow(server, "SELECT Id FROM Lead", "queryAll")
    first = recorded("query_paginated_first_page_response.json")
    last = recorded("query_paginated_last_page_response.json")
    assert pages[0].keys() == first.keys()
    assert pages[-1].keys() == last.keys()
    assert [len(page["records"]) for page in pages] == [1_000, 1_000, 345]
    assert {page["totalSize"] for page in pages} == {2_345}
    ids = [record["Id"] for page in pages for record in page["records"]]
    assert len(set(ids)) == len(ids) == 2_345


def test_a_query_without_rows_is_answered_as_recorded(server, recorded):
    answer = server.query("SELECT Id FROM Empty__c").json()
    assert answer == recorded("query_empty_response.json")


@pytest.mark.parametrize(("asked", "rows"), [(500, 500), (1, 200), (9_999, 1_000)])
def test_the_batch_size_is_kept_within_bounds(server, asked, rows):
    pages = _follow(
        server, "SELECT Id FROM Lead", **{"Sforce-Query-Options": f"batchSize={asked}"}
    )
    assert len(pages[0]["records"]) == rows


def test_only_query_all_sees_deleted_rows(server):
    alive = server.query("SELECT COUNT() FROM Lead").json()
    every = server.query("SELECT COUNT() FROM Lead", "queryAll").json()
    deleted = server.query("SELECT COUNT() FROM Lead WHERE IsDeleted = true").json()
    assert (every["totalSize"], alive["totalSize"]) == (2_345, 2_345 - 24)
    assert (deleted["totalSize"], every["records"]) == (0, [])


def test_values_look_as_rest_writes_them(server):
    soql = (
        "SELECT SystemModstamp, MQL_Date__c, AnnualRevenue, Address, IsDeleted, "
        "NumberOfEmployees FROM Lead WHERE NumberOfEmployees = 1"
    )
    answer = server.query(soql)
    record = answer.json()["records"][0]
    assert record["SystemModstamp"] == "2017-10-26T08:00:00.000+0000"
    assert record["MQL_Date__c"] == "2017-10-26"
    assert record["Address"]["street"] == "1 High Street\nBack yard"
    assert record["Address"]["city"] == "Utrecht"
    assert record["IsDeleted"] is False
    assert '"AnnualRevenue":12345.67' in answer.text
    assert '"NumberOfEmployees":1}' in answer.text


def test_hard_text_arrives_as_it_is(server, handmade):
    answer = server.query(
        "SELECT LastName FROM Lead WHERE NumberOfEmployees = 0"
    ).json()
    assert answer["records"][0]["LastName"] == handmade.HARD_TEXT


def test_names_are_taken_in_any_case_and_answered_in_their_own(server):
    record = server.query("select ID, lastname from LEAD limit 1").json()["records"][0]
    assert list(record) == ["attributes", "Id", "LastName"]
    assert record["attributes"]["type"] == "Lead"


def test_an_order_is_kept_across_pages(server):
    soql = "SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp DESC, Id ASC"
    records = [r for page in _follow(server, soql) for r in page["records"]]
    keys = [record["SystemModstamp"] for record in records]
    assert keys == sorted(keys, reverse=True)


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("NumberOfEmployees >= 10 AND NumberOfEmployees < 20", 10),
        ("NumberOfEmployees = 3 OR NumberOfEmployees = 4", 2),
        ("NOT (NumberOfEmployees > 4)", 5),
        ("Status IN ('open') AND NumberOfEmployees <= 4", 3),
        ("Status NOT IN ('Open', 'x') AND NumberOfEmployees <= 4", 2),
        ("Email = null AND NumberOfEmployees < 9", 3),
        ("Email != null AND NumberOfEmployees < 9", 6),
        ("LastName LIKE 'lead 1_' AND NumberOfEmployees < 100", 10),
        ("CreatedDate >= 2018-01-31T22:00:00+01:00", 3),
        ("MQL_Date__c = 2018-01-31", 12),
        ("IsDeleted = TRUE", 24),
        ("Score__c < 0.0005", 5),
    ],
)
def test_a_condition_selects_its_rows(server, where, count):
    soql = f"SELECT COUNT() FROM Lead WHERE {where}"
    answer = server.query(soql, "queryAll")
    assert answer.status_code == 200, answer.text
    assert answer.json()["totalSize"] == count


def test_an_id_is_found_by_its_15_and_its_18_characters(server):
    long_id = server.query("SELECT Id FROM User").json()["records"][0]["Id"]
    for identity in (long_id, long_id[:15]):
        answer = server.query(f"SELECT Id FROM User WHERE Id IN ('{identity}')")
        assert answer.json()["totalSize"] == 1


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id, Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Id, Nope FROM Lead", "INVALID_FIELD", "Row:1:Column:12"),
        ("SELECT Owner.Name FROM Lead", "INVALID_FIELD", "relationship 'Owner'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope'"),
        ("SELECT Id FRM Lead", "MALFORMED_QUERY", "unexpected token: 'FRM'"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "'<EOF>'"),
        ("SELECT Id, Id FROM Lead", "MALFORMED_QUERY", "duplicate field"),
        ("SELECT Id FROM Lead GROUP BY Id", "MALFORMED_QUERY", "'GROUP'"),
        ("SELECT Id FROM Lead ORDER BY Address", "MALFORMED_QUERY", "sorted"),
        ("SELECT Id FROM Lead WHERE Address = 'x'", "INVALID_FIELD", "filtered"),
        ("SELECT Id FROM Lead WHERE Id > 'x'", "INVALID_QUERY_FILTER_OPERATOR", "Id"),
        (
            "SELECT Id FROM Lead WHERE CreatedDate > '2018-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type datetime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Lead WHERE CreatedDate > 1699-01-01T00:00:00Z",
            "MALFORMED_QUERY",
            "1699",
        ),
        (
            "SELECT Id FROM Lead WHERE CreatedDate > 9999-12-31T23:59:59-05:00",
            "MALFORMED_QUERY",
            "9999",
        ),
        ("SELECT Id FROM OpenActivity", "INVALID_TYPE_FOR_OPERATION", "OpenActivity"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("", "MALFORMED_QUERY", "has to be specified"),
    ],
)
def test_a_wrong_statement_has_the_services_error(server, soql, code, part):
    answer = server.query(soql)
    assert answer.status_code == 400
    error = answer.json()[0]
    assert error["errorCode"] == code
    assert part in error["message"]


def test_an_error_has_the_recorded_keys(server, recorded):
    error = server.query("SELECT Nope FROM Lead").json()
    real = recorded("query_error_response.json")
    assert error[0].keys() == real[0].keys()
    assert error[0]["errorCode"] == real[0]["errorCode"]


@pytest.mark.parametrize("cursor", ["01g000000000001AAA-10", "x", "01g-"])
def test_an_unknown_cursor_is_an_invalid_locator(server, cursor):
    answer = server.get(f"/query/{cursor}")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_cursor_ends_two_days_after_its_query(server):
    server.control("POST", "/as-of", json={"as_of": "2018-01-28"})
    try:
        following = server.query("SELECT Id FROM Lead").json()["nextRecordsUrl"]
        url = server.ready["instance_url"] + following
        assert server.client.get(url).status_code == 200
    finally:
        server.control("POST", "/as-of", json={"as_of": "2018-01-31"})
    assert server.client.get(url).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_an_answer_is_compressed_only_when_asked(server):
    for asked, encoding in (("gzip", "gzip"), ("identity", None)):
        answer = server.get(
            "/query",
            params={"q": "SELECT Id FROM Lead"},
            headers={"Accept-Encoding": asked},
        )
        assert answer.headers.get("content-encoding") == encoding
        assert len(answer.json()["records"]) == 1_000

from __future__ import annotations

import pytest


def test_the_state_tells_day_addresses_and_size(server):
    state = server.control("GET").json()
    assert state["as_of"] == "2018-01-31"
    assert state["now"] == "2018-01-31T23:59:59+00:00"
    assert state["instance_url"] == server.ready["instance_url"]
    assert state["objects"] == {"Lead": 2_345, "User": 1, "Empty__c": 0}


def test_the_journal_holds_every_request_without_secrets(server):
    server.control("DELETE", "/requests")
    server.token()
    server.post_job("SELECT Id FROM User")
    server.query("SELECT Id FROM Lead WHERE LastName = 'x'")
    journal = server.control("GET", "/requests").json()
    told = [(e["host"], e["method"], e["status"]) for e in journal]
    assert told == [
        ("login", "POST", 200),
        ("instance", "POST", 200),
        ("instance", "GET", 200),
    ]
    assert "SELECT Id FROM User" in journal[1]["body"]
    assert journal[2]["query"].startswith("q=SELECT")
    text = str(journal)
    for secret in ("SALESFORCE_CLIENT_SECRET", "SALESFORCE_REFRESH_TOKEN"):
        assert server.env[secret] not in text
    assert server.client.headers["Authorization"][7:] not in text


def test_an_earlier_day_shows_the_org_as_it_was(server):
    soql = "SELECT COUNT() FROM Lead"
    full = server.query(soql, "queryAll").json()["totalSize"]
    answer = server.control("POST", "/as-of", json={"as_of": "2017-12-31"})
    try:
        assert answer.json()["as_of"] == "2017-12-31"
        moved = server.query(soql, "queryAll")
        assert moved.json()["totalSize"] == full - 31 * 24
        assert "31 Dec 2017 23:59:59" in moved.headers["date"]
    finally:
        server.control("POST", "/as-of", json={"as_of": "2018-01-31"})
    assert (
        server.query("SELECT COUNT() FROM Lead", "queryAll").json()["totalSize"] == full
    )


def test_a_jobs_result_stays_when_the_org_moves_on(server):
    job_id = server.complete_job("SELECT Id FROM Lead")
    server.control("POST", "/as-of", json={"as_of": "2017-12-31"})
    try:
        assert len(server.rows(job_id)) == 2_345
    finally:
        server.control("POST", "/as-of", json={"as_of": "2018-01-31"})


@pytest.mark.parametrize(
    "body", [{}, {"as_of": "tomorrow"}, {"as_of": "1999-01-01"}, [], None]
)
def test_a_day_that_is_none_of_the_orgs_is_refused(server, body):
    answer = server.control("POST", "/as-of", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert server.control("GET").json()["as_of"] == "2018-01-31"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"pages": 1}, "unknown setting 'pages'"),
        ({"page_rows": 0}, "page_rows cannot be 0"),
        ({"page_rows": "10"}, "page_rows cannot be '10'"),
        ({"rotate_refresh_tokens": 1}, "rotate_refresh_tokens cannot be 1"),
        ([], "must be a JSON object"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused(server, wanted, problem):
    answer = server.control("POST", "/settings", json=wanted)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


def test_the_control_interface_is_not_on_the_instance_host(server):
    answer = server.anonymous.get(f"{server.ready['instance_url']}/__sim")
    assert answer.status_code == 404

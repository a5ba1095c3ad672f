"""The control interface: the day, time, settings, journal."""

from __future__ import annotations

import pytest

from bizops_sandbox.servers.marketo import variables

EVER = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}


def test_the_state_tells_day_rows_and_jobs(marketo):
    state = marketo.control("GET").json()
    assert state["as_of"] == "2018-01-31"
    assert state["now"] == "2018-01-31T23:59:59+00:00"
    assert state["objects"]["leads"] > 50
    assert state["objects"]["programs"] > 5


def test_another_day_shows_the_instance_of_that_day(marketo):
    now = marketo.control("GET").json()["objects"]
    marketo.move("2017-03-31")
    then = marketo.control("GET").json()["objects"]
    assert 0 < then["leads"] < now["leads"]
    assert then["activities"] < now["activities"]
    answer = marketo.get("/rest/v1/activities/types.json")
    assert answer.headers["Date"] == "Fri, 31 Mar 2017 23:59:59 GMT"
    assert answer.json()["success"] is True


def test_moving_on_a_week_ends_the_life_of_files_and_starts_a_new_quota(marketo):
    marketo.move("2018-01-20")
    wanted = {"fields": ["id"], "filter": {"createdAt": EVER}}
    job_id = marketo.complete("leads", **wanted)
    assert marketo.control("GET").json()["bulk_bytes_today"] > 0
    marketo.move("2018-01-30")
    assert marketo.file("leads", job_id).status_code == 404
    assert marketo.control("GET").json()["bulk_bytes_today"] == 0


@pytest.mark.parametrize("day", ["2030-01-01", "yesterday", None])
def test_a_day_outside_the_company_is_refused(marketo, day):
    answer = marketo.control("POST", "/as-of", json={"as_of": day})
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert marketo.control("POST", "/as-of", json={}).status_code == 400


def test_time_can_run_faster(marketo):
    marketo.control("POST", "/time", json={"speed": 3_600})
    before = marketo.control("GET").json()
    assert before["speed"] == 3_600
    assert marketo.control("GET").json()["moment"] > before["moment"]
    marketo.control("POST", "/time", json={"speed": 1})
    for wrong in ({"speed": -1}, {"advance_s": "x"}, {"later": 1}):
        assert marketo.control("POST", "/time", json=wrong).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": 1},
        {"page_rows": "many"},
        {"page_rows": -1},
        {"csv_charset": 1},
        {"member_booleans": "letters"},
        [],
    ],
)
def test_wrong_settings_are_refused(marketo, wrong):
    answer = marketo.control("POST", "/settings", json=wrong)
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_the_journal_tells_what_was_asked(marketo):
    marketo.control("DELETE", "/requests")
    marketo.get("/rest/v1/lists.json", batchSize=1)
    (entry,) = marketo.control("GET", "/requests").json()
    assert entry["method"] == "GET"
    assert entry["path"] == "/rest/v1/lists.json"
    assert entry["query"] == "batchSize=1"
    assert entry["headers"]["authorization"] == "Bearer ..."
    assert entry["status"] == 200


def test_the_variables_name_the_server_and_the_user(marketo):
    assert dict(variables(marketo.url)) == marketo.env

"""Settings that change what a run does, and ways in which instances differ."""

from __future__ import annotations

import threading

import pytest

from reading_kit.clock import SystemClock
from tap_marketo.client import MarketoClient
from tap_marketo.settings import normalize, parse_settings

LEADS = 718


def new_client(instance) -> MarketoClient:
    settings = parse_settings(normalize(instance.config()))
    return MarketoClient(settings, clock=SystemClock(threading.Event()))


def test_types_that_are_not_wanted_are_not_asked_for(hard):
    names = ("activities_click_link", "activities_change_score")
    outcome = hard.run(catalog=hard.select(*names), activity_type_ids=[22])
    assert outcome.status == 0, outcome.log
    assert not outcome.records("activities_click_link")
    assert len(outcome.table("activities_change_score", "marketoGUID")) == 740
    bodies = [entry["body"] for entry in hard.requests("POST", "create.json")]
    assert all('"activityTypeIds":[22]' in body for body in bodies)


def test_activities_are_read_again_for_their_own_lookback(hard):
    name = "activities_change_score"
    given = {"catalog": hard.select(name), "lookback_window": 5}
    state = {"bookmarks": {name: {"activityDate": "2018-01-30T12:00:00Z"}}}
    assert hard.run(**given, state=state, activity_lookback_window=7200).status == 0
    (asked,) = hard.requests("POST", "create.json")
    assert '"startAt":"2018-01-30T10:00:00Z"' in asked["body"]


def test_tokens_that_end_soon_are_renewed_in_time(hard):
    hard.set(token_s=2, status_step_s=0.5)
    outcome = hard.run(catalog=hard.select("leads", "emails"), max_export_days=10)
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("leads", "id")) == LEADS
    assert hard.calls("POST", "/identity/oauth/token") >= 2


def test_a_token_that_ends_at_a_file_may_be_told_by_status_401(hard):
    hard.set(is_file_token_json=False)
    hard.arm({"fault": "token_expired", "match": {"path": "*/leads/*/file.json"}})
    outcome = hard.run(catalog=hard.select("leads"))
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("leads", "id")) == LEADS


def test_dates_of_either_form_become_one(hard):
    plain = hard.run(catalog=hard.select("activities_delete_lead"))
    hard.set(is_offset_datetime=True)
    offset = hard.run(catalog=hard.select("activities_delete_lead"))
    assert plain.records() == offset.records()


def test_secrets_are_sent_in_the_body_and_the_token_in_the_header(hard):
    outcome = hard.run(catalog=hard.select("lists"), partner_api_key="partner-1")
    assert outcome.status == 0
    asked = hard.requests("POST", "/identity/oauth/token")[-1]
    assert "partner_id=partner-1" in asked["body"]
    for entry in hard.requests("", ""):
        assert "sandbox-client-secret" not in entry["query"]
        assert "access_token" not in entry["query"]


def test_identity_may_only_know_get(hard):
    fault = {"fault": "status", "status": 405, "match": {"method": "POST"}}
    hard.arm({**fault, "match": {"method": "POST", "path": "/identity/*"}})
    outcome = hard.run(catalog=hard.select("lists"))
    assert outcome.status == 0, outcome.log
    assert hard.calls("GET", "/identity/oauth/token") >= 1
    assert "sandbox-client-secret" not in outcome.log


def test_a_long_question_is_asked_as_a_form(hard):
    ids = ",".join(str(number) for number in range(101, 401))
    client = new_client(hard)
    fields = ",".join(["email"] * 1200)
    params = {"filterType": "id", "filterValues": ids, "fields": fields}
    answer = client.fetch("/rest/v1/leads.json", params)
    assert len(answer.rows) == 288
    assert hard.calls("POST", "/rest/v1/leads.json") == 1


def test_export_files_lie_where_the_settings_say_and_go_with_the_run(hard, tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    catalog = hard.select("leads")
    outcome = hard.run(catalog=catalog, temp_dir=str(folder))
    assert outcome.status == 0, outcome.log
    assert f"kept in {folder}" in outcome.log
    assert list(folder.iterdir()) == []
    outcome = hard.run(catalog=catalog, temp_dir=str(tmp_path / "nowhere"))
    assert outcome.status == 2
    assert "temp_dir" in outcome.log


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": None}, "client_id"),
        ({"endpoint": "not an address"}, "endpoint"),
        ({"max_export_days": 32}, "max_export_days: must be at most 31"),
        ({"max_daily_calls": "many"}, "max_daily_calls: must be a whole number"),
        ({"leads_filter": "sometimes"}, "leads_filter: must be one of"),
    ],
)
def test_a_wrong_setting_is_named_without_a_traceback(hard, change, words):
    outcome = hard.run(**change)
    assert outcome.status == 2
    assert words in outcome.log
    assert "Traceback" not in outcome.log


def test_fewer_calls_at_once_are_sent_after_being_told_so(hard):
    client = new_client(hard)
    hard.arm({"fault": "error", "code": "615"})
    client.fetch("/rest/v1/lists.json")
    assert client.gate.concurrent == 2

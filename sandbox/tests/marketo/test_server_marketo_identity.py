"""Tokens, and what a call without a good one is told."""

from __future__ import annotations

import pytest


def test_the_token_answer_is_the_recorded_forms(marketo):
    answer = marketo.token()
    document = answer.json()
    assert answer.status_code == 200
    assert list(document) == ["access_token", "token_type", "expires_in", "scope"]
    assert document["token_type"] == "bearer"
    assert 0 < document["expires_in"] < 3_600
    assert "@" in document["scope"]


def test_the_token_is_the_same_until_it_expires_and_its_life_falls(marketo):
    first = marketo.token().json()
    marketo.pass_time(100)
    second = marketo.token().json()
    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] <= first["expires_in"] - 100
    marketo.pass_time(3_600)
    assert marketo.token().json()["access_token"] != first["access_token"]


def test_a_get_with_a_query_gives_the_same_token(marketo):
    form = {
        "grant_type": "client_credentials",
        "client_id": marketo.env["MARKETO_CLIENT_ID"],
        "client_secret": marketo.env["MARKETO_CLIENT_SECRET"],
    }
    answer = marketo.bare("GET", "/identity/oauth/token", params=form)
    assert answer.json()["access_token"] == marketo.token().json()["access_token"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "nobody"}, "unauthorized"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_wrong_credentials_are_refused_with_401(marketo, form, error):
    answer = marketo.token(**form)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_only_client_credentials_are_granted(marketo):
    assert marketo.token(grant_type="password").status_code == 400


def test_no_token_600_unknown_token_601_expired_token_602(marketo, error_code):
    path = "/rest/v1/stats/usage.json"
    assert error_code(marketo.bare("GET", path)) == "600"
    headers = {"Authorization": "Bearer nonsense"}
    assert error_code(marketo.bare("GET", path, headers=headers)) == "601"
    marketo.pass_time(3_601)
    assert marketo.code(path) == "602"
    marketo.log_in()
    assert marketo.read(path)["result"]


def test_the_query_parameter_is_refused_unless_the_setting_allows_it(
    marketo, error_code
):
    token = marketo.token().json()["access_token"]
    path = f"/rest/v1/stats/usage.json?access_token={token}"
    assert error_code(marketo.bare("GET", path)) == "600"
    marketo.set(accepts_query_token=True)
    assert marketo.bare("GET", path).json()["success"] is True


def test_an_expired_token_at_a_file_is_json_or_401_as_set(marketo):
    job_id = marketo.complete()
    marketo.pass_time(3_601)
    answer = marketo.file("leads", job_id)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["code"] == "602"
    marketo.set(is_file_token_json=False)
    assert marketo.file("leads", job_id).status_code == 401


def test_login_can_be_refused_by_a_fault(marketo):
    marketo.arm({"fault": "login_refused", "status": 200})
    answer = marketo.token()
    assert answer.status_code == 200
    assert answer.json()["error"] == "invalid_client"
    assert "access_token" in marketo.token().json()


def test_the_journal_holds_no_secret(marketo):
    marketo.token()
    text = marketo.control("GET", "/requests").text
    assert marketo.env["MARKETO_CLIENT_SECRET"] not in text
    assert "client_secret=..." in text

"""Tokens, versions, usage headers, the control interface."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from bizops_sandbox.projections.facebook_ids import APP_ID
from bizops_sandbox.servers import facebook as server
from bizops_sandbox.servers.facebook import FAULT_KINDS, variables
from bizops_sandbox.servers.facebook.settings import CHANGEABLE, Credentials, Settings

USAGE_HEADERS = {
    "X-App-Usage": {"call_count", "total_time", "total_cputime"},
    "X-Ad-Account-Usage": {
        "acc_id_util_pct",
        "reset_time_duration",
        "ads_api_access_tier",
    },
    "X-FB-Ads-Insights-Throttle": {
        "app_id_util_pct",
        "acc_id_util_pct",
        "ads_api_access_tier",
    },
}


def test_the_token_may_come_in_header_query_or_form(facebook):
    url = facebook.url("me")
    in_query = facebook.anonymous.get(url, params={"access_token": facebook.token})
    in_form = facebook.anonymous.post(
        url, data={"access_token": facebook.token, "method": "get"}
    )
    oauth = {"Authorization": f"OAuth {facebook.token}"}
    in_header = facebook.anonymous.get(url, headers=oauth)
    answers = [in_query.json(), in_form.json(), in_header.json(), facebook.ok("me")]
    assert answers == [facebook.ok("me")] * 4


@pytest.mark.parametrize("token", ["", "EAAnonsense"])
def test_no_good_token_is_190(facebook, refusal, token):
    answer = facebook.anonymous.get(facebook.url("me"), params={"access_token": token})
    error = refusal(answer)
    assert (error["code"], error["type"], error["status"]) == (
        190,
        "OAuthException",
        400,
    )
    facebook.set(token_error_status=401)
    assert refusal(facebook.anonymous.get(facebook.url("me")))["status"] == 401


def test_a_short_token_expires_and_can_be_exchanged_before(facebook, refusal):
    facebook.move("2018-01-10")
    exchange = {
        "grant_type": "fb_exchange_token",
        "client_id": APP_ID,
        "client_secret": facebook.env["FACEBOOK_APP_SECRET"],
    }
    url = facebook.url("oauth/access_token")
    first = {**exchange, "fb_exchange_token": facebook.token}
    given = facebook.anonymous.get(url, params=first).json()
    assert given["token_type"] == "bearer"
    assert given["expires_in"] == 60 * 24 * 3600
    long_lived = {"access_token": given["access_token"]}
    assert facebook.anonymous.get(facebook.url("me"), params=long_lived).ok
    facebook.move("2017-11-01")
    early = facebook.anonymous.get(url, params=first).json()["access_token"]
    facebook.move("2018-01-31")
    old = facebook.anonymous.get(facebook.url("me"), params={"access_token": early})
    error = refusal(old)
    assert (error["code"], error["error_subcode"]) == (190, 463)
    assert "Session has expired on" in error["message"]
    second = {**exchange, "fb_exchange_token": early}
    assert refusal(facebook.anonymous.get(url, params=second))["code"] == 190


def test_the_exchange_needs_the_app(facebook, refusal):
    url = facebook.url("oauth/access_token")
    form = {"grant_type": "client_credentials", "client_id": APP_ID}
    wrong = facebook.anonymous.get(url, params={**form, "client_secret": "guess"})
    assert "client secret" in refusal(wrong)["message"]
    unknown = facebook.anonymous.get(url, params={**form, "client_id": "1"})
    assert refusal(unknown)["code"] == 101
    secret = facebook.env["FACEBOOK_APP_SECRET"]
    right = facebook.anonymous.get(url, params={**form, "client_secret": secret})
    assert right.json()["access_token"] == f"{APP_ID}|{secret}"


def test_debug_token_tells_kind_scopes_and_end(facebook):
    data = facebook.ok("debug_token", input_token=facebook.token)["data"]
    assert data["type"] == "SYSTEM_USER"
    assert data["expires_at"] == 0
    assert {"ads_read", "leads_retrieval"} <= set(data["scopes"])
    short = facebook.ok("debug_token", input_token=Credentials().user_token)["data"]
    assert short["type"] == "USER"
    assert short["expires_at"] > 0
    nobody = facebook.ok("debug_token", input_token="EAAnobody")["data"]
    assert nobody["is_valid"] is False


def test_a_token_dies_in_the_middle_of_a_download(facebook):
    path = f"{facebook.accounts[0]}/campaigns"
    facebook.arm({"fault": "token_expired", "after": 2, "subcode": 460})
    first = facebook.ok(path, limit=2)
    after = first["paging"]["cursors"]["after"]
    assert facebook.ok(path, limit=2, after=after)
    error = facebook.error(path, limit=2, after=after)
    assert (error["code"], error["error_subcode"]) == (190, 460)
    assert facebook.error("me")["error_subcode"] == 460
    facebook.control("DELETE", "/faults")
    assert facebook.ok("me")


@pytest.mark.parametrize(
    ("version", "code"), [("v19.0", 2635), ("v23.0", 2635), ("v99.0", 2500)]
)
def test_versions_that_are_not_served(facebook, refusal, version, code):
    error = refusal(facebook.client.get(f"{facebook.base_url}/{version}/me"))
    assert error["code"] == code


@pytest.mark.parametrize("version", ["v24.0", "v25.0", "v26.0"])
def test_versions_that_are_served(facebook, version):
    answer = facebook.client.get(f"{facebook.base_url}/{version}/me")
    assert answer.headers["facebook-api-version"] == version
    assert ("X-Ad-Api-Version-Warning" in answer.headers) == (version == "v24.0")


def test_paths_that_lead_nowhere(facebook):
    assert facebook.error("me/friends/of/mine")["code"] == 2500
    assert facebook.error(f"{facebook.accounts[0]}/wishes")["code"] == 2500
    assert facebook.error("")["code"] == 100


def test_every_answer_tells_the_usage(facebook):
    answer = facebook.get(f"{facebook.accounts[0]}/insights")
    for name, keys in USAGE_HEADERS.items():
        assert set(json.loads(answer.headers[name])) == keys
    business = json.loads(answer.headers["X-Business-Use-Case-Usage"])
    account_id = facebook.accounts[0].removeprefix("act_")
    assert list(business) == [account_id]
    assert business[account_id][0]["type"] == "ads_insights"
    assert "estimated_time_to_regain_access" in business[account_id][0]
    refused = facebook.get(f"{facebook.accounts[0]}/campaigns", fields="nonsense")
    assert "X-Ad-Account-Usage" in refused.headers


def test_the_calls_of_an_hour_are_counted(facebook):
    done = json.loads(facebook.get("me").headers["X-App-Usage"])
    assert done["call_count"] == 0
    used = facebook.control("GET").json()["api_requests"]
    facebook.set(calls_per_hour=used + 1)
    assert facebook.get("me").ok
    error = facebook.error(facebook.accounts[0])
    assert (error["code"], error["error_subcode"]) == (17, 2446079)


def test_the_date_is_the_companys(facebook):
    answer = facebook.get("me")
    assert answer.headers["Date"] == "Wed, 31 Jan 2018 23:59:59 GMT"
    facebook.arm({"fault": "clock_skew", "seconds": -90})
    assert facebook.get("me").headers["Date"] == "Wed, 31 Jan 2018 23:58:29 GMT"


def test_gzip_for_who_asks(facebook):
    path = f"{facebook.accounts[0]}/adsets"
    url = facebook.url(path) + "?fields=id,name,targeting&limit=50"
    zipped = facebook.client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = facebook.client.get(url, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.json() == plain.json()


def test_variables_are_what_a_tap_needs():
    found = variables("http://127.0.0.1:1")
    assert found["FACEBOOK_API_URL"] == "http://127.0.0.1:1"
    assert all(item.isdigit() for item in json.loads(found["FACEBOOK_ACCOUNT_IDS"]))
    assert set(found) == {
        "FACEBOOK_API_URL",
        "FACEBOOK_ACCESS_TOKEN",
        "FACEBOOK_APP_SECRET",
        "FACEBOOK_ACCOUNT_IDS",
        "FACEBOOK_PAGE_IDS",
    }


def test_the_journal_keeps_no_secret(facebook):
    facebook.get("me", access_token=facebook.token)
    facebook.get("debug_token", input_token=facebook.token)
    facebook.batch({"relative_url": f"v25.0/me?access_token={facebook.token}"})
    form = {"fb_exchange_token": facebook.token, "client_secret": "x" * 20}
    facebook.anonymous.post(facebook.url("oauth/access_token"), data=form)
    journal = facebook.control("GET", "/requests")
    assert len(journal.json()) == 4
    assert facebook.token not in journal.text
    assert "x" * 20 not in journal.text
    assert journal.json()[0]["path"] == "/v25.0/me"


def test_the_day_moves_and_days_outside_are_refused(facebook):
    facebook.move("2016-06-30")
    state = facebook.control("GET").json()
    assert state["now"] == "2016-06-30T23:59:59+00:00"
    assert state["objects"]["Campaign"] < 10
    for body in ({"as_of": "2031-01-01"}, {"as_of": "soon"}, {}, []):
        answer = facebook.control("POST", "/as-of", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert facebook.control("GET").json()["as_of"] == "2016-06-30"


@pytest.mark.parametrize(
    "wanted",
    [
        {"page_rows": 0},
        {"page_rows": "many"},
        {"run_polls": -1},
        {"is_today_partial": 1},
        {"old_range_code": 5},
        {"mood": "good"},
        [],
    ],
)
def test_settings_that_cannot_be(facebook, wanted):
    answer = facebook.control("POST", "/settings", json=wanted)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_fault_that_does_not_exist_is_refused(facebook):
    answer = facebook.control("POST", "/faults", json={"fault": "earthquake"})
    assert answer.status_code == 400
    assert "run_failed" in answer.json()["error"]


def test_the_readme_names_every_fault_and_setting():
    text = (Path(server.__file__).parent / "README.md").read_text(encoding="utf-8")
    names = {kind.name for kind in FAULT_KINDS} | set(CHANGEABLE)
    assert len({kind.name for kind in FAULT_KINDS}) == len(FAULT_KINDS)
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_setting_but_the_credentials_can_be_changed():
    assert {f.name for f in fields(Settings)} - {"credentials"} == set(CHANGEABLE)

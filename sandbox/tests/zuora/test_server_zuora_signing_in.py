"""Tokens and keys of the Zuora server, as documented and as recorded."""

from __future__ import annotations

import pytest

PROTECTED = {
    "success": False,
    "reasons": [
        {
            "code": 90000011,
            "message": "this resource is protected, please sign in first",
        }
    ],
}


def test_a_form_with_the_right_client_gets_a_bearer_token(zuora):
    document = zuora.token().json()
    assert set(document) == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "jti",
    }
    assert document["token_type"] == "bearer"
    assert document["expires_in"] == 3599


def test_an_authorization_header_of_the_token_request_is_not_read(zuora):
    form = {
        "client_id": zuora.ready["env"]["ZUORA_CLIENT_ID"],
        "client_secret": zuora.ready["env"]["ZUORA_CLIENT_SECRET"],
        "grant_type": "client_credentials",
    }
    headers = {"Authorization": "Bearer rotten"}
    url = f"{zuora.base_url}/oauth/token"
    assert zuora.anonymous.post(url, data=form, headers=headers).status_code == 200
    assert zuora.anonymous.post(url, json=form).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_token_request_says_what_is_wrong(zuora, changes, status, error):
    answer = zuora.token(**changes)
    assert answer.status_code == status
    assert answer.json()["error"] == error


def test_without_a_token_the_api_answers_as_recorded(zuora):
    answer = zuora.anonymous.get(f"{zuora.base_url}/v1/describe")
    assert answer.status_code == 401
    assert answer.json() == PROTECTED
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"


def test_a_token_ends_with_its_life(zuora):
    zuora.arm({"fault": "short_token", "seconds": 0})
    zuora.log_in()
    answer = zuora.get("/v1/describe")
    assert answer.status_code == 401
    zuora.log_in()
    assert zuora.get("/v1/describe").status_code == 200


def test_ending_all_tokens_strikes_in_mid_run_and_a_new_one_is_good(zuora):
    zuora.arm({"fault": "token_expired", "after": 1})
    assert zuora.get("/v1/describe").status_code == 200
    assert zuora.get("/v1/describe").json() == PROTECTED
    assert zuora.get("/v1/describe").status_code == 401
    zuora.log_in()
    assert zuora.get("/v1/describe").status_code == 200


def test_key_headers_sign_in_too(zuora):
    headers = {
        "apiAccessKeyId": "integration@acme.example",
        "apiSecretAccessKey": "sandbox-zuora-password",
    }
    url = f"{zuora.base_url}/v1/describe"
    assert zuora.anonymous.get(url, headers=headers).status_code == 200
    headers["apiSecretAccessKey"] = "wrong"
    assert zuora.anonymous.get(url, headers=headers).status_code == 401


def test_http_basic_signs_in_to_batch_queries_and_files_only(zuora):
    keys = ("integration@acme.example", "sandbox-zuora-password")
    url = f"{zuora.base_url}/v1/batch-query/jobs/none"
    assert zuora.anonymous.get(url, auth=keys).status_code == 404
    url = f"{zuora.base_url}/v1/describe"
    assert zuora.anonymous.get(url, auth=keys).status_code == 401


def test_another_data_centre_does_not_know_the_client(zuora):
    zuora.set(refused_hosts=["localhost"])
    port = zuora.base_url.rpartition(":")[2]
    form = {
        "client_id": zuora.ready["env"]["ZUORA_CLIENT_ID"],
        "client_secret": zuora.ready["env"]["ZUORA_CLIENT_SECRET"],
        "grant_type": "client_credentials",
    }
    headers = {"Host": f"localhost:{port}"}
    url = f"{zuora.base_url}/oauth/token"
    refused = zuora.anonymous.post(url, data=form, headers=headers)
    assert refused.status_code == 401
    assert zuora.token().status_code == 200


def test_secrets_do_not_reach_the_journal(zuora):
    zuora.token()
    requests = zuora.control("GET", "/requests").json()
    secret = zuora.ready["env"]["ZUORA_CLIENT_SECRET"]
    token = zuora.client.headers["Authorization"].split()[1]
    zuora.get("/v1/describe")
    text = str(requests) + zuora.control("GET", "/requests").text
    assert "/oauth/token" in text
    assert secret not in text
    assert token not in text

from __future__ import annotations

import base64
import json
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
USERNAME = "integration@acme.example"


def _assertion(claims: dict, *, algorithm: str = "RS256", signature: int = 256) -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    header = json.dumps({"alg": algorithm}).encode()
    return ".".join(
        [part(header), part(json.dumps(claims).encode()), part(b"s" * signature)]
    )


def _claims(server, **changed) -> dict:
    now = parsedate_to_datetime(
        server.anonymous.head(server.env["SALESFORCE_LOGIN_URL"]).headers["date"]
    )
    return {
        "iss": server.env["SALESFORCE_CLIENT_ID"],
        "sub": USERNAME,
        "aud": server.env["SALESFORCE_LOGIN_URL"],
        "exp": int(now.timestamp()) + 180,
        **changed,
    }


def _soap(server, password: str, *, version: str = "64.0", username: str = USERNAME):
    envelope = (
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        '<n1:login xmlns:n1="urn:partner.soap.sforce.com">'
        f"<n1:username>{username}</n1:username><n1:password>{password}</n1:password>"
        "</n1:login></env:Body></env:Envelope>"
    )
    url = f"{server.env['SALESFORCE_LOGIN_URL']}/services/Soap/u/{version}"
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"}
    return server.anonymous.post(url, data=envelope, headers=headers)


def _soap_text(answer, tag: str) -> str:
    root = ElementTree.fromstring(answer.text)  # noqa: S314 - our own server's
    found = [element.text for element in root.iter() if tag in element.tag]
    return str(found[0])


def test_a_refresh_token_opens_a_session_on_another_host(server):
    answer = server.token()
    told = answer.json()
    assert answer.status_code == 200
    assert told["instance_url"] != server.env["SALESFORCE_LOGIN_URL"]
    assert told["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    url = f"{told['instance_url']}/services/data/v64.0/sobjects"
    assert server.anonymous.get(url, headers=headers).status_code == 200


def test_the_token_answer_has_the_keys_of_the_recorded_one(server, recorded):
    for name in ("refresh_success_response.json", "auth_success_response.json"):
        assert recorded(name).keys() <= server.token().json().keys()


def test_a_wrong_refresh_token_is_refused_as_the_service_does(server):
    answer = server.token(refresh_token="wrong")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_each_wrong_part_of_a_token_request_has_its_own_error(server, form, error):
    answer = server.token(**form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_rotation_gives_a_new_refresh_token_and_ends_the_old_one(server):
    first = server.env["SALESFORCE_REFRESH_TOKEN"]
    server.control("POST", "/settings", json={"rotate_refresh_tokens": True})
    second = server.token().json()["refresh_token"]
    assert second != first
    assert server.token(refresh_token=first).json()["error"] == "invalid_grant"
    answer = server.token(refresh_token=second)
    assert answer.status_code == 200
    # Later tests of this server log in with the token of the ready line.
    server.env["SALESFORCE_REFRESH_TOKEN"] = answer.json()["refresh_token"]


def test_client_credentials_are_given_by_the_orgs_own_domain_only(server):
    form = {"grant_type": "client_credentials"}
    refused = server.token(**form)
    assert refused.status_code == 400
    assert refused.json()["error_description"] == "request not supported on this domain"
    assert server.token(server.ready["instance_url"], **form).status_code == 200


def test_client_credentials_may_come_in_a_basic_header(server):
    pair = (server.env["SALESFORCE_CLIENT_ID"], server.env["SALESFORCE_CLIENT_SECRET"])
    url = f"{server.ready['instance_url']}/services/oauth2/token"
    form = {"grant_type": "client_credentials"}
    assert server.anonymous.post(url, data=form, auth=pair).status_code == 200
    assert server.anonymous.post(url, data=form, auth=(pair[0], "x")).status_code == 400


def test_a_jwt_for_the_servers_clock_opens_a_session(server):
    form = {"grant_type": JWT_GRANT, "assertion": _assertion(_claims(server))}
    answer = server.token(**form)
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"sub": "nobody@acme.example"}, "user hasn't approved this consumer"),
        ({"exp": 1_000}, "expired authorization code"),
        ({"exp": 4_000_000_000}, "invalid assertion"),
        ({"iss": "x"}, "client identifier invalid"),
    ],
)
def test_each_wrong_claim_of_a_jwt_has_its_own_error(server, claims, description):
    assertion = _assertion(_claims(server, **claims))
    answer = server.token(grant_type=JWT_GRANT, assertion=assertion)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == description


@pytest.mark.parametrize("assertion", ["", "a.b", "a.b.c", "####.####.####"])
def test_an_assertion_that_is_no_jwt_is_refused(server, assertion):
    answer = server.token(grant_type=JWT_GRANT, assertion=assertion)
    assert answer.json()["error_description"] == "invalid assertion"


@pytest.mark.parametrize("shape", [{"algorithm": "none"}, {"signature": 0}])
def test_an_unsigned_jwt_is_refused(server, shape):
    assertion = _assertion(_claims(server), **shape)
    assert server.token(grant_type=JWT_GRANT, assertion=assertion).status_code == 400


def test_soap_login_gives_a_session_and_the_instance_host(server):
    answer = _soap(server, "sandbox-passwordsandboxSecurityToken")
    assert answer.status_code == 200
    assert _soap_text(answer, "serverUrl").startswith(server.ready["instance_url"])
    token = _soap_text(answer, "sessionId")
    headers = {"Authorization": f"Bearer {token}"}
    assert (
        server.anonymous.get(f"{server.api}/limits", headers=headers).status_code == 200
    )


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("wrong", "INVALID_LOGIN"),
        ("sandbox-password", "LOGIN_MUST_USE_SECURITY_TOKEN"),
    ],
)
def test_a_refused_soap_login_is_a_fault_with_status_500(server, password, code):
    answer = _soap(server, password)
    assert answer.status_code == 500
    assert _soap_text(answer, "exceptionCode") == code


@pytest.mark.parametrize("version", ["65.0", "29.0", "x"])
def test_soap_login_is_gone_from_version_65(server, version):
    answer = _soap(server, "sandbox-passwordsandboxSecurityToken", version=version)
    assert answer.status_code == 500
    assert _soap_text(answer, "exceptionCode") == "UNSUPPORTED_API_VERSION"


def test_soap_that_is_not_xml_is_a_fault(server):
    assert _soap(server, "<").status_code == 500


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer"])
def test_without_a_good_session_every_api_answers_401(server, header):
    headers = {} if header is None else {"Authorization": header}
    answer = server.anonymous.get(f"{server.api}/sobjects", headers=headers)
    assert answer.status_code == 401
    assert answer.json()[0]["errorCode"] in {
        "INVALID_SESSION_ID",
        "INVALID_AUTH_HEADER",
    }


def test_an_expired_session_is_answered_as_recorded(server, recorded):
    answer = server.anonymous.get(
        f"{server.api}/sobjects", headers={"Authorization": "OAuth x"}
    )
    assert answer.json() == recorded("expired_session_response.json")


def test_every_answer_carries_the_orgs_time_and_the_days_usage(server):
    for answer in (server.token(), server.get("/limits"), server.get("/nowhere")):
        assert answer.headers["date"] == "Wed, 31 Jan 2018 23:59:59 GMT"
        assert "api-usage=" in answer.headers["Sforce-Limit-Info"]
        assert "server" not in answer.headers

"""The login flows against a login host that answers from a script."""

from __future__ import annotations

import base64
import json
import stat
import threading

import pytest

from reading_kit.errors import (
    ApiProblem,
    CredentialsError,
    SettingsError,
    TapError,
)
from tap_salesforce.auth import Authenticator, Login, LoginAnswer, Session
from tap_salesforce.auth_jwt import choose_audience
from tap_salesforce.auth_soap import read_login_answer
from tap_salesforce.settings import Credentials

TOKEN = {"access_token": "00Dtoken", "instance_url": "https://acme.my.salesforce.com"}


class Script:
    """A login host: answers in turn and remembers what it was asked."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.asked = []

    def __call__(self, url, *, data, headers):
        self.asked.append((url, data, headers))
        answer = self.answers.pop(0)
        if isinstance(answer, ApiProblem):
            return LoginAnswer(b"", answer)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return LoginAnswer(body, None)


def new_login(script, **given):
    credentials = Credentials(
        **{"login_url": "https://login.salesforce.com", "client_id": "cid", **given}
    )
    return Login(credentials, transport=script, server_time_s=lambda: 1_000_000.0)


def test_the_refresh_flow_sends_the_refresh_token():
    script = Script(TOKEN)
    session = new_login(
        script, method="refresh_token", client_secret="cs", refresh_token="r1"
    )()
    assert session == Session("00Dtoken", "https://acme.my.salesforce.com")
    url, form, _ = script.asked[0]
    assert url == "https://login.salesforce.com/services/oauth2/token"
    assert form == {
        "grant_type": "refresh_token",
        "client_id": "cid",
        "client_secret": "cs",
        "refresh_token": "r1",
    }


def test_a_recorded_token_answer_is_read(recorded):
    script = Script(recorded("refresh_success_response.json"))
    session = new_login(script, method="refresh_token", refresh_token="r")()
    assert session.instance_url == "https://na1.salesforce.com"


def test_a_rotated_token_is_used_kept_and_read_back(tmp_path):
    path = tmp_path / "token"
    script = Script({**TOKEN, "refresh_token": "r2"}, TOKEN, TOKEN)
    given = {
        "method": "refresh_token",
        "refresh_token": "r1",
        "refresh_token_path": str(path),
    }
    login = new_login(script, **given)
    login()
    assert path.read_text() == "r2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    login()
    new_login(script, **given)()
    assert [form["refresh_token"] for _, form, _ in script.asked] == ["r1", "r2", "r2"]


def test_a_rotated_token_without_a_place_to_keep_it_is_warned_about(caplog):
    script = Script({**TOKEN, "refresh_token": "r2"})
    new_login(script, method="refresh_token", refresh_token="r1")()
    assert "refresh_token_path" in caplog.text
    assert "r2" not in caplog.text


def test_a_token_file_that_cannot_be_written_is_named(tmp_path):
    path = tmp_path / "nowhere" / "token"
    script = Script({**TOKEN, "refresh_token": "r2"})
    login = new_login(
        script,
        method="refresh_token",
        refresh_token="r1",
        refresh_token_path=str(path),
    )
    with pytest.raises(SettingsError, match="refresh_token_path"):
        login()


def test_client_credentials_identify_themselves_in_the_header():
    script = Script(TOKEN)
    new_login(script, method="client_credentials", client_secret="cs")()
    _, form, headers = script.asked[0]
    assert form == {"grant_type": "client_credentials"}
    scheme, _, coded = headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(coded) == b"cid:cs"


def test_the_password_flow_escapes_what_it_sends_and_finds_the_data_host():
    answer = (
        b"<e:Envelope xmlns:e='x'><e:Body><loginResponse><result>"
        b"<serverUrl>https://acme-api.my.salesforce.com/services/Soap/u/64.0/00D"
        b"</serverUrl><sessionId>00Dsession</sessionId>"
        b"</result></loginResponse></e:Body></e:Envelope>"
    )
    script = Script(answer)
    session = new_login(
        script,
        method="password",
        username="a&b",
        password="<p>",
        security_token="t",
    )()
    assert session == Session("00Dsession", "https://acme.my.salesforce.com")
    url, body, headers = script.asked[0]
    assert url.endswith("/services/Soap/u/64.0")
    assert b"<n1:username>a&amp;b</n1:username>" in body
    assert b"<n1:password>&lt;p&gt;t</n1:password>" in body
    assert headers["SOAPAction"] == "login"


@pytest.mark.parametrize("body", [b"", b"<a>", b"<a/>", b"x" * 2_000_000])
def test_a_soap_answer_without_a_session_is_none(body):
    assert read_login_answer(body) is None


@pytest.mark.parametrize(
    ("code", "text", "hint"),
    [
        ("invalid_grant", "expired access/refresh token", "authorise the app again"),
        ("invalid_client_id", "client identifier invalid", "client_id"),
        ("invalid_grant", "request not supported on this domain", "set domain"),
        ("invalid_grant", "no client credentials user enabled", "run-as user"),
        ("invalid_grant", "audience is invalid", "is_sandbox"),
        ("invalid_grant", "user hasn't approved this consumer", "pre-authorise"),
        ("INVALID_LOGIN", "Invalid username", "security token"),
        ("API_DISABLED_FOR_ORG", "", "no API access"),
    ],
)
def test_a_rejection_says_what_helps_and_no_secret(code, text, hint):
    script = Script(ApiProblem(400, code, text))
    login = new_login(
        script,
        method="refresh_token",
        client_secret="s3cret",
        refresh_token="r3fresh",
        username="ada",
    )
    with pytest.raises(CredentialsError) as caught:
        login()
    message = str(caught.value)
    assert hint in message
    assert "ada" in message
    assert "login.salesforce.com" in message
    assert "s3cret" not in message
    assert "r3fresh" not in message


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"access_token": "t0ken"}'])
def test_an_answer_without_a_token_is_not_shown(body):
    login = new_login(Script(body), method="refresh_token", refresh_token="r")
    with pytest.raises(TapError) as caught:
        login()
    assert "t0ken" not in str(caught.value)


def test_a_data_host_over_plain_http_is_refused():
    script = Script({**TOKEN, "instance_url": "http://acme.example.com"})
    with pytest.raises(SettingsError, match="instance_url"):
        new_login(script, method="refresh_token", refresh_token="r")()


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
    ],
)
def test_the_audience_of_an_assertion(login_url, audience):
    assert choose_audience(login_url) == audience


def test_many_threads_with_one_rejected_token_log_in_once():
    sessions = [Session(f"token{n}", "https://x") for n in range(5)]
    count = []

    def login():
        count.append(1)
        return sessions[len(count) - 1]

    authenticator = Authenticator(login)
    first = authenticator.session()
    barrier = threading.Barrier(8)
    renewed = []

    def renew():
        barrier.wait()
        renewed.append(authenticator.renew(first))

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(count) == 2
    assert set(renewed) == {sessions[1]}


def test_a_rejected_grant_is_not_tried_again():
    count = []

    def login():
        count.append(1)
        raise CredentialsError("no")

    authenticator = Authenticator(login)
    for _ in range(3):
        with pytest.raises(CredentialsError):
            authenticator.session()
    assert len(count) == 1

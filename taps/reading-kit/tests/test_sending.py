"""Requests against a real server: what is repeated, what is final, what is said."""

from __future__ import annotations

import logging

import pytest

from reading_kit.errors import (
    ApiError,
    ApiProblem,
    HostUnreachableError,
    QuotaError,
    UnreachableError,
)
from reading_kit.retrying import TRIES, WAITS, Verdict
from reading_kit.sending import (
    Call,
    ProblemAnswerError,
    SessionRejectedError,
    decode_json,
)

SECRET = "s3cret-token"


def get(server, path="/page?access_token=s3cret-token"):
    return Call("GET", f"{server.url}{path}", bearer=SECRET)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_passing_trouble_is_asked_again(server, new_sender, answering, status):
    server.answers = [answering(status), answering(body=b'{"a":1.10}')]
    answer = new_sender().send(get(server), decode_json)
    assert str(answer["a"]) == "1.10"
    assert len(server.requests) == 2


def test_an_answer_cut_short_is_asked_again(server, new_sender, answering):
    server.answers = [answering(body=b'{"a":1}', cut_at=3), answering(body=b'{"a":1}')]
    assert new_sender().send(get(server), decode_json) == {"a": 1}


def test_an_answer_that_is_not_json_is_asked_again(server, new_sender, answering):
    server.answers = [answering(body=b"<html>"), answering(body=b'{"a":1}')]
    assert new_sender().send(get(server), decode_json) == {"a": 1}


def test_trouble_that_stays_ends_unreachable_with_growing_pauses(
    server, new_sender, answering, clock
):
    server.answers = [answering(503)]
    with pytest.raises(UnreachableError, match="after all tries"):
        new_sender().send(get(server), decode_json)
    assert len(server.requests) == TRIES
    assert clock.slept_s == [1, 2, 4, 8, 16, 32, 60]


def test_a_wait_is_as_long_as_the_server_asks_and_counted_apart(
    server, new_sender, answering, clock
):
    busy = answering(429, headers={"Retry-After": "9"})
    server.answers = [busy] * (WAITS - 1) + [answering()]
    assert new_sender().send(get(server), decode_json) == {}
    assert clock.slept_s == [12.0] * (WAITS - 1)


def test_a_good_status_that_says_it_failed_is_judged_like_a_bad_one(
    server, new_sender, answering, clock
):
    def consume(response):
        value = decode_json(response)
        if not value["success"]:
            raise ProblemAnswerError(ApiProblem(200, "606", "rate", retry_after_s=2))
        return value

    server.answers = [
        answering(body=b'{"success":false}'),
        answering(body=b'{"success":true}'),
    ]
    sender = new_sender(judge=lambda p: Verdict.WAIT if p.code == "606" else None)
    assert sender.send(get(server), consume) == {"success": True}
    assert clock.slept_s == [pytest.approx(2 + 2 / 3)]


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict.FAIL, ApiError),
        (Verdict.LOG_IN_AGAIN, SessionRejectedError),
        (Verdict.DAILY_LIMIT, QuotaError),
    ],
)
def test_final_verdicts_have_their_errors_and_one_request(
    server, new_sender, answering, verdict, error
):
    server.answers = [answering(403, body=b'{"message":"no"}')]
    with pytest.raises(error, match="no"):
        new_sender(judge=lambda _: verdict).send(get(server), decode_json)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(server, new_sender, answering):
    server.answers = [answering(302, headers={"Location": "/elsewhere"})]
    with pytest.raises(ApiError):
        new_sender().send(get(server), decode_json)
    assert [path for _, path, _ in server.requests] == ["/page?access_token=" + SECRET]


def test_the_token_travels_and_is_never_logged(server, new_sender, answering, caplog):
    server.answers = [answering(503)]
    with (
        caplog.at_level(logging.INFO, logger="reading_kit"),
        pytest.raises(UnreachableError) as caught,
    ):
        new_sender().send(get(server), decode_json)
    assert server.requests[0][2]["authorization"] == f"Bearer {SECRET}"
    assert "/page" in caplog.text
    assert SECRET not in caplog.text + str(caught.value)


def test_every_answer_is_shown_to_what_takes_notes(server, new_sender, answering):
    server.answers = [answering(503), answering()]
    seen: list[int] = []
    sender = new_sender(note=lambda response: seen.append(response.status_code))
    sender.send(get(server), decode_json)
    assert seen == [503, 200]


def test_a_host_that_refuses_connections_is_told_as_such(new_sender):
    call = Call("GET", "http://127.0.0.1:1/")
    with pytest.raises(HostUnreachableError, match="no connection"):
        new_sender().send(call, decode_json)


def test_a_proxy_of_the_environment_is_used_but_for_hosts_it_leaves_out(
    server, new_sender, answering, monkeypatch
):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.answers = [answering()]
    sender = new_sender()
    beyond = Call("GET", "http://service.invalid/page", bearer=SECRET)
    assert sender.send(beyond, decode_json) == {}
    assert sender.send(get(server, "/page"), decode_json) == {}
    asked = [path for _, path, _ in server.requests]
    assert asked == ["http://service.invalid/page", "/page"]

"""What error answers mean, how long limits make one wait, what a state keeps."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from reading_kit.errors import SettingsError
from reading_kit.retrying import Verdict
from tap_gitlab import judging
from tap_gitlab.judging import Judge, read_problem
from tap_gitlab.partitions import Chunk, PartitionBook
from tap_gitlab.places import Group, without_those_below
from tap_gitlab.rate_limit import RateLimit, seconds_to_reset


def problem(status, body):
    return read_problem(status, body if isinstance(body, str) else json.dumps(body))


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (
            404,
            {"message": "404 Project Not Found"},
            "HTTP_404",
            "404 Project Not Found",
        ),
        (400, {"error": "page is invalid"}, "HTTP_400", "page is invalid"),
        (
            401,
            {"error": "invalid_token", "error_description": "No"},
            "invalid_token",
            "No",
        ),
        (429, {"message": {"error": "slow"}}, "HTTP_429", '{"error": "slow"}'),
        (429, "Retry later\n", "HTTP_429", "Retry later"),
        (403, "<!DOCTYPE html><title>Blocked</title>", "HTML", "Blocked"),
        (502, "", "HTTP_502", "empty answer"),
        (500, "[]", "HTTP_500", "unexpected answer"),
    ],
)
def test_every_form_of_an_error_is_read(status, body, code, message):
    found = problem(status, body)
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (401, {}, Verdict.LOG_IN_AGAIN),
        (429, "Retry later", Verdict.WAIT),
        (500, {}, Verdict.RETRY),
        (524, "", Verdict.RETRY),
        (403, "<html></html>", Verdict.RETRY),
        (403, {"message": "403 Forbidden"}, Verdict.FAIL),
        (404, {}, Verdict.FAIL),
        (405, {}, Verdict.FAIL),
        (301, "moved", Verdict.FAIL),
    ],
)
def test_every_status_calls_for_what_it_should(status, body, verdict):
    assert Judge()(problem(status, body)) is verdict


def test_a_page_that_can_be_halved_is_tried_twice_only():
    judge = Judge(is_halvable=True)
    assert judge(problem(500, {})) is Verdict.RETRY
    assert judge(problem(500, {})) is Verdict.FAIL
    assert Judge(is_halvable=True)(problem(503, {})) is Verdict.RETRY


def test_a_firewall_is_given_up_after_three_tries():
    judge = Judge()
    verdicts = [judge(problem(403, "<html></html>")) for _ in range(3)]
    assert verdicts == [Verdict.RETRY, Verdict.RETRY, Verdict.FAIL]


def test_refusals_are_told_apart():
    missing_scope = problem(403, {"error": "insufficient_scope"})
    assert judging.lacks_scope(missing_scope)
    assert judging.is_left_out(problem(404, {"message": "404 Not Found"}))
    assert not judging.is_left_out(problem(403, "<html></html>"))
    assert judging.is_gone(problem(404, {"message": "404 Project Not Found"}))
    assert not judging.is_gone(problem(404, {"message": "404 Repository Not Found"}))
    keyset = {
        "error": "Keyset pagination is not yet available for this type of request"
    }
    deep = {"error": "Offset pagination has a maximum allowed offset of 50000"}
    assert judging.is_without_keyset(problem(405, keyset))
    assert judging.is_too_deep(problem(405, deep))
    assert not judging.is_without_keyset(problem(405, deep))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("updated_after is invalid", "updated_after"),
        ("non_archived does not have a valid value", "non_archived"),
        ("order_by does not have a valid value", None),
        ("something else", None),
    ],
)
def test_only_parameters_that_cost_no_row_are_done_without(text, name):
    assert judging.find_bad_parameter(problem(400, {"error": text})) == name


HEADERS = {
    "Date": "Wed, 31 Jan 2018 23:59:50 GMT",
    "RateLimit-Limit": "2000",
    "RateLimit-Remaining": "99",
    "RateLimit-Reset": str(int(datetime(2018, 2, 1, tzinfo=UTC).timestamp())),
}


class Clock:
    """A clock that only waits tell."""

    def __init__(self):
        self.at_s = 1_000.0
        self.slept_s = []

    def monotonic_s(self):
        return self.at_s

    def now_s(self):
        return 0.0

    def sleep(self, duration_s):
        self.slept_s.append(duration_s)
        self.at_s += duration_s

    def jitter(self, upper_s):
        return upper_s


def test_the_reset_is_told_by_the_servers_own_clock():
    assert seconds_to_reset(HEADERS) == 10
    assert seconds_to_reset({**HEADERS, "Date": "nonsense"}) is None
    assert seconds_to_reset({}) is None


@pytest.mark.parametrize(("left", "waits"), [(99, [10.0]), (100, []), (0, [10.0])])
def test_little_that_is_left_of_a_minute_makes_everybody_wait(left, waits):
    clock = Clock()
    limit = RateLimit(clock, longest_s=60)
    limit.note({**HEADERS, "RateLimit-Remaining": str(left)})
    limit.wait()
    limit.wait()
    assert clock.slept_s == waits


def test_a_bookmark_never_goes_back_nor_past_the_cutoff():
    raw = {}
    book = PartitionBook(raw, stream="issues")
    context, cutoff = {"group_id": 3}, datetime(2018, 1, 31, tzinfo=UTC)

    def note(text):
        book.note(context, key="updated_at", chunk=Chunk([], text), cutoff=cutoff)
        return raw["partitions"][0]["replication_key_value"]

    assert note("2018-01-05T00:00:00.000Z") == "2018-01-05T00:00:00.000Z"
    assert note("2018-01-02T00:00:00.000Z") == "2018-01-05T00:00:00.000Z"
    assert note("2018-03-01T00:00:00.000Z") == "2018-01-31T00:00:00.000Z"
    assert book.bookmark({"group_id": 3}, "updated_at") == cutoff


def test_a_state_of_others_keeps_what_is_not_of_places():
    raw = {
        "partitions": [
            {"context": {"project_id": 1}},
            {"context": {"project_id": 2}},
            {"context": {"file": "a.json"}, "sha256": "x"},
        ]
    }
    book = PartitionBook(raw, stream="pings")
    gone = book.prune([{"project_id": 2}], names=("project_id", "group_id"))
    assert gone == ["project_id 1"]
    assert [part["context"] for part in raw["partitions"]] == [
        {"project_id": 2},
        {"file": "a.json"},
    ]


def test_partitions_that_cannot_be_read_are_refused():
    with pytest.raises(SettingsError, match="partitions of issues"):
        PartitionBook({"partitions": [5]}, stream="issues")


def test_groups_below_others_are_left_to_them():
    groups = [Group(1, "a"), Group(2, "a/b"), Group(3, "ab"), Group(1, "a")]
    assert without_those_below(groups) == (Group(1, "a"), Group(3, "ab"))

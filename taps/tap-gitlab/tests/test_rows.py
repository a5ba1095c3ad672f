"""Rows: decoded by type, passed on exactly, refused where they do not fit.

The samples are made by hand; their shapes were recorded from GitLab's answers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reading_kit.errors import ValueFormatError
from reading_kit.jsonlines import LineEncoder
from reading_kit.sending import MalformedAnswerError
from tap_gitlab.columns import Kind, build_schema, columns
from tap_gitlab.rows import RowReader, without_line_breaks
from tap_gitlab.stream_table import STREAMS
from tap_gitlab.values import UnfitError, fit, to_instant

PERSON = {"id": 1, "username": "john", "name": "John", "state": "active"}
SAMPLES = {
    "merge_requests": {
        "id": 35385049,
        "iid": 15442,
        "project_id": 278964,
        "title": "Draft: a change",
        "description": "## What?\u2028And why?",
        "state": "opened",
        "created_at": "2019-08-20T10:58:54.413Z",
        "updated_at": "2019-08-20T14:01:49.849+02:00",
        "merged_by": None,
        "target_branch": "master",
        "source_branch": "a-change",
        "user_notes_count": 1,
        "upvotes": 0,
        "assignee": PERSON,
        "author": PERSON,
        "assignees": [PERSON],
        "reviewers": [],
        "labels": ["backend", "backstage"],
        "work_in_progress": True,
        "milestone": None,
        "sha": "2fc4e8b972ff3208ec63b6143e34ad67ff343ad7",
        "discussion_locked": None,
        "time_stats": {"time_estimate": 0, "human_time_estimate": None},
        "task_completion_status": {"count": 12, "completed_count": 0},
        "approvals_before_merge": 1,
    },
    "commits": {
        "id": "6104942438c14ec7bd21c6cd5bd995272b3faff6",
        "short_id": "6104942438c",
        "title": "Sanitize",
        "author_name": "randx",
        "authored_date": "2021-09-20T09:06:12.300+03:00",
        "committed_date": "2021-09-20T09:06:12.300+03:00",
        "created_at": "2021-09-20T09:06:12+03:00",
        "parent_ids": ["ae1d9fb46aa2b07ee9836d49862ec4e2c46fbbba"],
        "stats": {"additions": 15, "deletions": 10, "total": 25},
        "status": "running",
        "last_pipeline": {"id": 8, "ref": "master"},
        "project_id": 13083,
    },
    "branches": {
        "name": "master",
        "merged": False,
        "protected": True,
        "default": True,
        "commit": {"id": "7b5c3cc8be40ee161ae89a06bba6229da1032a0c"},
        "web_url": "https://gitlab.example.com/g/p/-/tree/master",
    },
    "users": {
        "id": 1,
        "username": "john",
        "name": "John",
        "created_at": "2012-05-23T08:00:58Z",
        "last_activity_on": "2012-05-23",
        "current_sign_in_ip": "8.8.8.8",
        "identities": [{"provider": "github", "extern_uid": "2435223452345"}],
        "two_factor_enabled": True,
    },
    "releases": {
        "tag_name": "v0.2",
        "name": "Awesome",
        "description": "## CHANGELOG",
        "released_at": "2019-01-03T01:56:19.539Z",
        "upcoming_release": False,
        "author": PERSON,
        "commit": None,
        "assets": {"count": 6, "sources": [], "links": []},
        "evidences": [],
    },
    "jobs": {
        "id": 7,
        "status": "failed",
        "coverage": "97.30",
        "duration": 0.173,
        "queued_duration": 12,
        "created_at": "2015-12-24T15:51:21.802Z",
        "tag_list": ["docker runner"],
        "project": {"ci_job_token_scope_enabled": False},
    },
}
SPECS = {spec.name: spec for spec in STREAMS}


def read(stream, text):
    spec = SPECS[stream]
    reader = RowReader.of(stream, spec.columns, derive=spec.derive)
    return reader.read(text.encode(), {"project_id": 5, "group_id": 6})


def lines(stream, rows):
    encoder = LineEncoder(stream, time_extracted=datetime(2024, 1, 1, tzinfo=UTC))
    text = encoder.encode(rows)
    if text.count(b"\n") != len(rows):
        text = encoder.encode(without_line_breaks(rows))
    found = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    return [message["record"] for message in found]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("stream", SAMPLES)
def test_recorded_shapes_become_valid_records(stream, indent):
    spec = SPECS[stream]
    rows = read(stream, json.dumps([SAMPLES[stream]], indent=indent))
    (record,) = lines(stream, rows)
    schema = build_schema(spec.columns, spec.keys)
    problems = list(Draft202012Validator(schema).iter_errors(as_floats(record)))
    assert problems == []
    for name, value in SAMPLES[stream].items():
        if isinstance(value, (dict, list, bool, int)):
            assert as_floats(record[name]) == value, name


def as_floats(value):
    return json.loads(json.dumps(value, default=float))


def test_moments_are_in_utc_with_milliseconds():
    (row,) = read("commits", json.dumps([SAMPLES["commits"]]))
    assert row.committed_date == "2021-09-20T06:06:12.300Z"
    assert row.created_at == "2021-09-20T06:06:12.000Z"


def test_a_number_that_is_text_stays_exact():
    (row,) = read("jobs", json.dumps([SAMPLES["jobs"]]))
    assert row.coverage == Decimal("97.30")
    (record,) = lines("jobs", [row])
    assert str(record["coverage"]) == "97.30"
    assert str(record["duration"]) == "0.173"


def test_what_a_row_lacks_comes_from_where_it_was_read():
    (row,) = read("branches", json.dumps([SAMPLES["branches"]]))
    assert row.project_id == 5
    assert row.commit_id == "7b5c3cc8be40ee161ae89a06bba6229da1032a0c"
    (row,) = read("commits", json.dumps([SAMPLES["commits"]]))
    assert row.project_id == 13083
    (row,) = read("releases", json.dumps([SAMPLES["releases"]]))
    assert row.commit_id == ""


@pytest.mark.parametrize("text", ["", "<html>", "[1]", '["a"]', "5", '[{"id": 1}'])
def test_what_is_no_list_of_objects_is_asked_for_again(text):
    with pytest.raises(MalformedAnswerError):
        read("issues", text)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("iid", "many", "expected a whole number, got text"),
        ("iid", 1.5, "expected a whole number, got a number"),
        ("author", "x", "expected a object, got text"),
        ("labels", {}, "expected a list of texts, got an object"),
        ("updated_at", "soon", "expected a date-time"),
        ("draft", 3, "expected a true or false, got a number"),
        ("title", [], "expected a text, got a list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_without_being_shown(
    name, value, words
):
    sample = SAMPLES["merge_requests"] | {name: value}
    with pytest.raises(ValueFormatError, match=words) as caught:
        read("merge_requests", json.dumps([sample]))
    assert f"merge_requests.{name}: " in str(caught.value)
    assert "soon" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        ("12,345", Kind.WHOLE, 12345),
        ("-7", Kind.WHOLE, -7),
        (Decimal("7.0"), Kind.WHOLE, 7),
        (4711, Kind.TEXT, "4711"),
        (True, Kind.TEXT, "true"),
        ("true", Kind.SWITCH, True),
        ("2019-01-03T00:00:00Z", Kind.DAY, "2019-01-03"),
        ("2021-02-25 21:23:34 UTC", Kind.MOMENT, "2021-02-25T21:23:34.000Z"),
        (None, Kind.WHOLE, None),
    ],
)
def test_values_of_another_form_are_taken_where_nothing_is_lost(value, kind, wanted):
    assert fit(value, kind) == wanted


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1,23", Kind.WHOLE), (True, Kind.WHOLE), ("1.2.3", Kind.NUMBER), (1, Kind.DAY)],
)
def test_values_that_would_lose_something_are_not_taken(value, kind):
    with pytest.raises(UnfitError):
        fit(value, kind)


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_instant_keeps_its_moment(moment):
    exact = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert datetime.fromisoformat(to_instant(exact.isoformat())) == exact


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.text(max_size=9),
            st.decimals(allow_nan=False, allow_infinity=False).map(str),
            st.lists(st.text(max_size=3), max_size=3),
        ),
        max_size=5,
    )
)
def test_objects_are_passed_on_as_they_are(value):
    reader = RowReader.of("x", columns(whole="id", object="o"))
    rows = reader.read(json.dumps([{"id": 1, "o": value}]).encode())
    assert lines("x", rows) == [{"id": 1, "o": value}]


def test_every_stream_has_its_keys_and_no_secret_among_its_columns():
    for spec in STREAMS:
        names = {column.name for column in spec.columns}
        assert {*spec.keys, *spec.automatic} <= names, spec.name
        assert spec.replication_key is None or spec.replication_key in names
        assert not names & {"runners_token", "token"}, spec.name
        assert "value" not in names or not spec.name.endswith("variables")

"""The rules without a server: names, windows, values, codes, instants, settings."""

from __future__ import annotations

import decimal
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import ApiProblem, SettingsError
from reading_kit.retrying import Verdict
from tap_marketo import calling, instants, judging, values
from tap_marketo.auth import read_token_answer
from tap_marketo.describing import read_activity_types, read_lead_fields
from tap_marketo.exports import JobState, read_status
from tap_marketo.jobs import list_saved, read_saved
from tap_marketo.judging import Busy, Envelope, Judge
from tap_marketo.naming import clean_name, name_activity_streams, name_attribute_columns
from tap_marketo.settings import normalize, parse_endpoint, parse_settings
from tap_marketo.windows import Window, cut_windows, start_of_reading

T0 = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CONFIG = {
    "endpoint": "123-ABC-456",
    "client_id": "id",
    "client_secret": "secret",
    "start_date": "2024-01-01",
}


def test_streams_bear_the_singer_taps_names():
    assert clean_name("Change Status in Progression") == "change_status_in_progression"
    assert clean_name("Visit Web-page (2)") == "visit_web_page__2_"
    names = name_activity_streams([(7, "Click Link"), (3, "click-link")])
    assert names == {3: "activities_click_link", 7: "activities_click_link_7"}


def test_colliding_attributes_are_numbered_in_the_order_described():
    names = ["Lead ID", "Lead Id", "lead-id", "Campaign ID", "campaignId"]
    assert name_attribute_columns(names, reserved=["campaignId"]) == {
        "Lead ID": "lead_id",
        "Lead Id": "lead_id_2",
        "lead-id": "lead_id_3",
        "Campaign ID": "campaign_id",
        "campaignId": "campaignid_attr",
    }


@given(st.lists(st.text(max_size=6), unique=True, max_size=8))
def test_no_two_attributes_share_a_column(names):
    columns = name_attribute_columns(names, reserved=["leadId"])
    assert len(set(columns.values())) == len(columns) == len(names)
    assert "leadid" not in columns.values()


def test_lead_fields_are_those_an_export_can_hold():
    fields = read_lead_fields(
        [
            {"dataType": "integer", "rest": {"name": "id"}},
            {"dataType": "formula", "rest": {"name": "age"}},
            {"dataType": "string", "soap": {"name": "SoapOnly"}},
            {"dataType": "lead_function", "rest": {"name": "Role"}},
            {"dataType": "string", "rest": {"name": "role"}},
        ]
    )
    assert [(f.name, f.api_name, f.kind) for f in fields] == [
        ("id", "id", "integer"),
        ("Role", "Role", "string"),
        ("role__2", "role", "string"),
    ]


def test_types_of_activities_without_attributes_or_names_are_borne():
    specs = read_activity_types([{"id": 9, "name": "Plain"}, {"id": 8}, {"name": "x"}])
    assert [(spec.type_id, spec.stream) for spec in specs] == [(9, "activities_plain")]


@given(st.integers(0, 400), st.integers(1, 31), st.integers(0, 86_400))
def test_windows_cover_the_span_without_a_gap(days, longest, seconds):
    end = T0 + days * DAY + timedelta(seconds=seconds)
    windows = list(cut_windows(T0, end, longest=longest * DAY))
    assert all(w.end - w.start <= longest * DAY for w in windows)
    assert [w.start for w in windows[1:]] == [w.end for w in windows[:-1]]
    if windows:
        assert (windows[0].start, windows[-1].end) == (T0, end)
    else:
        assert end == T0


def test_a_known_window_is_used_where_it_begins_at_the_right_place():
    known = [Window(T0, T0 + 3 * DAY), Window(T0 + 50 * DAY, T0 + 51 * DAY)]
    windows = list(cut_windows(T0, T0 + 8 * DAY, longest=4 * DAY, known=known))
    assert [w.end for w in windows] == [T0 + 3 * DAY, T0 + 7 * DAY, T0 + 8 * DAY]


def test_the_lookback_before_a_known_window_is_a_window_of_its_own():
    known = [Window(T0 + DAY, T0 + 4 * DAY), Window(T0 + 4 * DAY, T0 + 7 * DAY)]
    windows = list(cut_windows(T0, T0 + 9 * DAY, longest=3 * DAY, known=known))
    assert windows == [
        Window(T0, T0 + DAY),
        *known,
        Window(T0 + 7 * DAY, T0 + 9 * DAY),
    ]


def test_a_start_in_the_future_gives_no_window():
    assert not list(cut_windows(T0 + DAY, T0, longest=DAY))


def test_reading_begins_at_the_lookback_but_never_before_the_start():
    hour = timedelta(hours=1)
    assert start_of_reading(T0 + DAY, floor=T0, lookback=hour) == T0 + DAY - hour
    assert start_of_reading(T0, floor=T0, lookback=hour) == T0
    assert start_of_reading(None, floor=T0, lookback=hour) == T0


def test_a_window_is_halved_until_it_is_too_short():
    halves = Window(T0, T0 + DAY).halves()
    assert halves == (
        Window(T0, T0 + DAY / 2),
        Window(T0 + DAY / 2, T0 + DAY),
    )
    assert Window(T0, T0 + timedelta(seconds=1)).halves() is None


@pytest.mark.parametrize(
    "text",
    [
        "2015-05-21T22:45:13Z",
        "2015-05-21T22:45:13+0000",
        "2015-05-21T22:45:13Z+0000",
        "2015-05-22T00:45:13+02:00",
    ],
)
def test_all_forms_of_instants_become_one(text):
    assert instants.normalize_instant(text) == "2015-05-21T22:45:13Z"


def test_the_quota_day_ends_at_midnight_in_chicago_in_summer_and_winter():
    winter = datetime(2024, 1, 15, 5, 59, tzinfo=UTC)
    summer = datetime(2024, 7, 15, 4, 59, tzinfo=UTC)
    assert instants.central_day(winter) == "2024-01-14"
    assert instants.next_reset(winter) == datetime(2024, 1, 15, 6, tzinfo=UTC)
    assert instants.next_reset(summer) == datetime(2024, 7, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("integer", "12.0", 12),
        ("integer", 9_007_199_254_740_993, 9_007_199_254_740_993),
        ("integer", "", None),
        ("number", "2.50", decimal.Decimal("2.50")),
        ("number", 7, 7),
        ("boolean", 1, True),
        ("boolean", "0", False),
        ("string", 100, "100"),
        ("string", True, "true"),
        ("string", decimal.Decimal("1E+2"), "100"),
        ("string", "a\0b\r\nc", "ab\nc"),
        ("string", "", ""),
        ("date", "2024-01-05T10:00:00Z", "2024-01-05"),
        ("array", '["a", 1]', ["a", 1]),
        ("array", "a", ["a"]),
        ("object", {"a": 1}, {"a": 1}),
    ],
)
def test_values_fit_what_their_column_promises(kind, given, wanted):
    assert values.fit(kind, given) == wanted


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("integer", "N/A"),
        ("integer", "1.5"),
        ("integer", True),
        ("number", "Infinity"),
        ("number", "1e999"),
        ("boolean", "maybe"),
        ("date", "yesterday"),
        ("datetime", "soon"),
        ("object", "text"),
    ],
)
def test_values_that_do_not_fit_are_told(kind, given):
    with pytest.raises(values.MisfitError):
        values.fit(kind, given)


def problem(code, message="", status=200):
    return ApiProblem(status, code, message)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("601", Verdict.LOG_IN_AGAIN),
        ("602", Verdict.LOG_IN_AGAIN),
        ("603", Verdict.FAIL),
        ("604", Verdict.RETRY),
        ("606", Verdict.WAIT),
        ("607", Verdict.DAILY_LIMIT),
        ("608", Verdict.RETRY),
        ("610", Verdict.FAIL),
        ("611", Verdict.RETRY),
        ("614", Verdict.RETRY),
        ("615", Verdict.WAIT),
        ("713", Verdict.RETRY),
        ("1003", Verdict.FAIL),
        ("1013", Verdict.FAIL),
        ("1029", Verdict.FAIL),
        ("1035", Verdict.FAIL),
    ],
)
def test_each_code_calls_for_its_own_action(code, verdict):
    assert judging.judge(problem(code)) is verdict


def test_a_system_error_is_tried_four_times():
    rules = Judge()
    found = [rules(problem("611")) for _ in range(4)]
    assert found == [Verdict.RETRY] * 3 + [Verdict.FAIL]
    rules = Judge()
    found = [rules(problem("HTTP_500", status=500)) for _ in range(4)]
    assert found[-1] is Verdict.FAIL


@pytest.mark.parametrize(
    ("text", "busy"),
    [
        ("Too many jobs in queue", Busy.QUEUE_FULL),
        ("Export daily quota 500MB exceeded.", Busy.QUOTA_SPENT),
        ("JOB ALREADY QUEUED", Busy.ALREADY_QUEUED),
        ("something else", Busy.UNKNOWN),
    ],
)
def test_the_meanings_of_1029_are_told_apart_by_their_text(text, busy):
    assert judging.read_busy(problem("1029", text)) is busy
    assert judging.read_busy(problem("1003", text)) is None


def test_an_answer_is_judged_by_its_body():
    good = judging.read_envelope({"success": True, "result": [1], "moreResult": False})
    assert good == Envelope((1,), True, None, False, False)
    end = judging.read_envelope(
        {
            "success": True,
            "warnings": ["No assets found for the given search criteria."],
        }
    )
    assert end.is_empty_browse
    bad = judging.read_envelope(
        {
            "requestId": "e42b#1",
            "success": False,
            "errors": [{"code": "602", "message": "Access token expired"}],
        }
    )
    assert (bad.code, "e42b#1" in bad.message) == ("602", True)
    for value in ([], {"success": False}, {}):
        with pytest.raises(ValueError, match=r"not|neither"):
            judging.read_envelope(value)


def test_a_refused_token_may_come_with_status_200():
    refused = read_token_answer({"error": "invalid_client", "error_description": "no"})
    assert isinstance(refused, ApiProblem)
    assert read_token_answer({"access_token": "t", "expires_in": 3599}) == ("t", 3599)
    with pytest.raises(ValueError, match="no access_token"):
        read_token_answer({"expires_in": 1})


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 10))
def test_no_more_calls_than_allowed_go_out_in_any_20_seconds(asked, limit):
    sent = deque()
    now_s = 0.0
    log = []
    for moment in sorted(asked):
        now_s = max(now_s, moment)
        wait_s = calling.plan_wait(sent, now_s=now_s, limit=limit)
        now_s += wait_s
        calling.plan_wait(sent, now_s=now_s, limit=limit)
        sent.append(now_s)
        log.append(now_s)
    for first, last in zip(log, log[limit:], strict=False):
        assert last - first >= calling.SPAN_S - 1e-6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("123-ABC-456", "https://123-ABC-456.mktorest.com"),
        ("https://123-ABC-456.mktorest.com/rest", "https://123-ABC-456.mktorest.com"),
        ("https://123-ABC-456.mktorest.com/rest/", "https://123-ABC-456.mktorest.com"),
        ("https://123-ABC-456.mktorest.com", "https://123-ABC-456.mktorest.com"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
    ],
)
def test_the_endpoint_is_taken_in_every_form(text, wanted):
    assert parse_endpoint(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "acme", "ftp://x", "https://u:p@x", "https://x?a=1"]
)
def test_an_endpoint_that_is_none_is_refused(text):
    with pytest.raises(SettingsError, match="endpoint"):
        parse_endpoint(text)


def test_a_config_of_the_older_singer_tap_works_as_it_is():
    config = normalize(
        {
            "endpoint": "https://123-ABC-456.mktorest.com/rest",
            "identity": "https://123-ABC-456.mktorest.com/identity",
            "client_id": "id",
            "client_secret": "secret",
            "start_date": "2019-01-01T00:00:00Z",
            "max_daily_calls": "8000",
            "max_export_days": "7",
            "request_timeout": "0",
        }
    )
    settings = parse_settings(config)
    assert settings.max_daily_calls == 8000
    assert settings.window == 7 * DAY
    assert settings.request_timeout_s == 300
    assert settings.access.identity_url.endswith(".com/identity")


def test_a_config_of_airbytes_source_works_as_it_is():
    config = normalize(
        {
            "domain_url": "https://123-ABC-456.mktorest.com",
            "client_id": "id",
            "client_secret": "secret",
            "start_date": "2020-09-25T00:00:00Z",
            "window_in_days": 20,
        }
    )
    settings = parse_settings(config)
    assert settings.window == 20 * DAY
    assert settings.access.base_url == "https://123-ABC-456.mktorest.com"


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(SettingsError, match="one of them"):
        parse_settings(normalize({**CONFIG, "smart_list_id": 1, "static_list_id": "2"}))
    with pytest.raises(SettingsError, match="start_date"):
        parse_settings(normalize({**CONFIG, "start_date": "soon"}))


def test_secrets_never_show():
    settings = parse_settings(normalize({**CONFIG, "client_secret": "s3cret"}))
    assert "s3cret" not in repr(settings)


def test_types_to_narrow_down_to_may_come_as_text():
    config = normalize({**CONFIG, "activity_type_ids": "6, 7"})
    assert parse_settings(config).activity_type_ids == {6, 7}


def test_a_job_is_read_whatever_the_case_and_spelling_of_its_status():
    for word in ("Canceled", "CANCELLED", "cancelled"):
        status = read_status({"exportId": "a", "status": word})
        assert status.state is JobState.CANCELLED
    whole = read_status(
        {
            "exportId": "a",
            "status": "Completed",
            "fileSize": 3,
            "fileChecksum": "sha256:AB",
            "finishedAt": "2017-01-21T11:47:30-08:00",
        }
    )
    assert (whole.size_bytes, whole.checksum) == (3, "ab")
    assert whole.finished_at == datetime(2017, 1, 21, 19, 47, 30, tzinfo=UTC)


def test_exports_of_a_state_that_cannot_be_understood_count_as_none():
    good = {
        "id": "a",
        "start": "2024-01-01T00:00:00Z",
        "end": "2024-01-02T00:00:00Z",
        "fields_sha": "f",
        "as_of": "2024-01-02T00:00:00Z",
    }
    assert read_saved(good).to_dict() == good
    for broken in (None, 7, {}, {"id": "a"}, {**good, "end": 5}, {**good, "as_of": ""}):
        assert read_saved(broken) is None
    assert len(list_saved({"export": good, "exports_ahead": [good, None]})) == 2
    assert list_saved({"export": "x", "exports_ahead": 5}) == []

"""The state of a stream, in our form and in those of other taps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import SettingsError
from reading_kit.state import (
    StreamState,
    advance_bookmark,
    read_bookmark,
    write_bookmark,
)
from reading_kit.timestamps import format_instant, parse_instant

KEY = "SystemModstamp"
INSTANT = datetime(2018, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
INSTANTS = st.datetimes(
    datetime(1700, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    "state",
    [
        {KEY: "2018-01-02T03:04:05.678Z"},
        {KEY: "2018-01-02T03:04:05.678000+0000", "version": 1},
        {KEY: "2018-01-02T04:04:05.678+01:00"},
        {"replication_key": KEY, "replication_key_value": "2018-01-02T03:04:05.678Z"},
        {"replication_key_value": "2018-01-02 03:04:05.678"},
    ],
)
def test_bookmarks_of_other_taps_are_read(state):
    assert read_bookmark(state, KEY) == INSTANT


def test_a_bookmark_of_another_key_is_not_ours():
    state = {"replication_key": "CreatedDate", "replication_key_value": "2018-01-01"}
    assert read_bookmark(state, KEY) is None


@pytest.mark.parametrize("value", ["soon", 5, ["2018-01-01"]])
def test_a_bookmark_that_is_no_instant_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        read_bookmark({KEY: value}, KEY)


def test_a_new_bookmark_replaces_what_older_taps_kept():
    state = {KEY: "2017-01-01", "version": 1, "JobID": "750", "other": 1}
    write_bookmark(state, KEY, INSTANT, replaced=["JobID"])
    assert state == {
        "other": 1,
        "replication_key": KEY,
        "replication_key_value": "2018-01-02T03:04:05.678Z",
    }


@given(INSTANTS)
def test_an_instant_written_is_the_instant_read(instant):
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert parse_instant(format_instant(instant)) == whole


@given(st.none() | INSTANTS, INSTANTS, INSTANTS)
def test_a_bookmark_never_goes_back_nor_past_the_cutoff(old, highest, cutoff):
    new = advance_bookmark(old, max_key=format_instant(highest), cutoff=cutoff)
    assert new is not None
    assert new <= max(cutoff, old or cutoff)
    assert old is None or new >= old


def test_no_rows_keep_the_bookmark():
    assert advance_bookmark(INSTANT, max_key="", cutoff=INSTANT) == INSTANT
    assert advance_bookmark(None, max_key="", cutoff=INSTANT) is None


def new_state(raw, written, **options):
    return StreamState(
        raw, stream="Lead", write=lambda: written.append(dict(raw)), **options
    )


def test_reading_starts_a_lookback_before_the_bookmark_and_never_before_the_floor():
    floor = datetime(2018, 1, 1, tzinfo=UTC)
    state = new_state({}, [], floor=floor, lookback_s=600)
    assert state.start(KEY) == floor
    state.set_bookmark(KEY, INSTANT)
    assert state.start(KEY) == INSTANT - timedelta(seconds=600)
    state.set_bookmark(KEY, floor + timedelta(seconds=5))
    assert state.start(KEY) == floor


def test_a_stream_without_rows_moves_its_bookmark_to_the_floor():
    raw: dict = {}
    state = new_state(raw, [], floor=INSTANT)
    state.advance(KEY, max_key="", cutoff=INSTANT)
    assert state.bookmark(KEY) == INSTANT
    state.advance(None, max_key="2019-01-01", cutoff=INSTANT)
    assert state.bookmark(KEY) == INSTANT


def test_a_state_that_cannot_be_read_is_refused_with_the_name_of_the_stream():
    with pytest.raises(SettingsError, match="bookmark of Lead"):
        new_state({KEY: "soon"}, []).start(KEY)


def test_what_else_a_stream_keeps_is_written_with_the_state():
    written: list = []
    state = new_state({}, written)
    state.put("job", {"id": 7})
    state.write()
    assert state.get("job") == {"id": 7}
    state.drop("job")
    state.write()
    assert written == [{"job": {"id": 7}}, {}]

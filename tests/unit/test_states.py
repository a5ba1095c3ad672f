"""States are merged per stream and keep every digit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.singer.states import (
    bookmark_texts,
    is_state,
    merge_state,
    merged_text,
    text_without_streams,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v),
    max_leaves=6,
)
STATES = st.fixed_dictionaries(
    {},
    optional={"bookmarks": st.dictionaries(st.text(max_size=4), VALUES), "x": VALUES},
)


@given(st.none() | STATES, STATES)
def test_merging_texts_is_merging_values(stored: dict | None, new: dict) -> None:
    text = merged_text(None if stored is None else json.dumps(stored), json.dumps(new))
    assert json.loads(text) == merge_state(stored, new)


@given(STATES, STATES)
def test_the_new_stream_wins_whole_and_others_are_kept(old: dict, new: dict) -> None:
    merged = merge_state(old, new)
    if "bookmarks" in new:
        for stream, mark in new["bookmarks"].items():
            assert merged["bookmarks"][stream] == mark
        for stream in old.get("bookmarks", {}).keys() - new["bookmarks"].keys():
            assert merged["bookmarks"][stream] == old["bookmarks"][stream]
    assert merged.keys() == new.keys()


def test_no_digit_is_lost() -> None:
    exact = '{"bookmarks":{"a":{"n":123456789012345678901234567890.123456789}}}'
    other = '{"bookmarks":{"b":{"n":0.10}},"c":1E400}'
    merged = merged_text(exact, other)
    assert "123456789012345678901234567890.123456789" in merged
    assert "0.10" in merged
    assert "1E400" in merged
    assert bookmark_texts(merged) == {
        "a": '{"n":123456789012345678901234567890.123456789}',
        "b": '{"n":0.10}',
    }


def test_a_stream_can_be_forgotten() -> None:
    state = '{"bookmarks":{"a":{"n":1.10},"b":2},"x":3}'
    assert text_without_streams(state, {"b"}) == '{"bookmarks":{"a":{"n":1.10}},"x":3}'
    assert text_without_streams('{"other":1}', {"b"}) == '{"other":1}'


@pytest.mark.parametrize("text", ["[]", "1", '"a"', "", "{", "null", '{"a":1} x'])
def test_what_is_no_object_is_no_state(text: str) -> None:
    assert not is_state(text)
    with pytest.raises(ValueError, match="JSON object"):
        merged_text("{}", text)

"""A bookmark is told in a line, however a tap keeps it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.singer.bookmarks import readable_bookmark


def partition(number: int, value: str | None) -> dict[str, object]:
    context = {"context": {"account_id": str(number)}}
    mark = {"replication_key": "day", "replication_key_value": value} if value else {}
    return {**context, **mark}


FEW = [partition(1, "2018-01-30"), partition(2, None)]
MANY = [partition(number, f"2018-01-{number:02}") for number in range(1, 29)]


@pytest.mark.parametrize(
    ("bookmark", "expected"),
    [
        (
            {
                "replication_key": "SystemModstamp",
                "replication_key_value": "2018-01-31",
            },
            "SystemModstamp 2018-01-31",
        ),
        ({"replication_key_value": 7}, "at 7"),
        ({"n": 560}, "n 560"),
        ({"at": "2018-01-31", "n": 1.25}, "at 2018-01-31, n 1.25"),
        ({"partitions": FEW}, "account_id=1: day 2018-01-30; account_id=2: {}"),
        ({"partitions": MANY}, "28 partitions, day 2018-01-01 to 2018-01-28"),
        (
            {"partitions": [*MANY, partition(99, None)]},
            "29 partitions, day 2018-01-01 to 2018-01-28, 1 of them not yet",
        ),
        ({"partitions": [partition(n, None) for n in range(5)]}, "5 partitions"),
        (
            {"replication_key_value": "x", "export": {"id": 1, "end": 2}, "gaps": [1]},
            "at x, export of 2, 1 gaps",
        ),
        ({}, "{}"),
        ("2018", '"2018"'),
    ],
)
def test_a_bookmark_in_a_line(bookmark: object, expected: str) -> None:
    assert readable_bookmark(json.dumps(bookmark)) == expected


def test_none_is_none_and_what_is_no_json_stays() -> None:
    assert readable_bookmark(None) is None
    assert readable_bookmark("{") == "{"
    long = readable_bookmark(json.dumps({"at": "x" * 999}))
    assert long is not None
    assert len(long) == 160


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_json_is_told_in_one_line_at_most_so_long(value: object) -> None:
    said = readable_bookmark(json.dumps(value))
    assert said is not None
    assert said == json.dumps(value) or len(said) <= 160

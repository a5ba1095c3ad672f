"""Which state a tap is given: at first, and when it is tried again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from bizops_cli.errors import ConfigError
from bizops_cli.singer.catalog import Applied
from bizops_cli.usecases.attempt import state_to_start_from, without_streams
from bizops_cli.usecases.run_plan import EltRequest

if TYPE_CHECKING:
    from bizops_cli.model import Project

CATALOG = Applied(catalog={"streams": []}, streams=("a", "b"), unmatched=())
OPAQUE = '{"cursor": 7}'


def request(*anew: str, since: str | None = None) -> EltRequest:
    return EltRequest(cast("Project", None), full_refresh=anew, since=since)


def state(**marks: int) -> str:
    return json.dumps({"bookmarks": marks})


def start(text: str | None, wanted: EltRequest, first: str | None = None) -> object:
    found = state_to_start_from(text, wanted, CATALOG, first=first)
    return None if found is None else json.loads(found)


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        (None, request(), None),
        (state(a=1, b=2), request(), {"bookmarks": {"a": 1, "b": 2}}),
        (state(a=1, b=2), request("a"), {"bookmarks": {"b": 2}}),
        (state(a=1, b=2), request("other tap's"), {"bookmarks": {"a": 1, "b": 2}}),
        (state(a=1, b=2), request("*"), None),
        (state(a=1, b=2), request(since="2024-01-01"), None),
        (OPAQUE, request(), {"cursor": 7}),
        (OPAQUE, request("*"), None),
    ],
)
def test_the_first_attempt_leaves_out_what_is_to_be_read_anew(
    stored: str | None, wanted: EltRequest, expected: object
) -> None:
    assert start(stored, wanted) == expected


@pytest.mark.parametrize(
    ("before", "now", "wanted", "expected"),
    [
        (state(a=1, b=2), state(a=5, b=2), request("*"), {"a": 5}),
        (state(a=1, b=2), state(a=5, b=2), request("a"), {"a": 5, "b": 2}),
        (state(a=1, b=2), state(a=1, b=2), request("a"), {"b": 2}),
        (state(a=1), state(a=1, b=9), request("*"), {"b": 9}),
        (state(a=1), state(a=4), request(), {"a": 4}),
    ],
)
def test_a_further_attempt_goes_on_with_streams_that_were_begun_anew(
    before: str, now: str, wanted: EltRequest, expected: object
) -> None:
    assert start(now, wanted, before) == {"bookmarks": expected}


def test_a_state_without_streams_goes_on_only_if_it_has_moved() -> None:
    assert start(OPAQUE, request("*"), OPAQUE) is None
    assert start('{"cursor": 9}', request("*"), OPAQUE) == {"cursor": 9}


def test_one_stream_of_a_state_without_streams_cannot_be_read_anew() -> None:
    with pytest.raises(ConfigError, match="does not tell its streams apart"):
        start(OPAQUE, request("a"))


def test_finished_streams_are_not_selected_any_more() -> None:
    entry = {"breadcrumb": [], "metadata": {"selected": True}}
    field = {"breadcrumb": ["properties", "x"], "metadata": {"selected": True}}
    catalog = {
        "streams": [
            {"tap_stream_id": name, "metadata": [json.loads(json.dumps(entry)), field]}
            for name in ("a", "b")
        ]
    }
    left = without_streams(catalog, {"a"})
    chosen = [s["metadata"][0]["metadata"]["selected"] for s in left["streams"]]
    assert chosen == [False, True]
    assert catalog["streams"][0]["metadata"][0]["metadata"]["selected"] is True

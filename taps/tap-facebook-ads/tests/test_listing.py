"""Walking through pages: every row once, an end always."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import IncompleteDataError
from tap_facebook_ads.listing import (
    PageWalk,
    TooMuchDataError,
    read_cursor,
    smaller_limit,
)
from tap_facebook_ads.problems import GraphError, read_graph_problem
from tap_facebook_ads.rows import Answer

REDUCE = {"code": 1, "message": "Please reduce the amount of data you're asking for"}
CURSOR = {"code": 100, "message": "the cursor is invalid or expired"}


def refusal(error):
    return GraphError(read_graph_problem(400, json.dumps({"error": error})))


class Server:
    """A list of numbers, in pages; each trouble happens at one request."""

    def __init__(self, rows, *, most=1000, troubles=None, has_cursors=True):
        self.rows = rows
        self.most = most
        self.troubles = dict(troubles or {})
        self.has_cursors = has_cursors
        self.asked = []

    def __call__(self, *, limit_rows, after):
        number = len(self.asked)
        self.asked.append((limit_rows, after))
        trouble = self.troubles.get(number)
        if isinstance(trouble, dict):
            raise refusal(trouble)
        start = int(after or 0)
        end = start + min(limit_rows, self.most)
        rows = list(self.rows[start:end])
        if trouble == "short":
            rows = rows[:-1]
        if trouble == "empty":
            return Answer(
                [], f"0{start}" if start else "00", f"https://x/?after=0{start}"
            )
        url = f"https://x/?access_token=EAA&after={end}"
        is_last = end >= len(self.rows)
        return Answer(
            rows, str(end) if self.has_cursors else None, None if is_last else url
        )


def walk(server, *, limit_rows=10, is_run=False):
    pages = PageWalk(server, limit_rows, "things", is_run=is_run).pages()
    return [row for answer in pages for row in answer.rows]


# A page of one row cannot be made smaller: then a list ends, as another test says.
@given(
    st.integers(0, 60),
    st.integers(2, 20),
    st.integers(1, 20),
    st.booleans(),
    st.dictionaries(
        st.integers(0, 6), st.sampled_from(["short", "empty", REDUCE]), max_size=1
    ),
)
def test_each_row_comes_once_whatever_happens_in_between(
    count, limit_rows, most, has_cursors, troubles
):
    server = Server(range(count), most=most, troubles=troubles, has_cursors=has_cursors)
    is_last = {n: t for n, t in troubles.items() if t == "short"}
    found = walk(server, limit_rows=limit_rows)
    lost = len(set(range(count)) - set(found))
    # A page without its last row is only noticed where others follow it.
    assert lost <= len(is_last)
    if not is_last:
        assert found == list(range(count))


def test_a_page_that_lacks_a_row_is_looked_at_twice():
    server = Server(range(30), troubles={1: "short"})
    assert walk(server) == list(range(30))
    assert len(server.asked) == 4


def test_a_server_with_smaller_pages_is_asked_twice_once_only():
    server = Server(range(30), most=5)
    assert walk(server) == list(range(30))
    assert len(server.asked) == 7


def test_a_cursor_that_is_not_good_any_more_begins_the_list_again():
    server = Server(range(30), troubles={2: CURSOR})
    found = walk(server)
    assert found == [*range(20), *range(30)]


def test_a_cursor_that_is_never_good_ends_in_the_end():
    server = Server(range(30), troubles=dict.fromkeys([1, 3, 5, 7], CURSOR))
    with pytest.raises(GraphError):
        walk(server)


def test_a_refused_first_page_is_no_matter_of_cursors():
    with pytest.raises(GraphError):
        walk(Server(range(30), troubles={0: CURSOR}))


def test_pages_that_go_round_in_a_circle_are_noticed():
    def circle(*, limit_rows, after):
        return Answer([1], "a", "https://x/?after=a")

    with pytest.raises(IncompleteDataError, match="circle"):
        walk(circle)


def endless(*, limit_rows, after):
    cursor = str(int(after or 0) + 1)
    return Answer([], cursor, f"https://x/?after={cursor}")


def test_empty_pages_for_ever_are_the_end_of_a_run_but_of_no_other_list():
    assert walk(endless, is_run=True) == []
    with pytest.raises(IncompleteDataError, match="3 empty pages"):
        walk(endless)


def test_pages_get_smaller_down_to_one_row_and_then_fail():
    server = Server(range(3), troubles=dict.fromkeys(range(9), REDUCE))
    with pytest.raises(TooMuchDataError, match="reduce"):
        walk(server, limit_rows=500)
    assert [limit for limit, _ in server.asked] == [500, 250, 125, 100, 50, 25, 10, 1]


@pytest.mark.parametrize(
    ("limit_rows", "wanted"),
    [(1000, 500), (250, 125), (200, 100), (100, 50), (30, 25), (10, 1), (1, None)],
)
def test_smaller_limits(limit_rows, wanted):
    assert smaller_limit(limit_rows) == wanted


def test_a_cursor_is_read_from_an_address():
    assert read_cursor("https://x/y?access_token=EAA&after=QVFI&limit=5") == "QVFI"
    assert read_cursor("https://x/y?limit=5") is None

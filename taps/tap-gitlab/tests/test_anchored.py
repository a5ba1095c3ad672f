"""Lists that change while they are read: no row is missed, whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_kit.errors import IncompleteDataError
from reading_kit.timestamps import format_instant, parse_instant
from tap_gitlab.anchored import AnchoredPlan, day_after, day_before, read_anchored
from tap_gitlab.client import Answer

START = datetime(2024, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)
PLAN = AnchoredPlan("/issues")


@dataclass
class Listing:
    """A list as GitLab keeps it, whose rows may be updated between two requests."""

    moments: list[int]
    page_rows: int = 3
    tells_totals: bool = True
    updates: list[int] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    requests: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = {
            identity: START + timedelta(seconds=moment)
            for identity, moment in enumerate(self.moments)
        }
        self.updated: set[int] = set()

    def first_url(self, path: str, params: dict[str, str]) -> str:
        query = urlencode({**params, "per_page": str(self.page_rows)})
        return f"https://h{path}?{query}"

    def fetch(self, url: str) -> Answer[list[Any]]:
        params = dict(parse_qsl(urlsplit(url).query))
        self.requests.append(params)
        after = parse_instant(params.get("updated_after", "2000-01-01"))
        if "updated_after" in self.dropped:
            after = parse_instant("2000-01-01")
        before = parse_instant(params["updated_before"])
        found = sorted(
            (at, identity)
            for identity, at in self.rows.items()
            if after <= at <= before
        )
        page = int(params.get("page", 1))
        here = found[(page - 1) * self.page_rows : page * self.page_rows]
        following = None
        if page * self.page_rows < len(found):
            following = f"https://h/issues?{urlencode({**params, 'page': page + 1})}"
        self._update()
        return Answer(
            [SimpleNamespace(id=i, updated_at=format_instant(at)) for at, i in here],
            url,
            following,
            len(found) if self.tells_totals else None,
        )

    def _update(self) -> None:
        """Somebody works on a row: it leaves the window that is being read."""
        if self.updates:
            identity = self.updates.pop() % len(self.rows)
            self.rows[identity] = END + timedelta(seconds=len(self.requests))
            self.updated.add(identity)


def read(listing: Listing, start: str | None = None, plan: AnchoredPlan = PLAN):
    steps = list(
        read_anchored(listing, plan, start=start, end=format_instant(END))  # type: ignore[arg-type]
    )
    return [row.id for step in steps for row in step.rows], steps


@given(
    moments=st.lists(st.integers(0, 40), min_size=1, max_size=40),
    updates=st.lists(st.integers(0, 1_000), max_size=12),
    tells_totals=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_every_row_that_stays_is_read_though_others_move(
    moments, updates, tells_totals
):
    # An instant longer than a page is read by its links, where a shift may hide a row.
    page_rows = max(moments.count(moment) for moment in moments) + 1
    listing = Listing(moments, page_rows, tells_totals, list(updates))
    found, _ = read(listing)
    assert set(range(len(moments))) - listing.updated <= set(found)


@given(moments=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_rows_of_one_instant_are_read_though_they_fill_several_pages(moments):
    found, steps = read(Listing(moments))
    assert sorted(found) == list(range(len(moments)))
    bookmarks = [step.bookmark for step in steps if step.bookmark]
    assert bookmarks == sorted(bookmarks)
    assert bookmarks[-1] == format_instant(START + timedelta(seconds=max(moments)))


@given(
    moments=st.lists(st.integers(0, 30), min_size=1, max_size=30),
    stop=st.integers(1, 8),
)
def test_a_bookmark_never_covers_a_row_not_given(moments, stop):
    listing = Listing(moments)
    steps = read_anchored(listing, PLAN, start=None, end=format_instant(END))  # type: ignore[arg-type]
    given_rows: set[int] = set()
    bookmark = ""
    for _, step in zip(range(stop), steps, strict=False):
        given_rows |= {row.id for row in step.rows}
        bookmark = max(bookmark, step.bookmark or "")
    missing = set(listing.rows) - given_rows
    assert all(format_instant(listing.rows[i]) >= bookmark for i in missing)


def test_a_list_is_never_asked_for_by_a_deep_page():
    listing = Listing(list(range(100)))
    found, _ = read(listing)
    assert sorted(found) == list(range(100))
    assert not any("page" in params for params in listing.requests)
    assert len(listing.requests) <= 100 / 2 + 1


def test_rows_that_leave_while_they_are_read_are_not_taken_for_missing():
    listing = Listing(list(range(60)), updates=[0, 0, 55, 50, 45])
    found, steps = read(listing)
    assert len(found) >= 57
    assert len(listing.requests) < 60 / 2 + 5
    assert steps[-1].bookmark


def test_it_begins_where_it_is_told():
    start = format_instant(START + timedelta(seconds=90))
    found, _ = read(Listing(list(range(100))), start)
    assert found == list(range(90, 100))


def test_an_instance_that_does_not_know_the_filter_is_read_by_its_links():
    listing = Listing(list(range(20)), dropped={"updated_after"})
    found, _ = read(listing, format_instant(START + timedelta(seconds=5)))
    assert found == list(range(5, 20))


def test_filters_by_day_take_their_own_days_in():
    plan = AnchoredPlan("/events", from_key=day_before, to_key=day_after)
    url = []

    class Source(Listing):
        def first_url(self, path: str, params: dict[str, str]) -> str:
            url.append(params)
            return super().first_url(path, {"updated_before": format_instant(END)})

    list(
        read_anchored(
            Source([1]),
            plan,
            start="2024-01-05T10:00:00.000Z",  # type: ignore[arg-type]
            end="2024-01-31T23:00:00.000Z",
        )
    )
    assert url[0]["updated_after"] == "2024-01-04"
    assert url[0]["updated_before"] == "2024-02-01"


def test_links_in_a_circle_are_an_error_that_says_so():
    class Circle(Listing):
        def fetch(self, url: str) -> Answer[list[Any]]:
            answer = super().fetch(url)
            return Answer(
                answer.value, url, "https://h/issues?updated_before=2025-01-01"
            )

    with pytest.raises(IncompleteDataError, match="/issues: the links"):
        read(Circle([5] * 9))

"""Long lists: what is kept while one is read does not grow with it."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from reading_kit.timestamps import format_instant, parse_instant
from tap_gitlab.anchored import AnchoredPlan, read_anchored
from tap_gitlab.client import Answer
from tap_gitlab.lists import ListPlan, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE_ROWS = 100
TEXT = "as much as an issue tells, " * 40
START = datetime(2024, 1, 1, tzinfo=UTC)


class LongList:
    """A list of rows, each updated a second after the one before."""

    page_rows = PAGE_ROWS
    dropped: frozenset[str] = frozenset()

    def __init__(self, pages: int) -> None:
        self.rows = pages * PAGE_ROWS
        self.end = format_instant(START + timedelta(seconds=self.rows))

    def first_url(self, path: str, params: dict[str, str]) -> str:
        return f"https://h{path}?{urlencode(params)}"

    def fetch(self, url: str) -> Answer[list[Any]]:
        query = {
            name: values[0] for name, values in parse_qs(urlsplit(url).query).items()
        }
        first = int(query.get("first", 0))
        if "updated_after" in query:
            since = parse_instant(query["updated_after"]) - START
            first = max(-(-since // timedelta(seconds=1)), 0)
        end = min(first + PAGE_ROWS, self.rows)
        rows = [self.row(number) for number in range(first, end)]
        following = self.first_url("/more", {"first": str(end)})
        return Answer(rows, url, following if end < self.rows else None)

    def row(self, number: int) -> Any:
        at = format_instant(START + timedelta(seconds=number))
        return SimpleNamespace(id=number, updated_at=at, text=f"{number} {TEXT}")


def read_in_order(pages: int) -> Iterable[list[Any]]:
    source, plan = LongList(pages), AnchoredPlan("/issues")
    steps = read_anchored(source, plan, start=None, end=source.end)
    return (step.rows for step in steps)


def read_by_links(pages: int) -> Iterable[list[Any]]:
    return read_list(LongList(pages), ListPlan("/jobs", {}))


def peak_bytes(pages: Iterable[list[Any]]) -> tuple[int, int]:
    """Give the rows read, and the most memory they took at once."""
    tracemalloc.start()
    try:
        rows = sum(map(len, pages))
        return rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("read", [read_in_order, read_by_links])
def test_a_list_ten_times_as_long_takes_less_than_a_page_more(read):
    _, page_bytes = peak_bytes(read(1))
    short_rows, short_bytes = peak_bytes(read(5))
    long_rows, long_bytes = peak_bytes(read(50))
    assert (short_rows, long_rows) == (5 * PAGE_ROWS, 50 * PAGE_ROWS)
    assert long_bytes - short_bytes < page_bytes

"""Addresses of pages: followed as they are told, but never to another host."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_gitlab.addresses import (
    encode_id,
    find_next_link,
    make_url,
    next_url,
    site_url,
    with_page_rows,
    without_param,
)

BASE = "https://gitlab.example.com/api/v4"


def test_the_next_link_is_found_among_others():
    header = (
        f'<{BASE}/p?page=1>; rel="prev", <{BASE}/p?page=3&a=x,y>; rel="next", '
        f'<{BASE}/p?page=1>; rel="first"'
    )
    assert find_next_link(header) == f"{BASE}/p?page=3&a=x,y"


@pytest.mark.parametrize(
    "header",
    ["", '<https://h/p?page=1>; rel="first"', "nonsense", '<x>; rel="nextish"'],
)
def test_without_a_next_link_there_is_none(header):
    assert find_next_link(header) is None


def test_a_link_of_the_same_origin_is_followed_verbatim():
    link = f"{BASE}/projects?id_after=17&pagination=keyset"
    assert next_url(link, current=f"{BASE}/projects") == link


@pytest.mark.parametrize(
    "origin", ["http://gitlab.example.com", "https://evil.example"]
)
def test_of_a_link_to_another_origin_only_the_query_counts(origin):
    link = f"{origin}/api/v4/projects?page=2"
    assert (
        next_url(link, current=f"{BASE}/projects?page=1") == f"{BASE}/projects?page=2"
    )


def test_values_are_encoded_whole():
    url = make_url(BASE, "/issues", {"updated_after": "2024-01-01T00:00:00+02:00"})
    assert url.endswith("updated_after=2024-01-01T00%3A00%3A00%2B02%3A00")
    assert encode_id("group/sub group") == "group%2Fsub%20group"
    assert site_url(f"https://host/lab{'/api/v4'}") == "https://host/lab"


@given(
    page=st.integers(1, 500),
    rows=st.sampled_from([(100, 50), (100, 25), (50, 25), (80, 40)]),
)
def test_smaller_pages_begin_where_the_larger_one_did(page, rows):
    old, new = rows
    url = with_page_rows(f"{BASE}/x?page={page}&per_page={old}&z=1", new)
    query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert (int(query["page"]) - 1) * new == (page - 1) * old
    assert query["per_page"] == str(new)
    assert query["z"] == "1"


def test_a_keyset_link_keeps_its_cursor_when_pages_get_smaller():
    url = with_page_rows(f"{BASE}/x?cursor=abc%3D&per_page=100", 50)
    assert parse_qs(urlsplit(url).query) == {"cursor": ["abc="], "per_page": ["50"]}


def test_a_parameter_can_be_taken_out():
    assert without_param(f"{BASE}/x?a=1&b=2", "a") == f"{BASE}/x?b=2"

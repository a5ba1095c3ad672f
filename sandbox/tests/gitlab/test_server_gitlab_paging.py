from __future__ import annotations

import pytest

MERGE_REQUESTS = "/groups/brightloom/merge_requests"
TICKETS = "/groups/old-tracker/issues"


def test_offset_pages_follow_their_links_to_the_end_and_repeat_nothing(gitlab):
    first = gitlab.get(MERGE_REQUESTS, params={"per_page": 50})
    total = int(first.headers["X-Total"])
    assert total > 150
    assert first.headers["X-Page"] == "1"
    assert first.headers["X-Next-Page"] == "2"
    assert first.headers["X-Prev-Page"] == ""
    assert int(first.headers["X-Total-Pages"]) == -(-total // 50)
    assert set(first.links) == {"next", "first", "last"}
    rows = gitlab.rows(MERGE_REQUESTS, params={"per_page": 50})
    assert len(rows) == len({row["id"] for row in rows}) == total


def test_the_last_page_has_no_next_link_and_beyond_it_is_nothing(gitlab):
    first = gitlab.get(MERGE_REQUESTS, params={"per_page": 100})
    last = gitlab.get(first.links["last"]["url"])
    assert "next" not in last.links
    assert last.headers["X-Next-Page"] == ""
    assert set(last.links) == {"prev", "first", "last"}
    beyond = gitlab.get(MERGE_REQUESTS, params={"per_page": 100, "page": 400})
    assert (beyond.status_code, beyond.json()) == (200, [])


def test_links_keep_the_parameters_and_are_whole_urls(gitlab):
    answer = gitlab.get(
        "/projects/brightloom%2Fcore/merge_requests",
        params={"per_page": 3, "order_by": "updated_at", "sort": "asc"},
    )
    url = answer.links["next"]["url"]
    assert url.startswith(f"{gitlab.api}/projects/brightloom%2Fcore/merge_requests?")
    for part in ("order_by=updated_at", "sort=asc", "page=2", "per_page=3"):
        assert part in url
    assert len(gitlab.get(url).json()) == 3


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 20), ("100", 100), ("500", 100), ("7", 7)]
)
def test_a_page_has_twenty_rows_by_default_and_a_hundred_at_most(gitlab, asked, given):
    answer = gitlab.get(TICKETS, params={} if asked is None else {"per_page": asked})
    assert len(answer.json()) == given
    assert answer.headers["X-Per-Page"] == str(given)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"page": "x"}, "page is invalid"),
        ({"page": "0"}, "page does not have a valid value"),
        ({"per_page": "many"}, "per_page is invalid"),
        ({"per_page": "0"}, "per_page does not have a valid value"),
        ({"order_by": "colour"}, "order_by does not have a valid value"),
        ({"sort": "up"}, "sort does not have a valid value"),
        ({"state": "odd"}, "state does not have a valid value"),
        ({"scope": "mine"}, "scope does not have a valid value"),
        ({"updated_after": "soon"}, "updated_after is invalid"),
    ],
)
def test_a_wrong_parameter_is_named(gitlab, params, problem):
    answer = gitlab.get(MERGE_REQUESTS, params=params)
    assert (answer.status_code, answer.json()) == (400, {"error": problem})


def test_a_raw_plus_sign_in_a_date_is_a_space_and_refused(gitlab):
    url = f"{gitlab.api}{MERGE_REQUESTS}?updated_after=2018-01-01T00:00:00"
    assert gitlab.get(f"{url}+01:00").status_code == 400
    assert gitlab.get(f"{url}%2B01:00").status_code == 200


def test_more_than_ten_thousand_rows_have_no_totals_and_no_last_page(gitlab):
    answer = gitlab.get(TICKETS, params={"per_page": 100})
    assert "X-Total" not in answer.headers
    assert "X-Total-Pages" not in answer.headers
    assert set(answer.links) == {"next", "first"}
    assert answer.headers["X-Next-Page"] == "2"
    gitlab.set(tells_next_page=False)
    bare = gitlab.get(TICKETS, params={"per_page": 100})
    assert "X-Next-Page" not in bare.headers
    assert "next" in bare.links


def test_twelve_thousand_rows_can_be_read_to_the_end(gitlab):
    rows = gitlab.rows(TICKETS, params={"per_page": 100})
    assert len(rows) == len({row["id"] for row in rows}) == 12_345


def test_commits_never_tell_totals(gitlab):
    answer = gitlab.get("/projects/brightloom%2Fcore/repository/commits")
    assert "X-Total" not in answer.headers
    assert "last" not in answer.links


def test_offsets_end_with_405(gitlab):
    answer = gitlab.get(TICKETS, params={"page": 501, "per_page": 100})
    assert answer.status_code == 405
    assert "maximum allowed offset of 50000" in answer.json()["error"]
    assert "objects of type Issue" in answer.json()["error"]
    gitlab.set(offset_limit=200)
    assert gitlab.get(TICKETS, params={"page": 2, "per_page": 100}).status_code == 200
    assert gitlab.get(TICKETS, params={"page": 3, "per_page": 100}).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/projects",
        "/users",
        "/projects/brightloom%2Fcore/jobs",
        "/projects/old-tracker%2Ftickets/issues",
    ],
)
@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_keyset_pages_hold_every_row_once_in_order(gitlab, path, sort):
    wanted = {"pagination": "keyset", "order_by": "id", "sort": sort}
    per_page = 100 if path.endswith(("jobs", "issues")) else 3
    answer = gitlab.get(path, params=wanted | {"per_page": per_page})
    assert "X-Page" not in answer.headers
    assert set(answer.links) == {"next"}
    ids = [
        row["id"] for row in gitlab.rows(path, params=wanted | {"per_page": per_page})
    ]
    assert ids == sorted(set(ids), reverse=sort == "desc")
    everything = gitlab.get(path, params={"per_page": 1}).headers.get("X-Total")
    assert len(ids) == int(everything or 12_345)


def test_a_last_keyset_page_may_lead_to_an_empty_one(gitlab):
    wanted = {"pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": 100}
    assert "next" not in gitlab.get("/projects", params=wanted).links
    total = int(gitlab.get("/projects").headers["X-Total"])
    gitlab.set(keyset_trailing_link=True)
    full = gitlab.get("/projects", params=wanted | {"per_page": total})
    empty = gitlab.get(full.links["next"]["url"])
    assert (empty.json(), dict(empty.links)) == ([], {})


@pytest.mark.parametrize(
    ("path", "order"),
    [
        (MERGE_REQUESTS, "id"),
        ("/projects/brightloom%2Fcore/pipelines", "id"),
        ("/projects", "name"),
    ],
)
def test_keyset_is_refused_where_the_service_has_none(gitlab, path, order):
    answer = gitlab.get(path, params={"pagination": "keyset", "order_by": order})
    assert answer.status_code == 405
    assert "not yet available" in answer.json()["error"]


def test_keyset_of_issues_is_a_doubt_that_can_be_set(gitlab):
    wanted = {"pagination": "keyset", "order_by": "id"}
    path = "/projects/brightloom%2Fcore/issues"
    assert gitlab.get(path, params=wanted).status_code == 200
    gitlab.set(keyset_issues=False)
    assert gitlab.get(path, params=wanted).status_code == 405


def test_a_wrong_cursor_is_refused(gitlab):
    wanted = {"pagination": "keyset", "order_by": "id", "cursor": "%%%"}
    assert gitlab.get("/users", params=wanted).status_code == 400


@pytest.mark.parametrize(
    ("path", "order"),
    [
        (MERGE_REQUESTS, {"scope": "all"}),
        ("/projects/brightloom%2Fcore/pipelines", {}),
        ("/projects/brightloom%2Fcore/deployments", {}),
    ],
)
@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_times_of_update_cut_a_list_the_same_way_whether_it_is_kept_or_not(
    gitlab, path, order, sort
):
    # While any fault is armed lists are made anew for each page.
    order = order | {"order_by": "updated_at", "sort": sort, "per_page": 100}
    rows = gitlab.rows(path, params=order)
    times = sorted(row["updated_at"] for row in rows)
    start, end = times[len(times) // 3], times[-2]
    wanted = [row for row in rows if start <= row["updated_at"] <= end]
    params = order | {"updated_after": start, "updated_before": end}
    kept = gitlab.rows(path, params=params)
    gitlab.arm({"fault": "rate_limited", "match": {"path": "/nowhere"}})
    assert kept == gitlab.rows(path, params=params) == wanted


def test_a_list_of_another_day_is_another_list(gitlab):
    params = {"scope": "all", "per_page": 100}
    now = {row["id"] for row in gitlab.rows(MERGE_REQUESTS, params=params)}
    gitlab.move("2017-06-30")
    assert {row["id"] for row in gitlab.rows(MERGE_REQUESTS, params=params)} < now

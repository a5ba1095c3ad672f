"""Questions the org takes in one form only: long queries, too many deletions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reading_kit.errors import ApiError, ApiProblem
from reading_kit.timestamps import format_instant, parse_instant
from tap_salesforce.deleted_records import fetch_deletions
from tap_salesforce.rest import LONGEST_URL_BYTES, RestApi

START = datetime(2018, 1, 1, tzinfo=UTC)
END = START + timedelta(days=8)


class Org:
    """Answers as Salesforce does, and keeps what it was asked."""

    settings = SimpleNamespace(data_path="/services/data/v64.0")

    def __init__(self, *, longest: timedelta = timedelta()) -> None:
        self.longest = longest
        self.asked: list[Any] = []

    def get_json(self, path: str, **options: Any) -> Any:
        self.asked.append(path)
        if "/deleted/" not in path:
            return {"totalSize": 0, "done": True, "records": []}
        start, end = (parse_instant(options["params"][n]) for n in ("start", "end"))
        if end - start > self.longest:
            raise ApiError(ApiProblem(400, "EXCEEDED_ID_LIMIT", "too many"))
        gone = {"id": "a00", "deletedDate": format_instant(start)}
        covered = format_instant(end)
        return {"deletedRecords": [gone], "latestDateCovered": covered}

    def post_json(self, path: str, value: Any) -> Any:
        self.asked.append(path)
        answer = self.get_json(value["batchRequests"][0]["url"])
        return {"results": [{"statusCode": 200, "result": answer}]}


@pytest.mark.parametrize(
    ("size", "first"), [(10, "/queryAll"), (LONGEST_URL_BYTES, "/composite/batch")]
)
def test_a_query_too_long_for_an_address_goes_as_a_batch(size, first):
    org = Org()
    query = f"SELECT {'x' * size} FROM Lead"
    assert list(RestApi(org).query(query, is_deleted_included=True)) == [[]]
    assert org.asked[0].partition("?")[0] == f"/services/data/v64.0{first}"


def test_too_many_deletions_are_asked_for_in_halves_that_leave_nothing_out():
    org = Org(longest=timedelta(days=2))
    parts = list(fetch_deletions(org, "Lead", start=START, end=END))
    ends = [START + timedelta(days=days) for days in (0, 2, 4, 6, 8)]
    assert [part.records[0][1] for part in parts] == list(map(format_instant, ends[:4]))
    assert [part.covered_until for part in parts] == ends[1:]


def test_a_minute_of_too_many_deletions_is_told_as_such():
    with pytest.raises(ApiError, match="EXCEEDED_ID_LIMIT"):
        list(fetch_deletions(Org(), "Lead", start=START, end=END))

"""Queries are built from checked names and exact bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_salesforce.soql import Window, build_id_condition, build_query, fingerprint

START = datetime(2018, 1, 1, tzinfo=UTC)
END = datetime(2018, 2, 1, 12, 30, 15, 250000, tzinfo=UTC)


def test_a_bulk_query_has_bounds_but_no_order_and_no_limit():
    window = Window("SystemModstamp", START, END)
    query = build_query(
        fields=["Id", "ns__X__c"], object_name="Lead", conditions=window.conditions()
    )
    assert query == (
        "SELECT Id, ns__X__c FROM Lead WHERE SystemModstamp >= "
        "2018-01-01T00:00:00.000Z AND SystemModstamp < 2018-02-01T12:30:15.250Z"
    )


def test_a_first_read_has_only_an_upper_bound():
    conditions = Window("SystemModstamp", None, END).conditions()
    assert conditions == ["SystemModstamp < 2018-02-01T12:30:15.250Z"]


def test_a_full_read_has_no_bounds():
    assert Window(None, None, END).conditions() == []


def test_a_start_before_1700_is_moved_to_where_salesforce_takes_it():
    conditions = Window("CreatedDate", datetime(1500, 1, 1, tzinfo=UTC), END)
    assert conditions.conditions()[0] == "CreatedDate >= 1700-01-01T00:00:00.000Z"


def test_a_rest_query_is_ordered():
    query = build_query(
        fields=["Id"], object_name="Lead", order_by=["SystemModstamp", "Id"]
    )
    assert query == "SELECT Id FROM Lead ORDER BY SystemModstamp ASC, Id ASC"


@pytest.mark.parametrize("name", ["", "Id FROM User--", "Name,Id", "1x", "ä", "a b"])
def test_a_name_that_is_no_api_name_is_refused(name):
    with pytest.raises(ValueError, match="API name"):
        build_query(fields=[name], object_name="Lead")
    with pytest.raises(ValueError, match="API name"):
        build_query(fields=["Id"], object_name=name)


def test_ids_are_quoted_and_anything_else_is_refused():
    condition = build_id_condition("ContentDocumentId", ["069000000000001AAA"])
    assert condition == "ContentDocumentId IN ('069000000000001AAA')"
    with pytest.raises(ValueError, match="Salesforce id"):
        build_id_condition("ContentDocumentId", ["x') OR (Id != '"])


@given(
    st.none() | st.integers(0, 365 * 21).map(lambda day: START - timedelta(day)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=9000)),
)
def test_two_halves_are_the_whole(start, length):
    earliest = datetime(1996, 1, 1, tzinfo=UTC)
    end = (start or earliest) + length
    first, second = Window("CreatedDate", start, end).halves(earliest=earliest)
    assert first.start == start
    assert first.end == second.start
    assert second.end == end
    assert first.conditions()[-1].split()[-1] == second.conditions()[0].split()[-1]


def test_the_fingerprint_tells_queries_apart():
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")

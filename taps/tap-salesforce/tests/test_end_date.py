"""A read with an end: nothing later, and what is left comes with the next run."""

from __future__ import annotations

import pytest

END = "2018-01-25T00:00:00.000Z"


@pytest.mark.parametrize("api_type", ["BULK2", "REST"])
def test_a_read_with_an_end_leaves_later_rows_to_the_next_run(hard_org, api_type):
    whole = hard_org.run(api_type=api_type).table("Lead")
    first = hard_org.run(api_type=api_type, end_date=END)
    assert first.status == 0, first.log
    early = first.table("Lead")
    assert early
    assert max(row["SystemModstamp"] for row in early.values()) < END
    assert first.bookmark("Lead") <= END
    second = hard_org.run(api_type=api_type, state=first.state).table("Lead")
    assert 0 < len(second) < len(whole)
    assert early | second == whole


def test_an_end_before_the_bookmark_reads_nothing_and_moves_nothing(hard_org):
    state = hard_org.run().state
    again = hard_org.run(state=state, end_date=END)
    assert again.status == 0, again.log
    assert again.records("Lead") == []
    assert again.bookmark("Lead") == state["bookmarks"]["Lead"]["replication_key_value"]


def test_an_end_that_is_no_date_is_refused(hard_org):
    outcome = hard_org.run(end_date="soon")
    assert outcome.status == 2
    assert "end_date" in outcome.log

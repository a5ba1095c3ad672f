"""A read with an end: nothing later, and what is left comes with the next run."""

from __future__ import annotations

END = "2017-09-01T00:00:00.000Z"
STREAMS = {
    "merge_requests": ("updated_at", "id"),
    "commits": ("committed_date", "id"),
    "issues": ("updated_at", "id"),
    "pipelines": ("updated_at", "id"),
}


def test_a_read_with_an_end_leaves_later_rows_to_the_next_run(site):
    catalog = site.select(*STREAMS)
    whole = site.run(catalog=catalog)
    first = site.run(catalog=catalog, end_date=END)
    assert first.status == 0, first.log
    second = site.run(catalog=catalog, state=first.state)
    for name, (moment, key) in STREAMS.items():
        early, late = first.table(name, key), second.table(name, key)
        assert early, name
        assert max(row[moment] for row in early.values()) <= END, name
        assert len(late) < len(whole.table(name, key)), name
        assert early | late == whole.table(name, key), name


def test_rows_of_a_read_with_an_end_are_stamped_with_the_servers_time(site):
    outcome = site.run(catalog=site.select("issues"), end_date=END)
    stamps = {m["time_extracted"] for m in outcome.messages if m["type"] == "RECORD"}
    assert {stamp[:10] for stamp in stamps} == {"2018-01-31"}


def test_an_end_that_is_no_date_is_refused(site):
    outcome = site.run(end_date="soon")
    assert outcome.status == 2
    assert "end_date" in outcome.log

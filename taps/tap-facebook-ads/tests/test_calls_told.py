"""Metrics tell the API calls of a run, and add up to what it says at its end."""

from __future__ import annotations


def test_metrics_of_calls_add_up_to_the_calls_of_the_run(facebook):
    outcome = facebook.run()
    assert outcome.status == 0, outcome.log
    points = outcome.call_metrics
    total = sum(point["value"] for point in points)
    # A job may be deleted while the end is told.
    assert total >= outcome.calls_told > 0
    assert points[-1]["tags"]["total"] == total
    assert set(points[-1]["tags"].get("quota", {})) == {"used_percent"}

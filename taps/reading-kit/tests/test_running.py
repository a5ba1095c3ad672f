"""What the statuses of single streams make of the status of a run."""

from __future__ import annotations

from reading_kit.errors import QuotaError, TapError, UnreachableError
from reading_kit.running import combine_failures


def test_where_all_failed_with_one_status_the_run_has_it():
    found = combine_failures({"a": UnreachableError("x"), "b": UnreachableError("y")})
    assert found.exit_code == 5
    assert combine_failures({"a": QuotaError("x")}).exit_code == 2


def test_where_streams_failed_in_several_ways_the_status_is_1():
    found = combine_failures({"a": UnreachableError("x"), "b": TapError("y")})
    assert found.exit_code == 1
    assert "2 of the streams not complete: a: x; b: y" in str(found)

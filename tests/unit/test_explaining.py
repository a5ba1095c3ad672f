"""A change's parts are what they are called, and always add up to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.usecases.explaining import Stages, split_change
from bizops_cli.warehouse.readings import Figure, Figures, Key

DAY = date(2018, 1, 20)
ALL = Key("all", date(1970, 1, 1), "total", "all")
DECEMBER = Key("month", date(2017, 12, 1), "total", "all")
JANUARY = Key("month", date(2018, 1, 1), "total", "all")
QUARTER = Key("fiscal_quarter", date(2017, 11, 1), "total", "all")


def sums(december: int, january: int) -> Figures:
    """Give a sum of two months, as the models make it."""
    parts = {DECEMBER: december, JANUARY: january, QUARTER: december + january}
    parts[ALL] = december + january
    return {k: Figure(Decimal(n), Decimal(1), Decimal(n)) for k, n in parts.items()}


def ratios(december: tuple[int, int], january: tuple[int, int]) -> Figures:
    """Give a ratio of two months, as the models make it."""
    whole = (december[0] + january[0], december[1] + january[1])
    parts = {DECEMBER: december, JANUARY: january, ALL: whole}
    return {
        key: Figure(Decimal(n), Decimal(d), Decimal(n) / d if d else None)
        for key, (n, d) in parts.items()
    }


def test_what_comes_for_a_month_that_was_over_is_late_and_the_rest_is_new() -> None:
    then = sums(100, 50)
    now = sums(107, 80)
    stages = Stages(then, then, then, then, now)
    for key in (ALL, QUARTER):
        found = split_change(stages, key, as_of=DAY)
        assert (found.change, found.late, found.new) == (37, 7, 30), key
    assert split_change(stages, DECEMBER, as_of=DAY).late == 7
    assert split_change(stages, JANUARY, as_of=DAY).new == 30


def test_late_records_of_a_ratio_count_by_what_they_do_to_it() -> None:
    then = ratios((1, 2), (1, 2))
    now = ratios((3, 4), (1, 6))
    found = split_change(Stages(then, then, then, then, now), ALL, as_of=DAY)
    assert found.late == Decimal(4) / 6 - Decimal(2) / 4
    assert found.new == Decimal(4) / 10 - Decimal(4) / 6


def test_of_a_median_nothing_is_told_late_but_in_a_period_that_was_over() -> None:
    def medians(value: int) -> Figures:
        figure = Figure(Decimal(3), Decimal(9), Decimal(value))
        return {ALL: figure, DECEMBER: figure}

    stages = Stages(medians(10), medians(10), medians(10), medians(10), medians(12))
    assert split_change(stages, ALL, as_of=DAY).late == 0
    assert split_change(stages, DECEMBER, as_of=DAY).late == 2


def test_a_period_is_over_when_its_last_day_is() -> None:
    then, now = sums(1, 1), sums(2, 1)
    stages = Stages(then, then, then, then, now)
    last = split_change(stages, DECEMBER, as_of=date(2017, 12, 31))
    assert (last.late, last.new) == (1, 0)
    before = split_change(stages, DECEMBER, as_of=date(2017, 12, 30))
    assert (before.late, before.new) == (0, 1)


numbers = st.integers(-1000, 1000)
counts = st.integers(0, 50)
some_sums = st.builds(sums, numbers, numbers)
some_ratios = st.builds(ratios, st.tuples(counts, counts), st.tuples(counts, counts))


@pytest.mark.parametrize("kind", ["sums", "ratios"])
@given(data=st.data(), has_code=st.booleans())
def test_the_parts_add_up(kind: str, data: st.DataObject, *, has_code: bool) -> None:
    figures = some_sums if kind == "sums" else some_ratios
    reported, restated, recoded, aged, now = (data.draw(figures) for _ in range(5))
    stages = Stages(reported, restated if has_code else None, recoded, aged, now)
    for key in (ALL, DECEMBER, JANUARY):
        found = split_change(stages, key, as_of=DAY)
        parts = (found.new, found.late, found.restated, found.code, found.time)
        assert abs(sum(parts) - found.change) < Decimal("1e-20")
        assert found.change == (found.after or 0) - (found.before or 0)
        assert found.is_code_apart == has_code

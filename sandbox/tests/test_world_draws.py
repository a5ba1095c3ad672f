"""The draws of the world: the same on every machine, and distributed as named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_sandbox.world.draws import Draws

N = 4000


def mean(values):
    values = list(values)
    return float(sum(values)) / len(values)


def test_a_stream_gives_the_values_it_gave_on_the_first_machine():
    draws = Draws(20180101, "o1", "facts")
    assert [draws.below(1000) for _ in range(5)] == [30, 246, 485, 55, 554]
    assert str(draws.normal()) == "0.121164832993748139"
    assert str(draws.lognormal(Decimal(28), Decimal("0.6"))) == "28.3673562140663937"
    assert str(draws.exponential(Decimal(12))) == "9.57040349732635478"


def test_streams_of_other_purposes_or_seeds_differ():
    streams = {
        tuple(Draws(seed, *purpose).below(10**9) for _ in range(3))
        for seed in (1, 2)
        for purpose in (("o1", "facts"), ("o1", "deal"), ("o2", "facts"))
    }
    assert len(streams) == 6


@given(st.integers(), st.integers(1, 10**9))
def test_below_stays_in_its_range(seed, limit):
    assert 0 <= Draws(seed).below(limit) < limit


@given(st.integers(), st.integers(-1000, 1000), st.integers(0, 1000))
def test_between_includes_no_more_than_both_ends(seed, low, span):
    assert low <= Draws(seed).between(low, low + span) <= low + span


@given(st.integers(), st.lists(st.integers(), max_size=8), st.integers(0, 10))
def test_a_sample_takes_each_item_once(seed, items, count):
    numbered = list(enumerate(items))
    taken = Draws(seed).sample(numbered, count)
    assert len(taken) == min(count, len(items))
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(numbered)


def test_an_item_without_weight_is_never_drawn():
    draws = Draws(1, "weighted")
    weights = [Decimal(1), Decimal(0), Decimal(3)]
    drawn = [draws.weighted("abc", weights) for _ in range(N)]
    assert set(drawn) == {"a", "c"}
    assert mean(item == "c" for item in drawn) == pytest.approx(0.75, abs=0.03)


def test_the_distributions_have_the_means_they_are_asked_for():
    draws = Draws(1, "means")
    assert mean(draws.normal() for _ in range(N)) == pytest.approx(0, abs=0.06)
    assert mean(draws.normal() ** 2 for _ in range(N)) == pytest.approx(1, abs=0.08)
    exponential = mean(draws.exponential(Decimal(12)) for _ in range(N))
    assert exponential == pytest.approx(12, rel=0.06)
    counts = [draws.negative_binomial(Decimal(4), 2) for _ in range(N)]
    assert mean(counts) == pytest.approx(4, rel=0.06)
    # Negative binomial: variance = mean + mean^2 / k.
    assert mean((c - 4) ** 2 for c in counts) == pytest.approx(12, rel=0.15)
    assert mean(draws.beta(2, 8) for _ in range(N)) == pytest.approx(0.2, abs=0.01)
    chances = mean(draws.chance(Decimal("0.06")) for _ in range(N))
    assert chances == pytest.approx(0.06, abs=0.015)


def test_half_of_a_lognormal_lies_below_its_median():
    draws = Draws(1, "lognormal")
    drawn = [draws.lognormal(Decimal(60), Decimal("0.5")) for _ in range(N)]
    assert mean(value < 60 for value in drawn) == pytest.approx(0.5, abs=0.03)


def test_rounding_is_right_on_average():
    draws = Draws(1, "rounded")
    drawn = [draws.rounded(Decimal("2.3")) for _ in range(N)]
    assert set(drawn) == {2, 3}
    assert mean(drawn) == pytest.approx(2.3, abs=0.03)

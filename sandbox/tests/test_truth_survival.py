"""The median of the eventual converters, by hand and against lifelines."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from bizops_sandbox.truth.survival import (
    Subject,
    incidence,
    last_reliable_time,
    median_of_converters,
    whole_days,
)


def subjects(*groups):
    """Subjects from (days, count, is_event)."""
    return [
        Subject(days=Fraction(days), is_event=is_event)
        for days, count, is_event in groups
        for _ in range(count)
    ]


def test_ten_subjects_by_hand():
    # 20e 30c 45e 50c 60e 90e 100c 100c 120e 150c
    cohort = subjects(
        (20, 1, True),
        (30, 1, False),
        (45, 1, True),
        (50, 1, False),
        (60, 1, True),
        (90, 1, True),
        (100, 2, False),
        (120, 1, True),
        (150, 1, False),
    )
    survival = [float(1 - f) for _, f in incidence(cohort)]
    assert survival == pytest.approx([0.9, 0.7875, 0.65625, 0.525, 0.2625])


def test_twenty_four_subjects_by_hand():
    # Events 10, 30, 60, 90; censored 5 at 40, 5 at 80, 10 at 200: n = 24.
    # At risk: 24, 23, 17, 11 -> S = 23/24, 22/24, 22/24*16/17, 22/24*16/17*10/11.
    # Ten are at risk until 200, so all four events count.
    # F = 1/24, 2/24, 0.137255, 0.215686; half of the last is 0.107843: day 60.
    cohort = subjects(
        (10, 1, True),
        (30, 1, True),
        (40, 5, False),
        (60, 1, True),
        (80, 5, False),
        (90, 1, True),
        (200, 10, False),
    )
    assert [f for _, f in incidence(cohort)] == [
        Fraction(1, 24),
        Fraction(1, 12),
        1 - Fraction(22 * 16, 24 * 17),
        1 - Fraction(22 * 16 * 10, 24 * 17 * 11),
    ]
    result = median_of_converters(cohort)
    assert (result.subjects, result.events, result.median_days) == (24, 4, 60)


def test_at_equal_times_events_come_before_censorings():
    cohort = subjects((5, 1, True), (5, 1, False), (9, 8, False))
    assert incidence(cohort) == [(Fraction(5), Fraction(1, 10))]


def test_events_with_fewer_than_ten_at_risk_do_not_count():
    # Ten at risk at day 20, nine at day 30: the event at day 30 is out.
    cohort = subjects((10, 2, True), (20, 1, False), (30, 1, True), (40, 8, False))
    assert last_reliable_time(cohort) == 20
    result = median_of_converters(cohort)
    assert (result.events, result.median_days) == (2, 10)


def test_nothing_counts_beyond_the_horizon():
    cohort = subjects((100, 1, True), (366, 1, True), (500, 20, False))
    assert last_reliable_time(cohort) == 365
    result = median_of_converters(cohort)
    assert (result.events, result.median_days) == (1, 100)


@pytest.mark.parametrize(
    "cohort",
    [
        subjects((10, 9, True)),
        subjects((10, 30, False)),
        subjects((400, 12, True)),
        [],
    ],
)
def test_there_is_no_median_with_too_few_or_no_event_in_time(cohort):
    result = median_of_converters(cohort)
    assert result.median_days is None
    assert result.events == 0
    assert result.subjects == len(cohort)


def test_without_censoring_it_is_the_plain_median():
    # At 9 subjects left nothing counts any more: 21 subjects, the 12th is the limit.
    cohort = subjects(*((day, 1, True) for day in range(1, 22)))
    assert last_reliable_time(cohort) == 12
    assert median_of_converters(cohort).median_days == 6


def test_durations_of_one_day_count_half_and_negative_ones_not():
    assert whole_days(0) == Fraction(1, 2)
    assert whole_days(3) == 3
    assert whole_days(-1) is None


durations = st.lists(
    st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=40)
@given(durations)
def test_the_curve_is_that_of_lifelines(drawn):
    cohort = [Subject(days=Fraction(d), is_event=e) for d, e in drawn]
    fitter = KaplanMeierFitter()
    fitter.fit([d for d, _ in drawn], [e for _, e in drawn])
    for days, share in incidence(cohort):
        assert float(1 - share) == pytest.approx(float(fitter.predict(int(days))))


@given(durations)
def test_where_everybody_converts_half_have_done_so_by_the_median(drawn):
    # Ten subjects stay to the end, so that every time counts.
    days = sorted([day for day, _ in drawn] + [61] * 10)
    cohort = [Subject(days=Fraction(day), is_event=True) for day in days]
    assert median_of_converters(cohort).median_days == days[(len(days) - 1) // 2]

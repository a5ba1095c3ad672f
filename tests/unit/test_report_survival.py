"""The curves of the report, against the survival library and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizops_cli.report.survival import Duration, estimate_curve

SUBJECTS = st.lists(
    st.builds(Duration, days=st.integers(1, 60), is_event=st.booleans()),
    min_size=2,
    max_size=80,
)


def curve_of(text: str) -> list[Duration]:
    """Read `20e 30c`: an event on day 20, one still waiting on day 30."""
    return [Duration(int(word[:-1]), word[-1] == "e") for word in text.split()]


def test_the_curve_falls_as_computed_by_hand() -> None:
    found = estimate_curve(
        curve_of("20e 30c 45e 50c 60e 90e 100c 100c 120e 150c"),
        min_at_risk=1,
        horizon_days=365,
    )
    assert [1 - point.share for point in found.points] == pytest.approx(
        [0.9, 0.7875, 0.65625, 0.525, 0.2625]
    )
    assert [point.days for point in found.points] == [20, 45, 60, 90, 120]
    assert (found.subjects, found.events) == (10, 5)


def test_half_of_the_plateau_is_the_median_though_few_ever_convert() -> None:
    waiting = " ".join(["40c"] * 4 + ["80c"] * 4 + ["200c"] * 8)
    found = estimate_curve(
        curve_of(f"10e 30e 60e 90e {waiting}"), min_at_risk=1, horizon_days=365
    )
    assert found.points[-1].share == pytest.approx(0.257143, abs=1e-6)
    assert found.median_days == 60


@settings(max_examples=60, deadline=None)
@given(SUBJECTS)
def test_shares_and_bands_are_those_of_the_survival_library(
    subjects: list[Duration],
) -> None:
    import lifelines

    fitter = lifelines.KaplanMeierFitter().fit(
        [item.days for item in subjects], [item.is_event for item in subjects]
    )
    found = estimate_curve(subjects, min_at_risk=1, horizon_days=365)
    bands = fitter.confidence_interval_survival_function_
    for point in found.points:
        assert 1 - point.share == pytest.approx(
            float(fitter.survival_function_.loc[point.days].iloc[0]), abs=1e-9
        )
        low, high = bands.loc[point.days]
        if 0 < point.share < 1:
            assert 1 - point.high == pytest.approx(float(low), abs=1e-6)
            assert 1 - point.low == pytest.approx(float(high), abs=1e-6)
        assert point.low <= point.share + 1e-12
        assert point.high >= point.share - 1e-12


def test_the_curve_ends_where_too_few_are_left() -> None:
    found = estimate_curve(curve_of("1e 2e 3e 4e"), min_at_risk=3, horizon_days=365)
    assert [point.days for point in found.points] == [1, 2]


def test_nothing_beyond_the_horizon_counts() -> None:
    found = estimate_curve(curve_of("100e 400e 500c"), min_at_risk=1, horizon_days=365)
    assert (found.events, found.median_days) == (1, 100)


def test_a_conversion_on_the_first_day_counts_as_half_a_day() -> None:
    found = estimate_curve(curve_of("0e 5c"), min_at_risk=1, horizon_days=365)
    assert found.median_days == 0.5


def test_without_any_conversion_there_is_no_curve() -> None:
    found = estimate_curve(curve_of("5c 9c"), min_at_risk=1, horizon_days=365)
    assert (found.points, found.median_days, found.subjects) == ((), None, 2)

"""The parameters: defaults that hold, and clear refusals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bizops_sandbox.world.parameters import SCALES, ParameterError, load_parameters


@pytest.mark.parametrize(
    ("scale", "organizations"),
    [("tiny", 5), ("small", 300), ("medium", 3000), ("large", 30000)],
)
def test_each_scale_has_its_number_of_organisations(scale, organizations):
    params = load_parameters(scale=scale)
    assert params.organizations == organizations
    assert (params.start_date, params.as_of) == (date(2016, 2, 1), date(2018, 1, 31))
    assert params.seed == 20180101
    assert params.fiscal_year_start_month == 2


def test_small_is_the_default_scale():
    assert load_parameters() == load_parameters(scale="small")
    assert set(SCALES) == {"tiny", "small", "medium", "large"}


def test_values_given_replace_the_defaults_and_leave_the_rest():
    given = {"noise": {"merge": 0.1}, "months": 3}
    params = load_parameters(scale="tiny", seed=7, overrides=given)
    assert params.noise.merge == Decimal("0.1")
    assert params.noise.lead_dup == load_parameters().noise.lead_dup
    assert params.as_of == date(2016, 4, 30)
    assert params.seed == 7


def test_a_mix_is_replaced_whole():
    params = load_parameters(overrides={"contract": {"terms": {"36": 1}}})
    assert params.contract.terms == {"36": Decimal(1)}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"noise": {"typo": 0.1}}, "noise: .*'typo' was unexpected"),
        ({"noise": {"merge": 1.5}}, "noise.merge: 1.5 is greater"),
        ({"months": 61}, "months: 61 is greater"),
        ({"months": "many"}, "months: 'many' is not of type 'integer'"),
        ({"segments": []}, "segments"),
        ({"contract": {"terms": {"12": 0.5}}}, "contract.terms: the shares sum to 0.5"),
        ({"contract": {"terms": {"13": 1}}}, "13"),
        ({"product_mix": {"EES": 1}}, "product_mix: must name EEP, EES, EEU"),
        ({"start_date": "2016-02-31"}, "start_date"),
        ({"start_date": "2016-02-05"}, "start_date: must be the first day"),
        (
            {"renewal": {"growth_share": 0.7, "contraction_share": 0.7}},
            "renewal: growth_share",
        ),
    ],
)
def test_a_wrong_value_is_refused_and_named(overrides, message):
    with pytest.raises(ParameterError, match=message):
        load_parameters(overrides=overrides)


def test_segments_must_share_all_organisations():
    segment = {
        "name": "smb",
        "share": 0.6,
        "seats_median": 20,
        "seats_sigma": 0.5,
        "win_probability": 0.3,
        "cycle_days_median": 30,
        "cycle_days_sigma": 0.5,
        "churn_a": 1,
        "churn_b": 9,
        "people_min": 1,
        "people_max": 2,
    }
    with pytest.raises(ParameterError, match=r"segments: the shares sum to 0\.6"):
        load_parameters(overrides={"segments": [segment]})
    whole = load_parameters(overrides={"segments": [{**segment, "share": 1}]})
    assert [item.name for item in whole.segments] == ["smb"]
    upside_down = {**segment, "share": 1, "people_min": 3}
    with pytest.raises(ParameterError, match="people_min > people_max"):
        load_parameters(overrides={"segments": [upside_down]})


def test_an_unknown_scale_names_the_known_ones():
    with pytest.raises(ParameterError, match="'huge' is none of tiny, small"):
        load_parameters(scale="huge")

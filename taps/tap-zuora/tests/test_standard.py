"""The SDK's standard tests, for every way records can travel."""

from __future__ import annotations

import pytest

from reading_kit.testing.standard import run_standard_suite


@pytest.mark.parametrize("api_type", ["AQUA", "DATA_QUERY"])
def test_the_sdks_standard_tests_pass(zuora, tmp_path, api_type):
    config = zuora.config(api_type=api_type)
    result = run_standard_suite(
        "tap_zuora.tap:TapZuora",
        config,
        directory=tmp_path,
        empty_streams=("CreditBalanceAdjustment", "TaxationItem"),
    )
    assert result.is_good, result.output
    assert result.passed >= 20

"""The SDK's standard tests, for every way records can travel."""

from __future__ import annotations

import pytest

from reading_kit.testing.standard import run_standard_suite


@pytest.mark.parametrize("api_type", ["BULK2", "REST"])
def test_the_sdks_standard_tests_pass(hard_org, tmp_path, api_type):
    config = hard_org.config(api_type=api_type)
    result = run_standard_suite(
        "tap_salesforce.tap:TapSalesforce", config, directory=tmp_path
    )
    assert result.is_good, result.output
    assert result.passed >= 20

"""The SDK's standard tests, for every stream and both ways of reading reports."""

from __future__ import annotations

import pytest

from reading_kit.testing.standard import run_standard_suite


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["async", "sync"])
def test_the_sdks_standard_tests_pass(facebook, tmp_path, mode):
    config = facebook.config(insights_mode=mode)
    result = run_standard_suite(
        "tap_facebook_ads.tap:TapFacebookAds", config, directory=tmp_path
    )
    assert result.is_good, result.output
    assert result.passed >= 20

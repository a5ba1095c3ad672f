"""The SDK's own tests of a tap; test_standard.py runs them against the sandbox."""

from __future__ import annotations

import json
import os

from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_salesforce.tap import TapSalesforce

TestTapSalesforce = get_tap_test_class(
    TapSalesforce,
    config=json.loads(os.environ["STANDARD_SUITE_CONFIG"]),
    suite_config=SuiteConfig(max_records_limit=50),
)

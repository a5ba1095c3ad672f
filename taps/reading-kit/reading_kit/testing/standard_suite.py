"""The SDK's own tests of a tap, collected by pytest in a process of its own.

``standard.run_standard_suite`` says by the environment which tap and config.
"""

from __future__ import annotations

import json
import os

from singer_sdk.testing import SuiteConfig, get_tap_test_class

from reading_kit.testing.standard import (
    CONFIG_NAME,
    EMPTY_NAME,
    MAX_RECORDS,
    load_tap,
)

TestTap = get_tap_test_class(
    load_tap(),
    config=json.loads(os.environ[CONFIG_NAME]),
    suite_config=SuiteConfig(
        max_records_limit=MAX_RECORDS,
        ignore_no_records_for_streams=json.loads(os.environ[EMPTY_NAME]),
    ),
)

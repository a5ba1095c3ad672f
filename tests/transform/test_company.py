"""What all sources and the company's own files say together is what its log says."""

from __future__ import annotations

from .conftest import WHOLE_VARS
from .test_truth import assert_metrics_equal_truth


def test_every_metric_of_the_whole_tiny_company_equals_its_truth(whole_tiny, bench):
    bench.load(whole_tiny.tables)
    bench.build_metrics(variables=WHOLE_VARS)

    assert_metrics_equal_truth(whole_tiny, bench)


def test_every_metric_of_the_whole_small_company_equals_its_truth(whole, built_whole):
    assert_metrics_equal_truth(whole, built_whole)

"""Calls are told while a run works, each once."""

from __future__ import annotations

import json
import logging
import threading

import pytest
from singer_sdk.metrics import METRICS_LOGGER_NAME

from reading_kit.call_metrics import CallMeter, CallsMade


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, METRICS_LOGGER_NAME)

    def read():
        heads = [record.getMessage() for record in caplog.records]
        return [json.loads(head.removeprefix("METRIC: ")) for head in heads]

    return read


def test_values_add_up_to_the_total_and_nothing_new_is_not_told(lines):
    made = [CallsMade(3), CallsMade(3), CallsMade(10, {"used": 7, "allowed": 9}), None]
    meter = CallMeter(iter(made).__next__)
    for _ in made:
        meter.tell()
    first, second = lines()
    assert first == {
        "type": "counter",
        "metric": "http_request_count",
        "value": 3,
        "tags": {"total": 3},
    }
    assert second["value"] == 7
    assert second["tags"] == {"total": 10, "quota": {"used": 7, "allowed": 9}}


def test_calls_are_told_while_the_work_goes_on_and_at_its_end(lines):
    asked = threading.Semaphore(0)
    total = iter(range(1, 1_000_000))

    def read():
        asked.release()
        return CallsMade(next(total))

    with CallMeter(read, interval_s=0.001).telling():
        for _ in range(3):
            assert asked.acquire(timeout=60)
        before = len(lines())
    assert before >= 2
    assert sum(line["value"] for line in lines()) == lines()[-1]["tags"]["total"]


def test_a_run_that_fails_tells_its_calls(lines):
    meter = CallMeter(lambda: CallsMade(5), interval_s=3600)
    with pytest.raises(KeyError), meter.telling():
        raise KeyError
    assert [line["value"] for line in lines()] == [5]

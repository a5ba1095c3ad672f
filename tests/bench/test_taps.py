"""The taps' benchmarks do what they say: all rows, the tap's own answers once more."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from tests.bench.emission import write_case
from tests.bench.emitting.registry import CASES
from tests.bench.measuring import Command, run_measured
from tests.bench.serving import serve
from tests.bench.sync import plan_downloads
from tests.bench.sync_recording import Recorder
from tests.bench.sync_sources import SYNC_SOURCES

if TYPE_CHECKING:
    from tests.bench.sync_asking import Asker

_PROGRAMS = Path(sys.executable).parent


@pytest.mark.parametrize("name", CASES)
def test_a_tap_and_the_sdk_write_as_many_records(name: str, tmp_path: Path) -> None:
    for side in ("ours", "sdk"):
        cpu_s, peak_bytes = write_case(name, side, 1_000, tmp_path)
        assert cpu_s > 0
        assert peak_bytes > 0


@pytest.mark.parametrize("tap", SYNC_SOURCES)
def test_what_a_tap_got_can_be_downloaded_once_more(tap: str, tmp_path: Path) -> None:
    source = SYNC_SOURCES[tap]
    server = ("-m", "bizops_sandbox", "serve", "--scale", "tiny")
    with serve(*server, "--only", source.source, *source.served_with) as ready:
        recorder = Recorder(ready["control_urls"][source.source])
        recorder.change(source.sandbox)
        config = tmp_path / "config.json"
        config.write_text(json.dumps(source.settings(ready["env"])), "utf-8")
        program = Command((_PROGRAMS / tap, "--config", config))
        cost = run_measured(program, home=tmp_path / "home", timeout_s=300)
        assert cost.exit_code == 0, cost.last_words
        exchanges = recorder.exchanges()
        asker = source.log_in(ready["env"])
        targets = plan_downloads(source, asker, exchanges)
        recorder.forget()

        sizes = [_download(asker, target) for target, _ in targets]
        loaded = recorder.exchanges()

    assert len(set(targets)) == len(targets) == len(loaded) > 5
    assert sum(sizes) > 0
    # Ids and instants may differ in length; what was left out would be more.
    got_bytes = sum(each.answer_bytes for each in exchanges if source.is_content(each))
    again_bytes = sum(each.answer_bytes for each in loaded)
    assert got_bytes * 0.9 < again_bytes < got_bytes * 1.1


def _download(asker: Asker, target: str) -> int:
    answer = requests.get(
        f"{asker.base_url}{target}", headers=asker.headers, timeout=60
    )
    answer.raise_for_status()
    return len(answer.content)

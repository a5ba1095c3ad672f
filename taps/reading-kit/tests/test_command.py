"""A small tap as a process: what it writes, how it ends, what it says."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from reading_kit.testing.processes import Outcome, run_program
from reading_kit.testing.sandbox import Sandbox
from reading_kit.testing.standard import run_standard_suite

TAP = Path(__file__).with_name("paper_tap.py")


class Paper(Sandbox):
    """The tap as a script; there is no server."""

    def command(self, *arguments, **given):
        command = super().command(*arguments, **given)
        return [sys.executable, str(TAP), *command[1:]]


@pytest.fixture
def paper(tmp_path):
    return Paper(sys.executable, "", tmp_path, {})


def run_with(arguments) -> Outcome:
    return run_program([sys.executable, str(TAP), *arguments])


def test_records_states_and_schemas_come_in_order_with_exact_numbers(paper):
    outcome = paper.run()
    assert outcome.status == 0, outcome.log
    kinds = [message["type"] for message in outcome.messages]
    assert kinds == (["SCHEMA"] + (["RECORD"] * 10 + ["STATE"]) * 3) * 2
    assert outcome.records("first")[0]["amount"] == Decimal("0.10")
    assert '"amount":0.10' in outcome.lines[1]
    assert '"time_extracted":"2018-01-31T23:59:59.000Z"' in outcome.lines[1]
    assert "finished" in outcome.log


def test_the_state_of_a_run_is_where_the_next_begins(paper):
    first = paper.run(pages=2)
    second = paper.run(pages=4, state={**first.state, "else": 1.10})
    assert len(second.records("first")) == 20
    assert second.state["else"] == Decimal("1.1")
    third = paper.run(pages=4, state=second.state)
    assert third.records() == []
    assert third.state["bookmarks"] == second.state["bookmarks"]


def test_a_stream_read_whole_has_a_version_and_ends_by_activating_it(paper):
    outcome = paper.run(is_keyed=False)
    last = [m for m in outcome.messages if m["type"] == "ACTIVATE_VERSION"][-1]
    records = [m for m in outcome.messages if m["type"] == "RECORD"]
    assert {m["version"] for m in records if m["stream"] == last["stream"]} == {
        last["version"]
    }


def test_deselected_columns_are_in_neither_schema_nor_records(paper):
    catalog = paper.discover()
    for entry in catalog["streams"]:
        entry["metadata"] = [
            {"breadcrumb": [], "metadata": {"selected": True}},
            {"breadcrumb": ["properties", "parts"], "metadata": {"selected": False}},
        ]
    outcome = paper.run(catalog=catalog)
    assert set(outcome.records("first")[0]) == {"id", "amount", "at"}
    assert set(outcome.schema("first")["properties"]) == {"id", "amount", "at"}


def test_a_stream_that_is_off_by_default_has_its_columns_in_a_trial(paper):
    outcome = paper.run(is_second_off=True)
    assert not outcome.records("second")
    trial = paper.run("--test", is_second_off=True)
    assert trial.status == 0, trial.log
    lines = [line for line in trial.lines if line.startswith('{"type":"SCHEMA"')]
    schemas = {m["stream"]: m["schema"] for m in map(json.loads, lines)}
    assert set(schemas["second"]["properties"]) == {"id", "amount", "at", "parts"}


def test_stream_maps_see_the_records(paper):
    first = {"id": "id", "double": "record['id'] * 2", "__else__": None}
    maps = {"first": first, "second": None}
    outcome = paper.run(stream_maps=maps)
    assert outcome.status == 0, outcome.log
    assert outcome.records()[3] == {"id": 3, "double": 6}
    assert outcome.records("second") == []


@pytest.mark.parametrize("is_keyed", [True, False])
def test_batches_hold_all_records_and_states_wait_for_them(paper, tmp_path, is_keyed):
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri(), "prefix": "b-"},
        "batch_size": 7,
    }
    outcome = paper.run(batch_config=batch, is_keyed=is_keyed)
    assert outcome.status == 0, outcome.log
    rows: dict[str, int] = {}
    for message in outcome.messages:
        if message["type"] == "BATCH":
            assert message["time_extracted"] == "2018-01-31T23:59:59.000Z"
            assert ("version" in message) is not is_keyed
            for url in message["manifest"]:
                text = gzip.decompress(Path(url.removeprefix("file://")).read_bytes())
                found = [json.loads(line) for line in text.splitlines()]
                assert text.count(b'"amount":0.10,') == len(found) <= 7
                stream = message["stream"]
                rows[stream] = rows.get(stream, 0) + len(found)
        if message["type"] == "STATE":
            assert all(rows.get(stream) for stream in message["value"]["bookmarks"])
    assert rows == {"first": 30, "second": 30}


@pytest.mark.parametrize(
    ("trouble", "status"), [("failed", 1), ("unreachable", 5), ("quota", 2)]
)
def test_a_failed_stream_tells_the_exit_status(paper, trouble, status):
    outcome = paper.run(trouble_first=trouble)
    assert outcome.status == status
    assert "paper" in outcome.log
    assert "Traceback" not in outcome.log
    is_fatal = trouble == "quota"
    assert len(outcome.records("second")) == (0 if is_fatal else 30)
    assert ("abandoned" in outcome.log) is is_fatal


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_between_lines_and_tidies_up(paper, signum):
    process = subprocess.Popen(
        paper.command(pages=20, pause_ms=200),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while '"STATE"' not in process.stdout.readline():
        pass
    process.send_signal(signum)
    rest, log = process.communicate(timeout=30)
    assert process.returncode == 128 + signum, log
    assert "abandoned" in log
    assert "Traceback" not in log
    assert all(json.loads(line)["type"] for line in rest.splitlines())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pages": "many"}, "pages: must be a whole number"),
        ({"pages": 21}, "pages: must be at most 20"),
        ({"key": ["s3cret"]}, "key: must be text"),
        ({"trouble_first": "s3cret"}, "must be one of failed"),
    ],
)
def test_a_wrong_setting_is_named_and_never_shown(paper, changes, words):
    outcome = paper.run(**changes)
    assert outcome.status == 2
    assert words in outcome.log
    assert "s3cret" not in outcome.log


def test_settings_may_be_text_unknown_or_those_of_another_tap(paper):
    outcome = paper.run(pages="1", is_keyed="false", page=1, legacy="x", key="")
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("first")) == 10
    assert "Setting page is not known (did you mean pages?)" in outcome.log
    assert "legacy" not in outcome.log


def test_settings_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TAP_PAPER_PAGES", "2")
    monkeypatch.setenv("TAP_PAPER_IS_KEYED", "true")
    outcome = run_with(["--config=ENV"])
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("first")) == 20


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_file_is_named_with_its_option(tmp_path, option, text):
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = run_with([option, str(path)])
    assert outcome.status == 2
    assert "broken.json" in outcome.log
    assert "Traceback" not in outcome.log


def test_the_sdks_standard_tests_pass(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(TAP.parent))
    result = run_standard_suite("paper_tap:TapPaper", {}, directory=tmp_path)
    assert result.is_good, result.output
    assert result.passed >= 20

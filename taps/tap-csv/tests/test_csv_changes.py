"""What a second run reads: only what changed, and then all of it."""

from __future__ import annotations

import os
import signal
import subprocess

from reading_kit.testing.processes import Outcome, find_program

PLANS = "id,word\n1,a\n2,b\n"


def types_of(outcome):
    return [message["type"] for message in outcome.messages]


def test_a_file_that_did_not_change_is_not_read_again(folder):
    path = folder.write("plans.csv", PLANS)
    first = folder.run()
    path.touch()
    again = folder.run(state=first.state)
    assert again.status == 0, again.log
    assert again.records() == []
    assert "ACTIVATE_VERSION" not in types_of(again)
    assert again.state == first.state
    assert "unchanged since it was read last" in again.log


def test_a_file_that_changed_replaces_the_table_before_the_state_says_so(folder):
    folder.write("plans.csv", PLANS)
    first = folder.run()
    folder.write("plans.csv", "id,word\n1,a\n")
    again = folder.run(state=first.state)
    (record,) = again.records("plans")
    assert record["word"] == "a"
    versions = {m.get("version") for m in again.messages if m["type"] == "RECORD"}
    (activation,) = [m for m in again.messages if m["type"] == "ACTIVATE_VERSION"]
    assert versions == {activation["version"]}
    assert activation["version"] > first.messages[1]["version"]
    changed = next(
        number
        for number, message in enumerate(again.messages)
        if message["type"] == "STATE" and message["value"] != first.state
    )
    assert changed > again.messages.index(activation)


def test_a_file_of_only_a_header_empties_its_table(folder):
    folder.write("plans.csv", PLANS)
    first = folder.run()
    folder.write("plans.csv", "id,word\n")
    again = folder.run(state=first.state)
    assert again.records() == []
    assert "ACTIVATE_VERSION" in types_of(again)


def test_a_file_without_even_a_header_leaves_its_table_alone(folder):
    folder.write("plans.csv", PLANS)
    first = folder.run()
    folder.write("plans.csv", "")
    again = folder.run(state=first.state)
    assert again.status == 0, again.log
    assert "plans is left out: no header" in again.log
    assert "ACTIVATE_VERSION" not in types_of(again)


def test_other_types_or_columns_read_a_file_anew(folder):
    folder.write("plans.csv", PLANS)
    first = folder.run()
    typed = folder.run(
        state=first.state, schema={"plans": {"columns": {"id": "integer"}}}
    )
    assert [record["id"] for record in typed.records("plans")] == [1, 2]
    assert folder.run(state=first.state).records() == []


def test_a_file_that_is_gone_is_told_and_its_state_kept(folder):
    path = folder.write("plans.csv", PLANS)
    folder.write("words.csv", "a\n1\n")
    first = folder.run()
    path.unlink()
    again = folder.run(state=first.state)
    assert again.status == 0
    assert "plans: its file is gone, its rows stay" in again.log
    assert again.state == first.state


def test_a_new_file_that_a_catalog_does_not_know_is_told(folder):
    folder.write("plans.csv", PLANS)
    catalog = {"streams": list(folder.discover().values())}
    folder.write("words.csv", "a\n1\n")
    outcome = folder.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "words is not in the catalog; discover again" in outcome.log
    assert {m["stream"] for m in outcome.messages if m["type"] == "RECORD"} == {"plans"}


def test_a_catalog_may_leave_columns_out(folder):
    folder.write("plans.csv", PLANS)
    catalog = {"streams": list(folder.discover().values())}
    for each in catalog["streams"][0]["metadata"]:
        if each["breadcrumb"] == ["properties", "word"]:
            each["metadata"]["selected"] = False
    (first, _) = folder.run(catalog=catalog).records("plans")
    assert "word" not in first
    assert first["id"] == "1"


def test_rows_lie_in_the_time_their_file_was_written(folder):
    path = folder.write("plans.csv", PLANS)
    os.utime(path, (1_517_443_199, 1_517_443_199))
    outcome = folder.run()
    stamps = {m["time_extracted"] for m in outcome.messages if m["type"] == "RECORD"}
    assert stamps == {"2018-01-31T23:59:59.000Z"}
    record = outcome.records("plans")[0]
    assert record["_sdc_source_file_mtime"] == "2018-01-31T23:59:59.000Z"


def test_a_run_that_is_killed_midway_is_made_whole_by_the_next(folder):
    rows = "".join(f"{n},word {n}\n" for n in range(200_000))
    folder.write("big.csv", f"id,word\n{rows}")
    command = [find_program("tap-csv"), "--config", folder.config()]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        output = b"".join(process.stdout.readline() for _ in range(10))
        process.send_signal(signal.SIGKILL)
        output += process.stdout.read()
        process.wait(timeout=30)
    kept = Outcome.of(-9, output.rpartition(b"\n")[0].decode(), "")
    assert 0 < len(kept.records()) < 200_000
    state = kept.states[-1] if kept.states else {}
    again = folder.run(state=state)
    assert len(again.table("big", "_sdc_source_lineno")) == 200_000


def test_stream_maps_look_into_records(folder):
    folder.write("plans.csv", PLANS)
    outcome = folder.run(stream_maps={"plans": {"loud": "word.upper()"}})
    assert outcome.status == 0, outcome.log
    assert [r["loud"] for r in outcome.records("plans")] == ["A", "B"]
    assert outcome.state["bookmarks"]["plans"]["files"]

"""The files BizOps reads by name: what the sandbox writes is read, cell by cell."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from decimal import Decimal

from bizops_sandbox.inputs.columns import INPUT_COLUMNS
from reading_kit.testing.processes import run_program
from reading_kit.testing.standard import run_standard_suite
from tap_csv.known_inputs import KNOWN_INPUTS
from tap_csv.templates import GUIDE

SWITCHES = {"true": True, "false": False}


def sample(folder, scale="tiny"):
    outcome = run_program(
        ["bizops-sandbox", "inputs", "--scale", scale, "--out", str(folder.inputs)]
    )
    assert outcome.status == 0, outcome.log


def as_written(value, column):
    """Give a cell as Python reads it: a way of its own, by the standard library."""
    if value == "":
        return None
    if column.kind in {"number", "integer"}:
        return Decimal(value)
    if column.kind == "boolean":
        return SWITCHES[value]
    if column.kind in {"date", "month"}:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if column.kind == "timestamp" else value


def as_read(value, column):
    if value is None or column.kind in {"text", "boolean"}:
        return value
    if column.kind in {"number", "integer"}:
        return Decimal(value)
    if column.kind == "timestamp":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value)


def test_every_input_of_the_sandbox_is_known_with_its_columns():
    assert list(KNOWN_INPUTS) == list(INPUT_COLUMNS)
    for name, (_, columns) in INPUT_COLUMNS.items():
        assert tuple(KNOWN_INPUTS[name].columns) == columns


def test_every_cell_of_the_sandboxs_inputs_arrives_as_what_it_is(folder):
    sample(folder)
    outcome = folder.run()
    assert outcome.status == 0, outcome.log
    for name, layout in KNOWN_INPUTS.items():
        with (folder.inputs / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        columns = layout.columns.values()
        wanted = [[as_written(row[c.name], c) for c in columns] for row in rows]
        records = outcome.records(name)
        assert [[as_read(r[c.name], c) for c in columns] for r in records] == wanted
        keys = {tuple(record[key] for key in layout.keys) for record in records}
        assert len(keys) == len(rows)
    assert sum(len(outcome.records(name)) for name in KNOWN_INPUTS) > 10_000


def test_money_keeps_its_digits(folder):
    folder.write(
        "order_overrides.csv",
        "opportunity_id,close_date,iacv,reason\n006x,2024-01-29,12000.10,by hand\n"
        "006y,2024-01-30,0.1000000000000000055511151231257827,\n",
    )
    outcome = folder.run()
    lines = [line for line in outcome.lines if '"RECORD"' in line]
    assert '"iacv":12000.10,' in lines[0]
    assert '"iacv":0.1000000000000000055511151231257827,' in lines[1]


def test_discovery_names_keys_and_types_and_offers_only_what_is_there(folder):
    folder.write("surveys.csv", "survey_type,respondent_hash,answered_at,score\n")
    folder.write("features.csv", "feature,sophistication_level,counter_path\n")
    streams = folder.discover()
    assert set(streams) == {"surveys", "features"}
    surveys = streams["surveys"]
    assert surveys["key_properties"] == list(KNOWN_INPUTS["surveys"].keys)
    properties = surveys["schema"]["properties"]
    assert properties["score"] == {"type": ["integer", "null"]}
    assert properties["answered_at"] == {"type": ["string"], "format": "date-time"}
    # A column that may lack, and does, is none.
    assert "launched_on" not in streams["features"]["schema"]["properties"]


def test_columns_stand_in_any_order_and_case_and_further_ones_are_text(folder):
    folder.write(
        "Headcount_Monthly.csv",
        "Headcount, DEPARTMENT ,month,Note to self\n12,sales,2024-03,007\n",
    )
    (record,) = folder.run().records("headcount_monthly")
    assert record["headcount"] == 12
    assert record["department"] == "sales"
    assert record["month"] == "2024-03-01"
    assert record["Note to self"] == "007"


def test_files_with_the_name_of_an_input_can_be_files_like_any_other(folder):
    folder.write("features.csv", "a,b\n1,2\n")
    refused = folder.run()
    assert refused.status == 1
    assert "features.csv, line 1: no column feature" in refused.log
    (record,) = folder.run(known_inputs=False).records("features")
    assert (record["a"], record["b"]) == ("1", "2")


def test_templates_are_read_as_empty_inputs_and_what_is_there_stays(folder):
    folder.write("surveys.csv", "mine\n")
    outcome = run_program(["tap-csv", "--write-templates", str(folder.inputs)])
    assert outcome.status == 0, outcome.log
    assert (folder.inputs / "surveys.csv").read_text() == "mine\n"
    (folder.inputs / "surveys.csv").unlink()
    run_program(["tap-csv", "--write-templates", str(folder.inputs)])
    read = folder.run()
    assert read.status == 0, read.log
    schemas = {m["stream"] for m in read.messages if m["type"] == "SCHEMA"}
    assert schemas == set(KNOWN_INPUTS)
    assert read.records() == []
    guide = (folder.inputs / GUIDE).read_text()
    for name, layout in KNOWN_INPUTS.items():
        assert f"## {name}.csv" in guide
        assert all(f"`{column}`" in guide for column in layout.columns)


def test_the_examples_are_rows_the_tap_reads(folder):
    for name, layout in KNOWN_INPUTS.items():
        with (folder.inputs / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(layout.columns)
            writer.writerow([column.example for column in layout.columns.values()])
    outcome = folder.run()
    assert outcome.status == 0, outcome.log
    assert len(outcome.records()) == len(KNOWN_INPUTS)


def test_the_sdks_standard_tests_pass(folder, tmp_path):
    sample(folder)
    config = {"files": [str(folder.inputs)]}
    for name in ("pips", "order_overrides"):
        (folder.inputs / f"{name}.csv").unlink()
    suite = tmp_path / "suite"
    suite.mkdir()
    result = run_standard_suite("tap_csv.tap:TapCsv", config, directory=suite)
    assert result.is_good, result.output
    assert result.passed >= 20


def test_about_tells_the_settings_and_that_the_catalog_follows_the_files():
    outcome = run_program(["tap-csv", "--about", "--format=json"])
    about = json.loads("\n".join(outcome.lines))
    assert about["name"] == "tap-csv"
    assert "files" in about["settings"]["properties"]
    assert "live-catalog" in about["capabilities"]


def test_a_connection_test_reads_a_row_of_each_file(folder):
    sample(folder)
    outcome = folder.run("--test")
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("web_daily")) == 1

"""Any file: how it may be written, what is refused and in which words."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_csv.cells import EXPECTED, READERS, CellError
from tap_csv.converting import BadCellsError, RowConverter
from tap_csv.layout import Column

FINANCE = (
    "month,revenue,cogs,sm_expense,marketing_expense,program_spend,ebitda,"
    "operating_cash_flow,cash_end\n"
)


def finance(*rows):
    return FINANCE + "".join(f"{row}\n" for row in rows)


def test_any_other_file_is_text_told_apart_by_its_lines(folder):
    folder.write(
        "plans.csv", 'name,seats\n"a\nb",007\n\n,,\nc,\n'.replace(",,\n", ",\n")
    )
    outcome = folder.run()
    assert outcome.status == 0, outcome.log
    first, second = outcome.records("plans")
    assert (first["name"], first["seats"]) == ("a\nb", "007")
    assert (second["name"], second["seats"]) == ("c", None)
    assert [r["_sdc_source_lineno"] for r in (first, second)] == [2, 6]
    assert first["_sdc_source_file"] == "plans.csv"
    schema = next(m for m in outcome.messages if m["type"] == "SCHEMA")
    assert schema["key_properties"] == ["_sdc_source_file", "_sdc_source_lineno"]


def test_the_setting_schema_gives_types_and_keys(folder):
    folder.write("plans.csv", "id,seats,paid,since,seen\nx,3,Yes,2024-02-29,\n")
    schema = {
        "plans": {
            "keys": ["id"],
            "columns": {
                "seats": "integer",
                "paid": "boolean",
                "since": "date",
                "seen": "timestamp",
            },
        }
    }
    outcome = folder.run(schema=schema)
    assert outcome.status == 0, outcome.log
    (record,) = outcome.records("plans")
    values = [record[name] for name in ("id", "seats", "paid", "since", "seen")]
    assert values == ["x", 3, True, "2024-02-29", None]
    assert folder.discover(schema=schema)["plans"]["key_properties"] == ["id"]
    wrong = folder.run(schema={"plans": {"columns": {"seats": "money"}}})
    assert wrong.status == 2
    assert "schema.plans.columns.seats: must be one of" in wrong.log


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("naïve;größe\né;ß\n".encode("utf-8-sig"), {"delimiter": ";"}),
        ("naïve,größe\r\né,ß\r\n".encode("utf-16"), {}),
        ("naïve,größe\ré,ß\r".encode("cp1252"), {"encoding": "cp1252"}),
        ("naïve,größe\n'é','ß'\n".encode(), {"quotechar": "'"}),
    ],
)
def test_encodings_delimiters_quotes_and_line_ends(folder, content, settings):
    path = folder.write("words.csv", content)
    place = {"path": str(path), **settings}
    outcome = folder.run(files=[place])
    assert outcome.status == 0, outcome.log
    (record,) = outcome.records("words")
    assert (record["naïve"], record["größe"]) == ("é", "ß")


def test_a_file_called_tsv_is_divided_by_tabs(folder):
    folder.write("words.tsv", "a\tb\n1,5\t2\n")
    (record,) = folder.run().records("words")
    assert (record["a"], record["b"]) == ("1,5", "2")


def test_names_that_lack_or_stand_twice_get_a_number(folder):
    folder.write("plans.csv", "amount,,amount,_sdc_batched_at\n1,2,3,4\n")
    (record,) = folder.run().records("plans")
    assert record["amount"] == "1"
    assert record["column_2"] == "2"
    assert record["amount_2"] == "3"
    assert record["column_sdc_batched_at"] == "4"


def test_a_known_column_that_stands_twice_is_refused(folder):
    folder.write("surveys.csv", "score,survey_type,respondent_hash,answered_at,Score\n")
    outcome = folder.run()
    assert outcome.status == 1
    assert "surveys.csv, line 1: column score stands twice; remove one" in outcome.log


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('"1.234,50"', "expected a number such as 1234.56"),
        ("", "a number such as 1234.56, without thousands"),
        ("ten", "found text of 3 characters"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_and_changes_nothing(folder, cell, said):
    good = "2024-01,1,1,1,1,1,1,1,1"
    folder.write("finance_monthly.csv", finance(good, f"2024-02,{cell},1,1,1,1,1,1,1"))
    folder.write("plans.csv", "a\n1\n")
    outcome = folder.run()
    assert outcome.status == 1
    assert "finance_monthly.csv, line 3: column revenue: " in outcome.log
    assert said in outcome.log
    assert "correct the file and run again" in outcome.log
    assert "Traceback" not in outcome.log
    assert outcome.records("finance_monthly") == []
    assert len(outcome.records("plans")) == 1
    activated = [m["stream"] for m in outcome.messages if "ACTIVATE" in m["type"]]
    assert activated == ["plans"]
    assert "files" not in outcome.state["bookmarks"].get("finance_monthly", {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "finance_monthly.csv has no header"),
        (finance("2024-01,1"), "line 2: 2 cells where the header has 9"),
        (finance("2024-01-31,1,1,1,1,1,1,1,1"), "the first day of a month"),
        (finance(*["2024-01,1,1,1,1,1,1,1,1"] * 2), "line 3: the same month as a line"),
        (finance('2024-01,"1'), "not CSV"),
        (FINANCE.replace("revenue", "revenu"), "no column revenue; rename `revenu`?"),
        (FINANCE.replace(",", ";"), "divided by `;`: set `delimiter`"),
        (finance("2024-01,1,1,1,1,1,1,1,\x00"), "text without NUL is expected"),
    ],
)
def test_what_a_file_is_refused_for(folder, content, said):
    folder.write("finance_monthly.csv", content)
    outcome = folder.run()
    assert outcome.status == 1
    assert said in outcome.log
    assert "Traceback" not in outcome.log


def test_bytes_that_are_no_text_are_named_by_line(folder):
    folder.write("words.csv", b"a\nb\n\xff\xe9\n")
    outcome = folder.run()
    assert outcome.status == 1
    assert "words.csv, line 3: not utf-8; save the file as UTF-8" in outcome.log


def test_many_bad_cells_are_told_in_few_words(folder):
    rows = [f"2024-{month:02d},x,1,1,1,1,1,1,1" for month in range(1, 13)]
    folder.write("finance_monthly.csv", finance(*rows))
    log = folder.run().log
    assert "; and 9 more" in log
    assert "line 5:" not in log


def test_words_of_a_cell_never_stand_in_the_log(folder):
    folder.write(
        "finance_monthly.csv", finance("2024-01,ann@example.com,1,1,1,1,1,1,1")
    )
    outcome = folder.run()
    assert outcome.status == 1
    assert "ann@example.com" not in outcome.log


def test_files_of_one_entry_with_an_entity_are_one_stream(folder):
    folder.write("2024-01.csv", "id,amount\n1,5\n")
    folder.write("2024-02.csv", "id,tax\n2,7\n")
    place = {"path": str(folder.inputs / "*.csv"), "entity": "bills", "keys": ["id"]}
    outcome = folder.run(files=[place])
    assert outcome.status == 0, outcome.log
    rows = outcome.table("bills", "id")
    assert rows["1"]["amount"] == "5"
    assert rows["2"]["tax"] == "7"
    assert {row["_sdc_source_file"] for row in rows.values()} == {
        "2024-01.csv",
        "2024-02.csv",
    }


def test_two_files_of_one_name_are_refused(folder):
    (folder.root / "more").mkdir()
    (folder.root / "more" / "bills.csv").write_text("a\n1\n")
    folder.write("bills.csv", "a\n1\n")
    outcome = folder.run(files=["inputs", "more"])
    assert outcome.status == 2
    assert "would both be stream bills" in outcome.log


def test_configs_of_the_public_tap_are_read_as_they_are(folder):
    path = folder.write("data.csv", "id;word\n1;a\n")
    definition = folder.root / "definition.json"
    entry = {"entity": "words", "path": str(path), "keys": ["id"], "delimiter": ";"}
    definition.write_text(json.dumps([entry]))
    outcome = folder.run(
        files=[], csv_files_definition=str(definition), add_metadata_columns=True
    )
    assert outcome.status == 0, outcome.log
    assert outcome.table("words", "id")["1"]["word"] == "a"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"files": ["nowhere"]}, "files: nowhere: no such file or folder"),
        ({"files": []}, "files: name a folder, a file or a pattern"),
        ({"delimiter": ";;"}, "delimiter must be one character"),
        ({"encoding": "klingon"}, "encoding: Python knows no 'klingon'"),
        ({"csv_files_definition": "no.json"}, "csv_files_definition: no.json"),
    ],
)
def test_settings_that_cannot_be_used_end_with_status_2(folder, changes, said):
    outcome = folder.run(**changes)
    assert outcome.status == 2
    assert said in outcome.log
    assert "Traceback" not in outcome.log


@given(st.sampled_from(sorted(EXPECTED)), st.text(string.printable + "é٣", max_size=12))
def test_a_cell_is_read_or_refused_never_anything_else(kind, text):
    try:
        value = READERS[kind](text)
    except CellError:
        return
    if kind in {"number", "integer"}:
        assert float(value) == float(text)


@given(
    st.lists(
        st.lists(st.text(max_size=4), min_size=2, max_size=2), min_size=1, max_size=20
    )
)
def test_text_arrives_as_it_was(rows):
    converter = RowConverter(
        [Column("a"), Column("b")],
        (),
        label="f",
        changed_at="",
        selected={"a", "b"},
    )
    try:
        (block,) = converter.convert(list(enumerate(rows, start=2)), set())
    except BadCellsError:
        assert any("\0" in cell for row in rows for cell in row)
        return
    for record, cells in zip(block, rows, strict=True):
        wanted = [None if not c or c.isspace() else c for c in cells]
        assert [record["a"], record["b"]] == wanted

"""Export files: hard rows, shapes recorded from real exports, broken quotes."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import IncompleteDataError
from tap_marketo.activity_rows import ActivityConverter, split_activities
from tap_marketo.board import ExportFile
from tap_marketo.csvrows import ExportReader
from tap_marketo.describing import FieldSpec, read_activity_types
from tap_marketo.exports import ExportRequest, JobState, JobStatus
from tap_marketo.flat_rows import read_flat
from tap_marketo.quoting import split_leniently
from tap_marketo.values import Misfits

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def rows_of(content: bytes, **options):
    reader = ExportReader(io.BytesIO(content), **options)
    return [row for block in reader.blocks() for row in block], reader


def export(path: Path, content: bytes, rows: int | None = None) -> ExportFile:
    path.write_bytes(content)
    status = JobStatus("job", JobState.COMPLETED, len(content), rows)
    return ExportFile(ExportRequest("leads", ("id",)), status, path, NOW)


def records(pages):
    return [
        json.loads(line, parse_float=Decimal)["record"]
        for page in pages
        for line in page.lines()
    ]


texts = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12
)


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=30))
def test_any_text_that_is_properly_quoted_is_read_as_it_is(table):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["a", "b", "c"])
    writer.writerows(table)
    found, reader = rows_of(buffer.getvalue().encode())
    assert [tuple(row) for row in found] == table
    assert reader.repaired == 0


plain = st.text(st.characters(whitelist_categories=("L", "N")), max_size=6)


@given(st.lists(st.tuples(plain, plain, plain), min_size=1, max_size=10))
def test_a_quote_inside_a_cell_is_mended_or_refused_but_never_moves_a_value(table):
    lines = ["x,y"]
    wanted = []
    for left, middle, right in table:
        lines.append(f'"{left}"{middle}","{right}"')
        wanted.append([f'{left}"{middle}', right])
    content = "\n".join(lines).encode()
    try:
        found, _ = rows_of(content)
    except IncompleteDataError:
        return
    if len(found) < len(wanted):
        # Two broken rows may make a proper one: the number of rows tells.
        return
    for row, (left, right) in zip(found, wanted, strict=True):
        if row != [left, right]:
            # Two quotes in a row cannot be told from an escaped one.
            assert row == [left.replace('""', '"'), right]


# Shape recorded from the fixtures of treasure-data/embulk-input-marketo.
LEADS = b"""company,id,firstName,annualRevenue,emailInvalid,createdAt,score,birthday
TD_TESTING,100001,"first""Name1",null,false,2017-09-01T10:00:00Z,12.0,1980-02-03
null,100002,null,1234.50,true,2017-09-01T10:00:00+0000,7,null
"""
LEAD_FIELDS = (
    FieldSpec("id", "id", "integer"),
    FieldSpec("company", "company"),
    FieldSpec("firstName", "firstName"),
    FieldSpec("annualRevenue", "annualRevenue", "number"),
    FieldSpec("emailInvalid", "emailInvalid", "boolean"),
    FieldSpec("createdAt", "createdAt", "datetime"),
    FieldSpec("score", "score", "integer"),
    FieldSpec("birthday", "birthday", "date"),
)


def test_leads_of_the_recorded_shape_become_records(tmp_path):
    file = export(tmp_path / "leads", LEADS, rows=2)
    pages = read_flat(file, LEAD_FIELDS, stream="leads", keys=["id"], misfits=Misfits())
    assert records(pages) == [
        {
            "id": 100001,
            "company": "TD_TESTING",
            "firstName": 'first"Name1',
            "annualRevenue": None,
            "emailInvalid": False,
            "createdAt": "2017-09-01T10:00:00Z",
            "score": 12,
            "birthday": "1980-02-03",
        },
        {
            "id": 100002,
            "company": None,
            "firstName": None,
            "annualRevenue": Decimal("1234.50"),
            "emailInvalid": True,
            "createdAt": "2017-09-01T10:00:00Z",
            "score": 7,
            "birthday": None,
        },
    ]


# Shape recorded from the same fixtures; the first type lacks in the description given.
ACTIVITIES = (
    b"marketoGUID,leadId,activityDate,activityTypeId,campaignId,"
    b"primaryAttributeValueId,primaryAttributeValue,attributes\n"
    b"558681,102419,2017-09-08T16:38:14Z,12,null,102419,null,"
    b'"{""Source Type"":""List import"",""Created Date"":""2017-09-08""}"\n'
    b"558690,102419,2017-09-08T16:38:15Z,22,1003,5,Lead Score,"
    b'"{""New Value"":100,""Old Value"":""90"",""Reason"":""a, b""}"\n'
)
TYPES = [
    {
        "id": 22,
        "name": "Change Score",
        "primaryAttribute": {"name": "Score Name", "dataType": "string"},
        "attributes": [
            {"name": "New Value", "dataType": "score"},
            {"name": "Old Value", "dataType": "score"},
            {"name": "Reason", "dataType": "string"},
        ],
    }
]


def split(tmp_path, content, names=None, rows=None):
    (spec,) = read_activity_types(TYPES)
    names = names or [
        "marketoGUID",
        "campaignId",
        "primary_attribute_name",
        "primary_attribute_value",
        "primary_attribute_value_id",
        "new_value",
        "old_value",
        "reason",
        "attributes_raw",
    ]
    converter = ActivityConverter(spec, names, time_extracted=NOW, misfits=Misfits())
    numbers = iter(range(100))
    return split_activities(
        export(tmp_path / "activities", content, rows),
        {22: converter},
        new_path=lambda: tmp_path / f"part-{next(numbers)}",
    )


def test_activities_of_the_recorded_shape_are_split_by_type(tmp_path):
    parts = split(tmp_path, ACTIVITIES, rows=2)
    assert set(parts) == {22}
    assert records([parts[22]]) == [
        {
            "marketoGUID": "558690",
            "campaignId": 1003,
            "primary_attribute_name": "Score Name",
            "primary_attribute_value": "Lead Score",
            "primary_attribute_value_id": "5",
            "new_value": 100,
            "old_value": 90,
            "reason": "a, b",
            "attributes_raw": None,
        }
    ]


def test_a_file_without_campaigns_is_read_with_nulls(tmp_path, caplog):
    content = ACTIVITIES.replace(b"campaignId,", b"").replace(b",1003,", b",")
    content = content.replace(b",12,null,", b",12,")
    parts = split(tmp_path, content)
    assert records([parts[22]])[0]["campaignId"] is None
    assert "lacks campaignId" in caplog.text


def test_a_file_with_no_row_at_all_is_no_failure(tmp_path):
    header = ACTIVITIES.split(b"\n", 1)[0] + b"\n"
    assert split(tmp_path, header, rows=0) == {}
    assert split(tmp_path, b"", rows=0) == {}


def test_attributes_that_are_no_json_stop_the_stream(tmp_path):
    content = ACTIVITIES.replace(b'""Reason"":""a, b""}', b'""Reason"":')
    with pytest.raises(IncompleteDataError, match="no JSON object"):
        split(tmp_path, content)


def test_a_row_that_cannot_be_mended_is_named_by_its_place():
    with pytest.raises(IncompleteDataError, match="byte 8"):
        rows_of(b"a,b\n1,2\n1,2,3\n")


def test_fewer_rows_than_announced_after_a_repair_stop_the_stream(tmp_path):
    content = b'id,company\n1,"a "b" c"\n'
    file = export(tmp_path / "leads", content, rows=2)
    fields = LEAD_FIELDS[:2]
    with pytest.raises(IncompleteDataError, match="1 rows where 2 were announced"):
        list(read_flat(file, fields, stream="leads", keys=["id"], misfits=Misfits()))


def test_a_file_that_is_all_empty_has_no_rows(tmp_path):
    for content in (b"", b"id,company\n"):
        file = export(tmp_path / "leads", content, rows=0)
        pages = read_flat(
            file, LEAD_FIELDS[:2], stream="leads", keys=["id"], misfits=Misfits()
        )
        assert list(pages) == []


def test_a_file_without_its_key_stops_the_stream(tmp_path):
    file = export(tmp_path / "leads", b"company\nx\n")
    with pytest.raises(IncompleteDataError, match="lacks the columns id"):
        list(
            read_flat(file, LEAD_FIELDS, stream="leads", keys=["id"], misfits=Misfits())
        )


def test_json_in_the_last_cell_is_taken_whole():
    text = '1,"{"A":"b","C":"d, e"}"\n'
    cells = split_leniently(text, width=2, is_last_json=True)
    assert cells == ["1", '{"A":"b","C":"d, e"}']


def test_characters_at_which_others_break_lines_stay_inside_their_cells():
    content = 'a,b\n"x\u2028y\u0085z\u000bq","1\r\n2"\n'.encode()
    found, _ = rows_of(content)
    assert found == [["x\u2028y\u0085z\u000bq", "1\r\n2"]]


def test_text_that_is_not_utf8_is_replaced_and_told(caplog):
    found, _ = rows_of(b"a,b\n\xff,1\n")
    assert found == [["\ufffd", "1"]]
    assert "not UTF-8" in caplog.text

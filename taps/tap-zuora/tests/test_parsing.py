"""Result files become records, or are refused whole."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_kit.errors import IncompleteDataError
from tap_zuora.describing import FieldSpec
from tap_zuora.parsing import spool_result
from tap_zuora.queries import QueryMaker, Result, Submission
from tap_zuora.windows import Part

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIELDS = (
    FieldSpec("Id", "string", "Id"),
    FieldSpec("Name", "string", "Name"),
    FieldSpec("Amount", "number", "Amount"),
    FieldSpec("Version", "integer", "Version"),
    FieldSpec("AutoPay", "boolean", "AutoPay"),
    FieldSpec("DueDate", "date", "DueDate"),
    FieldSpec("UpdatedDate", "datetime", "UpdatedDate"),
    FieldSpec("AccountId", "string", "Account.Id"),
)
HEADER = [
    *[f.source if f.is_joined else f"Invoice.{f.source}" for f in FIELDS],
    "Deleted",
]


def result_of(*, has_deleted=True):
    maker = QueryMaker(
        "Invoice", FIELDS, key="UpdatedDate", api="AQUA", has_deleted=has_deleted
    )
    return Result(maker.make(Part(None)), Submission("j", NOW), None, ("f",))


def spool(text, path, *, has_deleted=True):
    result = result_of(has_deleted=has_deleted)
    header = HEADER if has_deleted else HEADER[:-1]
    content = text.encode()
    page, last_id = spool_result([content[:7], content[7:]], result, header, path)
    lines = [json.loads(line, parse_float=Decimal) for line in page.lines()]
    return lines, last_id


# Shapes as documented for AQuA (no whole job was found recorded): offsets without a
# colon, empty cells, quoted texts, the deletion mark last.
ROWS = (
    '8ad1,"Acme, ""Inc""\nLtd",120.50,2,true,2024-01-31,'
    "2024-02-01T09:30:00+0000,8ac,false",
    "8ad2,,,,,,2024-02-02 10:00:00+0000,,true",
    "8ad3,01234,0.10,10,false,2024-01-31T00:00:00+0000,"
    "2024-02-03T10:00:00.250+0000,,false",
)
FILE = "\n".join([",".join(HEADER), *ROWS, ""])


def test_a_file_becomes_records_with_exact_values(tmp_path):
    lines, last_id = spool(FILE, tmp_path / "page")
    assert last_id == "8ad3"
    assert {line["time_extracted"] for line in lines} == {"2024-06-01T00:00:00.000Z"}
    first, second, third = (line["record"] for line in lines)
    assert first == {
        "Id": "8ad1",
        "Name": 'Acme, "Inc"\nLtd',
        "Amount": Decimal("120.50"),
        "Version": 2,
        "AutoPay": True,
        "DueDate": "2024-01-31",
        "UpdatedDate": "2024-02-01T09:30:00.000Z",
        "AccountId": "8ac",
        "Deleted": False,
        "_sdc_deleted_at": None,
    }
    assert second == {
        **dict.fromkeys(first),
        "Id": "8ad2",
        "UpdatedDate": "2024-02-02T10:00:00.000Z",
        "Deleted": True,
        "_sdc_deleted_at": "2024-02-02T10:00:00.000Z",
    }
    assert third["Name"] == "01234"
    assert third["DueDate"] == "2024-01-31"
    assert third["UpdatedDate"] == "2024-02-03T10:00:00.250Z"


def test_columns_may_come_in_any_case_and_order(tmp_path):
    header, *rows = FILE.split("\n", 1)
    lines, _ = spool("\n".join([header.upper(), *rows]), tmp_path / "page")
    assert lines == spool(FILE, tmp_path / "other")[0]
    turned = "Deleted," + ",".join(HEADER[:-1]) + "\ntrue,8ad1,,,,,,,\n"
    assert spool(turned, tmp_path / "turned")[0][0]["record"]["Deleted"] is True


def test_without_a_deletion_mark_nothing_says_that_rows_are_deleted(tmp_path):
    text = ",".join(HEADER[:-1]) + "\n8ad1,,,,,,,\n"
    (line,) = spool(text, tmp_path / "page", has_deleted=False)[0]
    assert not {"Deleted", "_sdc_deleted_at"} & set(line["record"])


def peak_bytes(rows, path):
    """Give the most memory that a file of so many rows takes at once."""

    def chunks():
        yield f"{','.join(HEADER)}\n".encode()
        for start in range(0, rows, 1_000):
            yield b"".join(b"%d,%b\n" % (start + n, rest) for n in range(1_000))

    rest = b"Acme,1.50,2,true,2024-01-31,2024-02-01T09:30:00+0000,8ac,false"
    tracemalloc.start()
    try:
        page, _ = spool_result(chunks(), result_of(), HEADER, path)
        assert page.rows == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_ten_times_as_long_takes_no_more_memory(tmp_path):
    peak_bytes(1_000, tmp_path / "first")
    short_bytes = peak_bytes(2_000, tmp_path / "short")
    assert peak_bytes(20_000, tmp_path / "long") < 1.2 * short_bytes


def test_a_file_of_no_rows_has_no_last_id(tmp_path):
    assert spool(",".join(HEADER) + "\n", tmp_path / "page") == ([], "")


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("Invoice.Name", "Invoice.Label"),
        FILE.replace("8ad2,,", "8ad2,"),
        FILE[:-70] + '"',
        "Sorry, something went wrong\n",
    ],
)
def test_another_file_is_refused(tmp_path, text):
    with pytest.raises(IncompleteDataError):
        spool(text, tmp_path / "page")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@settings(deadline=None, max_examples=50)
@given(
    names=st.lists(texts, min_size=1, max_size=5),
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=6),
)
def test_every_text_and_number_comes_through_as_it_is(tmp_path_factory, names, amount):
    rows = [
        f'8ad{number},"{name.replace(chr(34), chr(34) * 2)}",{amount:f},,,,,,false'
        for number, name in enumerate(names)
    ]
    path = tmp_path_factory.mktemp("pages") / "page"
    lines, _ = spool("\n".join([",".join(HEADER), *rows]) + "\n", path)
    assert [line["record"]["Name"] for line in lines] == [
        name or None for name in names
    ]
    assert {Decimal(line["record"]["Amount"]) for line in lines} == {amount}

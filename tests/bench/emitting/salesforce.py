"""Opportunities of Salesforce: a page of CSV in quotes, 20 columns."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream

from reading_kit.csvpages import read_columns, spool_page
from reading_kit.downloading import open_chunks
from reading_kit.writing import BlockWriter
from tap_salesforce.describing import FieldSpec, ObjectSpec, build_schema
from tap_salesforce.source import Source
from tests.bench import draws
from tests.bench.emitting.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk import Tap

_NAME = "Opportunity"
_NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
_FIRST_INSTANT = datetime(2016, 2, 1, tzinfo=UTC)
_DRAWN = 1_999  # a prime: rows differ, the draws repeat
_FIELDS = (
    FieldSpec("Id", "string", "id"),
    FieldSpec("IsDeleted", "boolean", "boolean"),
    FieldSpec("CreatedDate", "datetime", "datetime"),
    FieldSpec("LastModifiedDate", "datetime", "datetime"),
    FieldSpec("SystemModstamp", "datetime", "datetime"),
    FieldSpec("OwnerId", "string", "reference"),
    FieldSpec("AccountId", "string", "reference"),
    FieldSpec("Name", "string", "string"),
    FieldSpec("Description", "string", "textarea"),
    FieldSpec("NextStep", "string", "string"),
    FieldSpec("StageName", "string", "picklist"),
    FieldSpec("Type", "string", "picklist"),
    FieldSpec("LeadSource", "string", "picklist"),
    FieldSpec("Amount", "number", "currency", scale=2),
    FieldSpec("Probability", "number", "percent"),
    FieldSpec("FiscalYear", "integer", "int"),
    FieldSpec("FiscalQuarter", "integer", "int"),
    FieldSpec("CloseDate", "date", "date"),
    FieldSpec("IsClosed", "boolean", "boolean"),
    FieldSpec("IsWon", "boolean", "boolean"),
)
_SCHEMA = build_schema(
    ObjectSpec(_NAME, _FIELDS, ("Id",), "SystemModstamp", is_bulk_capable=True)
)
_DRAWS = {
    "OwnerId": draws.reference("005", count=200),
    "AccountId": draws.reference("001", count=5_000),
    "Name": draws.phrase(words=4),
    "Description": draws.phrase(words=12, null_share=0.4),
    "NextStep": draws.phrase(words=3, null_share=0.6),
    "StageName": draws.choice(draws.STAGES),
    "Type": draws.choice(draws.TYPES),
    "LeadSource": draws.choice(draws.SOURCES),
    "Amount": draws.amount(null_share=0.1),
    "Probability": draws.percent(),
    "FiscalYear": draws.whole(2016, 2018),
    "FiscalQuarter": draws.whole(1, 4),
    "IsClosed": draws.truth(share=0.5),
    "IsWon": draws.truth(share=0.25),
}


def _prepare(folder: Path, rows: int) -> Path:
    random = Random(1)  # noqa: S311 - made-up values
    drawn = [
        {name: _write(draw(random)) for name, draw in _DRAWS.items()}
        for _ in range(_DRAWN)
    ]
    path = folder / "page.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [field.name for field in _FIELDS]
        writer = csv.DictWriter(file, names, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        for number in range(rows):
            writer.writerow(drawn[number % _DRAWN] | _stamps(number))
    return path


def _stamps(number: int) -> dict[str, str]:
    created = _FIRST_INSTANT + timedelta(seconds=number * 60)
    instant = f"{created:%Y-%m-%dT%H:%M:%S}.000Z"
    stamps = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
    return {
        "Id": f"006{number:012d}AAA",
        "IsDeleted": "false",
        "CloseDate": f"{created + timedelta(days=30):%Y-%m-%d}",
        **dict.fromkeys(stamps, instant),
    }


def _write(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _write_ours(source: Path, folder: Path) -> None:
    read = Source(
        name=_NAME,
        fields=_FIELDS,
        key="SystemModstamp",
        has_id=True,
        is_deleted_at_emitted=False,
    )
    writer = BlockWriter()
    page = spool_page(
        read_columns(open_chunks(source), read.names),
        read.new_converter(cutoff=_NOW),
        folder / "page",
        announced_rows=None,
    )
    writer.write_page(page)
    page.discard()
    writer.flush()


class _SdkStream(Stream):
    name = _NAME
    primary_keys: ClassVar[Sequence[str]] = ("Id",)
    replication_key = "SystemModstamp"
    source = Path()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        kinds: dict[str, Any] = {
            "boolean": "true".__eq__,
            "number": float,
            "integer": int,
        }
        casts = {field.name: kinds.get(field.kind, str) for field in _FIELDS}
        with self.source.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {
                    name: casts[name](cell) if cell else None
                    for name, cell in row.items()
                }


def _make_sdk_stream(tap: Tap, source: Path) -> Stream:
    stream = _SdkStream(tap, schema=_SCHEMA)
    stream.source = source
    return stream


CASES = (
    Case(
        "tap-salesforce",
        "opportunities, CSV of 20 columns",
        _prepare,
        _write_ours,
        _make_sdk_stream,
    ),
)

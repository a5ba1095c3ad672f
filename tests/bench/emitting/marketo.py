"""Leads and activities of Marketo: export files of CSV, attributes as JSON."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream

from reading_kit.writing import BlockWriter
from tap_marketo.activity_rows import (
    ActivityConverter,
    export_fields,
    split_activities,
)
from tap_marketo.board import ExportFile
from tap_marketo.describing import (
    QUIET_COLUMNS,
    ActivitySpec,
    FieldSpec,
    build_activity_schema,
    build_schema,
    read_activity_types,
)
from tap_marketo.exports import ExportRequest, JobState, JobStatus
from tap_marketo.flat_rows import read_flat
from tap_marketo.values import Misfits
from tests.bench.emitting.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from singer_sdk import Tap

_NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
_KINDS = (
    ["integer"] * 4
    + ["datetime"] * 2
    + ["boolean"] * 4
    + ["number"] * 2
    + ["date"]
    + ["string"] * 17
)
_FIELDS = tuple(
    FieldSpec("id" if n == 0 else f"field{n}", "id" if n == 0 else f"field{n}", kind)
    for n, kind in enumerate(_KINDS)
)
_TYPES = [
    {
        "id": type_id,
        "name": f"Type {type_id}",
        "primaryAttribute": {"name": "Mailing ID", "dataType": "integer"},
        "attributes": [
            {"name": "Campaign Run ID", "dataType": "integer"},
            {"name": "Choice Number", "dataType": "integer"},
            {"name": "Device", "dataType": "string"},
            {"name": "Is Mobile Device", "dataType": "boolean"},
            {"name": "Link", "dataType": "string"},
            {"name": "Platform", "dataType": "string"},
            {"name": "Step ID", "dataType": "integer"},
            {"name": "User Agent", "dataType": "string"},
        ],
    }
    for type_id in (6,)
]
_SPECS: tuple[ActivitySpec, ...] = read_activity_types(_TYPES)


def _write_leads(path: Path, rows: int) -> None:
    """Write an export of leads as the service does."""
    draw = random.Random(1)  # noqa: S311 - made-up values
    makers: dict[str, Callable[[int], str]] = {
        "integer": str,
        "datetime": lambda n: f"2018-01-{n % 28 + 1:02}T{n % 24:02}:00:00Z",
        "boolean": lambda n: "true" if n % 2 else "false",
        "number": lambda n: "null" if n % 9 == 0 else f"{draw.randrange(10**8) / 100}",
        "date": lambda n: f"2018-02-{n % 28 + 1:02}",
        "string": lambda n: "null" if n % 3 == 0 else f"A text of {n}, or so, zoë",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.api_name for field in _FIELDS])
        for number in range(rows):
            row = [makers[field.kind](number) for field in _FIELDS]
            if number % 4:
                # Most rows hold nothing that must be quoted.
                row = [cell.replace(",", "") for cell in row]
            writer.writerow(row)


def _write_activities(path: Path, rows: int) -> None:
    """Write an export of activities as the service does."""
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(export_fields(has_result=False))
        for number in range(rows):
            attributes = {
                "Campaign Run ID": number % 100,
                "Choice Number": number % 3,
                "Device": "unknown",
                "Is Mobile Device": number % 2 == 0,
                "Link": f"https://www.example.com/page/{number}?a=1&b=2",
                "Platform": "Linux",
                "Step ID": number % 50,
                "User Agent": agent,
            }
            writer.writerow(
                [
                    number,
                    100_000 + number % 5000,
                    f"2018-01-{number % 28 + 1:02}T10:00:00Z",
                    6,
                    2001 if number % 2 else "null",
                    3001 + number % 9,
                    f"Newsletter {number % 9}",
                    json.dumps(attributes, separators=(",", ":")),
                ]
            )


def _to_file(path: Path) -> ExportFile:
    """Give a file as the tap has it once it is loaded."""
    status = JobStatus("bench", JobState.COMPLETED, path.stat().st_size)
    return ExportFile(ExportRequest("leads", ()), status, path, _NOW)


def _columns_of(spec: ActivitySpec) -> list[str]:
    """Give the columns selected by default."""
    names = build_activity_schema(spec)["properties"]
    return [name for name in names if name not in QUIET_COLUMNS]


_CASTS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": "true".__eq__,
}


def _prepare_leads(folder: Path, rows: int) -> Path:
    path = folder / "leads.csv"
    _write_leads(path, rows)
    return path


def _prepare_activities(folder: Path, rows: int) -> Path:
    path = folder / "activities.csv"
    _write_activities(path, rows)
    return path


def _emit_leads(source: Path, folder: Path) -> None:
    del folder
    writer = BlockWriter()
    pages = read_flat(
        _to_file(source), _FIELDS, stream="leads", keys=["id"], misfits=Misfits()
    )
    for page in pages:
        writer.write_page(page)
    writer.flush()


def _emit_activities(source: Path, folder: Path) -> None:
    writer = BlockWriter()
    numbers = count()
    spec = _SPECS[0]
    converters = {
        spec.type_id: ActivityConverter(
            spec, _columns_of(spec), time_extracted=_NOW, misfits=Misfits()
        )
    }
    parts = split_activities(
        _to_file(source), converters, new_path=lambda: folder / f"part-{next(numbers)}"
    )
    for page in parts.values():
        writer.write_page(page)
        page.discard()
    writer.flush()


class _SdkLeads(Stream):
    name = "leads"
    primary_keys: ClassVar[Sequence[str]] = ("id",)
    source = Path()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        casts = {field.name: _CASTS.get(field.kind, str) for field in _FIELDS}
        with self.source.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {
                    name: casts[name](cell) if cell != "null" else None
                    for name, cell in row.items()
                }


class _SdkActivities(Stream):
    name = _SPECS[0].stream
    primary_keys: ClassVar[Sequence[str]] = ("marketoGUID",)
    source = Path()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        spec = _SPECS[0]
        with self.source.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield _type_activity(row, spec)


def _type_activity(row: dict[str, str], spec: ActivitySpec) -> dict[str, Any]:
    attributes = json.loads(row.pop("attributes"))
    campaign = row["campaignId"]
    return {
        "marketoGUID": row["marketoGUID"],
        "leadId": int(row["leadId"]),
        "activityDate": row["activityDate"],
        "activityTypeId": int(row["activityTypeId"]),
        "campaignId": None if campaign == "null" else int(campaign),
        "primary_attribute_name": spec.primary_name,
        "primary_attribute_value": row["primaryAttributeValue"],
        "primary_attribute_value_id": row["primaryAttributeValueId"],
        **{field.name: attributes.get(field.api_name) for field in spec.columns},
    }


def _make_sdk_leads(tap: Tap, source: Path) -> Stream:
    stream = _SdkLeads(tap, schema=build_schema(_FIELDS, keys=["id"]))
    stream.source = source
    return stream


def _make_sdk_activities(tap: Tap, source: Path) -> Stream:
    stream = _SdkActivities(tap, schema=build_activity_schema(_SPECS[0]))
    stream.source = source
    return stream


CASES = (
    Case(
        "tap-marketo",
        "leads, CSV of 30 columns",
        _prepare_leads,
        _emit_leads,
        _make_sdk_leads,
    ),
    Case(
        "tap-marketo",
        "activities, CSV with JSON in it",
        _prepare_activities,
        _emit_activities,
        _make_sdk_activities,
    ),
)

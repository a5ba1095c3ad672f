"""Measures how fast records are written, against the SDK's own record path.

Both sides begin with the same export files on disk (200,000 rows by default): leads of
30 columns, and activities of three types whose attributes are JSON. Both end with
RECORD lines in a file: ours as the tap does it (parse, convert, split by type, write),
the SDK's with dicts typed by hand, through ``Stream.sync``. Memory is that of our side
alone. Run: ``python benchmarks/emission.py [ROWS]``.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import csv
import json
import random
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
KINDS = (
    ["integer"] * 4
    + ["datetime"] * 2
    + ["boolean"] * 4
    + ["number"] * 2
    + ["date"]
    + ["string"] * 17
)
FIELDS = tuple(
    FieldSpec("id" if n == 0 else f"field{n}", "id" if n == 0 else f"field{n}", kind)
    for n, kind in enumerate(KINDS)
)
TYPES = [
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
    for type_id in (6, 10, 11)
]
SPECS: tuple[ActivitySpec, ...] = read_activity_types(TYPES)


def write_leads(path: Path, rows: int) -> None:
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
        writer.writerow([field.api_name for field in FIELDS])
        for number in range(rows):
            row = [makers[field.kind](number) for field in FIELDS]
            if number % 4:
                # Most rows hold nothing that must be quoted.
                row = [cell.replace(",", "") for cell in row]
            writer.writerow(row)


def write_activities(path: Path, rows: int) -> None:
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
                    (6, 10, 11)[number % 3],
                    2001 if number % 2 else "null",
                    3001 + number % 9,
                    f"Newsletter {number % 9}",
                    json.dumps(attributes, separators=(",", ":")),
                ]
            )


def to_file(path: Path) -> ExportFile:
    """Give a file as the tap has it once it is loaded."""
    status = JobStatus("bench", JobState.COMPLETED, path.stat().st_size)
    return ExportFile(ExportRequest("leads", ()), status, path, NOW)


def emit_leads(path: Path, folder: Path) -> None:  # noqa: ARG001
    """Write leads the way the tap does."""
    writer = BlockWriter()
    pages = read_flat(
        to_file(path), FIELDS, stream="leads", keys=["id"], misfits=Misfits()
    )
    for page in pages:
        for chunk in page.chunks():
            writer.write_block(chunk)
    writer.flush()


def columns_of(spec: ActivitySpec) -> list[str]:
    """Give the columns selected by default."""
    names = build_activity_schema(spec)["properties"]
    return [name for name in names if name not in QUIET_COLUMNS]


def emit_activities(path: Path, folder: Path) -> None:
    """Write activities the way the tap does."""
    writer = BlockWriter()
    numbers = count()
    converters = {
        spec.type_id: ActivityConverter(
            spec, columns_of(spec), time_extracted=NOW, misfits=Misfits()
        )
        for spec in SPECS
    }
    parts = split_activities(
        to_file(path), converters, new_path=lambda: folder / f"part-{next(numbers)}"
    )
    for page in parts.values():
        for chunk in page.chunks():
            writer.write_block(chunk)
        page.discard()
    writer.flush()


CASTS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": "true".__eq__,
}


class SdkLeads(Stream):
    """Leads as a tap on the SDK usually has them: typed dicts, one by one."""

    name = "leads"
    primary_keys = ["id"]  # noqa: RUF012
    path = Path()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Give the rows as dicts of typed values."""
        casts = {field.name: CASTS.get(field.kind, str) for field in FIELDS}
        with self.path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {
                    name: casts[name](cell) if cell != "null" else None
                    for name, cell in row.items()
                }


class SdkActivities(Stream):
    """Activities of one type, from a file of its own as other taps have it."""

    primary_keys = ["marketoGUID"]  # noqa: RUF012
    path = Path()
    spec = SPECS[0]

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Give the rows of the type as dicts of typed values."""
        wanted = str(self.spec.type_id)
        with self.path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["activityTypeId"] != wanted:
                    continue
                attributes = json.loads(row.pop("attributes"))
                campaign = row["campaignId"]
                yield {
                    "marketoGUID": row["marketoGUID"],
                    "leadId": int(row["leadId"]),
                    "activityDate": row["activityDate"],
                    "activityTypeId": int(row["activityTypeId"]),
                    "campaignId": None if campaign == "null" else int(campaign),
                    "primary_attribute_name": self.spec.primary_name,
                    "primary_attribute_value": row["primaryAttributeValue"],
                    "primary_attribute_value_id": row["primaryAttributeValueId"],
                    **{
                        field.name: attributes.get(field.api_name)
                        for field in self.spec.columns
                    },
                }


class SdkTap(Tap):
    """A tap with those streams."""

    name = "tap-bench"
    path = Path()
    is_leads = True

    def discover_streams(self) -> list[Stream]:
        """Give the streams of the file at hand."""
        if self.is_leads:
            stream = SdkLeads(self, schema=build_schema(FIELDS, keys=["id"]))
            stream.path = self.path
            return [stream]
        streams: list[Stream] = []
        for spec in SPECS:
            made = SdkActivities(
                self, schema=build_activity_schema(spec), name=spec.stream
            )
            made.path, made.spec = self.path, spec
            streams.append(made)
        return streams


def emit_with_sdk(path: Path, folder: Path, *, is_leads: bool) -> None:  # noqa: ARG001
    """Write all rows the way the SDK does by default."""
    SdkTap.path, SdkTap.is_leads = path, is_leads
    SdkTap(config={}).sync_all()


def measure(emit: Callable[[Path, Path], None], path: Path, folder: Path) -> float:
    """Give the CPU seconds it takes to write all rows to a file."""
    output = (folder / "out").open("w", encoding="utf-8")
    with output, redirect_stdout(output):
        started_s = time.process_time()
        emit(path, folder)
        return time.process_time() - started_s


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        leads, activities = folder / "leads", folder / "activities"
        write_leads(leads, rows)
        write_activities(activities, rows)
        ours = {
            "leads": min(measure(emit_leads, leads, folder) for _ in range(3)),
            "activities": min(
                measure(emit_activities, activities, folder) for _ in range(3)
            ),
        }
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        theirs = {
            "leads": measure(partial(emit_with_sdk, is_leads=True), leads, folder),
            "activities": measure(
                partial(emit_with_sdk, is_leads=False), activities, folder
            ),
        }
        size_mb = {"leads": leads, "activities": activities}
        for what, path in size_mb.items():
            print(f"{rows} {what}, {path.stat().st_size / 1e6:.0f} MB of CSV")
            for label, seconds in (
                ("tap-marketo", ours[what]),
                ("SDK default", theirs[what]),
            ):
                each_us = seconds / rows * 1e6
                print(f"  {label}: {rows / seconds:,.0f} records/s, {each_us:.1f} µs")
            print(f"  ratio {theirs[what] / ours[what]:.1f}")
    print(f"peak of our side {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()

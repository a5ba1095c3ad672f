"""Measures how fast records are written, against the SDK's own record path.

Both sides begin with the same CSV pages in memory (200,000 rows of 30 columns by
default) and end with RECORD lines in a file: ours as the tap does it (parse, count,
convert, spool, write), the SDK's with its CSV rows as dicts, typed by hand, through
``Stream.sync``. Run: ``python benchmarks/emission.py [ROWS]``.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import csv
import io
import random
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap

from reading_kit.converting import BlockConverter, RecordEnvelope
from reading_kit.writing import BlockWriter
from tap_salesforce.describing import FieldSpec, ObjectSpec, build_schema
from tap_salesforce.pages import read_blocks, spool_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PAGE_ROWS = 50_000
FIELDS = (
    FieldSpec("Id", "string", "id"),
    FieldSpec("IsDeleted", "boolean", "boolean"),
    FieldSpec("SystemModstamp", "datetime", "datetime"),
    FieldSpec("CreatedDate", "datetime", "datetime"),
    *(FieldSpec(f"Text_{n}__c", "string", "string") for n in range(14)),
    *(FieldSpec(f"Amount_{n}__c", "number", "currency", scale=2) for n in range(5)),
    *(FieldSpec(f"Count_{n}__c", "integer", "int") for n in range(3)),
    *(FieldSpec(f"Is_{n}__c", "boolean", "boolean") for n in range(2)),
    *(FieldSpec(f"Day_{n}__c", "date", "date") for n in range(2)),
)
NAMES = [field.name for field in FIELDS]
SPEC = ObjectSpec("Bench", FIELDS, ("Id",), "SystemModstamp", is_bulk_capable=True)


def make_page(start: int, rows: int) -> bytes:
    """Write a page of CSV as the Bulk API does, every value quoted."""
    draw = random.Random(start)  # noqa: S311 - made-up values
    makers: dict[str, Callable[[int], str]] = {
        "boolean": lambda n: "true" if n % 2 else "false",
        "datetime": lambda n: f"2018-01-{n % 28 + 1:02}T{n % 24:02}:00:00.000Z",
        "number": lambda n: "" if n % 9 == 0 else f"{draw.randrange(10**8) / 100:.2f}",
        "integer": lambda _: str(draw.randrange(10**6)),
        "date": lambda n: f"2018-02-{n % 28 + 1:02}",
        "string": lambda n: "" if n % 5 == 0 else f'A text, "quoted" {n} zoë',
    }
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(NAMES)
    for number in range(start, start + rows):
        cells = [makers[field.kind](number) for field in FIELDS]
        cells[0] = f"00Q{number:015}"
        writer.writerow(cells)
    return text.getvalue().encode()


def write_ours(pages: Sequence[bytes], folder: Path) -> None:
    """Write all rows the way the tap does."""
    writer = BlockWriter()
    for content in pages:
        converter = BlockConverter(
            FIELDS,
            RecordEnvelope("Bench", "2018-01-31T23:59:59.000Z"),
            key="SystemModstamp",
            key_limit="2018-01-31T23:59:59.000Z",
        )
        chunks = (content[i : i + 65536] for i in range(0, len(content), 65536))
        page = spool_page(
            read_blocks(chunks, NAMES), converter, folder / "page", announced_rows=None
        )
        for chunk in page.chunks():
            writer.write_block(chunk)
        page.discard()
    writer.flush()


class SdkStream(Stream):
    """A stream as a tap on the SDK usually has it: typed dicts, one by one."""

    name = "Bench"
    primary_keys = ["Id"]  # noqa: RUF012
    pages: Sequence[bytes] = ()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Give the rows as dicts of typed values."""
        casts = {
            field.name: {"boolean": "true".__eq__, "number": float, "integer": int}.get(
                field.kind, str
            )
            for field in FIELDS
        }
        for content in self.pages:
            reader = csv.DictReader(io.StringIO(content.decode(), newline=""))
            for row in reader:
                yield {
                    name: casts[name](cell) if cell else None
                    for name, cell in row.items()
                }


class SdkTap(Tap):
    """A tap with that one stream."""

    name = "tap-bench"

    def discover_streams(self) -> list[Stream]:
        """Give the one stream."""
        return [SdkStream(self, schema=build_schema(SPEC))]


def write_sdk(pages: Sequence[bytes], folder: Path) -> None:  # noqa: ARG001
    """Write all rows the way the SDK does by default."""
    SdkStream.pages = pages
    SdkTap(config={}).sync_all()


def measure(
    write: Callable[[Sequence[bytes], Path], None], pages: list[bytes]
) -> float:
    """Give the CPU seconds it takes to write all pages to a file."""
    with tempfile.TemporaryDirectory() as name:
        output = (Path(name) / "out").open("w", encoding="utf-8")
        with output, redirect_stdout(output):
            started_s = time.process_time()
            write(pages, Path(name))
            return time.process_time() - started_s


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    starts = range(0, rows, PAGE_ROWS)
    pages = [make_page(start, min(PAGE_ROWS, rows - start)) for start in starts]
    ours_s = min(measure(write_ours, pages) for _ in range(3))
    sdk_s = measure(write_sdk, pages)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size_mb = sum(map(len, pages)) / 1e6
    print(f"{rows} rows of {len(FIELDS)} columns, {size_mb:.0f} MB of CSV")
    for label, seconds in (("tap-salesforce", ours_s), ("SDK default", sdk_s)):
        print(
            f"{label}: {rows / seconds:,.0f} records/s, {seconds / rows * 1e6:.1f} µs"
        )
    print(f"ratio {sdk_s / ours_s:.1f}; peak {peak_mb:.0f} MB with the CSV in memory")


if __name__ == "__main__":
    main()

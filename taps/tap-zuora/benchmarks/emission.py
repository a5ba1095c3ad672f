"""Measures how fast records are written, against the SDK's own record path.

Both sides begin with the same CSV in memory (200,000 rows of 31 columns by default)
and end with RECORD lines in a file: ours as the tap does it (parse, count, convert,
spool, write), the SDK's with its CSV rows as dicts, typed by hand, through
``Stream.sync``. Run: ``python benchmarks/emission.py [ROWS]``.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import csv
import gc
import io
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rate_plan_charges import FIELDS, HEADER, NAME, SPEC, write_chunks
from singer_sdk import Stream, Tap

from reading_kit.writing import BlockWriter
from tap_zuora.describing import build_schema
from tap_zuora.parsing import spool_result
from tap_zuora.queries import QueryMaker, Result, Submission
from tap_zuora.tap import spare_collections
from tap_zuora.windows import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
_CHUNK_BYTES = 1 << 16


def write_ours(content: bytes, folder: Path) -> None:
    """Write all rows the way the tap does."""
    maker = QueryMaker(NAME, FIELDS, key="UpdatedDate", api="AQUA", has_deleted=True)
    result = Result(maker.make(Part(None)), Submission("j", NOW), None, ("f",))
    sizes = range(0, len(content), _CHUNK_BYTES)
    chunks = (content[start : start + _CHUNK_BYTES] for start in sizes)
    writer = BlockWriter()
    page, _ = spool_result(chunks, result, HEADER, folder / "page")
    for chunk in page.chunks():
        writer.write_block(chunk)
    page.discard()
    writer.flush()


class SdkStream(Stream):
    """A stream as a tap on the SDK usually has it: typed dicts, one by one."""

    name = NAME
    primary_keys = ["Id"]  # noqa: RUF012
    content = b""

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Give the rows as dicts of typed values."""
        kinds = {"boolean": "true".__eq__, "number": float, "integer": int}
        names = [*[field.name for field in FIELDS], "Deleted"]
        casts = {field.name: kinds.get(field.kind, str) for field in FIELDS}
        casts["Deleted"] = kinds["boolean"]
        reader = csv.DictReader(io.StringIO(self.content.decode(), newline=""), names)
        next(reader)
        for row in reader:
            yield {
                name: casts[name](cell) if cell else None for name, cell in row.items()
            }


class SdkTap(Tap):
    """A tap with that one stream."""

    name = "tap-bench"

    def discover_streams(self) -> list[Stream]:
        """Give the one stream."""
        return [SdkStream(self, schema=build_schema(SPEC, has_deleted=True))]


def write_sdk(content: bytes, folder: Path) -> None:  # noqa: ARG001
    """Write all rows the way the SDK does by default."""
    SdkStream.content = content
    SdkTap(config={}).sync_all()


def measure(write: Callable[[bytes, Path], None], content: bytes) -> float:
    """Give the CPU seconds it takes to write all rows to a file."""
    with tempfile.TemporaryDirectory() as name:
        output = (Path(name) / "out").open("w", encoding="utf-8")
        with output, redirect_stdout(output):
            started_s = time.process_time()
            write(content, Path(name))
            return time.process_time() - started_s


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    content = b"".join(write_chunks(rows))
    usual = gc.get_threshold()
    spare_collections()
    ours_s = min(measure(write_ours, content) for _ in range(3))
    gc.set_threshold(*usual)
    sdk_s = min(measure(write_sdk, content) for _ in range(2))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows} rows of {len(HEADER)} columns, {len(content) / 1e6:.0f} MB of CSV")
    for label, seconds in (("tap-zuora", ours_s), ("SDK default", sdk_s)):
        print(
            f"{label}: {rows / seconds:,.0f} records/s, {seconds / rows * 1e6:.1f} µs"
        )
    print(f"ratio {sdk_s / ours_s:.1f}; peak {peak_mb:.0f} MB with the CSV in memory")


if __name__ == "__main__":
    main()

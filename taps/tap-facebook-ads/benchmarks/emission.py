"""Measures how fast rows of reports are written, against the SDK's own record path.

Both sides begin with the same pages of JSON (500 rows of 47 columns, actions with
three windows) and end with RECORD lines in a file: ours as the tap does it (decode,
bring into form, encode, spool, write), the SDK's with each row as a dict, typed by
hand, through ``Stream.sync``. Run: ``python benchmarks/emission.py [ROWS]``. Memory is
told of our part alone; it does not grow with the rows.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import itertools
import json
import random
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap

from reading_kit.jsonlines import LineEncoder, spool_records
from reading_kit.writing import BlockWriter
from tap_facebook_ads.fields import Kind, build_schema
from tap_facebook_ads.reports import Report
from tap_facebook_ads.rows import RowCodec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE_ROWS = 500
#: Pages of one slice: they go into one file.
SLICE_PAGES = 20
REPORT = Report("adsinsights_default")
SCHEMA = build_schema(
    REPORT.columns, keys=REPORT.key_properties, windows=REPORT.windows
)
STAMP = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)


def make_page(number: int) -> bytes:
    """Write a page as the service does: numbers as text, unset fields left out."""
    draw = random.Random(number)  # noqa: S311 - made-up values
    rows = [make_row(draw, number * PAGE_ROWS + each) for each in range(PAGE_ROWS)]
    return json.dumps({"data": rows}, separators=(",", ":")).encode()


def make_row(draw: random.Random, number: int) -> dict[str, Any]:
    """Make a row of a report by ad and day."""
    actions = [
        {
            "action_type": kind,
            "value": str(draw.randrange(50)),
            "1d_click": str(draw.randrange(20)),
            "7d_click": str(draw.randrange(40)),
            "28d_click": str(draw.randrange(50)),
        }
        for kind in ("link_click", "landing_page_view", "page_engagement", "lead")
    ]
    values: dict[str, Any] = {
        "date_start": f"2018-01-{number % 28 + 1:02}",
        "date_stop": f"2018-01-{number % 28 + 1:02}",
        "account_id": "415200177340981",
        "ad_id": str(12_000_000_000 + number),
        "actions": actions,
        "cost_per_action_type": actions,
        "outbound_clicks": [{"action_type": "outbound_click", "value": "7"}],
        "created_time": "2018-01-01",
        "updated_time": "2018-01-02",
    }
    for field in REPORT.columns:
        if field.name in values or "video" in field.name or "roas" in field.name:
            continue
        if field.kind is Kind.TEXT:
            values[field.name] = f"A text, “quoted” {number % 1000}"
        elif field.kind is Kind.WHOLE:
            values[field.name] = str(draw.randrange(10_000))
        elif field.kind is Kind.NUMBER:
            values[field.name] = f"{draw.randrange(10**8) / 10**6:.6f}"
    return values


def write_ours(pages: Iterable[bytes], folder: Path) -> None:
    """Write all rows the way the tap does."""
    writer = BlockWriter()
    codec = RowCodec(
        REPORT.stream,
        REPORT.columns,
        keys=REPORT.key_properties,
        action_keys=(*REPORT.windows, *REPORT.action_breakdowns, "inline"),
    )
    rest = iter(pages)
    while pending := list(itertools.islice(rest, SLICE_PAGES)):
        encoder = LineEncoder(REPORT.stream, time_extracted=STAMP)
        blocks = (codec.decode(body).rows for body in pending)
        page = spool_records(blocks, encoder, folder / "page")
        for chunk in page.chunks():
            writer.write_block(chunk)
        page.discard()
    writer.flush()


class SdkStream(Stream):
    """A stream as a tap on the SDK usually has it: typed dicts, one by one."""

    name = REPORT.stream
    primary_keys = REPORT.key_properties
    pages: Iterable[bytes] = ()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Give the rows as dicts of typed values."""
        casts: dict[str, Callable[[Any], Any]] = {
            field.name: {Kind.WHOLE: int, Kind.NUMBER: float}[field.kind]
            for field in REPORT.columns
            if field.kind in {Kind.WHOLE, Kind.NUMBER}
        }
        for body in self.pages:
            for row in json.loads(body)["data"]:
                for name, cast in casts.items():
                    if name in row:
                        row[name] = cast(row[name])
                for name in ("actions", "cost_per_action_type", "outbound_clicks"):
                    for action in row[name]:
                        for key, value in action.items():
                            if key != "action_type":
                                action[key] = float(value)
                yield row


class SdkTap(Tap):
    """A tap with that one stream."""

    name = "tap-bench"

    def discover_streams(self) -> list[Stream]:
        """Give the one stream."""
        return [SdkStream(self, schema=SCHEMA)]


def write_sdk(pages: Iterable[bytes], folder: Path) -> None:  # noqa: ARG001
    """Write all rows the way the SDK does by default."""
    SdkStream.pages = pages
    SdkTap(config={}).sync_all()


def measure(
    write: Callable[[Iterable[bytes], Path], None], pages: Iterable[bytes]
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
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    some = [make_page(number) for number in range(min(rows // PAGE_ROWS, 40))]
    pages = [some[number % len(some)] for number in range(rows // PAGE_ROWS)]
    ours_s = min(measure(write_ours, pages) for _ in range(3))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sdk_s = measure(write_sdk, pages)
    size_mb = sum(map(len, pages)) / 1e6
    print(f"{rows} rows of {len(REPORT.columns)} columns, {size_mb:.0f} MB of JSON")
    for label, seconds in (("tap-facebook-ads", ours_s), ("SDK default", sdk_s)):
        rate = f"{rows / seconds:,.0f} records/s, {seconds / rows * 1e6:.1f} µs"
        print(f"{label}: {rate}")
    print(f"ratio {sdk_s / ours_s:.1f}; peak of ours {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()

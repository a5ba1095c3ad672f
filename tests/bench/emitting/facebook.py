"""Rows of Facebook's reports: pages of JSON, 47 columns, actions with windows."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream

from reading_kit.jsonlines import LineEncoder, spool_records
from reading_kit.writing import BlockWriter
from tap_facebook_ads.fields import Kind, build_schema
from tap_facebook_ads.reports import Report
from tap_facebook_ads.rows import RowCodec
from tests.bench.emitting.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from singer_sdk import Tap

    Pages = tuple[bytes, ...]

_PAGE_ROWS = 500
#: Pages of one slice: they go into one file.
_SLICE_PAGES = 20
#: Pages that differ; they come again and again.
_DISTINCT_PAGES = 40
_REPORT = Report("adsinsights_default")
_SCHEMA = build_schema(
    _REPORT.columns, keys=_REPORT.key_properties, windows=_REPORT.windows
)
_STAMP = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)


def _make_page(number: int) -> bytes:
    """Write a page as the service does: numbers as text, unset fields left out."""
    draw = random.Random(number)  # noqa: S311 - made-up values
    rows = [_make_row(draw, number * _PAGE_ROWS + each) for each in range(_PAGE_ROWS)]
    return json.dumps({"data": rows}, separators=(",", ":")).encode()


def _make_row(draw: random.Random, number: int) -> dict[str, Any]:
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
    for field in _REPORT.columns:
        if field.name in values or "video" in field.name or "roas" in field.name:
            continue
        if field.kind is Kind.TEXT:
            values[field.name] = f"A text, “quoted” {number % 1000}"
        elif field.kind is Kind.WHOLE:
            values[field.name] = str(draw.randrange(10_000))
        elif field.kind is Kind.NUMBER:
            values[field.name] = f"{draw.randrange(10**8) / 10**6:.6f}"
    return values


def _prepare(folder: Path, rows: int) -> Pages:
    del folder
    count = rows // _PAGE_ROWS
    some = [_make_page(number) for number in range(min(count, _DISTINCT_PAGES))]
    return tuple(some[number % len(some)] for number in range(count))


def _write_ours(source: Pages, folder: Path) -> None:
    writer = BlockWriter()
    codec = RowCodec(
        _REPORT.stream,
        _REPORT.columns,
        keys=_REPORT.key_properties,
        action_keys=(*_REPORT.windows, *_REPORT.action_breakdowns, "inline"),
    )
    rest = iter(source)
    while pending := list(itertools.islice(rest, _SLICE_PAGES)):
        encoder = LineEncoder(_REPORT.stream, time_extracted=_STAMP)
        blocks = (codec.decode(body).rows for body in pending)
        page = spool_records(blocks, encoder, folder / "page")
        writer.write_page(page)
        page.discard()
    writer.flush()


class _SdkStream(Stream):
    name = _REPORT.stream
    primary_keys = _REPORT.key_properties
    source: Pages = ()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        casts: dict[str, Callable[[Any], Any]] = {
            field.name: {Kind.WHOLE: int, Kind.NUMBER: float}[field.kind]
            for field in _REPORT.columns
            if field.kind in {Kind.WHOLE, Kind.NUMBER}
        }
        for body in self.source:
            for row in json.loads(body)["data"]:
                for name, cast in casts.items():
                    if name in row:
                        row[name] = cast(row[name])
                for name in ("actions", "cost_per_action_type", "outbound_clicks"):
                    _cast_actions(row[name])
                yield row


def _cast_actions(actions: list[dict[str, Any]]) -> None:
    for action in actions:
        for key, value in action.items():
            if key != "action_type":
                action[key] = float(value)


def _make_sdk_stream(tap: Tap, source: Pages) -> Stream:
    stream = _SdkStream(tap, schema=_SCHEMA)
    stream.source = source
    return stream


CASES = (
    Case(
        "tap-facebook-ads",
        "rows of a report, JSON of 47 columns",
        _prepare,
        _write_ours,
        _make_sdk_stream,
    ),
)

"""Rate plan charges of Zuora: a file of CSV with 31 columns."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream

from reading_kit.downloading import open_chunks
from reading_kit.writing import BlockWriter
from tap_zuora.describing import build_schema
from tap_zuora.parsing import spool_result
from tap_zuora.queries import QueryMaker, Result, Submission
from tap_zuora.windows import Part
from tests.bench.emitting.case import Case
from tests.bench.emitting.rate_plan_charges import (
    FIELDS,
    HEADER,
    NAME,
    SPEC,
    write_chunks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk import Tap

_NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)


def _prepare(folder: Path, rows: int) -> Path:
    path = folder / "charges.csv"
    with path.open("wb") as file:
        file.writelines(write_chunks(rows))
    return path


def _write_ours(source: Path, folder: Path) -> None:
    maker = QueryMaker(NAME, FIELDS, key="UpdatedDate", api="AQUA", has_deleted=True)
    result = Result(maker.make(Part(None)), Submission("j", _NOW), None, ("f",))
    writer = BlockWriter()
    page, _ = spool_result(open_chunks(source), result, HEADER, folder / "page")
    writer.write_page(page)
    page.discard()
    writer.flush()


class _SdkStream(Stream):
    name = NAME
    primary_keys: ClassVar[Sequence[str]] = ("Id",)
    source = Path()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        kinds = {"boolean": "true".__eq__, "number": float, "integer": int}
        names = [*[field.name for field in FIELDS], "Deleted"]
        casts: dict[str, Any] = {f.name: kinds.get(f.kind, str) for f in FIELDS}
        casts["Deleted"] = kinds["boolean"]
        with self.source.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, names)
            next(reader)
            for row in reader:
                yield {
                    name: casts[name](cell) if cell else None
                    for name, cell in row.items()
                }


def _make_sdk_stream(tap: Tap, source: Path) -> Stream:
    stream = _SdkStream(tap, schema=build_schema(SPEC, has_deleted=True))
    stream.source = source
    return stream


CASES = (
    Case(
        "tap-zuora",
        "rate plan charges, CSV of 31 columns",
        _prepare,
        _write_ours,
        _make_sdk_stream,
    ),
)

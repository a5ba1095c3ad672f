"""Made-up rate plan charges as AQuA writes them, for the benchmarks."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import csv
import io
import random
from typing import TYPE_CHECKING

from tap_zuora.describing import FieldSpec, ObjectSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "RatePlanCharge"
BLOCK_ROWS = 5_000
_TEXTS = "Name Description ChargeModel ChargeType BillingPeriod UOM AccountingCode"
_AMOUNTS = "MRR TCV DMRC DTCV Quantity MRRHomeCurrency TCVHomeCurrency"
_DAYS = "EffectiveStartDate EffectiveEndDate ProcessedThroughDate TriggerDate"
_RELATIONS = "Account Subscription RatePlan Product ProductRatePlan Amendment"


#: What stands in fields that hold one of some words; descriptions are free text.
_WORDS = {
    "Name": ("Premium plan", "Starter plan", "Support", "Training"),
    "ChargeModel": ("Per Unit Pricing", "Flat Fee Pricing", "Tiered Pricing"),
    "ChargeType": ("Recurring", "OneTime", "Usage"),
    "BillingPeriod": ("Annual", "Month", ""),
    "UOM": ("Seats", ""),
    "AccountingCode": ("Subscription Revenue", "Services Revenue"),
}


def _pick(words: tuple[str, ...]) -> Callable[[int], str]:
    return lambda number: words[number % len(words)]


def _own(names: str, kind: str) -> list[FieldSpec]:
    return [FieldSpec(name, kind, name) for name in names.split()]


FIELDS = (
    FieldSpec("Id", "string", "Id"),
    *_own("CreatedDate UpdatedDate", "datetime"),
    *_own(_TEXTS, "string"),
    *_own(_AMOUNTS, "number"),
    *_own(_DAYS, "date"),
    *_own("Segment Version", "integer"),
    *_own("IsLastSegment", "boolean"),
    *[FieldSpec(f"{name}Id", "string", f"{name}.Id") for name in _RELATIONS.split()],
)
SPEC = ObjectSpec(NAME, FIELDS, "UpdatedDate")
HEADER = [
    *[f.source if f.is_joined else f"{NAME}.{f.source}" for f in FIELDS],
    "Deleted",
]


def write_csv(start: int, rows: int, *, has_header: bool) -> bytes:
    """Write some rows, from a number on."""
    draw = random.Random(start)  # noqa: S311 - made-up values
    makers: dict[str, Callable[[int], str]] = {
        "boolean": lambda n: "true" if n % 2 else "false",
        "datetime": lambda n: f"2018-01-{n % 28 + 1:02}T{n % 24:02}:00:00+0000",
        "number": lambda n: "" if n % 9 == 0 else f"{draw.randrange(10**8) / 100:.2f}",
        "integer": lambda _: str(draw.randrange(10)),
        "date": lambda n: f"2018-02-{n % 28 + 1:02}",
        "string": lambda n: "" if n % 5 == 0 else f'A text, "quoted" {n} zoë',
    }
    makers |= {name: _pick(words) for name, words in _WORDS.items()}
    ordered = [makers.get(f.name, makers[f.kind]) for f in FIELDS]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if has_header:
        writer.writerow(HEADER)
    for number in range(start, start + rows):
        cells = [
            f"8ad0{number:028x}" if f.name.endswith("Id") else make(number)
            for f, make in zip(FIELDS, ordered, strict=True)
        ]
        writer.writerow([*cells, "false"])
    return text.getvalue().encode()


def write_chunks(rows: int) -> Iterator[bytes]:
    """Give a file of so many rows in pieces; all but the first block repeat."""
    yield write_csv(0, 0, has_header=True)
    block = write_csv(0, min(rows, BLOCK_ROWS), has_header=False)
    for _ in range(rows // BLOCK_ROWS):
        yield block
    if rest := rows % BLOCK_ROWS:
        yield write_csv(0, rest, has_header=False)
